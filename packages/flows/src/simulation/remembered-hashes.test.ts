import { portableHashes } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { RememberedHashes } from './remembered-hashes.ts';

test('hashes are what they are without being remembered, and are worked out once', () => {
  let worked = 0;
  const remembered = new RememberedHashes({
    hash: (algorithm, text) => `${portableHashes.hash(algorithm, text)}${(worked += 1)}`.slice(0, -1),
    hmac: (key, text) => `${portableHashes.hmac(key, text)}${(worked += 1)}`.slice(0, -1),
  });
  for (let round = 0; round < 2; round += 1) {
    expect(remembered.hash('MD5', 'alice')).toBe(portableHashes.hash('MD5', 'alice'));
    expect(remembered.hash('SHA-256', 'alice')).toBe(portableHashes.hash('SHA-256', 'alice'));
    expect(remembered.hmac('key', 'alice')).toBe(portableHashes.hmac('key', 'alice'));
    expect(remembered.hmac('key ', 'alice')).toBe(portableHashes.hmac('key ', 'alice'));
  }
  expect(worked).toBe(4);
});
