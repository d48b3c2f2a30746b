import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { NonceCountWindows } from './nonce-count-windows.ts';

describe('NonceCountWindows', () => {
  test('takes each count once', () => {
    const windows = new NonceCountWindows(10);
    expect(windows.use('n', 0, 1)).toBe(true);
    expect(windows.use('n', 0, 1)).toBe(false);
    expect(windows.use('n', 0, 2)).toBe(true);
  });

  test('takes late counts within the window, none below it', () => {
    const windows = new NonceCountWindows(10);
    expect(windows.use('n', 0, 40)).toBe(true);
    expect(windows.use('n', 0, 9)).toBe(true);
    expect(windows.use('n', 0, 9)).toBe(false);
    expect(windows.use('n', 0, 8)).toBe(false);
  });

  test('what was forgotten does not come back, nor does an older unknown nonce; newer ones do', () => {
    const windows = new NonceCountWindows(2);
    windows.use('a', 1, 1);
    windows.use('b', 2, 1);
    windows.use('a', 1, 2);
    windows.use('c', 3, 1);
    expect(windows.size).toBe(2);
    expect(windows.use('b', 2, 2)).toBe(false);
    expect(windows.use('unseen', 2, 1)).toBe(false);
    expect(windows.use('a', 1, 3)).toBe(true);
    expect(windows.use('d', 4, 1)).toBe(true);
  });

  test('remembers as many as docs/limits.md says where nothing else is said', () => {
    const windows = new NonceCountWindows();
    for (let nonce = 1; nonce <= 20_000; nonce++) windows.use(String(nonce), nonce, 1);
    expect(windows.use('1', 1, 2)).toBe(true);
    windows.use('20001', 20_001, 1);
    expect(windows.size).toBe(20_000);
    expect(windows.use('2', 2, 2)).toBe(false);
  });

  test('lets go of nonces that are too old to be used', () => {
    const windows = new NonceCountWindows(10);
    windows.use('a', 1, 1);
    windows.use('b', 5, 1);
    windows.forgetBefore(5);
    expect(windows.size).toBe(1);
  });

  test('never takes a count twice, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 80 }))), (uses) => {
        const windows = new NonceCountWindows(2);
        const taken = new Set<string>();
        for (const [nonce, count] of uses) {
          if (!windows.use(nonce, nonce.charCodeAt(0), count)) continue;
          expect(taken.has(`${nonce}${String(count)}`)).toBe(false);
          taken.add(`${nonce}${String(count)}`);
        }
      }),
      { seed: 7616 },
    );
  });
});
