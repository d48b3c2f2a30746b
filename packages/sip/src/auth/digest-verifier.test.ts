import { beforeEach, describe, expect, test } from 'vitest';

import type { SipRequest } from '../message/message.ts';
import type { ManualClock } from '../transport/manual-clock.testing.ts';
import { countingRandom, testContext } from './auth-context.testing.ts';
import { answered, realm, requestOf, responseOf, storeOfAlice, tampered } from './digest-flow.testing.ts';
import { DigestClient } from './digest-client.ts';
import { digestAlgorithms, digestResponse, hashCredentials } from './digest.ts';
import type { CredentialStore } from './credential-store.ts';
import type { DigestVerifierOptions, Verification, VerificationScope } from './digest-verifier.ts';
import { DigestVerifier } from './digest-verifier.ts';
import { FailureThrottle } from './failure-throttle.ts';
import { portableHashes } from './portable-hashes.ts';

const scope: VerificationScope = { realm, role: 'user-agent-server', source: '192.0.2.1' };

let context: ReturnType<typeof testContext>;
let clock: ManualClock;

beforeEach(() => {
  context = testContext();
  clock = context.clock;
});

function verifierWith(options: DigestVerifierOptions = {}): DigestVerifier {
  return new DigestVerifier(context, storeOfAlice(), options);
}

function clientOf(username = 'alice', password = 'secret'): DigestClient {
  return new DigestClient({ hashes: portableHashes, random: countingRandom() }, () => ({ username, password }));
}

function outcome(verification: Verification | Promise<Verification>): string {
  if (verification instanceof Promise) throw new Error('a promise');
  return verification.kind === 'challenge' ? verification.reason : verification.kind;
}

/** A request with right credentials, made from a challenge of this verifier. */
function proven(verifier: DigestVerifier, request = requestOf(), client = clientOf()): SipRequest {
  return answered(client, request, responseOf(request, verifier.verify(request, scope)));
}

describe('challenges', () => {
  test('one header field for each algorithm, in the order of preference, with one nonce', () => {
    const verification = verifierWith().challenge(scope, 'none');
    expect(verification.status).toBe(401);
    expect(verification.headers.map(([name]) => name)).toEqual(Array(3).fill('WWW-Authenticate'));
    const texts = verification.headers.map(([, value]) => String(value));
    expect(texts.map((text) => /algorithm=([^,]+)/.exec(text)?.[1])).toEqual(digestAlgorithms);
    expect(new Set(texts.map((text) => /nonce="(\w+)"/.exec(text)?.[1])).size).toBe(1);
    for (const text of texts) expect(text).toMatch(/^Digest realm="example\.com", .*qop="auth"/);
    for (const text of texts) expect(text).not.toContain('stale');
  });

  test('of a proxy come with 407, and the choice of algorithms is the owner’s', () => {
    const verifier = verifierWith({ algorithms: ['SHA-256'], opaque: 'x"y' });
    const verification = verifier.challenge({ ...scope, role: 'proxy' }, 'none');
    expect(verification.status).toBe(407);
    expect(verification.headers).toHaveLength(1);
    expect(verification.headers[0]?.[0]).toBe('Proxy-Authenticate');
    expect(verification.headers[0]?.[1]).toContain('opaque="x\\"y"');
  });

  test('the realm is quoted', () => {
    const verification = verifierWith().challenge({ ...scope, realm: 'a "b"\\' }, 'none');
    expect(verification.headers[0]?.[1]).toContain('realm="a \\"b\\"\\\\"');
  });
});

