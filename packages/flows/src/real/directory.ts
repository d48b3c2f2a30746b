import { isIP } from 'node:net';
import { defaultPort, SipUri } from '@switchhook/sip';
import type { Destination, ResolutionError, Resolver, Transport, TransportProtocol } from '@switchhook/sip';
import type { Participant } from '../conversation/conversation.ts';
import type { Cast, Part } from '../stage/cast.ts';
import { hostOf } from './addresses.ts';
import type { AddressPlan } from './addresses.ts';
import type { Outsider } from './outsiders.ts';
import type { RealProtocol } from './sockets.ts';

/** What it takes to know who is called what, and where everybody is. */
export interface DirectoryOptions {
  readonly cast: Cast;
  readonly plan: AddressPlan;
  readonly protocol: RealProtocol;
  /** Devices and the proxy that are not of this house, by the part they play; those without a place of their own register. */
  readonly outsiders: ReadonlyMap<string, Outsider | undefined>;
  /** Addresses of record that somebody else's proxy has given. */
  readonly accounts: ReadonlyMap<string, string>;
}

/** By the transport parameter of a URI, which may be anything. */
const protocols: ReadonlyMap<string, TransportProtocol> = new Map([
  ['udp', 'UDP'],
  ['tcp', 'TCP'],
  ['tls', 'TLS'],
  ['ws', 'WS'],
]);

/**
 * Who is called what, and where he is found. Among themselves those of this house have the names of the RFC; where an
 * outsider takes part, who has to be found without a proxy is called by his address, which needs no names.
 */
export class Directory {
  readonly #options: DirectoryOptions;
  readonly #transports = new Map<string, readonly Transport[]>();

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** Whether somebody takes part who does not know the names of the RFC. */
  get isOpen(): boolean {
    return this.#options.outsiders.size > 0;
  }

  /** `sips` among those of this house; devices take `sip` over TLS rather than that. */
  get isSecure(): boolean {
    const { protocol } = this.#options;
    return (protocol === 'TLS' || protocol === 'WSS') && !this.isOpen;
  }

  /** Where somebody of this house is reached. */
  connect(element: string, transports: readonly Transport[]): void {
    this.#transports.set(element, transports);
  }

  transportsOf(element: string): readonly Transport[] {
    return this.#transports.get(element) ?? [];
  }

