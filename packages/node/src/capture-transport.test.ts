import type { Destination, Flow, Transport, TransportReceiver } from '@switchhook/sip';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CapturedMessage } from './capture-format.ts';
import { capturing } from './capture-transport.ts';
import { ManualClock } from './manual-clock.testing.ts';

const local = { address: '192.0.2.1', port: 5061 };
const remote = { address: '192.0.2.2', port: 40_000 };

/** One flow over a transport that keeps what is sent, and what else is asked of it. */
function tlsTransport() {
  const done: unknown[][] = [];
  const note =
    (name: string) =>
    (...values: unknown[]): void => {
      done.push([name, ...values]);
    };
  const flow: Flow = {
    id: 7,
    protocol: 'TLS',
    reliable: true,
    secure: true,
    local,
    remote,
    peer: { domains: ['example.com'], addresses: [] },
    outgoing: false,
    closed: false,
    sentBy: 'pbx.example.com:5061',
    send: note('send'),
    close: note('close'),
    keepAlive: note('keepAlive'),
    acceptAlias: note('acceptAlias'),
    onClose: (listener) => {
      listener({ code: 'closed', message: 'over' });
      return note('onClose taken back');
    },
  };
  let receiver: TransportReceiver | undefined;
  const transport: Transport = {
    protocol: 'TLS',
    local,
    sentBy: { address: 'pbx.example.com', port: 5061 },
    hosts: ['pbx.example.com'],
    reaches: (address) => address === remote.address,
    start: async (given) => {
      receiver = given;
    },
    stop: async () => note('stop')(),
    connect: (destination: Destination) => {
      done.push(['connect', destination]);
      return flow;
    },
    flow: (id) => (id === flow.id ? flow : undefined),
    stats: () => ({ flows: 1, received: 2, sent: 3, refused: {} }),
  };
  const up = (): TransportReceiver => {
    if (receiver === undefined) throw new Error('not started');
    return receiver;
  };
  return { done, flow, transport, up };
}

let recorded: CapturedMessage[];
let clock: ManualClock;
let inner: ReturnType<typeof tlsTransport>;
let transport: Transport;

beforeEach(() => {
  recorded = [];
  clock = new ManualClock();
  inner = tlsTransport();
  transport = capturing(inner.transport, { record: (message) => recorded.push(message) }, clock);
});

describe('a transport under capture', () => {
  test('records what comes, before it is handed up', async () => {
    const seen: unknown[] = [];
    await transport.start({
      nextFlowId: () => 42,
      message: (text, flow) => seen.push(['message', text, flow.id, recorded.length]),
      broken: (text, status, reason, flow) => seen.push(['broken', text, status, reason, flow.id]),
    });
    inner.up().message('INVITE …', inner.flow);
    clock.advance(10);
    inner.up().broken('half', 400, 'no Content-Length', inner.flow);
    expect(seen).toEqual([
      ['message', 'INVITE …', 7, 1],
      ['broken', 'half', 400, 'no Content-Length', 7],
    ]);
    expect(recorded).toEqual([
      { time: clock.date() - 10, from: remote, to: local, protocol: 'TLS', text: 'INVITE …' },
      { time: clock.date(), from: remote, to: local, protocol: 'TLS', text: 'half' },
    ]);
    expect(inner.up().nextFlowId()).toBe(42);
  });

  test('records what goes, on flows of whatever origin', async () => {
    const flows: Flow[] = [transport.connect({ protocol: 'TLS', ...remote })];
    await transport.start({ nextFlowId: () => 1, message: (_, flow) => flows.push(flow), broken: () => undefined });
    inner.up().message('OPTIONS', inner.flow);
    flows.push(transport.flow(7) ?? inner.flow);
    recorded.length = 0;
    const onError = (): void => undefined;
    for (const flow of flows) flow.send('SIP/2.0 200 OK', onError);
    expect(recorded).toEqual(
      flows.map(() => ({ time: clock.date(), from: local, to: remote, protocol: 'TLS', text: 'SIP/2.0 200 OK' })),
    );
    expect(inner.done.filter(([name]) => name === 'send')).toEqual(
      flows.map(() => ['send', 'SIP/2.0 200 OK', onError]),
    );
    expect(new Set(flows).size).toBe(1);
    expect(transport.flow(8)).toBeUndefined();
  });

  test('is otherwise the transport that it was', async () => {
    const { protocol, local: listens, sentBy, hosts } = inner.transport;
    expect(transport).toMatchObject({ protocol, local: listens, sentBy, hosts });
    expect([transport.reaches('192.0.2.2'), transport.reaches('192.0.2.3')]).toEqual([true, false]);
    expect(transport.stats()).toEqual({ flows: 1, received: 2, sent: 3, refused: {} });
    await transport.stop();
    const flow = transport.connect({ protocol: 'TLS', ...remote });
    const { id, reliable, secure, remote: far, peer, outgoing, closed } = inner.flow;
    expect(flow).toMatchObject({ id, protocol, reliable, secure, local, remote: far, peer, outgoing, closed });
    expect(flow.sentBy).toBe('pbx.example.com:5061');
    const reasons: string[] = [];
    flow.onClose(({ code }) => reasons.push(code))();
    flow.keepAlive(120);
    flow.acceptAlias(5061);
    flow.close('stopped');
    expect(reasons).toEqual(['closed']);
    expect(inner.done).toEqual([
      ['stop'],
      ['connect', { protocol: 'TLS', ...remote }],
      ['onClose taken back'],
      ['keepAlive', 120],
      ['acceptAlias', 5061],
      ['close', 'stopped'],
    ]);
  });
});
