import { Proxy, SipUri, SyntaxFault, TransactionLayer, TransportLayer } from '@switchhook/sip';
import type {
  CallPlan,
  Destination,
  Flow,
  ProxyPolicy,
  Resolver,
  SipContext,
  SocketAddress,
  Transport,
  TransportReceiver,
  TransportStats,
} from '@switchhook/sip';

const here: SocketAddress = { address: '192.0.2.1', port: 5060 };
export const alice: SocketAddress = { address: '192.0.2.100', port: 5060 };
export const bob: SocketAddress = { address: '192.0.2.200', port: 5060 };
const ignore = (): void => undefined;

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
const ringBob: ProxyPolicy = { plan: () => plan, isOurDomain: (host) => host === 'example.com' };
const resolver: Resolver = { resolve: ({ host, port = 5060 }) => [{ protocol: 'UDP', address: host, port }] };

/** Transport layer, transaction layer and proxy over a transport that only takes the text. */
export class MemoryCore {
  readonly transport: MemoryTransport;
  readonly transports: TransportLayer;
  readonly transactions: TransactionLayer;
  readonly proxy: Proxy;

  constructor(context: SipContext, sent: (text: string, flow: Flow) => void, policy: ProxyPolicy = ringBob) {
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
