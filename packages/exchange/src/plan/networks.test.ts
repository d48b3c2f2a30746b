import { expect, test } from 'vitest';
import { inNetworks, isNetwork } from './networks.ts';

test.each([
  ['192.0.2.7', true],
  ['192.0.2.8', false],
  ['198.51.100.200', true],
  ['198.51.101.1', false],
  ['2001:db8:1::9', true],
  ['2001:db8:2::9', false],
  ['::ffff:192.0.2.7', true],
  ['fe80::1%eth0', true],
  ['within', false],
])('%s stands for many: %s', (address, expected) => {
  const isShared = inNetworks(['192.0.2.7', '198.51.100.0/24', '2001:db8:1::/48', 'fe80::/10']);
  expect(isShared?.(address)).toBe(expected);
});

test.each([
  ['192.0.2.7', true],
  ['192.0.2.0/24', true],
  ['0.0.0.0/0', true],
  ['2001:db8::/48', true],
  ['192.0.2.0/33', false],
  ['2001:db8::/129', false],
  ['192.0.2.0/', false],
  ['192.0.2.0/8/8', false],
  ['192.0.2', false],
  ['proxy.example.com', false],
  ['fe80::1%eth0', false],
  ['', false],
])('%j is an address or a network: %s', (text, expected) => {
  expect(isNetwork(text)).toBe(expected);
  if (expected) expect(inNetworks([text])?.('10.0.0.1')).toBe(text === '0.0.0.0/0');
});

test('nobody does where none are named', () => {
  expect(inNetworks([])).toBeUndefined();
});
