import { isIP } from 'node:net';
import type { Destination, RandomSource, ResolutionError, SipUri, TransportProtocol } from '@switchhook/sip';
import { orderByPriorityAndWeight } from './dns-srv-order.ts';
import type { NaptrRecord, SrvRecord } from './dns.ts';
import type { DnsView } from './resolver-view.ts';

/** What this side can speak, and what it would rather speak. */
export interface LocationPreferences {
  /** The supported transports, best first: the order in which they are tried where DNS leaves the choice to us. */
  readonly protocols: readonly TransportProtocol[];
  /** The address families, best first. */
  readonly families: readonly (4 | 6)[];
  /** The most servers that one URI may make us look up. */
  readonly maximumServers: number;
}

const defaultPorts: Readonly<Record<TransportProtocol, number>> = { UDP: 5060, TCP: 5060, TLS: 5061, WS: 80, WSS: 443 };

const serviceNames: Readonly<Record<TransportProtocol, string>> = {
  UDP: '_sip._udp',
  TCP: '_sip._tcp',
  TLS: '_sips._tcp',
  WS: '_sip._ws',
  WSS: '_sips._ws',
};

/** RFC 3263 4.1, RFC 7118 10.2. */
const naptrServices: ReadonlyMap<string, TransportProtocol> = new Map([
  ['SIP+D2U', 'UDP'],
  ['SIP+D2T', 'TCP'],
  ['SIPS+D2T', 'TLS'],
  ['SIP+D2W', 'WS'],
  ['SIPS+D2W', 'WSS'],
]);

const transportParameters: ReadonlyMap<string, TransportProtocol> = new Map([
  ['udp', 'UDP'],
  ['tcp', 'TCP'],
  ['tls', 'TLS'],
  ['ws', 'WS'],
  ['wss', 'WSS'],
]);

const securedBy: Partial<Record<TransportProtocol, TransportProtocol>> = {
  TCP: 'TLS',
  TLS: 'TLS',
  WS: 'WSS',
  WSS: 'WSS',
};

const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62}\.)*[a-z0-9_-]{1,63}$/i;

/** A server to look the addresses of up. */
interface Server {
  readonly protocol: TransportProtocol;
  readonly host: string;
  readonly port: number;
}

/** Lower case, without the dot of the root; undefined for what is no host name or the root itself. */
function nameFrom(text: string): string | undefined {
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  return hostName.test(name) ? name : undefined;
}

function failure(code: ResolutionError['code'], message: string): ResolutionError {
  return { code, temporary: code === 'dns-failure', message };
}

/**
 * One reading of RFC 3263 section 4 for one URI. When the view is not complete afterwards, what it returns means
 * nothing: fetch what is missing and read again.
 */
export class Location {
  readonly #uri: SipUri;
  readonly #secure: boolean;
  /** TARGET, as RFC 3263 section 4 calls it. */
  readonly #target: string;
  readonly #protocols: readonly TransportProtocol[];
  readonly #preferences: LocationPreferences;
  readonly #view: DnsView;
  readonly #random: RandomSource;

  constructor(uri: SipUri, preferences: LocationPreferences, view: DnsView, random: RandomSource) {
    this.#uri = uri;
    this.#secure = uri.scheme === 'sips';
    this.#target = uri.destinationHost;
    const { protocols } = preferences;
    this.#protocols = this.#secure ? protocols.filter((protocol) => securedBy[protocol] === protocol) : protocols;
    this.#preferences = preferences;
    this.#view = view;
    this.#random = random;
  }