describe('verification', () => {
  test.each(digestAlgorithms)('accepts the right password with %s', (algorithm) => {
    const verifier = verifierWith();
    const client = new DigestClient(
      { hashes: portableHashes, random: countingRandom() },
      () => ({ username: 'alice', password: 'secret' }),
      { algorithms: [algorithm] },
    );
    expect(verifier.verify(proven(verifier, requestOf(), client), scope)).toEqual({
      kind: 'authenticated',
      username: 'alice',
      realm,
      algorithm,
      headers: [],
    });
  });

  test('works for a proxy, and does not take Authorization for Proxy-Authorization', () => {
    const verifier = verifierWith();
    const proxy = { ...scope, role: 'proxy' } as const;
    const request = requestOf('INVITE', 'sip:bob@example.com');
    const retry = answered(clientOf(), request, responseOf(request, verifier.verify(request, proxy)));
    expect(retry.cseqNumber).toBe(2);
    expect(outcome(verifier.verify(retry, scope))).toBe('none');
    expect(outcome(verifier.verify(retry, proxy))).toBe('authenticated');
  });

  test('an unknown user and a wrong password get the same answer', () => {
    const verifier = verifierWith();
    const answers = [clientOf('alice', 'guess'), clientOf('nobody', 'guess')].map((client) => {
      const verification = verifier.verify(proven(verifier, requestOf(), client), scope);
      if (verification instanceof Promise || verification.kind !== 'challenge') throw new Error('no challenge');
      const headers = verification.headers.map(([name, value]) => [name, String(value).replace(/nonce="\w+"/, '')]);
      return { ...verification, headers };
    });
    expect(answers[0]?.reason).toBe('wrong');
    expect(answers[1]).toEqual(answers[0]);
  });

  test.each(digestAlgorithms)('%s: who is unknown, or has no hash of it, costs the same hashing', (algorithm) => {
    const ha1OfBob = hashCredentials(portableHashes, 'bobby', realm, 'secret');
    const stores: [username: string, CredentialStore][] = [
      ['alice', storeOfAlice()],
      ['carol', storeOfAlice()],
      ['alice', { find: (_, username) => ({ username, ha1: {} }) }],
      ['carol', { ...storeOfAlice(), decoy: (_, username) => ({ username, ha1: ha1OfBob }) }],
    ];
    const texts: string[][] = [];
    for (const [username, store] of stores) {
      const verifier = verifierWith({ algorithms: [algorithm] });
      const request = proven(verifier, requestOf(), clientOf(username, 'guess'));
      const hashed: string[] = [];
      const hash = context.hashes.hash;
      const counting = new DigestVerifier(
        {
          ...context,
          hashes: {
            ...context.hashes,
            hash: (asked, text) => {
              hashed.push(`${asked} ${text}`);
              return hash(asked, text);
            },
            // Any nonce is ours here, so that the comparison is reached.
            hmac: () => /nonce="\w+(\w{32})"/.exec(request.raw('Authorization') ?? '')?.[1] ?? '',
          },
        },
        store,
        { algorithms: [algorithm] },
      );
      expect(outcome(counting.verify(request, scope))).toBe('wrong');
      texts.push(hashed);
    }
    const [known = [], ...others] = texts.map((hashed) => hashed.map((text) => text.length));
    expect(known.length).toBeGreaterThan(1);
    expect(others).toEqual([known, known, known]);
    expect(texts.map((hashed) => hashed.some((text) => text.includes(ha1OfBob[algorithm])))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  test('waits for a store that answers later', async () => {
    const store = storeOfAlice();
    const verifier = new DigestVerifier(context, {
      find: async (asked, username) => store.find(asked, username),
    });
    const verification = verifier.verify(proven(verifier), scope);
    expect(verification).toBeInstanceOf(Promise);
    expect((await verification).kind).toBe('authenticated');
  });

  test('a user without a hash for the algorithm fails like any other', () => {
    const { MD5 } = hashCredentials(portableHashes, 'alice', realm, 'secret');
    const verifier = new DigestVerifier(context, { find: () => ({ username: 'alice', ha1: { MD5 } }) });
    expect(outcome(verifier.verify(proven(verifier), scope))).toBe('wrong');
  });

  test('credentials of one method do not serve for another', () => {
    const verifier = verifierWith();
    const credentials = proven(verifier, requestOf('OPTIONS')).raw('Authorization') ?? '';
    const request = requestOf('REGISTER', 'sip:example.com', [['Authorization', credentials]]);
    expect(outcome(verifier.verify(request, scope))).toBe('wrong');
  });

  test('an algorithm that was not offered is asked for anew, not accepted', () => {
    const weak = verifierWith({ algorithms: ['MD5'] });
    const request = proven(weak);
    const strong = verifierWith({ algorithms: ['SHA-256'] });
    expect(outcome(strong.verify(request, scope))).toBe('algorithm');
  });

  test('picks our credentials among several', () => {
    const verifier = verifierWith();
    const ours = proven(verifier).raw('Authorization') ?? '';
    const request = requestOf('REGISTER', 'sip:example.com', [
      ['Authorization', 'Basic YWxpY2U6c2VjcmV0'],
      ['Authorization', ours.replace(realm, 'elsewhere.example')],
      ['Authorization', ours.replace(/nonce="\w+"/, 'nonce="of another proxy"')],
      ['Authorization', ours],
    ]);
    expect(outcome(verifier.verify(request, scope))).toBe('authenticated');
  });

  test('user names with quotes and UTF-8 are compared unescaped', () => {
    const username = 'al"ic\\e\xc3\xa9';
    const ha1 = hashCredentials(portableHashes, username, realm, 'secret');
    const verifier = new DigestVerifier(context, {
      find: (_, name) => (name === username ? { username, ha1 } : undefined),
    });
    expect(outcome(verifier.verify(proven(verifier, requestOf(), clientOf(username)), scope))).toBe('authenticated');
  });

  test('the case of hexadecimal digits does not matter', () => {
    const verifier = verifierWith();
    const request = proven(verifier);
    const response = /response="(\w+)"/.exec(request.raw('Authorization') ?? '')?.[1] ?? '';
    expect(
      outcome(verifier.verify(tampered(request, /response="\w+"/, `response="${response.toUpperCase()}"`), scope)),
    ).toBe('authenticated');
  });

  test('who names no qop means auth (RFC 8760 2.6), and his count is held to, too', () => {
    const verifier = verifierWith();
    const request = tampered(proven(verifier), /, qop=auth, /, ', ');
    expect(request.raw('Authorization')).not.toContain('qop');
    expect(outcome(verifier.verify(request, scope))).toBe('authenticated');
    expect(outcome(verifier.verify(request, scope))).toBe('replayed');
  });

  test('username* carries UTF-8', () => {
    const username = 'J\xc3\xa4son';
    const ha1 = hashCredentials(portableHashes, username, realm, 'secret');
    const verifier = new DigestVerifier(context, {
      find: (_, name) => (name === username ? { username, ha1 } : undefined),
    });
    const request = tampered(
      proven(verifier, requestOf(), clientOf(username)),
      /username="[^"]*"/,
      "username*=UTF-8''J%C3%A4son",
    );
    expect(outcome(verifier.verify(request, scope))).toBe('authenticated');
  });
});

describe('nonces', () => {
  test('age: stale after their lifetime, and the next answer is taken', () => {
    const verifier = verifierWith({ nonceLifetime: 1_000 });
    const client = clientOf();
    const request = proven(verifier, requestOf(), client);
    clock.advance(1_001);
    const verification = verifier.verify(request, scope);
    expect(outcome(verification)).toBe('stale');
    const response = responseOf(request, verification);
    expect(response.raw('WWW-Authenticate')).toContain('stale=true');
    expect(outcome(verifier.verify(answered(client, request, response), scope))).toBe('authenticated');
  });

  test.each([
    [300_000, 'authenticated'],
    [300_001, 'stale'],
  ])('that are %i ms old are %s where nothing else is said, as docs/limits.md says', (age, expected) => {
    const verifier = verifierWith();
    const request = proven(verifier);
    clock.advance(age);
    expect(outcome(verifier.verify(request, scope))).toBe(expected);
  });

  test('live for all of their lifetime though the key changes', () => {
    const verifier = verifierWith({ nonceLifetime: 1_000 });
    verifier.challenge(scope, 'none');
    clock.advance(900);
    const request = proven(verifier);
    clock.advance(1_000);
    expect(outcome(verifier.verify(request, scope))).toBe('authenticated');
  });

  test('of somebody else are stale, whatever the password', () => {
    const verifier = verifierWith();
    for (const password of ['secret', 'guess']) {
      const request = proven(verifierWith(), requestOf(), clientOf('alice', password));
      expect(outcome(verifier.verify(request, scope))).toBe('stale');
    }
  });

  test('of another realm are not ours', () => {
    const verifier = verifierWith();
    const request = tampered(
      proven(verifier),
      /nonce="\w+"/,
      /nonce="\w+"/.exec(String(verifier.challenge({ ...scope, realm: 'other' }, 'none').headers[0]?.[1]))?.[0] ?? '',
    );
    expect(outcome(verifier.verify(request, scope))).toBe('stale');
  });

  test('a changed time is noticed', () => {
    const verifier = verifierWith({ nonceLifetime: 1_000 });
    const request = tampered(proven(verifier), /nonce="0/, 'nonce="1');
    expect(outcome(verifier.verify(request, scope))).toBe('stale');
  });

  test('a replayed request is refused, one with the next count taken', () => {
    const verifier = verifierWith();
    const client = clientOf();
    const request = proven(verifier, requestOf(), client);
    expect(outcome(verifier.verify(request, scope))).toBe('authenticated');
    const replay = verifier.verify(request, scope);
    expect(outcome(replay)).toBe('replayed');
    expect(responseOf(request, replay).raw('WWW-Authenticate')).toContain('stale=true');
    expect(outcome(verifier.verify(client.authorize(request), scope))).toBe('authenticated');
  });

  test('remembers a bounded number of them, and takes none that it forgot', () => {
    const verifier = verifierWith({ rememberedNonces: 2 });
    const requests = [1, 2, 3].map(() => {
      clock.advance(1);
      return proven(verifier);
    });
    for (const request of requests) expect(outcome(verifier.verify(request, scope))).toBe('authenticated');
    expect(verifier.stats().rememberedNonces).toBe(2);
    for (const request of requests) expect(outcome(verifier.verify(request, scope))).toBe('replayed');
  });

  test('forgets the counts of aged ones', () => {
    const verifier = verifierWith({ nonceLifetime: 1_000 });
    for (const wait of [1_001, 0]) {
      expect(outcome(verifier.verify(proven(verifier), scope))).toBe('authenticated');
      clock.advance(wait);
    }
    expect(verifier.stats().rememberedNonces).toBe(1);
  });
});

describe('malformed credentials', () => {
  test.each([
    ['neither qop nor nonce count (RFC 2069)', /, qop=auth, nc=00000001/, ''],
    ['neither qop nor cnonce', /, qop=auth(.*), cnonce="[^"]*"/, '$1'],
    ['another qop', /qop=auth/, 'qop=auth-int'],
    ['a short nonce count', /nc=00000001/, 'nc=1'],
    ['a nonce count of none', /nc=00000001/, 'nc=00000000'],
    ['an empty cnonce', /cnonce="[^"]*"/, 'cnonce=""'],
    ['no response', /response=/, 'reply='],
    ['no username', /username=/, 'name='],
    ['a hashed username', /username=/, 'userhash=true, username='],
    ['username and username*', /username=/, "username*=UTF-8''alice, username="],
    ['a doubled parameter', /username=/, 'username="alice", username='],
    ['unbalanced quotes', /response="/, 'response=""'],
  ])('%s: 400', (_, from, to) => {
    const verifier = verifierWith();
    const verification = verifier.verify(tampered(proven(verifier), from, to), scope);
    expect(verification).toMatchObject({ kind: 'malformed', status: 400 });
  });
});

describe('the uri', () => {
  const isOurHost = (host: string): boolean => host === 'example.com' || host === '192.0.2.9';

  function verified(digestUri: string, requestUri: string): string {
    const verifier = verifierWith({ isOurHost });
    const credentials = proven(verifier, requestOf('INVITE', digestUri)).raw('Authorization') ?? '';
    return outcome(verifier.verify(requestOf('INVITE', requestUri, [['Authorization', credentials]]), scope));
  }

  test.each([
    ['sip:bob@example.com', 'sip:bob@example.com;transport=tcp'],
    ['sip:b%6Fb@example.com', 'sip:bob@EXAMPLE.com:5060'],
    ['sip:bob@192.0.2.9', 'sip:bob@example.com'],
    ['tel:+1', 'tel:+1'],
  ])('%s serves for %s', (digestUri, requestUri) => {
    expect(verified(digestUri, requestUri)).toBe('authenticated');
  });

  test.each([
    ['sip:bob@example.com', 'sip:premium@example.com'],
    ['sip:bob@example.com', 'sip:bob@elsewhere.example'],
    ['sip:example.com', 'sip:bob@example.com'],
    ['tel:+1', 'tel:+2'],
  ])('%s does not serve for %s', (digestUri, requestUri) => {
    expect(verified(digestUri, requestUri)).toBe('malformed');
  });
});

describe('throttling', () => {
  const options = { freeFailures: 3, delay: 1_000 };

  test('a guesser is slowed down, without a look at the password; the owner elsewhere is not', () => {
    const throttle = new FailureThrottle(clock, options);
    const verifier = verifierWith({ throttle });
    const guess = (): Verification | Promise<Verification> =>
      verifier.verify(proven(verifier, requestOf(), clientOf('alice', 'guess')), scope);
    for (let i = 0; i < 4; i++) expect(outcome(guess())).toBe('wrong');
    expect(guess()).toEqual({ kind: 'forbidden', status: 403, retryAfter: 1 });
    expect(outcome(verifier.verify(proven(verifier), scope))).toBe('forbidden');
    const home = { ...scope, source: '198.51.100.7' };
    const request = requestOf();
    const fromHome = answered(clientOf(), request, responseOf(request, verifier.verify(request, home)));
    expect(outcome(verifier.verify(fromHome, home))).toBe('authenticated');
    clock.advance(1_000);
    expect(outcome(verifier.verify(proven(verifier), scope))).toBe('authenticated');
  });

  test('the right password clears the wrong ones before it', () => {
    const verifier = verifierWith({ throttle: new FailureThrottle(clock, options) });
    const passwords = ['guess', 'guess', 'guess', 'secret', 'guess', 'guess', 'guess', 'guess', 'secret'];
    const outcomes = passwords.map((password) =>
      outcome(verifier.verify(proven(verifier, requestOf(), clientOf('alice', password)), scope)),
    );
    expect(outcomes.slice(3)).toEqual(['authenticated', 'wrong', 'wrong', 'wrong', 'wrong', 'forbidden']);
  });

  test('failures count for where the nonce went, so a forged source address harms nobody', () => {
    const throttle = new FailureThrottle(clock, options);
    const verifier = verifierWith({ throttle });
    const victim = { ...scope, source: '198.51.100.7' };
    const guesses = Array.from({ length: 9 }, () =>
      outcome(verifier.verify(proven(verifier, requestOf(), clientOf('alice', 'guess')), victim)),
    );
    expect(guesses).toContain('forbidden');
    const request = requestOf();
    const fromHome = answered(clientOf(), request, responseOf(request, verifier.verify(request, victim)));
    expect(outcome(verifier.verify(fromHome, victim))).toBe('authenticated');
    expect(outcome(verifier.verify(proven(verifier), scope))).toBe('forbidden');
  });
});

test('proves its own knowledge of the secret when asked to', () => {
  const verifier = verifierWith({ mutual: true });
  const request = proven(verifier);
  const verification = verifier.verify(request, scope);
  if (verification instanceof Promise || verification.kind !== 'authenticated') throw new Error('not authenticated');
  const parameter = (name: string): string =>
    new RegExp(`\\b${name}="?([^",]*)`).exec(request.raw('Authorization') ?? '')?.[1] ?? '';
  const rspauth = digestResponse(portableHashes, {
    algorithm: 'SHA-512-256',
    ha1: hashCredentials(portableHashes, 'alice', realm, 'secret')['SHA-512-256'],
    method: '',
    uri: 'sip:example.com',
    nonce: parameter('nonce'),
    nonceCount: '00000001',
    cnonce: parameter('cnonce'),
  });
  expect(verification.headers).toEqual([
    ['Authentication-Info', `qop=auth, rspauth="${rspauth}", cnonce="${parameter('cnonce')}", nc=00000001`],
  ]);
});

test('how verifications end is counted, each once', () => {
  const throttle = new FailureThrottle(context.clock, { freeFailures: 1 });
  const verifier = verifierWith({ throttle });
  const right = proven(verifier);
  const requests = [right, right];
  const wrong = clientOf('alice', 'guess');
  for (let guess = 0; guess < 3; guess++) requests.push(proven(verifier, requestOf(), wrong));
  requests.push(tampered(proven(verifier), /uri="[^"]*"/, 'uri="sip:elsewhere.example"'));
  const outcomes = requests.map((request) => outcome(verifier.verify(request, scope)));
  expect(outcomes).toEqual(['authenticated', 'replayed', 'wrong', 'wrong', 'forbidden', 'malformed']);
  expect(verifier.stats().results).toEqual({
    authenticated: 1,
    challenged: 5,
    wrong: 2,
    replayed: 1,
    blocked: 1,
    malformed: 1,
  });
});
