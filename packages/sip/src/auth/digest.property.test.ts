import fc from 'fast-check';
import { expect, test } from 'vitest';

import { countingRandom, testContext } from './auth-context.testing.ts';
import { answered, realm, requestOf, responseOf, storeOfAlice } from './digest-flow.testing.ts';
import { DigestClient } from './digest-client.ts';
import { digestAlgorithms, hashCredentials } from './digest.ts';
import { DigestVerifier } from './digest-verifier.ts';
import { portableHashes } from './portable-hashes.ts';

/** Any bytes that a header field can carry, as latin1. */
const text = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((codes) => String.fromCharCode(...codes));

test('client and server agree on every user name, realm and password, and on no other password', () => {
  fc.assert(
    fc.property(
      text,
      text,
      text,
      text,
      fc.constantFrom(...digestAlgorithms),
      (username, domain, password, typed, algorithm) => {
        const user = { username, ha1: hashCredentials(portableHashes, username, domain, password) };
        const verifier = new DigestVerifier(
          testContext(),
          { find: (asked, name) => (asked === domain && name === username ? user : undefined) },
          { algorithms: [algorithm] },
        );
        const scope = { realm: domain, role: 'user-agent-server', source: '192.0.2.1' } as const;
        const client = new DigestClient({ hashes: portableHashes, random: countingRandom() }, () => ({
          username,
          password: typed,
        }));
        const request = requestOf();
        const retry = answered(client, request, responseOf(request, verifier.verify(request, scope)));
        expect(verifier.verify(retry, scope)).toMatchObject({
          kind: typed === password ? 'authenticated' : 'challenge',
        });
      },
    ),
    {
      seed: 8760,
      numRuns: 200,
      examples: [
        ['a"b\\', 'r"\\', 'p', 'p', 'MD5'],
        ['\xc3\xa4', ' r ', 'p:q', 'p:q', 'SHA-256'],
      ],
    },
  );
});

test('no credentials make the server throw or believe', () => {
  const scope = { realm, role: 'user-agent-server', source: '192.0.2.1' } as const;
  const name = fc.constantFrom(
    'username',
    'username*',
    'realm',
    'nonce',
    'uri',
    'response',
    'qop',
    'nc',
    'cnonce',
    'algorithm',
    'userhash',
  );
  const value = fc.oneof(
    fc.constantFrom('alice', realm, 'auth', '00000001', 'MD5', 'sip:example.com', "UTF-8''%zz", 'true', ''),
    text.map((each) => each.replace(/["\\]/g, '')),
  );
  const parameter = fc
    .tuple(name, value, fc.boolean())
    .map(([key, content, quoted]) => `${key}=${quoted ? `"${content}"` : content}`);
  const credentials = fc.oneof(
    fc.array(parameter, { maxLength: 14 }).map((parameters) => `Digest ${parameters.join(', ')}`),
    text.map((each) => `Digest x${each}`),
  );
  const verifier = new DigestVerifier(testContext(), storeOfAlice());
  fc.assert(
    fc.property(fc.array(credentials, { minLength: 1, maxLength: 3 }), (values) => {
      const request = requestOf(
        'REGISTER',
        'sip:example.com',
        values.map((each) => ['Authorization', each] as const),
      );
      const verification = verifier.verify(request, scope);
      expect(verification).not.toBeInstanceOf(Promise);
      expect(verification).not.toMatchObject({ kind: 'authenticated' });
    }),
    { seed: 7616, numRuns: 500 },
  );
});
