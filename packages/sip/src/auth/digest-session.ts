import type { HashAlgorithm, SipContext } from '../context.ts';
import type { AuthenticationParameters } from '../message/headers/shapes/authentication.ts';
import type { DigestChallenge } from './challenge.ts';
import { digestResponse, equalInConstantTime, legacyDigestResponse, sessionHash } from './digest.ts';

/** A user's name and password in one realm; texts are latin1, so UTF-8 must be encoded before. */
export interface UserPassword {
  readonly username: string;
  readonly password: string;
}

/** Whether the server has shown that it knows the secret, too, or failed to. */
export type ServerProof = 'proved' | 'disproved';

/** One nonce in use with one realm: counts its uses (RFC 7616 3.4, `nc`). */
export class DigestSession {
  readonly #context: Pick<SipContext, 'hashes' | 'random'>;
  readonly #username: string;
  readonly #challenge: DigestChallenge & { readonly algorithm: HashAlgorithm };
  readonly #ha1: string;
  /** Fixed for the `-sess` variants, whose H(A1) holds it; fresh for each request otherwise. */
  readonly #sessionCnonce: string | undefined;
  #nonce: string;
  #count = 0;

  constructor(
    context: Pick<SipContext, 'hashes' | 'random'>,
    user: UserPassword,
    challenge: DigestChallenge & { readonly algorithm: HashAlgorithm },
  ) {
    const { algorithm, nonce, realm } = challenge;
    this.#context = context;
    this.#username = user.username;
    this.#challenge = challenge;
    this.#nonce = nonce;
    this.#sessionCnonce = challenge.session ? context.random.token() : undefined;
    const ha1 = context.hashes.hash(algorithm, `${user.username}:${realm}:${user.password}`);
    this.#ha1 =
      this.#sessionCnonce === undefined ? ha1 : sessionHash(context.hashes, algorithm, ha1, nonce, this.#sessionCnonce);
  }

  /**
   * Whether a new challenge after credentials with this nonce is worth an answer. A nonce that served before has only
   * aged, said or not; one that was refused at its first use means that the password is wrong, or, once, that it
   * went stale on the way.
   */
  mayRetry(used: { readonly nonce: string; readonly count: string }, challenge: DigestChallenge): boolean {
    if (used.nonce !== this.#nonce || Number.parseInt(used.count, 16) > 1) return true;
    return challenge.stale && !this.#challenge.stale;
  }

  /** The parameters of the next Authorization or Proxy-Authorization header field. */
  credentials(method: string, uri: string): ReadonlyMap<string, string> {
    const { algorithm, algorithmName, opaque, qop, realm } = this.#challenge;
    const nonce = this.#nonce;
    const { hashes, random } = this.#context;
    const parameters = new Map([
      ['username', this.#username],
      ['realm', realm],
      ['nonce', nonce],
      ['uri', uri],
    ]);
    if (algorithmName !== undefined) parameters.set('algorithm', algorithmName);
    if (opaque !== undefined) parameters.set('opaque', opaque);
    if (qop !== 'auth') {
      parameters.set('response', legacyDigestResponse(hashes, { algorithm, ha1: this.#ha1, method, uri, nonce }));
      return parameters;
    }
    this.#count++;
    const nonceCount = this.#count.toString(16).padStart(8, '0');
    const cnonce = this.#sessionCnonce ?? random.token();
    const input = { algorithm, ha1: this.#ha1, method, uri, nonce, nonceCount, cnonce };
    parameters.set('qop', 'auth').set('nc', nonceCount).set('cnonce', cnonce);
    return parameters.set('response', digestResponse(hashes, input));
  }

  /**
   * Reads the Authentication-Info (RFC 7616 3.5) that answers these credentials: takes up the next nonce, and judges the
   * server's own proof. Undefined when there is none.
   */
  learn(credentials: AuthenticationParameters, info: AuthenticationParameters): ServerProof | undefined {
    const proof = info.get('rspauth')?.toLowerCase();
    const right = proof === undefined ? undefined : equalInConstantTime(proof, this.#expectedProof(credentials));
    const nextNonce = info.get('nextnonce');
    // The session hash holds the first nonce, so a session ends with it; and nobody takes a nonce from an impostor.
    if (nextNonce !== undefined && nextNonce !== this.#nonce && this.#sessionCnonce === undefined && right !== false) {
      this.#nonce = nextNonce;
      this.#count = 0;
    }
    if (right === undefined) return undefined;
    return right ? 'proved' : 'disproved';
  }

  #expectedProof(credentials: AuthenticationParameters): string {
    const value = (name: string): string => credentials.get(name) ?? '';
    return digestResponse(this.#context.hashes, {
      algorithm: this.#challenge.algorithm,
      ha1: this.#ha1,
      method: '',
      uri: value('uri'),
      nonce: value('nonce'),
      nonceCount: value('nc'),
      cnonce: value('cnonce'),
    });
  }
}
