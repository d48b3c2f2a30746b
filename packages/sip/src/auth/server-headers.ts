import type { HashAlgorithm, Hashes } from '../context.ts';
import { AuthenticationInfo } from '../message/headers/authentication-info.ts';
import { printChallenge } from '../message/headers/shapes/authentication.ts';
import type { HeaderInit } from '../message/header.ts';
import type { DigestInput } from './digest.ts';
import { digestResponse } from './digest.ts';

export interface ChallengeParts {
  readonly name: 'WWW-Authenticate' | 'Proxy-Authenticate';
  readonly realm: string;
  readonly nonce: string;
  readonly algorithms: readonly HashAlgorithm[];
  readonly opaque: string | undefined;
  readonly stale: boolean;
}

/** One header field for each algorithm, in the order of preference (RFC 7616 3.3, RFC 8760 2.3). */
export function challengeHeaders(parts: ChallengeParts): HeaderInit[] {
  return parts.algorithms.map((algorithm) => {
    const parameters = new Map([
      ['realm', parts.realm],
      ['nonce', parts.nonce],
      ['algorithm', algorithm],
      ['qop', 'auth'],
    ]);
    if (parts.opaque !== undefined) parameters.set('opaque', parts.opaque);
    if (parts.stale) parameters.set('stale', 'true');
    return [parts.name, printChallenge({ scheme: 'Digest', parameters })];
  });
}

/** Authentication-Info with `rspauth` for the request that `input` authenticated (RFC 7616 3.5). */
export function mutualProof(hashes: Hashes, input: DigestInput): HeaderInit {
  const parameters = new Map([
    ['qop', 'auth'],
    ['rspauth', digestResponse(hashes, { ...input, method: '' })],
    ['cnonce', input.cnonce],
    ['nc', input.nonceCount],
  ]);
  return [AuthenticationInfo.name, AuthenticationInfo.print(parameters)];
}
