import { canonicalHost, SipUri, TelUri } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import { comparableHost } from '../place.ts';

/** A domain of ours, and other names for it. */
export interface Domain {
  readonly name: string;
  readonly aliases: readonly string[];
}

/** An address in one of our domains; without `user` it is the exchange itself. */
export interface OurAddress {
  readonly user: string | undefined;
  /** The domain's name, never an alias. */
  readonly domain: string;
}

/** Which URIs are ours: the domains, their aliases, and the listeners' own hosts, which mean the first domain. */
export class Domains {
  readonly #names = new Map<string, string>();
  readonly #isOurPort: (host: string, port: number) => boolean;

  /** `isOurPort` tells whether a listener of ours has a port. */
  constructor(
    domains: readonly Domain[],
    listenerHosts: Iterable<string>,
    isOurPort: (host: string, port: number) => boolean,
  ) {
    const first = domains[0]?.name ?? '';
    for (const host of listenerHosts) this.#add(host, first);
    for (const { name, aliases } of domains) {
      for (const alias of aliases) this.#add(alias, name);
    }
    for (const { name } of domains) this.#add(name, name);
    this.#isOurPort = isOurPort;
  }

  /** The name of the domain that a host means, however it is spelt, if it is one of ours. */
  nameOf(host: string): string | undefined {
    const named = this.#names.get(host);
    if (named !== undefined) return named;
    const canonical = comparableHost(host);
    return canonical === host ? undefined : this.#names.get(canonical);
  }

  /**
   * Whom a sender claims to be. A domain is claimed with any port; the address of a listener of ours with its own port
   * only, for phones may share it.
   */
  claimed(uri: Uri): OurAddress | undefined {
    const domain = uri instanceof SipUri && !uri.isNumericHost ? this.nameOf(uri.host) : undefined;
    return uri instanceof SipUri && domain !== undefined ? { user: uri.user, domain } : this.ours(uri);
  }

  /**
   * What a URI means here; undefined when it is somebody else's. A port that none of our listeners has makes it the
   * contact of a phone that happens to share our address. A local telephone number is ours when its context is
   * (RFC 3966 5.1.5).
   */
  ours(uri: Uri): OurAddress | undefined {
    if (uri instanceof SipUri) {
      const domain = this.domainAt(uri.host, uri.port);
      return domain === undefined ? undefined : { user: uri.user, domain };
    }
    if (!(uri instanceof TelUri)) return undefined;
    const domain = this.nameOf(uri.phoneContext ?? '');
    return domain === undefined ? undefined : { user: uri.digits, domain };
  }

  /** The domain that host and port stand for, a listener's too; a host without a port is all of it. */
  domainAt(host: string, port: number | undefined): string | undefined {
    return port === undefined || this.#isOurPort(host, port) ? this.nameOf(host) : undefined;
  }

  /** What a URI means that a request goes to: as above, unless its maddr sends that elsewhere (RFC 3261 16.5). */
  reached(uri: Uri): OurAddress | undefined {
    const maddr = uri instanceof SipUri ? uri.parameters.get('maddr') : undefined;
    return maddr === undefined || this.nameOf(maddr) !== undefined ? this.ours(uri) : undefined;
  }

  #add(host: string, name: string): void {
    this.#names.set(host, name).set(canonicalHost(host), name);
  }
}
