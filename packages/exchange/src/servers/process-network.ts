import type {
  Destination,
  Flow,
  PeerIdentity,
  Resolver,
  SocketAddress,
  Transport,
  TransportError,
  TransportErrorCode,
  TransportReceiver,
  TransportStats,
} from '@switchhook/sip';

/** An address that no machine has (RFC 7600): what is sent within the process has to come from somewhere. */
const processAddress = '192.0.0.8';
const exchangePort = 5061;

/** A transport of a user agent within the process, and what leads from it to the exchange. */
export interface ProcessAccess {
  readonly transport: Transport;
  /** Leads everywhere by way of the exchange. */
  readonly resolver: Resolver;
  /** Where the exchange reaches it. */
  readonly destination: Destination;
}

/**
 * The way between the exchange and the user agents that live in its process: whole messages, handed over in the next
 * turn. Nobody else can read them or make some, so it counts as secure.
 */
export class ProcessNetwork {
  /** The end of the exchange. */
  readonly transport: Transport;
  readonly #exchange = new ProcessTransport(exchangePort, (port) => this.#agents.get(port));
  readonly #agents = new Map<number, ProcessTransport>();

  constructor() {
    this.transport = this.#exchange;
  }

  /** The port of the user agent that a flow of the exchange leads to; undefined for one that leads out of the process. */
  portOf({ remote: { address, port } }: Pick<Flow, 'remote'>): number | undefined {
    return address === processAddress ? port : undefined;
  }

  /** A place for a user agent. */
  join(): ProcessAccess {
    const port = exchangePort + 1 + this.#agents.size;
    const transport = new ProcessTransport(port, () => this.#exchange);
    this.#agents.set(port, transport);
    const exchange: Destination = { protocol: 'TLS', address: processAddress, port: exchangePort };
    return {
      transport,
      resolver: { resolve: () => [exchange] },
      destination: { protocol: 'TLS', address: processAddress, port },
    };
  }
}

/** One end: knows the others by their port. */
class ProcessTransport implements Transport {
  readonly protocol = 'TLS';
  /** It is not among the listeners that people hear of. */
  readonly local = undefined;
  readonly sentBy: SocketAddress;
  readonly hosts = [processAddress];
  readonly #find: (port: number) => ProcessTransport | undefined;
  readonly #flows = new Map<number, ProcessFlow>();
  #receiver: TransportReceiver | undefined = undefined;
  #received = 0;
  #sent = 0;

  constructor(port: number, find: (port: number) => ProcessTransport | undefined) {
    this.sentBy = { address: processAddress, port };
    this.#find = find;
  }

  /** Others have addresses in the world; the exchange finds its own agents by {@link ProcessAccess.destination}. */
  reaches(address: string): boolean {
    return address === processAddress;
  }

  start(receiver: TransportReceiver): Promise<void> {
    this.#receiver = receiver;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#receiver = undefined;
    for (const flow of [...this.#flows.values()]) flow.close('stopped');
    return Promise.resolve();
  }

  connect({ port }: Destination): Flow {
    for (const flow of this.#flows.values()) if (flow.remote.port === port) return flow;
    const other = this.#find(port);
    const flow = this.#open(port, true);
    const back = other?.accept(this);
    if (back === undefined) flow.close('refused');
    else flow.meet(back);
    return flow;
  }

  flow(id: number): Flow | undefined {
    return this.#flows.get(id);
  }

  stats(): TransportStats {
    return { flows: this.#flows.size, received: this.#received, sent: this.#sent, refused: {} };
  }

  /** The end of a connection that the other side opens; undefined while this side is not started. */
  accept(other: ProcessTransport): ProcessFlow | undefined {
    return this.#receiver === undefined ? undefined : this.#open(other.sentBy.port, false);
  }

  take(text: string, flow: ProcessFlow): void {
    this.#received += 1;
    this.#receiver?.message(text, flow);
  }

  gave(): void {
    this.#sent += 1;
  }

  #open(port: number, outgoing: boolean): ProcessFlow {
    const id = this.#receiver?.nextFlowId() ?? 0;
    const flow = new ProcessFlow(this, { id, remote: { address: processAddress, port }, outgoing });
    this.#flows.set(id, flow);
    flow.onClose(() => this.#flows.delete(id));
    return flow;
  }
}

class ProcessFlow implements Flow {
  readonly id: number;
  readonly protocol = 'TLS';
  readonly reliable = true;
  readonly secure = true;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Nobody has to prove anything. */
  readonly peer: PeerIdentity | undefined = undefined;
  readonly outgoing: boolean;
  readonly sentBy: string;
  readonly #transport: ProcessTransport;
  readonly #listeners = new Set<(error: TransportError) => void>();
  #other: ProcessFlow | undefined = undefined;
  #end: TransportError | undefined = undefined;

  constructor(transport: ProcessTransport, parts: Pick<Flow, 'id' | 'remote' | 'outgoing'>) {
    const { address, port } = transport.sentBy;
    this.#transport = transport;
    this.id = parts.id;
    this.local = transport.sentBy;
    this.remote = parts.remote;
    this.outgoing = parts.outgoing;
    this.sentBy = `${address}:${String(port)}`;
  }

  get closed(): boolean {
    return this.#end !== undefined;
  }

  /** Is one connection with the flow of the other side. */
  meet(other: ProcessFlow): void {
    this.#other = other;
    other.#other = this;
  }

  send(text: string, onError?: (error: TransportError) => void): void {
    const other = this.#other;
    if (this.#end !== undefined || other === undefined) {
      onError?.(this.#end ?? ended('refused'));
      return;
    }
    this.#transport.gave();
    queueMicrotask(() => {
      if (!other.closed) other.#transport.take(text, other);
    });
  }

  onClose(listener: (error: TransportError) => void): () => void {
    if (this.#end !== undefined) {
      listener(this.#end);
      return () => undefined;
    }
    const entry = (error: TransportError): void => {
      listener(error);
    };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  close(reason: TransportErrorCode): void {
    if (this.#end !== undefined) return;
    const end = ended(reason);
    this.#end = end;
    for (const listener of [...this.#listeners]) listener(end);
    this.#listeners.clear();
    this.#other?.close('closed');
  }

  /** Within a process nothing is silent for long enough to be cut off. */
  keepAlive(): void {
    return undefined;
  }

  acceptAlias(): void {
    return undefined;
  }
}

function ended(code: TransportErrorCode): TransportError {
  return { code, message: `the connection within the process: ${code}` };
}
