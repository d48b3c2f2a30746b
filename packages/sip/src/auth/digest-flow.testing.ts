import { SipRequest } from '../message/message.ts';
import type { SipResponse } from '../message/message.ts';
import type { HeaderInit } from '../message/header.ts';
import type { Credentials, CredentialStore } from './credential-store.ts';
import type { DigestClient } from './digest-client.ts';
import { hashCredentials } from './digest.ts';
import type { Verification } from './digest-verifier.ts';
import { portableHashes } from './portable-hashes.ts';

export const realm = 'example.com';

/** A store with one user, `alice` with the password `secret`. */
export function storeOfAlice(): CredentialStore {
  const alice: Credentials = { username: 'alice', ha1: hashCredentials(portableHashes, 'alice', realm, 'secret') };
  return { find: (asked, username) => (asked === realm && username === 'alice' ? alice : undefined) };
}

/** A request as it reaches a server. */
export function requestOf(
  method = 'REGISTER',
  requestUri = 'sip:example.com',
  headers: readonly HeaderInit[] = [],
): SipRequest {
  return SipRequest.create({
    method,
    requestUri,
    headers: [
      ['Via', 'SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1'],
      ['From', '<sip:alice@example.com>;tag=1'],
      ['To', '<sip:alice@example.com>'],
      ['Call-ID', 'call-1'],
      ['CSeq', `1 ${method}`],
      ['Max-Forwards', '70'],
      ...headers,
    ],
  });
}

/** The response that a verification makes. */
export function responseOf(request: SipRequest, verification: Verification | Promise<Verification>): SipResponse {
  if (verification instanceof Promise || verification.kind !== 'challenge') throw new Error('not a challenge');
  return request.createResponse(verification.status, { headers: verification.headers });
}

/** The request with the answer to the challenge. Throws when the client does not answer. */
export function answered(client: DigestClient, request: SipRequest, response: SipResponse): SipRequest {
  const answer = client.answer(request, response);
  if (answer instanceof SipRequest) return answer;
  throw new Error(`refused: ${answer.reason}`);
}

/** The request with one parameter of its credentials changed by hand; the digest stays as it was. */
export function tampered(request: SipRequest, from: RegExp, to: string): SipRequest {
  const credentials = request.raw('Authorization') ?? '';
  const changed = credentials.replace(from, to);
  if (changed === credentials) throw new Error(`nothing to change: ${credentials}`);
  return request.edit().set('Authorization', changed).toMessage();
}
