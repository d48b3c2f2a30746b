import { SipUri } from '@switchhook/sip';
import type { Destination } from '@switchhook/sip';
import type { DnsAnswer, DnsClient, NaptrRecord, SrvRecord } from './dns.ts';

type Table<T> = Readonly<Record<string, readonly T[]>>;

/** The zone of a test. What is not in it does not exist. */
export interface Zone {
  readonly naptr?: Table<NaptrRecord>;
  readonly srv?: Table<SrvRecord>;
  readonly a?: Table<string>;
  readonly aaaa?: Table<string>;
  /** Questions, as `A example.com`, that no name server answers. */
  readonly broken?: readonly string[];
  /** Seconds. */
  readonly timeToLive?: number;
}

/** DNS from a table; it counts what it is asked. */
export class TableDnsClient implements DnsClient {
  readonly asked: string[] = [];
  cancelled = false;
  zone: Zone;

  constructor(zone: Zone) {
    this.zone = zone;
  }

  naptr(name: string): Promise<DnsAnswer<NaptrRecord>> {
    return this.#answer('NAPTR', name, this.zone.naptr);
  }

  srv(name: string): Promise<DnsAnswer<SrvRecord>> {
    return this.#answer('SRV', name, this.zone.srv);
  }

  a(name: string): Promise<DnsAnswer<string>> {
    return this.#answer('A', name, this.zone.a);
  }

  aaaa(name: string): Promise<DnsAnswer<string>> {
    return this.#answer('AAAA', name, this.zone.aaaa);
  }

  cancel(): void {
    this.cancelled = true;
  }

  async #answer<T>(type: string, name: string, table: Table<T> = {}): Promise<DnsAnswer<T>> {
    const question = `${type} ${name}`;
    this.asked.push(question);
    await Promise.resolve();
    if (this.zone.broken?.includes(question) === true) throw new Error(`${question}: no name server answered`);
    const { timeToLive } = this.zone;
    return { records: table[name] ?? [], ...(timeToLive === undefined ? {} : { timeToLive }) };
  }
}

/** A URI that is known to be good. */
export function sipUri(text: string): SipUri {
  const uri = SipUri.parse(text);
  if (!(uri instanceof SipUri)) throw new Error(`${text}: ${uri.reason}`);
  return uri;
}

export function naptr(order: number, preference: number, service: string, replacement: string): NaptrRecord {
  return { order, preference, flags: 's', service, regexp: '', replacement };
}

export function srv(priority: number, weight: number, port: number, target: string): SrvRecord {
  return { priority, weight, port, target };
}

/** Destinations short enough to read in a table of tests: `TLS 192.0.2.1:5061 (example.com)`. */
export function inWords(destinations: readonly Destination[]): string[] {
  return destinations.map(({ protocol, address, port, serverName }) => {
    const host = address.includes(':') ? `[${address}]` : address;
    return `${protocol} ${host}:${port}${serverName === undefined ? '' : ` (${serverName})`}`;
  });
}
