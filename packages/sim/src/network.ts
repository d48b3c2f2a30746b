import type { TransportProtocol } from '@switchhook/sip';
import { SimulatedDatagramPorts } from './datagram-ports.ts';
import { DatagramTransport } from './datagram-transport.ts';
import { Fabric, type HostRecord, type NetworkOptions } from './fabric.ts';
import type { LinkQuality } from './link.ts';
import type { Misfortune } from './misfortune.ts';
import { Nat, type NatOptions } from './nat.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SimulatedTransport } from './simulated-transport.ts';
import type { TransportOptions } from './simulated-transport.ts';
import { StreamTransport } from './stream-transport.ts';
import type { Trace } from './trace.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A machine on the simulated network. */
export class SimulatedHost {
  readonly name: string;
  readonly #fabric: Fabric;
  readonly #record: HostRecord;
  readonly #transports: SimulatedTransport[] = [];

  constructor(fabric: Fabric, record: HostRecord) {
    this.name = record.name;
    this.#fabric = fabric;
    this.#record = record;
  }

  /** A transport of this host; it listens once it is started. */
  transport(protocol: TransportProtocol, options: TransportOptions = {}): SimulatedTransport {
    const transport =
      protocol === 'UDP'
        ? new DatagramTransport(this.#fabric, this.#record, options)
        : new StreamTransport(this.#fabric, this.#record, protocol, options);
    this.#transports.push(transport);
    return transport;
  }

  /**
   * It is without power from one moment to the next: far ends of its connections are told nothing, and learn it from what they
   * send. Its transports can be started again, and its ports are free.
   */
  crash(): void {
    for (const transport of this.#transports) transport.crash();
    this.#record.datagram.clear();
    this.#record.stream.clear();
  }

  /**
   * Puts it into another network, with other addresses. Transports that have none of their own listen at the first of them from
   * now on; connections, and ports for media, are left with the addresses that they had, and nothing passes any more.
   */
  move(addresses: readonly string[]): void {
    const record = this.#record;
    const listening = new Set([...record.datagram.values(), ...record.stream.values()]);
    this.#fabric.moveHost(record, addresses);
    for (const each of listening) if (each instanceof SimulatedTransport) each.moved();
  }

  /** Ports of this host for media, in the shape of the DatagramNetwork of `@switchhook/media`. */
  ports(): SimulatedDatagramPorts {
    return new SimulatedDatagramPorts(this.#fabric, this.#record);
  }
}

/**
 * A network that loses, delays, repeats, reorders and partitions as it is told and as its seed falls. Datagrams
 * suffer all of it; what a connection carries arrives once and in order, later for every loss, or the connection ends.
 */
export class SimulatedNetwork {
  readonly trace: Trace;
  readonly #fabric: Fabric;

  constructor(clock: VirtualClock, random: SeededRandom, options: NetworkOptions = {}) {
    this.#fabric = new Fabric(clock, random.fork('network'), options);
    this.trace = this.#fabric.trace;
  }

  /** What has happened to what was sent, in order: told to another network of the same seed, the same happens there. */
  get misfortunes(): readonly Misfortune[] {
    return this.#fabric.fortune.happened;
  }

  /** A host with the given addresses; behind a NAT they are the inner ones. */
  host(name: string, addresses: readonly string[], nat?: Nat): SimulatedHost {
    const record: HostRecord = { name, addresses, nat, datagram: new Map(), stream: new Map(), nextPort: 0 };
    this.#fabric.addHost(record);
    return new SimulatedHost(this.#fabric, record);
  }

  nat(options: NatOptions): Nat {
    const nat = new Nat(this.#fabric.clock, options);
    this.#fabric.addNat(nat);
    return nat;
  }

  /** Changes the link between two hosts, by name, in both directions. */
  link(one: string, other: string, change: Partial<LinkQuality>): void {
    this.oneWayLink(one, other, change);
    this.oneWayLink(other, one, change);
  }

  oneWayLink(from: string, to: string, change: Partial<LinkQuality>): void {
    this.#fabric.links.set(from, to, change);
  }

  /** Cuts two sets of hosts off from each other, until the function that it returns is called. */
  partition(one: Iterable<string>, other: Iterable<string>): () => void {
    return this.#fabric.links.partition(one, other);
  }
}
