import { lookup, Resolver } from 'node:dns/promises';
import type { DnsAnswer, DnsClient, NaptrRecord, SrvRecord } from './dns.ts';

/** How the machine's name servers are asked. */
export interface NodeDnsClientOptions {
  /** `address` or `address:port` (`[address]:port` for IPv6); the machine's own name servers when absent. */
  readonly servers?: readonly string[];
  /** Milliseconds before the first repetition of a query. */
  readonly timeout?: number;
  readonly tries?: number;
}

/** The threads that `getaddrinfo` blocks are shared with the file system: a stranger's names must not take them all. */
const maximumHostLookups = 2;

const emptyAnswers = new Set(['ENOTFOUND', 'ENODATA']);

function hasCode(error: unknown): error is { readonly code: unknown } {
  return typeof error === 'object' && error !== null && 'code' in error;
}

/** "There is none" is an answer; all else that goes wrong is a failure. */
async function answerOf<T>(query: Promise<DnsAnswer<T>>): Promise<DnsAnswer<T>> {
  try {
    return await query;
  } catch (error) {
    if (hasCode(error) && typeof error.code === 'string' && emptyAnswers.has(error.code)) return { records: [] };
    throw error;
  }
}

/** Names that the machine itself knows: `localhost` (RFC 6761 6.3) and single labels, as in the hosts file. */
function isLocalName(name: string): boolean {
  return !name.includes('.') || name.endsWith('.localhost');
}

/** Names that exist nowhere (RFC 6761 6.4); WebSocket phones put them into Contact (RFC 7118 appendix B). */
function isInvalidName(name: string): boolean {
  return name === 'invalid' || name.endsWith('.invalid');
}

/** DNS as Node asks it. CNAME records are followed by the name server. */
export class NodeDnsClient implements DnsClient {
  readonly #resolver: Resolver;
  #hostLookups = 0;

  constructor(options: NodeDnsClientOptions = {}) {
    this.#resolver = new Resolver({ timeout: options.timeout ?? 1000, tries: options.tries ?? 3 });
    if (options.servers !== undefined) this.#resolver.setServers(options.servers);
  }

  naptr(name: string): Promise<DnsAnswer<NaptrRecord>> {
    return this.#services(name, async () => ({ records: await this.#resolver.resolveNaptr(name) }));
  }

  srv(name: string): Promise<DnsAnswer<SrvRecord>> {
    return this.#services(name, async () => {
      const records = await this.#resolver.resolveSrv(name);
      return { records: records.map((record) => ({ ...record, target: record.name })) };
    });
  }

  a(name: string): Promise<DnsAnswer<string>> {
    return this.#addresses(name, 4, () => this.#resolver.resolve4(name, { ttl: true }));
  }

  aaaa(name: string): Promise<DnsAnswer<string>> {
    return this.#addresses(name, 6, () => this.#resolver.resolve6(name, { ttl: true }));
  }

  cancel(): void {
    this.#resolver.cancel();
  }

  async #services<T>(name: string, query: () => Promise<DnsAnswer<T>>): Promise<DnsAnswer<T>> {
    return isLocalName(name) || isInvalidName(name) ? { records: [] } : answerOf(query());
  }

  async #addresses(
    name: string,
    family: 4 | 6,
    query: () => Promise<readonly { readonly address: string; readonly ttl: number }[]>,
  ): Promise<DnsAnswer<string>> {
    if (isInvalidName(name)) return { records: [] };
    if (isLocalName(name)) return answerOf(this.#hosts(name, family));
    return answerOf(
      query().then((records) => ({
        records: records.map(({ address }) => address),
        timeToLive: Math.min(...records.map(({ ttl }) => ttl)),
      })),
    );
  }

  async #hosts(name: string, family: 4 | 6): Promise<DnsAnswer<string>> {
    if (this.#hostLookups >= maximumHostLookups) throw new Error('too many lookups of local names at once');
    this.#hostLookups += 1;
    try {
      const addresses = await lookup(name, { all: true, family });
      return { records: addresses.map(({ address }) => address) };
    } finally {
      this.#hostLookups -= 1;
    }
  }
}