  /** What others call. */
  addressOfRecord(name: string): string {
    const { cast, outsiders, accounts } = this.#options;
    const part = cast.parts.find(({ element }) => element === name);
    // Who has an account with the proxy is called by that, wherever his device is.
    const place = part?.isSubscriber === true ? undefined : outsiders.get(name)?.uri.toString();
    const given = accounts.get(name) ?? place;
    if (given !== undefined) return given;
    if (!this.isOpen || part === undefined || this.#isBehindProxy(part))
      return cast.addressOfRecord(name, this.isSecure);
    return `sip:${part.user}@${this.#place(part)}`;
  }

  /** What somebody of this house says he is. Where a server is in the flow, he is one of those that it serves. */
  ownAddress(part: Part): string {
    const hasServer = this.#options.cast.server !== undefined && !this.#hasProxy;
    return this.isOpen && hasServer
      ? this.#options.cast.addressOfRecord(part.element, false)
      : this.addressOfRecord(part.element);
  }

  /** What a device is to say it is: where a server is in the flow, one of those that it serves. */
  accountOf(part: Part): string {
    const { cast } = this.#options;
    const server = cast.houses.find(({ kind }) => kind === 'server');
    if (server === undefined || this.#hasProxy) return this.addressOfRecord(part.element);
    return `sip:${part.user}@${this.#place(server)}`;
  }

  /** The URI that leads to somebody's machine from everywhere. */
  contactOf({ user, host, ...part }: Part): string {
    if (!this.isOpen) return `${this.isSecure ? 'sips' : 'sip'}:${user}@${host};gr`;
    const { plan, protocol } = this.#options;
    const isTls = protocol === 'TLS';
    const port = plan.portOf({ user, host, ...part }) + (isTls ? 1 : 0);
    const shown = port === defaultPort(protocol) ? '' : `:${port}`;
    const transport = protocol === 'UDP' ? '' : `;transport=${protocol.toLowerCase()}`;
    return `sip:${user}@${hostOf(plan.addressOf({ user, host, ...part }))}${shown}${transport};gr`;
  }

  /** Where devices register, as a URI. */
  proxyUri(): string | undefined {
    const { cast, plan, protocol } = this.#options;
    const proxy = cast.houses.find(({ kind }) => kind === 'exchange');
    if (proxy === undefined) return undefined;
    const port = plan.portOf(proxy) + (protocol === 'TLS' ? 1 : 0);
    return `sip:${hostOf(plan.addressOf(proxy))}:${port};transport=${protocol.toLowerCase()}`;
  }

  participants(): readonly Participant[] {
    const { cast, plan, outsiders } = this.#options;
    return cast.names().map((element) => {
      const part = cast.parts.find((each) => each.element === element);
      const outsider = outsiders.get(element);
      const hosts =
        part === undefined ? [] : [part.host, ...(outsiders.has(element) ? [] : namesOf(plan.addressOf(part)))];
      if (outsider !== undefined) hosts.push(...namesOf(outsider.address), outsider.uri.host.toLowerCase());
      return {
        element,
        hosts,
        ...(part?.kind !== 'exchange' && { addressOfRecord: this.addressOfRecord(element) }),
        ...(part?.kind === 'phone' && { otherAddresses: [this.ownAddress(part), this.accountOf(part)] }),
      };
    });
  }

  /** Finds others for somebody of this house. */
  resolver(by: Part): Resolver {
    return { resolve: (uri) => this.#find(uri, by), markFailed: () => undefined };
  }

  #find(uri: SipUri, by: Part): readonly Destination[] | ResolutionError {
    const { cast, outsiders } = this.#options;
    const protocol = this.protocolFor(uri);
    const host = uri.host.replace(/^\[|\]$/g, '');
    const direct = this.#pastProxy(uri, by);
    if (direct !== undefined) return this.#ours(direct, protocol, host);
    const named = [...outsiders.values()].find((each) => each?.uri.host === uri.host);
    if (named !== undefined || (isIP(host) !== 0 && (this.isOpen || uri.port !== undefined))) {
      const address = named?.address ?? host;
      return [{ protocol, address, port: uri.port ?? named?.uri.port ?? defaultPort(protocol), serverName: host }];
    }
    const part =
      isIP(host) === 0
        ? (this.#houseOf(uri) ?? cast.find(uri, by))
        : cast.parts.find((each) => this.#options.plan.addressOf(each) === host);
    const outsider = part && outsiders.get(part.element);
    if (outsider !== undefined) {
      // By a name of ours he is reached over what his own address says.
      const spoken = uri.transport === undefined ? this.protocolFor(outsider.uri) : protocol;
      const { address } = outsider;
      return [{ protocol: spoken, address, port: outsider.uri.port ?? defaultPort(spoken), serverName: host }];
    }
    return this.#ours(part, protocol, host);
  }

  #ours(part: Part | undefined, protocol: TransportProtocol, host: string): readonly Destination[] | ResolutionError {
    const local = part && this.transportsOf(part.element).find((each) => each.protocol === protocol)?.local;
    if (local === undefined) return { code: 'no-records', temporary: false, message: `${host} has no address` };
    return [{ protocol, ...local, serverName: host }];
  }

  /** The proxy, where it is somebody else's and has accounts of that domain. */
  #houseOf({ host }: SipUri): Part | undefined {
    const { cast, accounts } = this.#options;
    const isServed = [...accounts.values()].some((address) => {
      const account = SipUri.parse(address);
      return account instanceof SipUri && account.host === host;
    });
    return isServed ? cast.houses.find(({ kind }) => kind === 'exchange') : undefined;
  }

  /** Whom somebody calls with nobody between them by the address that somebody else's proxy has given him. */
  #pastProxy({ user, host, port }: SipUri, by: Part): Part | undefined {
    const { cast, accounts } = this.#options;
    return cast.phones.find((part) => {
      const account = SipUri.parse(accounts.get(part.element) ?? '');
      if (!(account instanceof SipUri) || part === by) return false;
      return account.user === user && account.host === host && account.port === port && cast.reaches(by, part);
    });
  }

  /** What a URI is reached over. */
  protocolFor({ scheme, transport, host }: SipUri): TransportProtocol {
    const { protocol, outsiders } = this.#options;
    if (scheme === 'sips') return protocol === 'WSS' ? 'WSS' : 'TLS';
    if (transport !== undefined) return protocols.get(transport.toLowerCase()) ?? protocol;
    const named = [...outsiders.values()].find((each) => each?.uri.host === host)?.uri.transport;
    return (named === undefined ? undefined : protocols.get(named.toLowerCase())) ?? protocol;
  }

  get #hasProxy(): boolean {
    return this.#options.cast.houses.some(({ kind }) => kind === 'exchange');
  }

  #isBehindProxy({ kind, isSubscriber }: Part): boolean {
    return this.#hasProxy && (isSubscriber || kind !== 'phone');
  }

  #place(part: Part): string {
    const { plan } = this.#options;
    const port = plan.portOf(part);
    return `${hostOf(plan.addressOf(part))}${port === defaultPort('UDP') ? '' : `:${port}`}`;
  }
}

/** What an address of IPv6 is written as, with brackets and without. */
function namesOf(address: string): readonly string[] {
  return [...new Set([address, hostOf(address)])];
}
