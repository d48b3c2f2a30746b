import type { Clock } from '@switchhook/sip';
import { DnsCache } from './dns-cache.ts';
import type { DnsCacheLimits, DnsKnowledge } from './dns-cache.ts';
import type { DnsClient, NaptrRecord, SrvRecord } from './dns.ts';

/** The four caches that RFC 3263 reads. */
export class DnsCaches {
  readonly naptr: DnsCache<NaptrRecord>;
  readonly srv: DnsCache<SrvRecord>;
  readonly a: DnsCache<string>;
  readonly aaaa: DnsCache<string>;

  constructor(client: DnsClient, clock: Clock, limits: DnsCacheLimits) {
    this.naptr = new DnsCache((name) => client.naptr(name), clock, limits);
    this.srv = new DnsCache((name) => client.srv(name), clock, limits);
    this.a = new DnsCache((name) => client.a(name), clock, limits);
    this.aaaa = new DnsCache((name) => client.aaaa(name), clock, limits);
  }

  get names(): number {
    return this.naptr.size + this.srv.size + this.a.size + this.aaaa.size;
  }

  get queries(): number {
    return this.naptr.queries + this.srv.queries + this.a.queries + this.aaaa.queries;
  }

  clear(): void {
    for (const cache of [this.naptr, this.srv, this.a, this.aaaa]) cache.clear();
  }
}

/**
 * DNS as one reading of it sees it: what is known, and a list of what was asked for and is not known yet. The procedures
 * of RFC 3263 so stay plain functions that run again when the answers have come.
 */
export class DnsView {
  readonly #caches: DnsCaches;
  readonly #missing: (() => Promise<void>)[] = [];
  /** True when some answer was that DNS did not answer. */
  failed = false;

  constructor(caches: DnsCaches) {
    this.#caches = caches;
  }

  get complete(): boolean {
    return this.#missing.length === 0;
  }

  naptr(name: string): readonly NaptrRecord[] {
    return this.#read(this.#caches.naptr, name).records;
  }

  /** Whether there are none matters here: only then is the next step of RFC 3263 4.2 allowed. */
  srv(name: string): DnsKnowledge<SrvRecord> {
    return this.#read(this.#caches.srv, name);
  }

  addresses(name: string, families: readonly (4 | 6)[]): readonly string[] {
    return families.flatMap((family) => this.#read(family === 4 ? this.#caches.a : this.#caches.aaaa, name).records);
  }

  /** Asks for all that was missing. */
  async fetchMissing(): Promise<void> {
    await Promise.all(this.#missing.map((fetch) => fetch()));
  }

  #read<T>(cache: DnsCache<T>, name: string): DnsKnowledge<T> {
    const knowledge = cache.read(name);
    if (knowledge === undefined) this.#missing.push(() => cache.fetch(name));
    else if (knowledge.failed) this.failed = true;
    return knowledge ?? { failed: true, records: [] };
  }
}