  destinations(): readonly Destination[] | ResolutionError {
    const { transport } = this.#uri;
    const protocol = transport === undefined ? this.#defaultProtocol() : this.#namedProtocol(transport);
    if (protocol === undefined || !this.#protocols.includes(protocol)) {
      return failure(
        'no-transport',
        `no transport here can carry ${this.#uri.scheme} to ${this.#target} as its URI asks`,
      );
    }
    const { port } = this.#uri;
    if (isIP(this.#target) !== 0) return [this.#destination(protocol, this.#target, port ?? defaultPorts[protocol])];
    const name = nameFrom(this.#target);
    if (name === undefined) return failure('no-records', `${this.#target} is no host name`);
    if (port !== undefined) return this.#locate([{ protocol, host: name, port }]);
    return transport === undefined
      ? this.#locateByNaptr(name, protocol)
      : this.#locateByProtocols(name, [protocol], protocol);
  }

  /** The transport parameter; `sips` makes TLS of what the parameter names (RFC 3261 19.1.2, RFC 7118 5.5). */
  #namedProtocol(transport: string): TransportProtocol | undefined {
    const protocol = transportParameters.get(transport.toLowerCase());
    return protocol !== undefined && this.#secure ? securedBy[protocol] : protocol;
  }

  /** UDP for sip, TLS for sips (RFC 3263 4.1), or the best that is supported where these are not. */
  #defaultProtocol(): TransportProtocol | undefined {
    const usual = this.#secure ? 'TLS' : 'UDP';
    return this.#protocols.includes(usual) ? usual : this.#protocols[0];
  }

  /**
   * No transport, no port, no number: the domain says by NAPTR which transports it likes (RFC 3263 4.1). A name server
   * that fails on NAPTR, as those of many small routers do, counts as one that has none.
   */
  #locateByNaptr(name: string, usual: TransportProtocol): readonly Destination[] | ResolutionError {
    const records = this.#view.naptr(name).filter((record) => naptrServices.has(record.service.toUpperCase()));
    if (!this.#view.complete) return [];
    if (records.length === 0) {
      // "_sips" is asked for a SIP URI only where nothing else is spoken here (RFC 3263 4.1).
      const plain = this.#protocols.filter((protocol) => securedBy[protocol] !== protocol);
      return this.#locateByProtocols(name, this.#secure || plain.length === 0 ? this.#protocols : plain, usual);
    }
    const usable = records
      .filter((record) => this.#protocolOf(record) !== undefined)
      .sort((a, b) => a.order - b.order || a.preference - b.preference);
    const [best] = usable;
    if (best === undefined) return failure('no-transport', `${name} offers no transport that is supported here`);
    // RFC 3403 4.1: once a record of one order fits, those of higher orders are out of the question.
    const choices = usable.filter(({ order }) => order === best.order);
    return this.#locateServices(
      name,
      choices.flatMap((record) => {
        const protocol = this.#protocolOf(record);
        const service = nameFrom(record.replacement);
        return protocol === undefined || service === undefined ? [] : [{ protocol, service }];
      }),
      this.#protocolOf(best) ?? usual,
    );
  }

  #protocolOf(record: NaptrRecord): TransportProtocol | undefined {
    if (record.flags.toLowerCase() !== 's' || record.regexp !== '') return undefined;
    const protocol = naptrServices.get(record.service.toUpperCase());
    if (protocol === undefined || nameFrom(record.replacement) === undefined) return undefined;
    return this.#protocols.includes(protocol) ? protocol : undefined;
  }

  /** Without NAPTR, the transports that have SRV records are those that the domain offers (RFC 3263 4.1). */
  #locateByProtocols(
    name: string,
    protocols: readonly TransportProtocol[],
    usual: TransportProtocol,
  ): readonly Destination[] | ResolutionError {
    const services = protocols.map((protocol) => ({ protocol, service: `${serviceNames[protocol]}.${name}` }));
    return this.#locateServices(name, services, usual);
  }

  /** SRV, and when there is none the name itself at the default port (RFC 3263 4.2). */
  #locateServices(
    name: string,
    services: readonly { readonly protocol: TransportProtocol; readonly service: string }[],
    usual: TransportProtocol,
  ): readonly Destination[] | ResolutionError {
    const servers: Server[] = [];
    let refused = false;
    let failed = false;
    for (const { protocol, service } of services) {
      const answer = this.#view.srv(service);
      failed ||= answer.failed;
      refused ||= answer.records.length > 0;
      const room = this.#preferences.maximumServers - servers.length;
      servers.push(...this.#servers(protocol, answer.records, room));
    }
    if (!this.#view.complete) return [];
    if (servers.length > 0) return this.#locate(servers);
    if (failed) return failure('dns-failure', `no name server answered for the SIP services of ${name}`);
    // All the records say "." (RFC 2782): the domain decidedly does not offer the service.
    if (refused) return failure('no-records', `${name} offers no SIP service`);
    return this.#locate([{ protocol: usual, host: name, port: defaultPorts[usual] }]);
  }

  #servers(protocol: TransportProtocol, records: readonly SrvRecord[], room: number): Server[] {
    // Cut before chance orders them, so that each reading wants the same addresses.
    const first = [...records].sort((a, b) => a.priority - b.priority).slice(0, room);
    return orderByPriorityAndWeight(first, this.#random).flatMap((record) => {
      const host = nameFrom(record.target);
      return host === undefined ? [] : [{ protocol, host, port: record.port }];
    });
  }

  #locate(servers: readonly Server[]): readonly Destination[] | ResolutionError {
    const found = servers.flatMap(({ protocol, host, port }) =>
      this.#view
        .addresses(host, this.#preferences.families)
        .map((address) => this.#destination(protocol, address, port)),
    );
    if (found.length > 0) return found;
    return this.#view.failed
      ? failure('dns-failure', `no name server answered for the addresses of ${this.#target}`)
      : failure('no-records', `${this.#target} has no address`);
  }

  #destination(protocol: TransportProtocol, address: string, port: number): Destination {
    if (securedBy[protocol] !== protocol) return { protocol, address, port };
    return { protocol, address, port, serverName: this.#uri.host };
  }
}
