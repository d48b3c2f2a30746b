import type { CryptoAttribute } from './media.ts';

/** Octets of the master key and the master salt together (RFC 4568 6.2, RFC 6188, RFC 7714 14.2). */
const keyLengths: Readonly<Record<string, number>> = {
  AES_CM_128_HMAC_SHA1_80: 30,
  AES_CM_128_HMAC_SHA1_32: 30,
  F8_128_HMAC_SHA1_80: 30,
  AES_192_CM_HMAC_SHA1_80: 38,
  AES_192_CM_HMAC_SHA1_32: 38,
  AES_256_CM_HMAC_SHA1_80: 46,
  AES_256_CM_HMAC_SHA1_32: 46,
  AEAD_AES_128_GCM: 28,
  AEAD_AES_256_GCM: 44,
};

/** One key, with its lifetime and MKI perhaps. Several keys in one line are not for a telephone. */
const cryptoPattern =
  /^a=crypto:(\d{1,9}) ([\w]{1,64}) inline:([A-Za-z0-9+/]{1,128}={0,2})((?:\|[0-9:^]{1,32}){0,2})((?: \S{1,64})*) *$/;

/**
 * Reads a line a=crypto (RFC 4568 9.1); undefined when it is another line, or no key that could be used. One with
 * an unknown session parameter is not to be chosen, unless a hyphen says that it may be passed over (6.3.7).
 */
export function parseCrypto(line: string): CryptoAttribute | undefined {
  const [, tag, suite = '', key = '', rest = '', parameters = ''] = cryptoPattern.exec(line) ?? [];
  if (tag === undefined || !hasLength(key, keyLengths[suite]) || !isPassable(parameters)) return undefined;
  return { tag: Number(tag), suite, key, ...(rest !== '' && { rest }) };
}

/** The value of an a=crypto line. */
export function printCrypto({ tag, suite, key, rest = '' }: CryptoAttribute): string {
  return `${tag} ${suite} inline:${key}${rest}`;
}

/** The first of the far end's keys whose suite is among `suites`: the offerer's order counts (RFC 4568 7.1.2). */
export function chooseCrypto(
  offered: readonly CryptoAttribute[],
  suites: readonly string[],
): CryptoAttribute | undefined {
  return offered.find(({ suite }) => suites.includes(suite));
}

function hasLength(key: string, octets: number | undefined): boolean {
  const digits = key.replace(/=+$/, '').length;
  return octets !== undefined && digits === Math.ceil((octets * 4) / 3);
}

/** WSH only speaks of a window that this side may choose itself (RFC 4568 6.3.6). */
function isPassable(sessionParameters: string): boolean {
  return sessionParameters.split(' ').every((each) => each === '' || each.startsWith('-') || /^WSH=\d+$/.test(each));
}
