import type {
  Flow,
  PeerIdentity,
  SocketAddress,
  TransportError,
  TransportErrorCode,
  TransportProtocol,
} from '@switchhook/sip';
import type { Fabric } from './fabric.ts';
import { KeepAlive } from './keep-alive.ts';

/** What a flow is from the start. */
export interface FlowEnds {
  readonly id: number;
  readonly protocol: TransportProtocol;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly outgoing: boolean;
  readonly sentBy: string;
  /** Which messages it sends; all without it. */
  readonly says?: ((text: string) => boolean) | undefined;
}

/** What flows of datagrams and of connections have in common: their ends, and who is told when they end. */
export abstract class SimulatedFlow implements Flow {
  readonly id: number;
  readonly protocol: TransportProtocol;
  readonly reliable: boolean;
  readonly secure: boolean;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly outgoing: boolean;
  readonly sentBy: string;
  protected readonly keepAlives: KeepAlive;
  readonly #says: FlowEnds['says'];
  readonly #listeners = new Set<{ readonly tell: (error: TransportError) => void }>();
  #ended: TransportError | undefined;

  constructor(fabric: Fabric, ends: FlowEnds) {
    this.id = ends.id;
    this.protocol = ends.protocol;
    this.reliable = ends.protocol !== 'UDP';
    this.secure = ends.protocol === 'TLS' || ends.protocol === 'WSS';
    this.local = ends.local;
    this.remote = ends.remote;
    this.outgoing = ends.outgoing;
    this.sentBy = ends.sentBy;
    this.#says = ends.says;
    this.keepAlives = new KeepAlive(fabric.clock, fabric.random, this);
  }

  get peer(): PeerIdentity | undefined {
    return undefined;
  }

  get closed(): boolean {
    return this.#ended !== undefined;
  }

  send(text: string, onError?: (error: TransportError) => void): void {
    if (this.#says?.(text) !== false) this.transmit(text, onError);
  }

  protected abstract transmit(text: string, onError?: (error: TransportError) => void): void;

  abstract acceptAlias(port: number): void;

  keepAlive(flowTimer?: number): void {
    if (!this.closed) this.keepAlives.start(flowTimer);
  }

  onClose(listener: (error: TransportError) => void): () => void {
    if (this.#ended !== undefined) {
      listener(this.#ended);
      return () => undefined;
    }
    const entry = { tell: listener };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  close(reason: TransportErrorCode): void {
    if (this.#ended !== undefined) return;
    const ended = transportError(reason, this.remote);
    this.#ended = ended;
    this.keepAlives.stop();
    this.released(reason);
    // A listener may take another one back while they are told.
    for (const entry of this.#listeners) entry.tell(ended);
    this.#listeners.clear();
  }

  /** Lets go of what the flow holds, before anybody hears that it has ended. */
  protected abstract released(reason: TransportErrorCode): void;
}

export function transportError(code: TransportErrorCode, remote: SocketAddress): TransportError {
  return { code, message: `${remote.address} port ${remote.port}: ${code}` };
}
