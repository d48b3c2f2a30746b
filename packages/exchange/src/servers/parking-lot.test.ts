import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ParkingLot } from './parking-lot.ts';

const slots = Array.from({ length: 20 }, (_, index) => String(701 + index));

test('no slot is taken twice, whatever comes and goes', () => {
  const step = fc.oneof(
    fc.record({ take: fc.option(fc.constantFrom(...slots, '999'), { nil: undefined }) }),
    fc.record({ giveBack: fc.constantFrom(...slots, '999') }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const lot = new ParkingLot(slots);
      const taken = new Set<string>();
      for (const each of steps) {
        if ('take' in each) {
          const slot = lot.take(each.take);
          const isPossible = each.take === undefined ? taken.size < 20 : lot.has(each.take) && !taken.has(each.take);
          expect(slot !== undefined).toBe(isPossible);
          if (slot === undefined) continue;
          expect(taken.has(slot)).toBe(false);
          taken.add(slot);
        } else {
          lot.giveBack(each.giveBack);
          taken.delete(each.giveBack);
        }
        expect(lot.free).toBe(20 - taken.size);
      }
    }),
  );
});

test('a slot that was given back is the last one to be taken again', () => {
  const lot = new ParkingLot(slots);
  expect([lot.take(), lot.take()]).toEqual(['701', '702']);
  lot.giveBack('701');
  expect(Array.from({ length: 19 }, () => lot.take()).at(-1)).toBe('701');
  expect(lot.take()).toBeUndefined();
});
