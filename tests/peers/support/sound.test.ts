import { describe, expect, test } from 'vitest';
import { heardShare, melody } from './sound.ts';

describe('the sound comparison itself', () => {
  const first = melody(1, 20);
  const second = melody(2, 20);

  test('knows a melody again, from its middle, and tells it from another and from silence', () => {
    const middle = first.slice(12_345, 12_345 + 40_000);
    expect(heardShare(first, middle)).toBe(1);
    expect(heardShare(second, middle)).toBeLessThan(0.1);
    expect(heardShare(first, new Float64Array(40_000))).toBe(0);
  });
});
