import { canonicalHost, defaultStreamLimits } from '@switchhook/sip';
import type { SocketAddress } from '@switchhook/sip';
import { LinkTable, type LinkQuality } from './link.ts';
import { Fortune, type Misfortune } from './misfortune.ts';
import type { Nat } from './nat.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { StreamTransport } from './stream-transport.ts';
import { Trace, type Fate } from './trace.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a network does to datagrams where nothing else is said, and how much it remembers. */
export interface NetworkOptions {
  /** The quality of links for which nothing else is set. */
  readonly link?: Partial<LinkQuality>;
  /** All that is to happen to what is sent, in the place of what would by chance. */
  readonly misfortunes?: readonly Misfortune[] | undefined;
  /** How many of the newest messages the trace keeps. */
  readonly traced?: number;
  /** Datagrams under way at once; more are lost. */
  readonly datagramsUnderWay?: number;
  /** Messages that wait in one direction of a connection; one more closes it. */
  readonly queued?: number;
  /** Flows of one transport. */
  readonly flows?: number;
  /** Milliseconds until a connection stands, or is given up; as real ones have it without this. */
  readonly connectTimeout?: number;
}

/** A message is a text with one character a byte; other datagrams are bytes. */
export type Datagram = string | Uint8Array;

/** Who gets the datagrams of a port: a transport, or a port for media. */
export interface DatagramListener {
  receive(datagram: Datagram, source: SocketAddress): void;
}

/** A host as the network's parts see it. */
export interface HostRecord {
  readonly name: string;
  addresses: readonly string[];
  readonly nat: Nat | undefined;
  /** Who listens, by address and port. UDP and connections have ports of their own. */
  readonly datagram: Map<string, DatagramListener>;
  readonly stream: Map<string, StreamTransport>;
  nextPort: number;
}

/** Where a message goes once every address is translated. */
export interface Route {
  readonly host: HostRecord;
  readonly target: SocketAddress;
  /** The sender as the receiver sees it. */
  readonly source: SocketAddress;
}

/** An IPv6 address is the same however it is written (RFC 4291 2.2). */
export function addressKey({ address, port }: SocketAddress): string {
  return `${canonicalHost(address)} ${port}`;
}

/** Whether a host has an address. */
export function hasAddress({ addresses }: Pick<HostRecord, 'addresses'>, address: string): boolean {
  const canonical = canonicalHost(address);
  return addresses.some((own) => own === address || canonicalHost(own) === canonical);
}

/** What hosts, NATs and transports of one network share. */
export class Fabric {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly links: LinkTable;
  readonly fortune: Fortune;
  readonly trace: Trace;
  readonly limits: Readonly<Record<'datagramsUnderWay' | 'queued' | 'flows' | 'connectTimeout', number>>;
  datagramsUnderWay = 0;
  readonly #outside = new Map<string, HostRecord | Nat>();
  readonly #inside = new Map<Nat, Map<string, HostRecord>>();

  constructor(clock: VirtualClock, random: SeededRandom, options: NetworkOptions) {
    this.clock = clock;
    this.random = random;
    this.links = new LinkTable(options.link);
    this.fortune = new Fortune(random.fork('fortune'), options.misfortunes);
    this.trace = new Trace(options.traced ?? 100_000);
    this.limits = {
      datagramsUnderWay: options.datagramsUnderWay ?? 100_000,
      queued: options.queued ?? 10_000,
      flows: options.flows ?? 100_000,
      connectTimeout: options.connectTimeout ?? defaultStreamLimits.connectTimeout,
    };
  }

  addHost(host: HostRecord): void {
    const side = host.nat === undefined ? this.#outside : this.#behind(host.nat);
    for (const address of host.addresses) {
      if (side.has(canonicalHost(address))) throw new RangeError(`the address ${address} is taken`);
      side.set(canonicalHost(address), host);
    }
  }

  /** Gives a host other addresses. What it still sends from others is lost, and so is what goes to them. */
  moveHost(host: HostRecord, addresses: readonly string[]): void {
    const side = host.nat === undefined ? this.#outside : this.#behind(host.nat);
    for (const address of host.addresses) side.delete(canonicalHost(address));
    host.addresses = addresses;
    this.addHost(host);
  }

  addNat(nat: Nat): void {
    const address = canonicalHost(nat.address);
    if (this.#outside.has(address)) throw new RangeError(`the address ${nat.address} is taken`);
    this.#outside.set(address, nat);
  }

  /** The way of one message, its addresses translated, or why there is none. NAT mappings are made and refreshed. */
  route(
    sender: HostRecord,
    family: 'datagram' | 'stream',
    source: SocketAddress,
    destination: SocketAddress,
  ): Route | Fate {
    if (!hasAddress(sender, source.address)) return 'unroutable';
    let seen: SocketAddress | undefined = source;
    if (sender.nat !== undefined) {
      const neighbour = this.#behind(sender.nat).get(canonicalHost(destination.address));
      if (neighbour !== undefined) return { host: neighbour, target: destination, source };
      seen = sender.nat.outward(family, source, destination);
      if (seen === undefined) return 'filtered';
    }
    const found = this.#outside.get(canonicalHost(destination.address));
    if (found === undefined) return 'unroutable';
    if ('name' in found) return { host: found, target: destination, source: seen };
    const inner = found.inward(family, destination.port, seen);
    const host = inner === undefined ? undefined : this.#behind(found).get(canonicalHost(inner.address));
    return host === undefined || inner === undefined ? 'filtered' : { host, target: inner, source: seen };
  }

  #behind(nat: Nat): Map<string, HostRecord> {
    let hosts = this.#inside.get(nat);
    if (hosts === undefined) {
      hosts = new Map();
      this.#inside.set(nat, hosts);
    }
    return hosts;
  }
}
