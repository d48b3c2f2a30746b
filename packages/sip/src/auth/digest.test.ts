import { describe, expect, test } from 'vitest';

import type { HashAlgorithm } from '../context.ts';
import {
  digestAlgorithms,
  digestResponse,
  equalInConstantTime,
  hashCredentials,
  legacyDigestResponse,
  sessionHash,
} from './digest.ts';
import { portableHashes } from './portable-hashes.ts';

function response(
  algorithm: HashAlgorithm,
  ha1: string,
  rest: Omit<Parameters<typeof digestResponse>[1], 'algorithm' | 'ha1'>,
) {
  return digestResponse(portableHashes, { algorithm, ha1, ...rest });
}

describe('digestResponse', () => {
  const mufasa = hashCredentials(portableHashes, 'Mufasa', 'http-auth@example.org', 'Circle of Life');
  const rfc7616 = {
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    nonceCount: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  };

  test.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('RFC 7616 3.9.1 with %s', (algorithm, expected) => {
    expect(response(algorithm, mufasa[algorithm], rfc7616)).toBe(expected);
  });

  // The RFC printed values of SHA-512 cut off at 256 bits; these are those of its erratum 4897, of SHA-512/256.
  test('RFC 7616 3.9.2 with SHA-512-256, as its erratum puts it right', () => {
    const username = 'J\xc3\xa4s\xc3\xb8n Doe';
    const jason = hashCredentials(portableHashes, username, 'api@example.org', 'Secret, or not?');
    const input = {
      method: 'GET',
      uri: '/doe.json',
      nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
      nonceCount: '00000001',
      cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
    };
    expect(portableHashes.hash('SHA-512-256', `${username}:api@example.org`)).toBe(
      '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b',
    );
    expect(response('SHA-512-256', jason['SHA-512-256'], input)).toBe(
      '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5',
    );
  });

  test('RFC 2617 3.5', () => {
    const { MD5 } = hashCredentials(portableHashes, 'Mufasa', 'testrealm@host.com', 'Circle Of Life');
    const input = {
      method: 'GET',
      uri: '/dir/index.html',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      nonceCount: '00000001',
      cnonce: '0a4f113b',
    };
    expect(response('MD5', MD5, input)).toBe('6629fae49393a05397450978507c4ef1');
    expect(legacyDigestResponse(portableHashes, { algorithm: 'MD5', ha1: MD5, ...input })).toBe(
      '670fd8c2df070c60b045671b8b24ff02',
    );
  });

  test('the session hash binds nonce and cnonce', () => {
    expect(sessionHash(portableHashes, 'MD5', 'a', 'b', 'c')).toBe(portableHashes.hash('MD5', 'a:b:c'));
  });
});

test('the algorithms stand strongest first', () => {
  expect(digestAlgorithms).toEqual(['SHA-512-256', 'SHA-256', 'MD5']);
});

test.each([
  ['', '', true],
  ['abc', 'abc', true],
  ['abc', 'abd', false],
  ['bbc', 'abc', false],
  ['abc', 'ab', false],
  ['', 'a', false],
  ['a', '', false],
  ['abab', 'ab', false],
])('equalInConstantTime(%j, %j) is %j', (a, b, expected) => {
  expect(equalInConstantTime(a, b)).toBe(expected);
});
