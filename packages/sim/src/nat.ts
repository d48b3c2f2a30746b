import type { Clock, SocketAddress } from '@switchhook/sip';

/** RFC 4787 4 and 5: what a mapping and a filter depend on. */
export type NatDependence = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

/** How a NAT maps and filters (RFC 4787 4, 5). */
export interface NatOptions {
  /** The outer address. */
  readonly address: string;
  readonly mapping?: NatDependence;
  readonly filtering?: NatDependence;
  /** Milliseconds without outgoing traffic after which a mapping of UDP is forgotten. */
  readonly timeout?: number;
  readonly maximumMappings?: number;
}

interface Mapping {
  readonly inner: SocketAddress;
  readonly outerPort: number;
  /** Where the inside has sent to, by address and by address and port: what a filter lets back in. */
  readonly contacted: Set<string>;
  /** Undefined for a connection, whose mapping does not time out. */
  expires: number | undefined;
}

const firstOuterPort = 20_000;

function scopeKey(dependence: NatDependence, remote: SocketAddress): string {
  if (dependence === 'endpoint-independent') return '';
  return dependence === 'address-dependent' ? remote.address : `${remote.address} ${remote.port}`;
}

/**
 * A network address and port translator (RFC 4787). UDP and connections have mappings of their own.
 * Hosts behind the same translator reach each other by their inner addresses.
 */
export class Nat {
  readonly address: string;
  readonly #clock: Clock;
  readonly #mapping: NatDependence;
  readonly #filtering: NatDependence;
  readonly #timeout: number;
  readonly #maximum: number;
  readonly #outgoing = new Map<string, Mapping>();
  readonly #incoming = new Map<string, Mapping>();
  #nextPort = firstOuterPort;

  constructor(clock: Clock, options: NatOptions) {
    this.#clock = clock;
    this.address = options.address;
    this.#mapping = options.mapping ?? 'endpoint-independent';
    this.#filtering = options.filtering ?? 'address-and-port-dependent';
    this.#timeout = options.timeout ?? 30_000;
    this.#maximum = options.maximumMappings ?? 10_000;
  }

  /** How many mappings it holds, timed-out ones not yet swept included. */
  get mappings(): number {
    return this.#outgoing.size;
  }

  /** What the outside sees as the sender; makes or refreshes the mapping. Undefined when the table is full. */
  outward(family: 'datagram' | 'stream', inner: SocketAddress, remote: SocketAddress): SocketAddress | undefined {
    const key = `${family} ${inner.address} ${inner.port} ${scopeKey(this.#mapping, remote)}`;
    let mapping = this.#live(key);
    if (mapping === undefined) {
      if (this.#outgoing.size >= this.#maximum) this.#sweep();
      if (this.#outgoing.size >= this.#maximum) return undefined;
      mapping = { inner, outerPort: this.#nextPort, contacted: new Set(), expires: undefined };
      this.#nextPort += 1;
      this.#outgoing.set(key, mapping);
      this.#incoming.set(`${family} ${mapping.outerPort}`, mapping);
    }
    if (family === 'datagram') mapping.expires = this.#clock.now() + this.#timeout;
    mapping.contacted.add(scopeKey(this.#filtering, remote));
    return { address: this.address, port: mapping.outerPort };
  }

  /** Whom inside a message to an outer port is for; undefined when it may not come in. */
  inward(family: 'datagram' | 'stream', outerPort: number, remote: SocketAddress): SocketAddress | undefined {
    const mapping = this.#incoming.get(`${family} ${outerPort}`);
    if (mapping === undefined || this.#timedOut(mapping)) return undefined;
    return mapping.contacted.has(scopeKey(this.#filtering, remote)) ? mapping.inner : undefined;
  }

  /** Forgets every mapping, as one that is switched off and on. */
  restart(): void {
    this.#outgoing.clear();
    this.#incoming.clear();
  }

  #timedOut(mapping: Mapping): boolean {
    return mapping.expires !== undefined && mapping.expires <= this.#clock.now();
  }

  #live(key: string): Mapping | undefined {
    const mapping = this.#outgoing.get(key);
    if (mapping === undefined || !this.#timedOut(mapping)) return mapping;
    this.#outgoing.delete(key);
    this.#incoming.delete(`datagram ${mapping.outerPort}`);
    return undefined;
  }

  #sweep(): void {
    for (const key of [...this.#outgoing.keys()]) this.#live(key);
  }
}
