import type { HashAlgorithm, SipContext } from '../context.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipRequest } from '../message/message.ts';
import { whenKnown } from '../when-known.ts';
import type { Credentials, CredentialStore } from './credential-store.ts';
import type { DigestCredentials } from './credentials.ts';
import { readCredentials } from './credentials.ts';
import { digestAlgorithms, digestResponse, equalInConstantTime } from './digest.ts';
import type { CredentialHashes } from './digest.ts';
import { namesSameResource } from './digest-uri.ts';
import type { FailureThrottle } from './failure-throttle.ts';
import { NonceCountWindows } from './nonce-count-windows.ts';
import type { NonceFacts } from './nonce.ts';
import { NonceMint } from './nonce.ts';
import { challengeHeaders, mutualProof } from './server-headers.ts';

/** In which role a server asks: as the request's end (401) or on its way (407) (RFC 3261 22.2, 22.3). */
export type AuthenticationRole = 'user-agent-server' | 'proxy';

/** Which digests are asked for, how long nonces live, and who is made to wait (RFC 7616, RFC 8760). */
export interface DigestVerifierOptions {
  /** The algorithms to offer, most preferred first (RFC 8760 2.3). All three by default. */
  readonly algorithms?: readonly HashAlgorithm[];
  /** How long a nonce is good for, in milliseconds. */
  readonly nonceLifetime?: number;
  /** How many nonces in use are remembered for their counts; 20,000 without it. */
  readonly rememberedNonces?: number;
  readonly opaque?: string;
  readonly throttle?: FailureThrottle;
  /** Whether a host name means this server: proxies may write one of our names for another (RFC 3261 22.4 6). */
  readonly isOurHost?: (host: string) => boolean;
  /** Proves to the client that the server knows the secret too, with Authentication-Info (RFC 7616 3.5). */
  readonly mutual?: boolean;
}

/** Who asks, for which realm, and where the request came from. */
export interface VerificationScope {
  readonly realm: string;
  readonly role: AuthenticationRole;
  /** The address that the request came from, or the network that shares one fate with it. */
  readonly source: string;
}

/** Why there is a challenge. Only `stale` and `replayed` are told to the client, as `stale=true`. */
export type ChallengeReason = 'none' | 'stale' | 'replayed' | 'algorithm' | 'wrong';

/** What is answered to a request without credentials that hold (RFC 3261 22). */
export interface Challenge {
  readonly kind: 'challenge';
  readonly status: 401 | 407;
  readonly headers: readonly HeaderInit[];
  readonly reason: ChallengeReason;
}

/** Who has proved who he is, or what he is asked for. */
export type Verification =
  | {
      readonly kind: 'authenticated';
      readonly username: string;
      readonly realm: string;
      readonly algorithm: HashAlgorithm;
      /** For the response to the request; empty unless `mutual`. */
      readonly headers: readonly HeaderInit[];
    }
  | Challenge
  /** Too many wrong answers: nothing was looked at. `retryAfter` is in seconds. */
  | { readonly kind: 'forbidden'; readonly status: 403; readonly retryAfter: number }
  | { readonly kind: 'malformed'; readonly status: 400; readonly reason: string };

/** How a verification ended, for counting: a challenge by why it was given. */
export type VerificationResult = 'authenticated' | 'challenged' | 'wrong' | 'replayed' | 'blocked' | 'malformed';

function resultOf(verification: Verification): VerificationResult {
  switch (verification.kind) {
    case 'challenge':
      return verification.reason === 'wrong' || verification.reason === 'replayed' ? verification.reason : 'challenged';
    case 'forbidden':
      return 'blocked';
    case 'authenticated':
    case 'malformed':
      return verification.kind;
  }
}

/** Hashed where there is none to hash, which is as long. */
const standIns: CredentialHashes = {
  'SHA-512-256': '0'.repeat(64),
  'SHA-256': '0'.repeat(64),
  MD5: '0'.repeat(32),
};

const fieldNames = { 'user-agent-server': 'Authorization', proxy: 'Proxy-Authorization' } as const;

/**
 * The server side of digest authentication (RFC 7616, RFC 8760, RFC 3261 22). Not for ACK and CANCEL, which cannot be
 * challenged (RFC 3261 22.1). An unknown user and a wrong password take the same steps to the same answer.
 */
