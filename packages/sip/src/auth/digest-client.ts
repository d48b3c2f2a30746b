import type { HashAlgorithm, SipContext } from '../context.ts';
import { SyntaxFault } from '../message/fault.ts';
import { AuthenticationInfo } from '../message/headers/authentication-info.ts';
import { Authorization } from '../message/headers/authorization.ts';
import { ProxyAuthenticationInfo } from '../message/headers/proxy-authentication-info.ts';
import { ProxyAuthorization } from '../message/headers/proxy-authorization.ts';
import { parseAuthentication, printCredentials } from '../message/headers/shapes/authentication.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { digestAlgorithms } from './digest.ts';
import type { DigestChallenge } from './challenge.ts';
import { readChallenge } from './challenge.ts';
import type { ServerProof, UserPassword } from './digest-session.ts';
import { DigestSession } from './digest-session.ts';

/** Which challenges are answered (RFC 8760 2.4). */
export interface DigestClientOptions {
  /** What this side is willing to use; among the challenges of a realm the topmost of them is answered. */
  readonly algorithms?: readonly HashAlgorithm[];
}

/** Why a challenge is not answered. `wrong`: the server has seen these credentials and wants others. */
export interface DigestRefusal {
  readonly kind: 'refused';
  readonly reason: 'no-challenge' | 'unsupported' | 'no-credentials' | 'wrong';
  readonly realm: string | undefined;
}

const fields = [
  {
    challenge: 'WWW-Authenticate',
    credentials: 'Authorization',
    credentialsType: Authorization,
    info: AuthenticationInfo,
  },
  {
    challenge: 'Proxy-Authenticate',
    credentials: 'Proxy-Authorization',
    credentialsType: ProxyAuthorization,
    info: ProxyAuthenticationInfo,
  },
] as const;
type Field = (typeof fields)[number];

const maximumSessions = 16;

/**
 * The client side of digest authentication for one account (RFC 3261 22.2 and 22.3, RFC 7616, RFC 8760). Remembers
 * the last challenge of each realm, so that later requests carry credentials from the start.
 */
export class DigestClient {
  readonly #context: Pick<SipContext, 'hashes' | 'random'>;
  readonly #find: (realm: string) => UserPassword | undefined;
  readonly #algorithms: readonly HashAlgorithm[];
  readonly #sessions = new Map<string, DigestSession>();

  constructor(
    context: Pick<SipContext, 'hashes' | 'random'>,
    find: (realm: string) => UserPassword | undefined,
    options: DigestClientOptions = {},
  ) {
    this.#context = context;
    this.#find = find;
    this.#algorithms = options.algorithms ?? digestAlgorithms;
  }

  /**
   * The request to send after a 401 or 407: the same with credentials for every realm that asked and is known, and
   * the next CSeq number (RFC 3261 22.2). `request` is the one that was answered, without its Via of this side.
   */
  answer(request: SipRequest, response: SipResponse): SipRequest | DigestRefusal {
    let answered = false;
    let refusal: DigestRefusal | undefined;
    for (const field of fields) {
      for (const [realm, challenge] of this.#challenges(response, field)) {
        const reason = challenge === undefined ? 'unsupported' : this.#accept(request, field, challenge);
        if (reason === undefined) answered = true;
        else if (reason === 'wrong') return { kind: 'refused', reason, realm };
        else refusal ??= { kind: 'refused', reason, realm };
      }
    }
    if (!answered) return refusal ?? { kind: 'refused', reason: 'no-challenge', realm: undefined };
    return this.#withCredentials(request, request.cseqNumber + 1);
  }

  /** The request with credentials for the realms that have asked before; the same request when none has. */
  authorize(request: SipRequest): SipRequest {
    return this.#sessions.size === 0 ? request : this.#withCredentials(request, request.cseqNumber);
  }

  /**
   * Learns from the answer to a request with credentials (RFC 7616 3.5): the nonce to use next, and whether the server
   * knows the secret, too. Undefined when it says nothing of that, as most do not. `request` is the one that was
   * answered.
   */
  learn(request: SipRequest, response: SipResponse): ServerProof | undefined {
    let proof: ServerProof | undefined;
    for (const field of fields) {
      const info = response.get(field.info);
      if (info === undefined || info instanceof SyntaxFault) continue;
      // The field names no realm: it speaks of the credentials that have its counts, or of the only ones there are.
      const used = request.all(field.credentialsType);
      if (used instanceof SyntaxFault) continue;
      const matching = used.filter(({ parameters }) => parameters.get('cnonce') === info.get('cnonce'));
      const [credentials, ...more] = info.has('cnonce') ? matching : used;
      if (credentials === undefined || more.length > 0) continue;
      const session = this.#sessions.get(`${field.credentials}\n${credentials.parameters.get('realm') ?? ''}`);
      const learnt = session?.learn(credentials.parameters, info);
      if (proof !== 'disproved') proof = learnt ?? proof;
    }
    return proof;
  }

  /** The challenge to answer of each realm, undefined where none is understood. */
  #challenges(response: SipResponse, field: Field): Map<string, DigestChallenge | undefined> {
    const chosen = new Map<string, DigestChallenge | undefined>();
    for (const text of response.rawAll(field.challenge)) {
      const read = readChallenge(text);
      if (read === undefined) continue;
      if (chosen.get(read.realm) !== undefined) continue;
      chosen.set(read.realm, this.#isUsable(read) ? read : undefined);
    }
    return chosen;
  }

  #isUsable(challenge: DigestChallenge): boolean {
    if (challenge.algorithm === undefined || !this.#algorithms.includes(challenge.algorithm)) return false;
    return challenge.session ? challenge.qop === 'auth' : challenge.qop !== 'other';
  }

  #accept(request: SipRequest, field: Field, challenge: DigestChallenge): 'no-credentials' | 'wrong' | undefined {
    const key = `${field.credentials}\n${challenge.realm}`;
    const session = this.#sessions.get(key);
    const used = usedNonce(request, field, challenge.realm);
    if (session !== undefined && used !== undefined && !session.mayRetry(used, challenge)) {
      this.#sessions.delete(key);
      return 'wrong';
    }
    const user = this.#find(challenge.realm);
    if (user === undefined || challenge.algorithm === undefined) return 'no-credentials';
    this.#sessions.delete(key);
    const successor = new DigestSession(this.#context, user, { ...challenge, algorithm: challenge.algorithm });
    this.#sessions.set(key, successor);
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= maximumSessions) break;
      this.#sessions.delete(oldest);
    }
    return undefined;
  }

  #withCredentials(request: SipRequest, cseqNumber: number): SipRequest {
    const edit = request.edit();
    for (const field of fields) edit.remove(field.credentials);
    for (const [key, session] of this.#sessions) {
      const name = key.slice(0, key.indexOf('\n'));
      const parameters = session.credentials(request.method, request.requestUriText);
      edit.append(name, printCredentials({ scheme: 'Digest', parameters }));
    }
    if (cseqNumber !== request.cseqNumber) edit.set('CSeq', `${cseqNumber} ${request.method}`);
    return edit.toMessage();
  }
}

/** The nonce and count that the request answered this realm with before. */
function usedNonce(request: SipRequest, field: Field, realm: string): { nonce: string; count: string } | undefined {
  for (const text of request.rawAll(field.credentials)) {
    const credentials = parseAuthentication(text);
    if (credentials instanceof SyntaxFault || credentials.parameters.get('realm') !== realm) continue;
    return { nonce: credentials.parameters.get('nonce') ?? '', count: credentials.parameters.get('nc') ?? '' };
  }
  return undefined;
}
