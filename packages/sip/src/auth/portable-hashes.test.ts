import { describe, expect, test } from 'vitest';

import { portableHashes } from './portable-hashes.ts';

describe('portableHashes', () => {
  test.each([
    ['MD5', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['SHA-256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['SHA-512-256', 'c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a'],
  ] as const)('%s of nothing', (algorithm, expected) => {
    expect(portableHashes.hash(algorithm, '')).toBe(expected);
  });

  test('hashes bytes, not code points', () => {
    expect(portableHashes.hash('MD5', '\xe9')).toBe('3406877694691ddd1dfb0aca54681407');
  });

  test('HMAC-SHA-256 of RFC 4231, case 2', () => {
    expect(portableHashes.hmac('Jefe', 'what do ya want for nothing?')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });
});
