import { SipUri, TelUri } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import type { OurAddress } from './domains.ts';

/** A way to the telephone network, for the numbers that begin with one of its prefixes. */
export interface Gateway {
  readonly name: string;
  /** Where it is reached; without a user. */
  readonly uri: SipUri;
  readonly prefixes: readonly string[];
  /** Leading characters of the number that it is not told. */
  readonly strip: number;
  /** What it is told before the rest. */
  readonly prepend: string;
}

const separators = /[-.()]/g;

/** The telephone number that an address means, without separators; undefined when it means a user. */
export function numberOf(uri: Uri, address: OurAddress | undefined): string | undefined {
  if (uri instanceof TelUri) {
    if (uri.isGlobal) return uri.digits;
    const { phoneContext = '' } = uri;
    if (address !== undefined) return address.user;
    return phoneContext.startsWith('+') ? phoneContext.replace(separators, '') + uri.digits : undefined;
  }
  if (!(uri instanceof SipUri) || address?.user === undefined) return undefined;
  const [number = ''] = address.user.split(';', 1);
  return /^\+?[\d*#.()-]+$/.test(number) ? number.replace(separators, '') : undefined;
}

/** The gateways by prefix: the longest prefix that fits a number decides, of equal ones the first. */
export class Gateways {
  readonly #byPrefix = new Map<string, Gateway>();
  readonly #longest: number;

  constructor(gateways: readonly Gateway[]) {
    let longest = 0;
    for (const gateway of gateways) {
      for (const prefix of gateway.prefixes) {
        if (!this.#byPrefix.has(prefix)) this.#byPrefix.set(prefix, gateway);
        longest = Math.max(longest, prefix.length);
      }
    }
    this.#longest = longest;
  }

  find(number: string): Gateway | undefined {
    for (let length = Math.min(this.#longest, number.length); length >= 0; length -= 1) {
      const gateway = this.#byPrefix.get(number.slice(0, length));
      if (gateway !== undefined) return gateway;
    }
    return undefined;
  }
}

/** The address of a number at a gateway (RFC 3261 19.1.6), in the scheme of the call. */
export function addressAt({ uri, strip, prepend }: Gateway, number: string, secure: boolean): SipUri {
  return uri.with({
    scheme: secure ? 'sips' : uri.scheme,
    user: prepend + number.slice(strip),
    parameters: [...uri.parameters.without('user'), ['user', 'phone']],
  });
}
