/**
 * One rung of `bench/ladder.ts`, as a server: `node --conditions=source bench/rung.ts RUNG PORT CALLER CALLEE`. Each rung
 * carries the same calls between the two ports and does what the one before it does, and something more.
 */
import { createSocket } from 'node:dgram';
import { systemContext, UdpTransport } from '@switchhook/node';
import { Proxy, SipUri, SyntaxFault, TransactionLayer, TransportLayer } from '@switchhook/sip';
import type { CallPlan, Flow, Resolver, SipRequest, SipResponse, TransportReceiver } from '@switchhook/sip';

import { sketch } from './sketch.ts';

const [rung = '', ...ports] = process.argv.slice(2);
const [port = 0, caller = 0, callee = 0] = ports.map(Number);
const address = '127.0.0.1';
const ignore = (): void => undefined;
const context = systemContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });
const transport = new UdpTransport(context, { address, port });

/** Where what came over a flow goes. */
function across(flow: Flow): Flow {
  return transport.connect({ protocol: 'UDP', address, port: flow.remote.port === caller ? callee : caller });
}

/** Datagrams by Node alone. */
function relay(): void {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1_048_576 });
  socket.on('message', (data, remote) => socket.send(data, remote.port === caller ? callee : caller, address));
  socket.bind(port, address);
}

/** The UDP transport with its flows: bytes become text and bytes again. */
async function transportOnly(): Promise<void> {
  let flows = 0;
  const receiver: TransportReceiver = {
    nextFlowId: () => (flows += 1),
    message: (text, flow) => across(flow).send(text),
    broken: ignore,
  };
  await transport.start(receiver);
}

/** The transport layer: messages are read, and get and lose the Via of a stateless proxy. */
async function stateless(): Promise<void> {
  const layer = new TransportLayer(context, { transports: [transport] });
  await layer.start({
    request: (request: SipRequest, flow) => {
      const { text } = request;
      const start = text.indexOf('\r\n') + 2;
      const via = `Via: SIP/2.0/UDP ${flow.sentBy};branch=z9hG4bK${context.random.token()};rport\r\n`;
      across(flow).send(text.slice(0, start) + via + text.slice(start));
    },
    response: (response: SipResponse, flow) => {
      if (response.status !== 100) across(flow).send(response.edit().removeFirstValue('Via').toMessage().text);
    },
  });
}

/** Transactions and the proxy, by a plan that never changes. */
async function core(): Promise<void> {
  const uri = SipUri.parse(`sip:bob@${address}:${String(callee)}`);
  if (uri instanceof SyntaxFault) throw new Error(uri.reason);
  const plan: CallPlan = { kind: 'ring', stages: [{ targets: [{ uri }] }] };
  const resolver: Resolver = { resolve: (target) => [{ protocol: 'UDP', address, port: target.port ?? 5060 }] };
  const layer = new TransportLayer(context, { transports: [transport] });
  const transactions = new TransactionLayer(context, layer);
  const policy = { plan: () => plan, isOurDomain: (host: string) => host === 'example.test' };
  await transactions.start(new Proxy(context, transactions, layer, resolver, policy));
}

const rungs: Readonly<Record<string, () => void | Promise<void>>> = {
  relay,
  sketch: () => sketch(address, port, callee),
  transport: transportOnly,
  stateless,
  core,
};
await rungs[rung]?.();
