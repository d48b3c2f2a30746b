import type { Destination, ResolutionError, Resolver, SipContext, SipUri } from '@switchhook/sip';
import { defaultDnsCacheLimits } from './dns-cache.ts';
import type { DnsCacheLimits } from './dns-cache.ts';
import type { DnsClient } from './dns.ts';
import { FailedDestinations } from './resolver-failures.ts';
import { Location } from './resolver-location.ts';
import type { LocationPreferences } from './resolver-location.ts';
import { DnsCaches, DnsView } from './resolver-view.ts';

/** Times in milliseconds. */
export interface DnsResolverOptions extends Partial<LocationPreferences> {
  /** All the lookups for one URI together. */
  readonly timeout?: number;
  /** How long a destination that failed stands behind the others. */
  readonly failureTime?: number;
  readonly cache?: Partial<DnsCacheLimits>;
}

/** What the resolver holds; all zeros after `stop()`. */
export interface DnsResolverStats {
  readonly names: number;
  readonly queries: number;
  readonly lookups: number;
  readonly failedDestinations: number;
}

const maximumFailedDestinations = 1_000;

/** NAPTR, SRV, addresses: three; more only when an answer runs out, or is pushed out of the cache, in between. */
const maximumRounds = 6;

/**
 * RFC 3263 over DNS. Numeric hosts and what the cache knows are answered at once, the rest by promise. It answers
 * section 5 as well: give it the sent-by of a Via as a URI with its transport.
 */
export class DnsResolver implements Resolver {
  readonly #context: SipContext;
  readonly #client: DnsClient;
  readonly #preferences: LocationPreferences;
  readonly #timeout: number;
  readonly #failureTime: number;
  readonly #caches: DnsCaches;
  readonly #failed: FailedDestinations;
  /** Ends each lookup under way. */
  readonly #lookups = new Set<() => void>();

  constructor(context: SipContext, client: DnsClient, options: DnsResolverOptions = {}) {
    this.#context = context;
    this.#client = client;
    this.#preferences = {
      protocols: options.protocols ?? ['UDP', 'TCP', 'TLS', 'WS', 'WSS'],
      families: options.families ?? [4, 6],
      maximumServers: options.maximumServers ?? 16,
    };
    this.#timeout = options.timeout ?? 8_000;
    this.#failureTime = options.failureTime ?? 60_000;
    this.#caches = new DnsCaches(client, context.clock, { ...defaultDnsCacheLimits, ...options.cache });
    this.#failed = new FailedDestinations(context.clock, maximumFailedDestinations);
  }

  resolve(uri: SipUri): readonly Destination[] | ResolutionError | Promise<readonly Destination[] | ResolutionError> {
    const view = new DnsView(this.#caches);
    const found = this.#read(uri, view);
    return view.complete ? found : this.#lookUp(uri, view);
  }

  /**
   * A request there got 503, no answer, or no connection (RFC 3263 4.3): for a while others come first.
   * `milliseconds` is for a Retry-After.
   */
  markFailed(destination: Destination, milliseconds = this.#failureTime): void {
    this.#failed.add(destination, milliseconds);
  }

  stats(): DnsResolverStats {
    return {
      names: this.#caches.names,
      queries: this.#caches.queries,
      lookups: this.#lookups.size,
      failedDestinations: this.#failed.size,
    };
  }

  /** Gives up the lookups under way (they answer `dns-failure`) and forgets everything. */
  stop(): void {
    for (const end of this.#lookups) end();
    this.#client.cancel();
    this.#caches.clear();
    this.#failed.clear();
  }

  #read(uri: SipUri, view: DnsView): readonly Destination[] | ResolutionError {
    const found = new Location(uri, this.#preferences, view, this.#context.random).destinations();
    return 'code' in found ? found : this.#failed.putLast(found);
  }

  async #lookUp(uri: SipUri, first: DnsView): Promise<readonly Destination[] | ResolutionError> {
    const ended = Promise.withResolvers<true>();
    const end = (): void => {
      ended.resolve(true);
    };
    const timer = this.#context.clock.after(this.#timeout, end);
    this.#lookups.add(end);
    try {
      let view = first;
      for (let round = 0; round < maximumRounds; round += 1) {
        if ((await Promise.race([view.fetchMissing(), ended.promise])) === true) break;
        view = new DnsView(this.#caches);
        const found = this.#read(uri, view);
        if (view.complete) return found;
      }
      return { code: 'dns-failure', temporary: true, message: `no answer from DNS in time for ${uri.host}` };
    } finally {
      timer.cancel();
      this.#lookups.delete(end);
    }
  }
}
