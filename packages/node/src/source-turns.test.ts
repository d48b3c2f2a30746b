import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SourceTurns } from './source-turns.ts';

function taken(turns: SourceTurns<string>): string[] {
  const items: string[] = [];
  for (let item = turns.take(); item !== undefined; item = turns.take()) items.push(item);
  return items;
}

test('sources take turns, and what one has sent stays in its order', () => {
  const turns = new SourceTurns<string>(100);
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) expect(turns.add(item.charAt(0), item, 1)).toBe(true);
  expect(turns.take()).toBe('a1');
  turns.add('d', 'd1', 1);
  expect(taken(turns)).toEqual(['b1', 'c1', 'a2', 'd1', 'c2', 'a3']);
  expect(turns.isEmpty).toBe(true);
});

test('whoever fills it leaves as much room as he has taken, and always some for who has nothing in it', () => {
  const turns = new SourceTurns<string>(1_000);
  const fill = (source: string): number => {
    let count = 0;
    while (turns.add(source, source, 1)) count += 1;
    return count;
  };
  expect(fill('flood')).toBe(500);
  expect(turns.add('phone', 'phone', 1)).toBe(true);
  expect(fill('another flood')).toBe(250);
  expect(fill('a third')).toBeGreaterThan(100);
  expect(turns.add('another phone', 'phone', 1)).toBe(true);
  expect(taken(turns).slice(0, 5)).toEqual(['flood', 'phone', 'another flood', 'a third', 'phone']);
  expect(fill('flood')).toBe(500);
  turns.clear();
  expect([turns.isEmpty, turns.take(), fill('flood')]).toEqual([true, undefined, 500]);
});

test('keeps each source in order and within the room, whatever comes and goes', () => {
  const step = fc.oneof(
    fc.record({ source: fc.constantFrom('a', 'b', 'c'), size: fc.integer({ min: 1, max: 40 }) }),
    fc.constant('take' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const turns = new SourceTurns<{ source: string; size: number; number: number }>(300);
      const model: { source: string; size: number; number: number }[] = [];
      steps.forEach((each, number) => {
        if (each === 'take') {
          const item = turns.take();
          const at = model.findIndex(({ source }) => source === item?.source);
          expect(item).toEqual(model[at]);
          if (at >= 0) model.splice(at, 1);
        } else {
          const used = model.reduce((sum, { size }) => sum + size, 0);
          const own = model.reduce((sum, { source, size }) => sum + (source === each.source ? size : 0), 0);
          const item = { ...each, number };
          const fits = own + each.size <= 300 - used;
          expect(turns.add(each.source, item, each.size)).toBe(fits);
          if (fits) model.push(item);
        }
        expect(turns.isEmpty).toBe(model.length === 0);
      });
    }),
  );
});
