import type {
  Destination,
  Flow,
  PeerIdentity,
  SocketAddress,
  Transport,
  TransportErrorCode,
  TransportProtocol,
  TransportReceiver,
  TransportStats,
} from '@switchhook/sip';
import { addressKey, hasAddress, type Fabric, type HostRecord } from './fabric.ts';
import type { FlowEnds } from './simulated-flow.ts';

/** Where a host's transport is bound, and what it calls itself. */
export interface TransportOptions {
  /** One of the host's addresses; its first without this. */
  readonly address?: string;
  /** The protocol's own port without this. */
  readonly port?: number;
  /** False for a transport that only connects out; it has no port of its own to be reached at. */
  readonly listening?: boolean;
  /** What goes into Via and Record-Route; the bound address and port without this. */
  readonly sentBy?: SocketAddress;
  /** Which messages it sends; the others are said by nobody, as by an element that leaves out what is optional. All without it. */
  readonly says?: (text: string) => boolean;
  /** What this side's certificate says, for TLS and WSS. A server without one cannot be connected to. */
  readonly identity?: PeerIdentity;
}

const wellKnownPorts: Readonly<Record<TransportProtocol, number>> = {
  UDP: 5060,
  TCP: 5060,
  TLS: 5061,
  WS: 80,
  WSS: 443,
};
const firstEphemeralPort = 49_152;
const ephemeralPorts = 16_384;

/** A transport of a simulated host: binding, counting, starting and stopping. */
export abstract class SimulatedTransport implements Transport {
  readonly protocol: TransportProtocol;
  readonly host: HostRecord;
  readonly identity: PeerIdentity | undefined;
  protected readonly fabric: Fabric;
  protected readonly refused: Record<string, number> = {};
  protected received = 0;
  protected sent = 0;
  protected receiver: TransportReceiver | undefined;
  readonly #options: TransportOptions;
  #boundPort: number | undefined;
  /** What it listens under. */
  #key = '';

  constructor(fabric: Fabric, host: HostRecord, protocol: TransportProtocol, options: TransportOptions) {
    const address = options.address ?? host.addresses[0];
    if (address === undefined || !hasAddress(host, address)) {
      throw new RangeError(`${host.name} does not have the address ${String(address)}`);
    }
    this.fabric = fabric;
    this.host = host;
    this.protocol = protocol;
    this.identity = options.identity;
    this.#options = options;
  }

  /** Its own address, or the first of its host. */
  protected get address(): string {
    return this.#options.address ?? this.host.addresses[0] ?? '';
  }

  protected get bound(): SocketAddress | undefined {
    return this.#boundPort === undefined ? undefined : { address: this.address, port: this.#boundPort };
  }

  get local(): SocketAddress | undefined {
    return this.#options.listening === false ? undefined : this.bound;
  }

  get sentBy(): SocketAddress | undefined {
    return this.#options.sentBy ?? this.bound;
  }

  get hosts(): readonly string[] {
    const { sentBy } = this;
    return sentBy === undefined ? [this.address] : [this.address, sentBy.address.toLowerCase()];
  }

  reaches(address: string): boolean {
    return address.includes(':') === this.address.includes(':');
  }

  abstract flow(id: number): Flow | undefined;

  abstract connect(destination: Destination): Flow;

  stats(): TransportStats {
    return { flows: this.flowCount(), received: this.received, sent: this.sent, refused: { ...this.refused } };
  }

  start(receiver: TransportReceiver): Promise<void> {
    const port = this.#options.listening === false ? this.ephemeralPort() : this.#port();
    const bound = { address: this.address, port };
    if (this.ports().has(addressKey(bound))) {
      return Promise.reject(new RangeError(`${this.host.name}: ${addressKey(bound)} is in use`));
    }
    this.receiver = receiver;
    this.#boundPort = port;
    this.#key = addressKey(bound);
    this.listen(this.#key);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#end('stopped');
    return Promise.resolve();
  }

  /** Its host has lost its power. */
  crash(): void {
    this.#end('timeout');
  }

  #end(reason: TransportErrorCode): void {
    this.ports().delete(this.#key);
    this.receiver = undefined;
    this.#boundPort = undefined;
    this.closeAll(reason);
  }

  /** Its host has another address. */
  moved(): void {
    const { bound } = this;
    if (bound === undefined) return;
    this.ports().delete(this.#key);
    this.#key = addressKey(bound);
    this.listen(this.#key);
  }

  protected abstract flowCount(): number;
  protected abstract closeAll(reason: TransportErrorCode): void;
  protected abstract listen(key: string): void;
  protected abstract ports(): Map<string, unknown>;

  /** What every flow of this transport has in common. */
  protected flowEnds(outgoing: boolean): Pick<FlowEnds, 'id' | 'protocol' | 'outgoing' | 'sentBy' | 'says'> {
    const { sentBy } = this;
    const host = sentBy?.address.includes(':') ? `[${sentBy.address}]` : sentBy?.address;
    return {
      // A transport that is not started has no receiver; its flows are closed from the beginning.
      id: this.receiver?.nextFlowId() ?? 0,
      protocol: this.protocol,
      outgoing,
      sentBy: sentBy === undefined ? this.address : `${String(host)}:${sentBy.port}`,
      says: this.#options.says,
    };
  }

  protected refuse(limit: string): void {
    this.refused[limit] = (this.refused[limit] ?? 0) + 1;
  }

  protected ephemeralPort(): number {
    const port = firstEphemeralPort + (this.host.nextPort % ephemeralPorts);
    this.host.nextPort += 1;
    return port;
  }

  #port(): number {
    return this.#options.port ?? wellKnownPorts[this.protocol];
  }
}
