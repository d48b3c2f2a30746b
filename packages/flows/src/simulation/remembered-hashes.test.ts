import { portableHashes } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { RememberedHashes } from './remembered-hashes.ts';

test('hashes are what they are without being remembered, and are worked out once', () => {
  let worked = 0;
  const remembered = new RememberedHashes({
    ...portableHashes,
    hash: (algorithm, text) => {
      worked += 1;
      return portableHashes.hash(algorithm, text);
    },
  });
  for (let round = 0; round < 2; round += 1) {
    expect(remembered.hash('MD5', 'alice')).toBe(portableHashes.hash('MD5', 'alice'));
    expect(remembered.hash('SHA-256', 'alice')).toBe(portableHashes.hash('SHA-256', 'alice'));
  }
  expect(worked).toBe(2);
});

test('a MAC is one of its key and of its text', () => {
  const remembered = new RememberedHashes(portableHashes);
  const mac = remembered.hmac('key', 'alice');
  expect(remembered.hmac('key', 'alice')).toBe(mac);
  const others = [
    remembered.hmac('key', 'bob'),
    remembered.hmac('yek', 'alice'),
    remembered.hmac('key ', 'alice'),
    remembered.hmac('key', ' alice'),
  ];
  expect(new Set([mac, ...others]).size).toBe(5);
});
