import { describe, expect, test } from 'vitest';
import { portableHashes } from '@switchhook/sip';
import { systemContext } from './system-context.ts';
import { context } from './transport.testing.ts';

const { clock, random, hashes } = systemContext(context.log);

describe('clock', () => {
  test('runs an action once, unless it is cancelled', async () => {
    const seen: string[] = [];
    clock.after(1, () => seen.push('cancelled')).cancel();
    const before = clock.now();
    await new Promise<void>((resolve) => {
      const timer = clock.after(2, () => {
        seen.push('done');
        resolve();
      });
      clock.after(0, () => seen.push('first'));
      expect(timer).toHaveProperty('cancel');
    });
    expect(seen).toEqual(['first', 'done']);
    expect(clock.now()).toBeGreaterThan(before);
    expect(Math.abs(clock.date() - Date.now())).toBeLessThan(1_000);
  });

  test('a time longer than the machine can wait does not become none', async () => {
    let early = false;
    const timer = clock.after(2 ** 40, () => (early = true));
    await new Promise<void>((resolve) => void clock.after(5, resolve));
    timer.cancel();
    expect(early).toBe(false);
  });
});

describe('random', () => {
  test('tokens are 128 bits in hexadecimal, none twice', () => {
    const tokens = Array.from({ length: 2_000 }, () => random.token());
    expect(tokens.every((token) => /^[\da-f]{32}$/.test(token))).toBe(true);
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  test('fractions fill [0, 1)', () => {
    const fractions = Array.from({ length: 2_000 }, () => random.fraction());
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...fractions)).toBeLessThan(1);
    const mean = fractions.reduce((sum, fraction) => sum + fraction, 0) / fractions.length;
    expect(mean).toBeGreaterThan(0.4);
    expect(mean).toBeLessThan(0.6);
  });

  test.each([0, 8, 33, 5_000])('%i bytes, none twice, and nobody can change those of others', (length) => {
    const first = random.bytes(length);
    const copy = Uint8Array.from(first);
    const others = Array.from({ length: 600 }, () => random.bytes(length));
    for (const other of others) other.fill(0);
    expect(first).toHaveLength(length);
    expect(Uint8Array.from(first)).toEqual(copy);
    const seen = new Set(Array.from({ length: 600 }, () => String(random.bytes(length))));
    expect(seen.size).toBe(length === 0 ? 1 : 600);
  });
});

test('hashes are those of the portable implementation, over bytes and not UTF-8', () => {
  for (const text of ['', 'abc', 'Mufasa:caf\xe9\xff\x80']) {
    for (const algorithm of ['MD5', 'SHA-256', 'SHA-512-256'] as const) {
      expect(hashes.hash(algorithm, text)).toBe(portableHashes.hash(algorithm, text));
    }
    for (let key = 0; key < 40; key += 1) {
      const secret = `k\xff${String(key % 20)}`;
      expect(hashes.hmac(secret, text)).toBe(portableHashes.hmac(secret, text));
    }
    expect(hashes.hmac('', text)).toBe(portableHashes.hmac('', text));
  }
  expect(hashes.hash('MD5', 'abc')).toBe('900150983cd24fb0d6963f7d28e17f72');
});
