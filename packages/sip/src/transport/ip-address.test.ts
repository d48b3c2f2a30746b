import { expect, test } from 'vitest';
import { sourceNetwork } from './ip-address.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
  ['2001:db8:1:2::9', '2001:db8:1:2::'],
  ['2001:db8:1:3::9', '2001:db8:1:3::'],
  ['fe80::1%eth0', 'fe80::'],
  ['::1', '::'],
])('the network that %s is counted with is %s', (address, network) => {
  expect(sourceNetwork(address)).toBe(network);
});
