import { OpaqueUri, SipUri, TelUri } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import { comparableHost, placeAt, placeOf } from '../place.ts';
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

/** What is known of the numbers for emergencies. */
export interface EmergencyNumbers {
  isEmergency(number: string): boolean;
  /** The one that stands for them all, where there is one. */
  emergencyNumber(): string | undefined;
}

/** Help of whatever kind (RFC 5031 4.2): whoever answers sends for the right one. Letters count as equal in either case (section 3). */
const emergencyService = /^urn:service:sos(\.|$)/i;

/** Nearly everybody's name begins with a letter, and then nothing more need be looked at. */
const mayBeNumber = /^[-+.() \d*#]/;
const separators = /[-.() ]/g;

/**
 * The telephone number that an address means, without separators; undefined when it means a user. One for emergencies stays what
 * it is in whatever context (RFC 3966 5.1.5 has the one of `tel:911;phone-context=+1` for a label alone), with a plus before it, which
 * so short makes it the number of nobody else, and with the # behind it by which some telephones end what is dialled.
 */
export function numberOf(uri: Uri, address: OurAddress | undefined, numbers: EmergencyNumbers): string | undefined {
  const number = writtenNumber(uri, address, numbers);
  if (number === undefined) return undefined;
  const plain = number.replace(/^\+|#$/g, '');
  return numbers.isEmergency(plain) ? plain : number;
}

function writtenNumber(uri: Uri, address: OurAddress | undefined, numbers: EmergencyNumbers): string | undefined {
  if (uri instanceof OpaqueUri) return emergencyService.test(uri.toString()) ? numbers.emergencyNumber() : undefined;
  if (uri instanceof TelUri) {
    if (uri.isGlobal || numbers.isEmergency(uri.digits)) return uri.digits;
    const { phoneContext = '' } = uri;
    if (address !== undefined) return address.user;
    return phoneContext.startsWith('+') ? phoneContext.replace(separators, '') + uri.digits : undefined;
  }
  if (!(uri instanceof SipUri) || address?.user === undefined || !mayBeNumber.test(address.user)) return undefined;
  const [number = ''] = address.user.split(';', 1);
  return /^\+?[-.() ]*[\d*#][\d*#.() -]*$/.test(number) ? number.replace(separators, '') : undefined;
}

/** The gateways by prefix: the longest prefix that fits a number decides, of equal ones the first. */
export class Gateways {
  readonly #byPrefix = new Map<string, Gateway>();
  readonly #hosts: ReadonlySet<string>;
  readonly #places: ReadonlySet<string>;
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
    this.#places = new Set(gateways.map(({ uri }) => placeOf(uri)));
    this.#hosts = new Set(gateways.map(({ uri }) => comparableHost(uri.host)));
  }

  /** Whether an address is at one of them. */
  isAt(uri: SipUri): boolean {
    return !uri.parameters.has('maddr') && this.hasHost(uri.host);
  }

  /** Whether one of them is named so, or has that address. */
  hasHost(host: string): boolean {
    return this.#hosts.size > 0 && this.#hosts.has(comparableHost(host));
  }

  /** Whether one of them is at an address and port. */
  isPlace(address: string, port: number): boolean {
    return this.#places.has(placeAt(address, port));
  }

  /** What else a number is written as: what its gateway is told, and what a gateway is told so when another one is dialled. */
  spellings(number: string): readonly string[] {
    const own = this.find(number);
    const dialled = [...this.#byPrefix].flatMap(([prefix, { strip, prepend }]) => {
      const other = prefix.slice(0, strip) + number.slice(prepend.length);
      return number.startsWith(prepend) && prefix.length >= strip && other.startsWith(prefix) ? [other] : [];
    });
    return own === undefined ? dialled : [told(own, number), ...dialled];
  }

  find(number: string): Gateway | undefined {
    for (let length = Math.min(this.#longest, number.length); length >= 0; length -= 1) {
      const gateway = this.#byPrefix.get(number.slice(0, length));
      if (gateway !== undefined) return gateway;
    }
    return undefined;
  }
}

function told({ strip, prepend }: Gateway, number: string): string {
  return prepend + number.slice(strip);
}

/** The address of a number at a gateway (RFC 3261 19.1.6), in the scheme of the call. */
export function addressAt(gateway: Gateway, number: string, secure: boolean): SipUri {
  const { uri } = gateway;
  return uri.with({
    scheme: secure ? 'sips' : uri.scheme,
    user: told(gateway, number),
    parameters: [...uri.parameters.without('user'), ['user', 'phone']],
  });
}
