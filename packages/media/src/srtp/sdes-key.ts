import type { CryptoAttribute, RandomSource } from '@switchhook/sip';
import { cryptoSuiteNames, findCryptoSuite, saltLength, type CryptoSuite } from './crypto-suite.ts';

/** A master key as an a=crypto line carries it (RFC 4568 6.1). */
export interface SdesKey {
  readonly suite: CryptoSuite;
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
  /** What stands between packet and tag to tell the key; empty where there is none. */
  readonly masterKeyIdentifier: Uint8Array;
  /** Packets of SRTP, and of SRTCP, that may be protected with it. */
  readonly lifetime: number;
}

/** Packets of SRTP (RFC 3711 9.2); those of SRTCP have an index of 31 bits and end sooner. */
const longestLifetime = 2 ** 48;
const longestIdentifier = 128;
const restPattern =
  /^(?:\|(?<lifetime>[1-9]\d*|2\^[1-9]\d?))?(?:\|(?<mki>[1-9]\d{0,15}):(?<length>[1-9]\d{0,2}))?(?: .*)?$/;

/** Reads a key; undefined where the suite is unknown or the text does not make one. */
export function readSdesKey({ suite: name, key, rest = '' }: CryptoAttribute): SdesKey | undefined {
  const suite = findCryptoSuite(name);
  const bytes = Buffer.from(key, 'base64');
  const match = restPattern.exec(rest);
  if (suite === undefined || match === null || bytes.length !== suite.keyLength + saltLength) return undefined;
  const { lifetime, mki, length } = match.groups ?? {};
  const packets = lifetimeOf(lifetime);
  const masterKeyIdentifier = identifierOf(mki, length);
  if (packets > longestLifetime || masterKeyIdentifier === undefined) return undefined;
  return {
    suite,
    masterKey: bytes.subarray(0, suite.keyLength),
    masterSalt: bytes.subarray(suite.keyLength),
    masterKeyIdentifier,
    lifetime: packets,
  };
}

function lifetimeOf(text: string | undefined): number {
  if (text === undefined) return longestLifetime;
  return text.startsWith('2^') ? 2 ** Number(text.slice(2)) : Number(text);
}

/** The number in so many bytes; undefined where it does not fit. */
function identifierOf(number: string | undefined, length: string | undefined): Uint8Array | undefined {
  if (number === undefined) return new Uint8Array(0);
  const bytes = Number(length);
  const hex = BigInt(number).toString(16);
  if (bytes > longestIdentifier || hex.length > 2 * bytes) return undefined;
  return Buffer.from(hex.padStart(2 * bytes, '0'), 'hex');
}

/** A new key for each of the suites, tagged from 1 on. */
export function createSdesKeys(random: RandomSource, suites: readonly string[] = cryptoSuiteNames): CryptoAttribute[] {
  return suites.map((name, index) => {
    const length = (findCryptoSuite(name)?.keyLength ?? 0) + saltLength;
    return { tag: index + 1, suite: name, key: Buffer.from(random.bytes(length)).toString('base64') };
  });
}
