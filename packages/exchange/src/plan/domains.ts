import { SipUri, TelUri } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import type { Configuration } from '../config/configuration.ts';

/** An address in one of our domains; without `user` it is the exchange itself. */
export interface OurAddress {
  readonly user: string | undefined;
  /** The domain's name, never an alias. */
  readonly domain: string;
}

const wildcards = new Set(['0.0.0.0', '::']);

/** Which URIs are ours: the domains, their aliases, and the listeners' own names, which mean the first domain. */
export class Domains {
  readonly #names = new Map<string, string>();
  readonly #ports: ReadonlySet<number>;

  constructor({ domains, listeners }: Pick<Configuration, 'domains' | 'listeners'>) {
    const first = domains[0]?.name ?? '';
    for (const { address, publicName } of listeners) {
      if (!wildcards.has(address)) this.#names.set(address, first);
      if (publicName !== undefined) this.#names.set(publicName, first);
    }
    for (const { name, aliases } of domains) {
      for (const alias of aliases) this.#names.set(alias, name);
    }
    for (const { name } of domains) this.#names.set(name, name);
    this.#ports = new Set(listeners.map(({ port }) => port));
  }

  /** The name of the domain that a host means, if it is one of ours. */
  nameOf(host: string): string | undefined {
    return this.#names.get(host);
  }

  /**
   * What a URI means here; undefined when it is somebody else's. A port that none of our listeners has makes it the
   * contact of a phone that happens to share our address. A local telephone number is ours when its context is
   * (RFC 3966 5.1.5).
   */
  ours(uri: Uri): OurAddress | undefined {
    if (uri instanceof SipUri) {
      const domain = this.#names.get(uri.host);
      if (domain === undefined || (uri.port !== undefined && !this.#ports.has(uri.port))) return undefined;
      return { user: uri.user, domain };
    }
    if (!(uri instanceof TelUri)) return undefined;
    const domain = this.#names.get(uri.phoneContext ?? '');
    return domain === undefined ? undefined : { user: uri.digits, domain };
  }
}
