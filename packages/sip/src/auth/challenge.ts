import type { HashAlgorithm } from '../context.ts';
import { SyntaxFault } from '../message/fault.ts';
import { parseAuthentication } from '../message/headers/shapes/authentication.ts';
import { digestAlgorithms } from './digest.ts';

/** A digest challenge as a client reads it (RFC 7616 3.3). */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  /** Undefined for one that is not known here. */
  readonly algorithm: HashAlgorithm | undefined;
  /** The `-sess` variant of the algorithm. */
  readonly session: boolean;
  /** As the server spelt it; undefined when it named none. */
  readonly algorithmName: string | undefined;
  /** `none` for a server that knows only RFC 2069; `other` for one that offers no `auth`. */
  readonly qop: 'auth' | 'none' | 'other';
  readonly stale: boolean;
  readonly opaque: string | undefined;
}

/** Undefined for another scheme and for a challenge that does not parse: both are to be ignored (RFC 8760 2.4). */
export function readChallenge(text: string): DigestChallenge | undefined {
  const authentication = parseAuthentication(text);
  if (authentication instanceof SyntaxFault || authentication.scheme.toLowerCase() !== 'digest') return undefined;
  const { parameters } = authentication;
  const realm = parameters.get('realm');
  const nonce = parameters.get('nonce');
  if (realm === undefined || nonce === undefined) return undefined;
  const algorithmName = parameters.get('algorithm');
  const upper = algorithmName?.toUpperCase() ?? 'MD5';
  const session = upper.endsWith('-SESS');
  const name = session ? upper.slice(0, -'-SESS'.length) : upper;
  const qops = parameters.get('qop')?.toLowerCase().split(',');
  return {
    realm,
    nonce,
    algorithm: digestAlgorithms.find((each) => each === name),
    session,
    algorithmName,
    qop: qops === undefined ? 'none' : qops.some((each) => each.trim() === 'auth') ? 'auth' : 'other',
    stale: parameters.get('stale')?.toLowerCase() === 'true',
    opaque: parameters.get('opaque'),
  };
}
