import { expect, test } from 'vitest';
import { isPrivateAddress } from './private-address.ts';
import { SourceLock } from './source-lock.ts';

/** Sends packets in sequence and says which of them were taken. */
function attempt(lock: SourceLock, address: string, port: number, now: number, keys = false, count = 3): boolean[] {
  return Array.from({ length: count }, (_, index) => {
    const evidence = { ssrc: port, sequenceNumber: (65_534 + index) & 0xffff };
    return lock.mayBe(address, port, keys, now) && lock.take(address, port, evidence, keys, now);
  });
}

function lockOn(address: string): SourceLock {
  const lock = new SourceLock();
  lock.expect(address, 4_000, 0);
  return lock;
}

test('nobody is believed before there is an agreement', () => {
  expect(attempt(new SourceLock(), '192.0.2.1', 4_000, 0)).toEqual([false, false, false]);
});

test('takes what was signalled from its first packet on, and then nobody else', () => {
  const lock = lockOn('192.0.2.1');
  expect(attempt(lock, '192.0.2.1', 4_000, 0)).toEqual([true, true, true]);
  expect(attempt(lock, '192.0.2.1', 4_002, 1_999)).toEqual([false, false, false]);
  expect(attempt(lock, '198.51.100.1', 4_000, 1_999, true)).toEqual([false, false, false]);
});

test('follows another port of the signalled address after two packets in sequence, and sends there', () => {
  const lock = lockOn('192.0.2.1');
  expect(lock.target).toEqual({ address: '192.0.2.1', port: 4_000 });
  expect(attempt(lock, '192.0.2.1', 5_000, 0)).toEqual([false, true, true]);
  expect(lock.target).toEqual({ address: '192.0.2.1', port: 5_000 });
  expect(attempt(lock, '192.0.2.1', 6_000, 100)).toEqual([false, false, false]);
  expect(attempt(lock, '192.0.2.1', 4_000, 100)).toEqual([true, true, true]);
  expect(lock.target?.port).toBe(4_000);
});

test('two packets that do not follow one another prove nothing', () => {
  const lock = lockOn('192.0.2.1');
  for (const sequenceNumber of [1, 3, 5, 5]) {
    expect(lock.take('192.0.2.1', 5_000, { ssrc: 1, sequenceNumber }, false, 0)).toBe(false);
  }
  expect(lock.take('192.0.2.1', 5_000, { ssrc: 2, sequenceNumber: 6 }, false, 0)).toBe(false);
  expect(lock.take('192.0.2.1', 5_001, { ssrc: 2, sequenceNumber: 7 }, false, 0)).toBe(false);
});

test('another address is believed only where the signalled one is private, or with the keys of the call', () => {
  expect(attempt(lockOn('192.0.2.1'), '198.51.100.1', 4_000, 0)).toEqual([false, false, false]);
  expect(attempt(lockOn('192.0.2.1'), '198.51.100.1', 4_000, 0, true)).toEqual([true, true, true]);
  expect(attempt(lockOn('10.0.0.1'), '198.51.100.1', 4_000, 0)).toEqual([false, true, true]);
  expect(attempt(lockOn('10.0.0.1'), '10.0.0.2', 4_000, 0)).toEqual([false, false, false]);
  // As a linphone does on a machine of both families.
  expect(attempt(lockOn('fd00::2'), '127.0.0.1', 4_000, 0)).toEqual([false, true, true]);
});

test('a NAT that bound anew is followed when the port before it has been silent for two seconds', () => {
  const lock = lockOn('192.0.2.1');
  attempt(lock, '192.0.2.1', 4_000, 0);
  expect(attempt(lock, '192.0.2.1', 5_000, 2_000)).toEqual([false, true, true]);
  expect(attempt(lock, '198.51.100.1', 5_000, 9_000, true)).toEqual([false, false, false]);
});

test('another agreement starts anew, the same one does not', () => {
  const lock = lockOn('192.0.2.1');
  attempt(lock, '192.0.2.1', 5_000, 0);
  expect(lock.expect('192.0.2.1', 4_000, 0)).toBe(false);
  expect(lock.target?.port).toBe(5_000);
  expect(lock.expect('192.0.2.9', 4_000, 100)).toBe(true);
  expect(lock.target).toEqual({ address: '192.0.2.9', port: 4_000 });
  expect(attempt(lock, '192.0.2.1', 5_000, 2_100)).toEqual([false, false, false]);
});

test.each([
  ['without keys', false],
  ['with keys', true],
])('what was on its way when the port changed is heard, and is not followed back, %s', (_, keys) => {
  const lock = lockOn('192.0.2.1');
  attempt(lock, '192.0.2.1', 4_000, 0, keys);
  lock.expect('192.0.2.1', 4_002, 100);
  expect(attempt(lock, '192.0.2.1', 4_000, 150, keys)).toEqual([true, true, true]);
  expect(lock.target?.port).toBe(4_002);
  // Whoever is not new and goes on all the same is the sender, whatever was signalled.
  expect(attempt(lock, '192.0.2.1', 4_000, 2_100, keys).at(-1)).toBe(true);
  expect(lock.target?.port).toBe(4_000);
  expect(attempt(lock, '192.0.2.1', 4_002, 2_200, keys)).toEqual([true, true, true]);
  expect(attempt(lock, '192.0.2.1', 4_000, 2_250, keys)).toEqual([false, false, false]);
  expect(lock.target?.port).toBe(4_002);
});

test('knows addresses of one network only', () => {
  const own = [
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.1.1',
    'fd00::1',
    'fe80::1',
  ];
  const others = ['11.1.2.3', '172.15.0.1', '172.32.0.1', '192.167.1.1', '100.128.0.1', '2001:db8::1', '127.0.0.1'];
  expect(own.filter((address) => !isPrivateAddress(address))).toEqual([]);
  expect(others.filter(isPrivateAddress)).toEqual([]);
});
