import { parseMessage, SipRequest, SipResponse } from '../message/message.ts';
import type {
  Destination,
  Flow,
  SocketAddress,
  Transport,
  TransportError,
  TransportErrorCode,
  TransportProtocol,
  TransportReceiver,
  TransportStats,
} from '../transport/contract.ts';
import { defaultPort } from '../transport/default-port.ts';

/** What memory transports have in common. */
interface MemoryWorld {
  /** What all flows were sent, in its order. */
  readonly sent: (SipRequest | SipResponse)[];
  /** Addresses that no flow comes to. */
  readonly unreachable: ReadonlySet<string>;
}

/** A flow that keeps what it is sent. */
export class MemoryFlow implements Flow {
  readonly id: number;
  readonly protocol: TransportProtocol;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly outgoing: boolean;
  readonly peer = undefined;
  readonly sent: (SipRequest | SipResponse)[] = [];
  /** The Flow-Timers that keep-alives were begun with. */
  readonly keptAlive: (number | undefined)[] = [];
  closed = false;
  readonly #all: MemoryFlow['sent'];
  readonly #listeners = new Set<(error: TransportError) => void>();

  /** `all` is where the messages of all flows are kept. */
  constructor(
    id: number,
    protocol: TransportProtocol,
    remote: SocketAddress,
    all: MemoryFlow['sent'],
    outgoing = true,
  ) {
    this.id = id;
    this.protocol = protocol;
    this.remote = remote;
    this.local = { address: '192.0.2.1', port: defaultPort(protocol) };
    this.#all = all;
    this.outgoing = outgoing;
  }

  get reliable(): boolean {
    return this.protocol !== 'UDP';
  }

  get secure(): boolean {
    return this.protocol === 'TLS' || this.protocol === 'WSS';
  }

  get sentBy(): string {
    return `${this.local.address}:${String(this.local.port)}`;
  }

  get watchers(): number {
    return this.#listeners.size;
  }

  send(text: string, onError?: (error: TransportError) => void): void {
    const message = parseMessage(text);
    if (this.closed) onError?.({ code: 'closed', message: 'closed' });
    else if (message instanceof SipRequest || message instanceof SipResponse) {
      this.sent.push(message);
      this.#all.push(message);
    } else if (!text.startsWith('SIP/2.0 400')) throw new Error(`a message that is none was sent: ${text}`);
  }

  onClose(listener: (error: TransportError) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(code: TransportErrorCode): void {
    if (this.closed) return;
    this.closed = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener({ code, message: code });
  }

  keepAlive(flowTimer?: number): void {
    this.keptAlive.push(flowTimer);
  }

  acceptAlias(): void {
    return undefined;
  }
}

/** A transport that goes nowhere. */
export class MemoryTransport implements Transport {
  readonly protocol: TransportProtocol;
  readonly hosts = ['192.0.2.1'];
  readonly flows: MemoryFlow[] = [];
  receiver: TransportReceiver | undefined = undefined;
  readonly #world: MemoryWorld;
  readonly #listens: boolean;

  constructor(world: MemoryWorld, protocol: TransportProtocol, listens: boolean) {
    this.#world = world;
    this.protocol = protocol;
    this.#listens = listens;
  }

  get local(): SocketAddress | undefined {
    return this.#listens ? this.sentBy : undefined;
  }

  get sentBy(): SocketAddress {
    return { address: '192.0.2.1', port: defaultPort(this.protocol) };
  }

  reaches(): boolean {
    return true;
  }

  start(receiver: TransportReceiver): Promise<void> {
    this.receiver = receiver;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    for (const flow of this.flows) flow.close('stopped');
    return Promise.resolve();
  }

  connect({ address, port }: Destination): MemoryFlow {
    const known = this.flows.find(
      ({ remote, closed }) => !closed && remote.address === address && remote.port === port,
    );
    return known ?? this.open({ address, port }, true);
  }

  open(remote: SocketAddress, outgoing: boolean): MemoryFlow {
    const id = this.receiver?.nextFlowId() ?? 0;
    const flow = new MemoryFlow(id, this.protocol, remote, this.#world.sent, outgoing);
    if (this.#world.unreachable.has(remote.address)) flow.closed = true;
    this.flows.push(flow);
    return flow;
  }

  flow(id: number): Flow | undefined {
    return this.flows.find((flow) => flow.id === id && !flow.closed);
  }

  stats(): TransportStats {
    return { flows: this.flows.filter(({ closed }) => !closed).length, received: 0, sent: 0, refused: {} };
  }
}
