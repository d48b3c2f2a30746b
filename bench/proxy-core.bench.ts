/**
 * What the core costs per proxied call, without sockets: transport layer, transaction layer and proxy, for the seven
 * messages of a call (INVITE 180 200 ACK BYE 200 and the exchange's own 100), over a transport that only takes the text.
 * A first run answers what the proxy sends and records it; the measured ones replay the record, so that no phone is
 * measured. Run it with `node --conditions=source bench/proxy-core.bench.ts`.
 */
import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { Proxy, SipUri, SyntaxFault, TransactionLayer, TransportLayer } from '@switchhook/sip';
import type {
  CallPlan,
  Destination,
  Flow,
  ProxyPolicy,
  RandomSource,
  Resolver,
  SipContext,
  SocketAddress,
  Transport,
  TransportReceiver,
  TransportStats,
} from '@switchhook/sip';
import { portableHashes } from '@switchhook/sip';

const calls = 3_000;
const rounds = 9;
const here: SocketAddress = { address: '192.0.2.1', port: 5060 };
const alice: SocketAddress = { address: '192.0.2.100', port: 5060 };
const bob: SocketAddress = { address: '192.0.2.200', port: 5060 };
const ignore = (): void => undefined;

/** Tokens that come again in the next run. */
class CountingRandom implements RandomSource {
  #count = 0;

  token(): string {
    this.#count += 1;
    return `7f3a90c1d2e4${String(this.#count)}`;
  }

  fraction(): number {
    return 0.5;
  }

  bytes(length: number): Uint8Array {
    return new Uint8Array(length).fill(7);
  }
}

class MemoryFlow implements Flow {
  readonly id: number;
  readonly protocol = 'UDP';
  readonly reliable = false;
  readonly secure = false;
  readonly local = here;
  readonly remote: SocketAddress;
  readonly peer = undefined;
  readonly outgoing = false;
  readonly closed = false;
  readonly sentBy = '192.0.2.1:5060';
  readonly keepAlive = ignore;
  readonly acceptAlias = ignore;
  readonly close = ignore;
  readonly #sent: (text: string, flow: Flow) => void;

  constructor(id: number, remote: SocketAddress, sent: (text: string, flow: Flow) => void) {
    this.id = id;
    this.remote = remote;
    this.#sent = sent;
  }

  send(text: string): void {
    this.#sent(text, this);
  }

  onClose(): () => void {
    return ignore;
  }
}

class MemoryTransport implements Transport {
  readonly protocol = 'UDP';
  readonly local = here;
  readonly sentBy = here;
  readonly hosts: readonly string[] = [here.address];
  readonly alice: MemoryFlow;
  readonly bob: MemoryFlow;
  receiver: TransportReceiver | undefined = undefined;

  constructor(sent: (text: string, flow: Flow) => void) {
    this.alice = new MemoryFlow(1, alice, sent);
    this.bob = new MemoryFlow(2, bob, sent);
  }

  reaches(): boolean {
    return true;
  }

  start(receiver: TransportReceiver): Promise<void> {
    this.receiver = receiver;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  connect({ address }: Destination): Flow {
    return address === alice.address ? this.alice : this.bob;
  }

  flow(id: number): Flow | undefined {
    return id === 1 ? this.alice : this.bob;
  }

  stats(): TransportStats {
    return { flows: 2, received: 0, sent: 0, refused: {} };
  }
}

const bobsContact = SipUri.parse(`sip:bob@${bob.address}`);
if (bobsContact instanceof SyntaxFault) throw new Error(bobsContact.reason);
const plan: CallPlan = { kind: 'ring', stages: [{ targets: [{ uri: bobsContact }] }] };
const policy: ProxyPolicy = { plan: () => plan, isOurDomain: (host) => host === 'example.com' };
const resolver: Resolver = { resolve: ({ host, port = 5060 }) => [{ protocol: 'UDP', address: host, port }] };

class Exchange {
  readonly transport: MemoryTransport;
  readonly transports: TransportLayer;
  readonly transactions: TransactionLayer;
  readonly proxy: Proxy;

  constructor(sent: (text: string, flow: Flow) => void) {
    const context: SipContext = {
      clock: {
        now: () => performance.now(),
        date: () => Date.now(),
        after: (milliseconds, action) => {
          const timer = setTimeout(action, milliseconds);
          return { cancel: () => clearTimeout(timer) };
        },
      },
      random: new CountingRandom(),
      hashes: portableHashes,
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    };
    this.transport = new MemoryTransport(sent);
    this.transports = new TransportLayer(context, { transports: [this.transport] });
    this.transactions = new TransactionLayer(context, this.transports);
    this.proxy = new Proxy(context, this.transactions, this.transports, resolver, policy, { secret: 'bench' });
  }

