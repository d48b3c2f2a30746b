import { describe, expect, test } from 'vitest';
import { SeededRandom } from './seeded-random.ts';

describe('SeededRandom', () => {
  test('the same seed says the same, another seed something else', () => {
    const draw = (seed: number | string): string[] => {
      const random = new SeededRandom(seed);
      return [random.token(), String(random.fraction()), random.bytes(8).join()];
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw('7')).toEqual(draw(7));
  });

  test('tokens have 128 bits and do not repeat', () => {
    const random = new SeededRandom(1);
    const tokens = new Set(Array.from({ length: 10_000 }, () => random.token()));
    expect(tokens.size).toBe(10_000);
    for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{32}$/);
  });

  test('fractions are spread evenly over [0, 1)', () => {
    const random = new SeededRandom('even');
    const buckets = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw += 1) {
      const index = Math.floor(random.fraction() * 10);
      buckets[index] = (buckets[index] ?? 0) + 1;
    }
    expect(buckets).toHaveLength(10);
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  test('a fork does not shift what its parent draws', () => {
    const one = new SeededRandom(3);
    const other = new SeededRandom(3);
    const fork = one.fork('network');
    fork.token();
    expect(one.token()).toBe(other.token());
    expect(fork.token()).not.toBe(one.token());
  });
});
