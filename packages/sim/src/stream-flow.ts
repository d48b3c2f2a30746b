import type { PeerIdentity, Timer, TransportError, TransportErrorCode } from '@switchhook/sip';
import type { Fabric, HostRecord } from './fabric.ts';
import { SimulatedFlow, transportError, type FlowEnds } from './simulated-flow.ts';
import { StreamPipe, type Parcel } from './stream-pipe.ts';
import type { TraceEntry } from './trace.ts';

/** What a connection's side asks of its transport. */
export interface StreamOwner {
  readonly host: HostRecord;
  trace(text: string, flow: StreamFlow, far: StreamFlow): TraceEntry;
  deliver(text: string, flow: StreamFlow): void;
  forget(flow: StreamFlow): void;
  alias(flow: StreamFlow, port: number): void;
}

export interface StreamEnds extends FlowEnds {
  /** The name that the certificate of the far end has to prove. */
  readonly serverName: string | undefined;
}

/** One side of a simulated connection. */
export class StreamFlow extends SimulatedFlow {
  readonly serverName: string | undefined;
  readonly pipe: StreamPipe;
  readonly owner: StreamOwner;
  readonly #fabric: Fabric;
  #far: StreamFlow | undefined;
  #identity: PeerIdentity | undefined;
  #opening: Timer | undefined;
  /** What was handed over before the connection stood. */
  #early: string[] = [];

  constructor(fabric: Fabric, owner: StreamOwner, ends: StreamEnds) {
    super(fabric, ends);
    this.serverName = ends.serverName;
    this.owner = owner;
    this.#fabric = fabric;
    this.pipe = new StreamPipe(fabric, owner.host, ends.local, ends.remote);
  }

  override get peer(): PeerIdentity | undefined {
    return this.#identity;
  }

  protected transmit(text: string, onError?: (error: TransportError) => void): void {
    if (this.closed) onError?.(transportError('closed', this.remote));
    else if (this.pipe.length + this.#early.length >= this.#fabric.limits.queued) this.close('overflow');
    else if (this.#far === undefined) this.#early.push(text);
    else this.#push(text, this.#far);
  }

  acceptAlias(port: number): void {
    if (this.secure && !this.outgoing && !this.closed && this.peer !== undefined) this.owner.alias(this, port);
  }

  /** Begins to connect; a connection that does not stand in time is given up, as that of a socket is. */
  open(opening: Parcel): void {
    this.#opening = this.#fabric.clock.after(this.#fabric.limits.connectTimeout, () => {
      this.close('timeout');
    });
    this.pipe.push(opening);
  }

  /** The connection stands: what waited for that goes out. */
  established(far: StreamFlow, identity: PeerIdentity | undefined): void {
    this.#opening?.cancel();
    this.#far = far;
    this.#identity = identity;
    for (const text of this.#early.splice(0)) this.#push(text, far);
  }

  protected released(reason: TransportErrorCode): void {
    this.#opening?.cancel();
    this.owner.forget(this);
    const far = this.#far;
    this.#far = undefined;
    this.#early = [];
    if (far === undefined || reason === 'timeout') {
      this.pipe.abort('unheard');
      return;
    }
    this.pipe.push({
      arrived: () => {
        far.close('closed');
      },
      failed: () => undefined,
    });
  }

  #receive(text: string): void {
    if (!this.keepAlives.takes(text)) this.owner.deliver(text, this);
  }

  #push(text: string, far: StreamFlow): void {
    const entry = this.owner.trace(text, this, far);
    this.pipe.push({
      arrived: () => {
        entry.arrived = this.#fabric.clock.now();
        entry.fate = far.closed ? 'unheard' : 'delivered';
        if (far.closed) this.close('closed');
        else far.#receive(text);
      },
      failed: (fate) => {
        entry.fate = fate;
        this.close('timeout');
      },
    });
  }
}