  async start(): Promise<TransportReceiver> {
    await this.transactions.start(this.proxy);
    if (this.transport.receiver === undefined) throw new Error('the transport was not started');
    return this.transport.receiver;
  }
}

const sdp = [
  'v=0',
  'o=a 1 1 IN IP4 192.0.2.100',
  's=-',
  'c=IN IP4 192.0.2.100',
  't=0 0',
  'm=audio 49172 RTP/AVP 0 8',
  'a=rtpmap:0 PCMU/8000',
  '',
].join('\r\n');

function request(
  method: string,
  number: number,
  uri: string,
  toTag: string,
  more: readonly string[],
  body = '',
): string {
  const id = String(number).padStart(6, '0');
  const lines = [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${alice.address}:5060;branch=z9hG4bK${method}${id}`,
    'Max-Forwards: 70',
    `From: "Alice" <sip:alice@example.com>;tag=9fxced76s${id}`,
    `To: <sip:bob@example.com>${toTag}`,
    `Call-ID: 2xTb9vxSit55XU7p8-${id}@${alice.address}`,
    `CSeq: ${method === 'BYE' ? '2' : '1'} ${method}`,
    ...more,
    'User-Agent: bench',
    `Content-Length: ${String(body.length)}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** What a phone answers: the lines it must copy, and its own. */
function response(received: string, status: string, more: readonly string[], body = ''): string {
  const head = received.slice(0, received.indexOf('\r\n\r\n')).split('\r\n');
  const copied = head.filter((line) => /^(Via|Record-Route|From|To|Call-ID|CSeq):/.test(line));
  const tagged = copied.map((line) => (line.startsWith('To:') && !line.includes(';tag') ? `${line};tag=bob` : line));
  return `${[`SIP/2.0 ${status}`, ...tagged, ...more, `Content-Length: ${String(body.length)}`].join('\r\n')}\r\n\r\n${body}`;
}

interface Step {
  readonly bytes: Buffer;
  readonly fromAlice: boolean;
}

/** Plays both phones once and keeps what they said. */
async function record(): Promise<Step[]> {
  const steps: Step[] = [];
  let last = '';
  const exchange = new Exchange((text, flow) => {
    if (flow.remote === bob) last = text;
  });
  const receiver = await exchange.start();
  const say = (text: string, fromAlice: boolean): void => {
    steps.push({ bytes: Buffer.from(text, 'latin1'), fromAlice });
    receiver.message(text, fromAlice ? exchange.transport.alice : exchange.transport.bob);
  };
  const contact = `Contact: <sip:alice@${alice.address}>`;
  for (let number = 0; number < calls; number += 1) {
    say(request('INVITE', number, 'sip:bob@example.com', '', [contact, 'Content-Type: application/sdp'], sdp), true);
    const bobSays = [`Contact: <sip:bob@${bob.address}>`];
    say(response(last, '180 Ringing', bobSays), false);
    say(response(last, '200 OK', [...bobSays, 'Content-Type: application/sdp'], sdp), false);
    const route = /Record-Route: (.*)/.exec(last)?.[1] ?? '';
    const headers = [`Route: ${route.trim()}`];
    say(request('ACK', number, `sip:bob@${bob.address}`, ';tag=bob', headers), true);
    say(request('BYE', number, `sip:bob@${bob.address}`, ';tag=bob', headers), true);
    say(response(last, '200 OK', []), false);
  }
  await exchange.transactions.stop();
  return steps;
}

async function replay(steps: readonly Step[]): Promise<number> {
  let sent = 0;
  const exchange = new Exchange((text) => {
    // The socket would need the flat text.
    sent += Buffer.byteLength(text, 'latin1') > 0 ? 1 : 0;
  });
  const receiver = await exchange.start();
  const { alice: fromAlice, bob: fromBob } = exchange.transport;
  const before = process.cpuUsage();
  for (const step of steps) {
    receiver.message(step.bytes.toString('latin1'), step.fromAlice ? fromAlice : fromBob);
  }
  const { user, system } = process.cpuUsage(before);
  await exchange.transactions.stop();
  if (sent !== calls * 7) throw new Error(`${String(sent)} messages went out for ${String(calls)} calls`);
  return (user + system) / calls;
}

const steps = await record();
const costs: number[] = [];
for (let round = 0; round < rounds; round += 1) costs.push(await replay(steps));
costs.sort((one, other) => one - other);
const median = costs[rounds >> 1] ?? 0;
console.log(
  `median ${median.toFixed(1)} us a call, best ${(costs[0] ?? 0).toFixed(1)} us, of ${String(rounds)} rounds of ${String(calls)} calls`,
);
