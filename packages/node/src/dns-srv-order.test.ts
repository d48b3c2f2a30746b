import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { orderByPriorityAndWeight } from './dns-srv-order.ts';
import { SeededRandom } from './manual-clock.testing.ts';
import { srv } from './resolver.testing.ts';

const drawing = (fraction: number) => Object.assign(new SeededRandom(), { fraction: () => fraction });

describe('RFC 2782, "Weight"', () => {
  const records = [srv(0, 3, 1, 'three'), srv(0, 0, 2, 'none'), srv(0, 1, 3, 'one')];

  test.each([
    [0, ['none', 'three', 'one']],
    [0.999, ['one', 'three', 'none']],
    [0.3, ['three', 'none', 'one']],
  ])('the running sum that reaches %s of the total is next', (fraction, order) => {
    expect(orderByPriorityAndWeight(records, drawing(fraction)).map(({ target }) => target)).toEqual(order);
  });

  test('a record without weight is chosen first only when zero is drawn', () => {
    const random = new SeededRandom(7);
    const firsts = Array.from({ length: 2_000 }, () => orderByPriorityAndWeight(records, random)[0]?.target);
    const share = (target: string) => firsts.filter((first) => first === target).length / firsts.length;
    expect(share('none')).toBeCloseTo(1 / 5, 1);
    expect(share('three')).toBeCloseTo(3 / 5, 1);
    expect(share('one')).toBeCloseTo(1 / 5, 1);
  });
});

test('whatever the weights: a permutation, by ascending priority', () => {
  const uint16 = fc.integer({ min: 0, max: 65_535 });
  const record = fc.tuple(fc.integer({ min: 0, max: 3 }), uint16, uint16).map(([p, w, port]) => srv(p, w, port, 'x'));
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), fc.integer(), (records, seed) => {
      const ordered = orderByPriorityAndWeight(records, new SeededRandom(seed));
      expect(new Set(ordered)).toEqual(new Set(records));
      expect(ordered).toHaveLength(records.length);
      const priorities = ordered.map(({ priority }) => priority);
      expect(priorities).toEqual([...priorities].sort((a, b) => a - b));
    }),
    { seed: 2782 },
  );
});
