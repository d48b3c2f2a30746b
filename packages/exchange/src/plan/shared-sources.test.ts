import { expect, test } from 'vitest';
import { sharedSources } from './shared-sources.ts';

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
  const isShared = sharedSources(['192.0.2.7', '198.51.100.0/24', '2001:db8:1::/48', 'fe80::/10']);
  expect(isShared?.(address)).toBe(expected);
});

test('nobody does where none are named', () => {
  expect(sharedSources([])).toBeUndefined();
});
