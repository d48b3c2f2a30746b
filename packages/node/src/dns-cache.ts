import type { Clock } from '@switchhook/sip';
import type { DnsAnswer } from './dns.ts';

/** Bounds of what DNS may make us remember, and for how long. Times in milliseconds. */
export interface DnsCacheLimits {
  readonly minimumTimeToLive: number;
  readonly maximumTimeToLive: number;
  /** For answers whose time to live the platform does not tell. */
  readonly defaultTimeToLive: number;
  /** For "there is none" (RFC 2308). */
  readonly negativeTimeToLive: number;
  /** For "no name server answered", so that a dead one is not asked for every request. */
  readonly failureTimeToLive: number;
  readonly maximumNames: number;
  readonly maximumRecords: number;
  readonly maximumQueries: number;
}

export const defaultDnsCacheLimits: DnsCacheLimits = {
  minimumTimeToLive: 5_000,
  maximumTimeToLive: 3_600_000,
  defaultTimeToLive: 60_000,
  negativeTimeToLive: 30_000,
  failureTimeToLive: 10_000,
  maximumNames: 2_000,
  maximumRecords: 32,
  maximumQueries: 200,
};

/** What is known about one name: its records (perhaps none), or that DNS did not answer. */
export interface DnsKnowledge<T> {
  readonly failed: boolean;
  readonly records: readonly T[];
}

interface Entry<T> extends DnsKnowledge<T> {
  readonly expires: number;
}

/** The answers to one kind of question. Each name is asked once at a time, whoever else wants it waits along. */
export class DnsCache<T> {
  readonly #query: (name: string) => Promise<DnsAnswer<T>>;
  readonly #clock: Clock;
  readonly #limits: DnsCacheLimits;
  /** In order of arrival: the first is the first to go. */
  readonly #entries = new Map<string, Entry<T>>();
  readonly #queries = new Map<string, Promise<void>>();

  constructor(query: (name: string) => Promise<DnsAnswer<T>>, clock: Clock, limits: DnsCacheLimits) {
    this.#query = query;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Names remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /** Queries under way. */
  get queries(): number {
    return this.#queries.size;
  }

  read(name: string): DnsKnowledge<T> | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.expires > this.#clock.now()) return entry;
    this.#entries.delete(name);
    return undefined;
  }

  /** Asks for the name; afterwards `read` knows it. Never rejects. */
  fetch(name: string): Promise<void> {
    const underWay = this.#queries.get(name);
    if (underWay !== undefined) return underWay;
    if (this.#queries.size >= this.#limits.maximumQueries) {
      this.#remember(name, this.#unanswered());
      return Promise.resolve();
    }
    const query = this.#ask(name).then((entry) => {
      if (this.#queries.get(name) !== query) return;
      this.#queries.delete(name);
      this.#remember(name, entry);
    });
    this.#queries.set(name, query);
    return query;
  }

  /** Forgets everything, the answers to come included. */
  clear(): void {
    this.#entries.clear();
    this.#queries.clear();
  }

  async #ask(name: string): Promise<Entry<T>> {
    try {
      const { records, timeToLive } = await this.#query(name);
      const kept = records.slice(0, this.#limits.maximumRecords);
      return { failed: false, records: kept, expires: this.#clock.now() + this.#lifeTime(kept.length, timeToLive) };
    } catch {
      return this.#unanswered();
    }
  }

  #unanswered(): Entry<T> {
    return { failed: true, records: [], expires: this.#clock.now() + this.#limits.failureTimeToLive };
  }

  #lifeTime(records: number, seconds: number | undefined): number {
    const limits = this.#limits;
    if (records === 0) return limits.negativeTimeToLive;
    if (seconds === undefined) return limits.defaultTimeToLive;
    return Math.max(limits.minimumTimeToLive, Math.min(limits.maximumTimeToLive, seconds * 1000));
  }

  #remember(name: string, entry: Entry<T>): void {
    this.#entries.delete(name);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < this.#limits.maximumNames) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(name, entry);
  }
}