export class DigestVerifier {
  readonly #context: SipContext;
  readonly #store: CredentialStore;
  readonly #options: DigestVerifierOptions;
  readonly #algorithms: readonly HashAlgorithm[];
  readonly #lifetime: number;
  /** One for each realm, with keys of its own: a nonce of one realm means nothing in another. */
  readonly #mints = new Map<string, NonceMint>();
  readonly #windows: NonceCountWindows;
  readonly #isOurHost: (host: string) => boolean;
  readonly #results: Record<VerificationResult, number> = {
    authenticated: 0,
    challenged: 0,
    wrong: 0,
    replayed: 0,
    blocked: 0,
    malformed: 0,
  };

  constructor(context: SipContext, store: CredentialStore, options: DigestVerifierOptions = {}) {
    this.#context = context;
    this.#store = store;
    this.#options = options;
    this.#algorithms = options.algorithms ?? digestAlgorithms;
    this.#lifetime = options.nonceLifetime ?? 300_000;
    this.#windows = new NonceCountWindows(options.rememberedNonces);
    this.#isOurHost = options.isOurHost ?? (() => false);
  }

  /** Checks a request. Answers without a promise when the store does. */
  verify(request: SipRequest, scope: VerificationScope): Verification | Promise<Verification> {
    return whenKnown(this.#verify(request, scope), (verification) => this.#counted(verification));
  }

  #counted(verification: Verification): Verification {
    this.#results[resultOf(verification)] += 1;
    return verification;
  }

  #verify(request: SipRequest, scope: VerificationScope): Verification | Promise<Verification> {
    const credentials = this.#choose(request, scope);
    if (credentials === undefined) return this.challenge(scope, 'none');
    if (credentials instanceof SyntaxFault) return malformed(credentials.reason);
    const algorithm = this.#algorithms.find((each) => each === credentials.algorithm);
    if (algorithm === undefined) return this.challenge(scope, 'algorithm');
    if (!namesSameResource(credentials.uri, request, this.#isOurHost)) {
      return malformed('the credentials are for another Request-URI');
    }
    const nonce = this.#mint(scope.realm).check(credentials.nonce);
    // Nothing is said about the password before the nonce is known to be ours: so every guess costs a challenge.
    if (nonce === 'foreign' || nonce === 'aged') return this.challenge(scope, 'stale');
    const blocked = this.#options.throttle?.blockedFor(nonce.origin, credentials.username) ?? 0;
    if (blocked > 0) return { kind: 'forbidden', status: 403, retryAfter: Math.ceil(blocked / 1000) };
    return whenKnown(this.#store.find(scope.realm, credentials.username), (user) =>
      this.#compare(request, scope, credentials, algorithm, nonce, user),
    );
  }

  /** A challenge with one header field for each algorithm. */
  challenge(scope: VerificationScope, reason: ChallengeReason): Challenge {
    const headers = challengeHeaders({
      name: scope.role === 'proxy' ? 'Proxy-Authenticate' : 'WWW-Authenticate',
      realm: scope.realm,
      nonce: this.#mint(scope.realm).mint(scope.source),
      algorithms: this.#algorithms,
      opaque: this.#options.opaque,
      stale: reason === 'stale' || reason === 'replayed',
    });
    return { kind: 'challenge', status: scope.role === 'proxy' ? 407 : 401, headers, reason };
  }

  /** What is remembered now, and how the verifications so far ended. */
  stats(): { readonly rememberedNonces: number; readonly results: Readonly<Record<VerificationResult, number>> } {
    return { rememberedNonces: this.#windows.size, results: this.#results };
  }

  #compare(
    request: SipRequest,
    scope: VerificationScope,
    credentials: DigestCredentials,
    algorithm: HashAlgorithm,
    nonce: NonceFacts,
    user: Credentials | undefined,
  ): Verification {
    const { hashes, clock } = this.#context;
    const { username, realm } = credentials;
    const known = user?.ha1[algorithm];
    const ha1 = known ?? this.#store.decoy?.(realm, username)?.ha1[algorithm] ?? standIns[algorithm];
    const input = { ...credentials, algorithm, ha1, method: request.method };
    const right = equalInConstantTime(credentials.response, digestResponse(hashes, input)) && known !== undefined;
    if (!right) {
      this.#options.throttle?.failed(nonce.origin, username);
      return this.challenge(scope, 'wrong');
    }
    this.#windows.forgetBefore(clock.date() - this.#lifetime);
    if (!this.#windows.use(credentials.nonce, nonce.mintedAt, Number.parseInt(credentials.nonceCount, 16))) {
      return this.challenge(scope, 'replayed');
    }
    this.#options.throttle?.succeeded(nonce.origin, username);
    const mutual = this.#options.mutual === true && scope.role === 'user-agent-server';
    return {
      kind: 'authenticated',
      username,
      realm,
      algorithm,
      headers: mutual ? [mutualProof(hashes, input)] : [],
    };
  }

  /**
   * Ours among the credentials: those of our realm, best one with an algorithm on offer and a nonce of ours. Proxies
   * on the way may share the realm and have their own (RFC 3261 22.3).
   */
  #choose(request: SipRequest, scope: VerificationScope): DigestCredentials | SyntaxFault | undefined {
    const candidates: DigestCredentials[] = [];
    let fault: SyntaxFault | undefined;
    for (const text of request.rawAll(fieldNames[scope.role])) {
      const credentials = readCredentials(text, scope.realm);
      if (credentials instanceof SyntaxFault) fault ??= credentials;
      else if (credentials !== 'other') candidates.push(credentials);
    }
    if (candidates.length <= 1) return candidates[0] ?? fault;
    return candidates.find((each) => this.#isOurs(each, scope.realm)) ?? candidates[0];
  }

  #isOurs(credentials: DigestCredentials, realm: string): boolean {
    return (
      this.#algorithms.some((each) => each === credentials.algorithm) &&
      this.#mint(realm).check(credentials.nonce) !== 'foreign'
    );
  }

  #mint(realm: string): NonceMint {
    let mint = this.#mints.get(realm);
    if (mint === undefined) {
      mint = new NonceMint(this.#context, this.#lifetime);
      this.#mints.set(realm, mint);
    }
    return mint;
  }
}

function malformed(reason: string): Verification {
  return { kind: 'malformed', status: 400, reason };
}
