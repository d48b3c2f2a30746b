/** The protection that a suite of SDES names (RFC 4568 6.2, RFC 6188 3). */
export interface CryptoSuite {
  readonly name: string;
  /** Bytes of the master key and of the session keys: AES-128 or AES-256. */
  readonly keyLength: 16 | 32;
  /** Bytes of the authentication tag of SRTP; that of SRTCP always has 10. */
  readonly tagLength: 4 | 10;
}

/** Bytes of the master salt and the session salts. */
export const saltLength = 14;
export const controlTagLength = 10;

const suites: readonly CryptoSuite[] = [
  { name: 'AES_256_CM_HMAC_SHA1_80', keyLength: 32, tagLength: 10 },
  { name: 'AES_CM_128_HMAC_SHA1_80', keyLength: 16, tagLength: 10 },
  { name: 'AES_CM_128_HMAC_SHA1_32', keyLength: 16, tagLength: 4 },
];

/** What is offered, best first. */
export const cryptoSuiteNames: readonly string[] = suites.map(({ name }) => name);

export function findCryptoSuite(name: string): CryptoSuite | undefined {
  return suites.find((suite) => suite.name === name);
}
