import type { HashAlgorithm, Hashes } from '../context.ts';

/** All that RFC 8760 lets SIP use, strongest first. */
export const digestAlgorithms: readonly HashAlgorithm[] = ['SHA-512-256', 'SHA-256', 'MD5'];

/** H(A1) of one user for each algorithm: what a server stores in place of the password (RFC 7616 5.2). */
export type CredentialHashes = Readonly<Record<HashAlgorithm, string>>;

/** The values that go into a `response` parameter, without their quotes. */
export interface DigestInput {
  readonly algorithm: HashAlgorithm;
  /** H(A1), see {@link hashCredentials} and {@link sessionHash}. */
  readonly ha1: string;
  /** Empty for `rspauth` (RFC 7616 3.5). */
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly nonceCount: string;
  readonly cnonce: string;
}

/** H(username:realm:password) for every algorithm. Texts are latin1, so UTF-8 must be encoded before. */
export function hashCredentials(hashes: Hashes, username: string, realm: string, password: string): CredentialHashes {
  const a1 = `${username}:${realm}:${password}`;
  return {
    'SHA-512-256': hashes.hash('SHA-512-256', a1),
    'SHA-256': hashes.hash('SHA-256', a1),
    MD5: hashes.hash('MD5', a1),
  };
}

/** H(A1) of the `-sess` variants (RFC 7616 3.4.2). */
export function sessionHash(
  hashes: Hashes,
  algorithm: HashAlgorithm,
  ha1: string,
  nonce: string,
  cnonce: string,
): string {
  return hashes.hash(algorithm, `${ha1}:${nonce}:${cnonce}`);
}

/** The `response` (or `rspauth`) parameter for qop `auth` (RFC 7616 3.4.1). */
export function digestResponse(hashes: Hashes, input: DigestInput): string {
  const ha2 = hashes.hash(input.algorithm, `${input.method}:${input.uri}`);
  return hashes.hash(input.algorithm, `${input.ha1}:${input.nonce}:${input.nonceCount}:${input.cnonce}:auth:${ha2}`);
}

/** The `response` parameter for a server that offers no qop (RFC 2069; RFC 3261 22.4, item 8). */
export function legacyDigestResponse(hashes: Hashes, input: Omit<DigestInput, 'nonceCount' | 'cnonce'>): string {
  const ha2 = hashes.hash(input.algorithm, `${input.method}:${input.uri}`);
  return hashes.hash(input.algorithm, `${input.ha1}:${input.nonce}:${ha2}`);
}

/** Compares without telling by its time where two texts differ; only their lengths can be learnt. */
export function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % Math.max(b.length, 1));
  return difference === 0;
}
