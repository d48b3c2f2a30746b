import type { SocketAddress, TransportProtocol } from '@switchhook/sip';

/** An end of a traced message: the host's name, and its own address and port (behind a NAT: the inner ones). */
export interface TraceEnd extends SocketAddress {
  readonly host: string;
}

/**
 * What became of a message. `lost` is the link's doing, `parted` a partition's, `filtered` a NAT's, `unroutable` means
 * that no host has that address, `unheard` that nobody listens there (or no longer).
 */
export type Fate = 'under way' | 'delivered' | 'lost' | 'parted' | 'filtered' | 'unroutable' | 'unheard';

/** One message on its way; a datagram that the network doubles is two entries. */
export interface TraceEntry {
  /** The clock's time when it was sent. */
  readonly time: number;
  /** The clock's time when it was delivered. */
  arrived: number | undefined;
  fate: Fate;
  readonly protocol: TransportProtocol;
  readonly from: TraceEnd;
  /** For a message that found no host, `host` is empty. */
  readonly to: TraceEnd;
  readonly text: string;
}

/** Every message of a simulation in the order of sending, the newest only once the limit is reached. */
export class Trace {
  readonly entries: TraceEntry[] = [];
  readonly #limit: number;
  #forgotten = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many entries had to go for the limit. */
  get forgotten(): number {
    return this.#forgotten;
  }

  add(entry: TraceEntry): void {
    this.entries.push(entry);
    if (this.entries.length < 2 * this.#limit) return;
    this.#forgotten += this.entries.length - this.#limit;
    this.entries.splice(0, this.entries.length - this.#limit);
  }
}
