import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestAssignment } from './best-assignment.ts';

test("three of whom each has taken what is another's are put right together", () => {
  const table = [
    [29, 31, 35],
    [26, 28, 35],
    [18, 20, 24],
  ];
  expect(bestAssignment(table, [2, undefined, 0])).toEqual([0, 2, 1]);
});

test('what is as good as another stays', () => {
  expect(bestAssignment([[5, 5]], [1])).toEqual([1]);
  expect(bestAssignment([[-1]], [undefined])).toEqual([undefined]);
});

test('no assignment is better, and no column is taken twice', () => {
  const cell = fc.integer({ min: -10, max: 40 });
  const tables = fc.integer({ min: 1, max: 4 }).chain((columns) => {
    const row = fc.array(cell, { minLength: columns, maxLength: columns });
    return fc.array(row, { minLength: 1, maxLength: 4 });
  });
  fc.assert(
    fc.property(tables, (table) => {
      const found = bestAssignment(
        table,
        table.map(() => undefined),
      );
      const columns = found.filter((column) => column !== undefined);
      expect(new Set(columns).size).toBe(columns.length);
      expect(sumOf(table, found)).toBe(Math.max(...all(table, 0, []).map((each) => sumOf(table, each))));
    }),
  );
});

function all(
  table: readonly (readonly number[])[],
  row: number,
  taken: readonly (number | undefined)[],
): readonly (readonly (number | undefined)[])[] {
  const values = table[row];
  if (values === undefined) return [taken];
  const choices = [undefined, ...values.keys()].filter((column) => column === undefined || !taken.includes(column));
  return choices.flatMap((column) => all(table, row + 1, [...taken, column]));
}

function sumOf(table: readonly (readonly number[])[], taken: readonly (number | undefined)[]): number {
  return taken.reduce<number>((sum, column, row) => sum + (column === undefined ? 0 : (table[row]?.[column] ?? 0)), 0);
}
