import { hash } from 'node:crypto';
import type { HashAlgorithm } from '@switchhook/sip';
import type { Account } from './account.ts';

/** The unreserved user characters of RFC 3261 25.1, which need no escape in any URI or digest; the length is ours. */
export const userSyntax = /^[A-Za-z0-9\-_.!~*'()&=+$,;?/]{1,128}$/;

/** What people are called: on one line, with nothing that steers a terminal. */
export const nameSyntax = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,200}$/u;

/** An account with what proves that somebody is who owns it. */
export interface Subscriber extends Account {
  /** For people. */
  readonly name?: string;
  /** H(user:realm:password) of RFC 7616 3.4.2 for each algorithm the subscriber can answer with. */
  readonly credentials: Readonly<Partial<Record<HashAlgorithm, string>>>;
}

/** The hashes of a password for every algorithm of RFC 8760. */
export function hashPassword(user: string, realm: string, password: string): Record<HashAlgorithm, string> {
  const secret = `${user}:${realm}:${password}`;
  return {
    MD5: hash('md5', secret),
    'SHA-256': hash('sha256', secret),
    'SHA-512-256': hash('sha512-256', secret),
  };
}

/** `alice@example.com`: the way a subscriber is named to people and in maps. */
export function subscriberKey(user: string, domain: string): string {
  return `${user}@${domain}`;
}

/**
 * The canonical address of record (RFC 3261 10.3 step 5), the key of the location service. Users here hold only
 * characters that a URI never escapes.
 */
export function addressOfRecord(user: string, domain: string): string {
  return domain.includes(':') ? `sip:${user}@[${domain}]` : `sip:${user}@${domain}`;
}
