import { VirtualClock } from '@switchhook/sim';
import { expect, test } from 'vitest';
import { machineAddresses, MachineNetwork } from './machine-network.ts';

test('tells of other addresses once, not of none, and of nothing after the end', () => {
  const clock = new VirtualClock();
  let addresses = '192.0.2.1';
  let changes = 0;
  const end = new MachineNetwork(clock, () => addresses).watch(() => (changes += 1));
  clock.advance(60_000);
  expect(changes).toBe(0);
  addresses = '';
  clock.advance(60_000);
  expect(changes).toBe(0);
  addresses = '198.51.100.7';
  clock.advance(60_000);
  expect(changes).toBe(1);
  end();
  addresses = '192.0.2.1';
  clock.advance(60_000);
  expect([changes, clock.pending]).toEqual([1, 0]);
});

test('reads the addresses of this machine, loopback aside', () => {
  expect(machineAddresses()).not.toContain('127.0.0.1');
});
