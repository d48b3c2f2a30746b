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
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) expect(turns.add(item.charAt(0), item, 1)).toBe(0);
  expect(turns.take()).toBe('a1');
  turns.add('d', 'd1', 1);
  expect(taken(turns)).toEqual(['b1', 'c1', 'a2', 'd1', 'c2', 'a3']);
  expect(turns.isEmpty).toBe(true);
});

test('whoever fills it leaves as much room as he has taken, and loses of his own what has waited longest', () => {
  const turns = new SourceTurns<string>(1_000);
  const fill = (source: string): number => {
    let count = 0;
    while (turns.add(source, `${source} ${String(count)}`, 1) === 0) count += 1;
    return count;
  };
  expect(fill('flood')).toBe(500);
  expect(turns.add('phone', 'phone', 1)).toBe(0);
  expect(fill('another flood')).toBe(250);
  // The share of the first one is smaller now.
  expect(turns.add('flood', 'flood 501', 1)).toBe(126);
  expect(turns.add('another phone', 'phone', 1)).toBe(0);
  expect(taken(turns).slice(0, 5)).toEqual(['flood 127', 'phone', 'another flood 1', 'phone', 'flood 128']);
  expect(fill('flood')).toBe(500);
  turns.clear();
  expect([turns.isEmpty, turns.take(), fill('flood')]).toEqual([true, undefined, 500]);
});

test('where so many have something in it that nothing is left, whoever is heard next goes for who has nothing', () => {
  const turns = new SourceTurns<string>(10);
  for (let source = 0; source < 10; source++) expect(turns.add(String(source), String(source), 1)).toBe(0);
  expect(turns.add('new', 'new', 1)).toBe(1);
  expect(turns.add('4', '4 again', 1)).toBe(1);
  expect(taken(turns)).toEqual(['1', '2', '3', '4 again', '5', '6', '7', '8', '9', 'new']);
});

test('keeps each source in order and within the room, whatever comes and goes', () => {
  const step = fc.oneof(
    fc.record({ source: fc.constantFrom('a', 'b', 'c', 'd'), size: fc.integer({ min: 1, max: 40 }) }),
    fc.constant('take' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const turns = new SourceTurns<{ source: string; size: number; number: number }>(300);
      const model: { source: string; size: number; number: number }[] = [];
      const sum = (items: typeof model): number => items.reduce((total, { size }) => total + size, 0);
      steps.forEach((each, number) => {
        if (each === 'take') {
          const item = turns.take();
          const at = model.findIndex(({ source }) => source === item?.source);
          expect(item).toEqual(model[at]);
          if (at >= 0) model.splice(at, 1);
        } else {
          const item = { ...each, number };
          let own = model.filter(({ source }) => source === each.source);
          let dropped = 0;
          for (; own.length > 0 && sum(own) + each.size > 300 - sum(model); own = own.slice(1), dropped++) {
            model.splice(
              model.findIndex(({ source }) => source === each.source),
              1,
            );
          }
          // With so few sources there is always room for who has nothing in it.
          expect(turns.add(each.source, item, each.size)).toBe(dropped);
          model.push(item);
          expect(sum(model)).toBeLessThanOrEqual(300);
        }
        expect(turns.isEmpty).toBe(model.length === 0);
      });
    }),
  );
});
