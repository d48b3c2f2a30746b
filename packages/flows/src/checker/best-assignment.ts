/**
 * Who takes what, so that the sum is highest: for each row of a small table the column that it takes, no column being taken
 * twice, undefined for a row that takes none (which adds nothing). `now` is the assignment that stays unless another is better.
 */
export function bestAssignment(
  table: readonly (readonly number[])[],
  now: readonly (number | undefined)[],
): readonly (number | undefined)[] {
  // What the rows from one on can add at most.
  const most = table.map((row) => Math.max(0, ...row));
  const bounds = most.map((_, row) => most.slice(row).reduce((sum, value) => sum + value, 0));
  let best = now;
  let bestSum = now.reduce<number>(
    (sum, column, row) => sum + (column === undefined ? 0 : (table[row]?.[column] ?? 0)),
    0,
  );
  const taken: (number | undefined)[] = [];
  const assign = (row: number, sum: number): void => {
    const values = table[row];
    if (values === undefined) {
      if (sum <= bestSum) return;
      best = [...taken];
      bestSum = sum;
      return;
    }
    if (sum + (bounds[row] ?? 0) <= bestSum) return;
    for (const [column, value] of values.entries()) {
      if (value <= 0 || taken.includes(column)) continue;
      taken.push(column);
      assign(row + 1, sum + value);
      taken.pop();
    }
    taken.push(undefined);
    assign(row + 1, sum);
    taken.pop();
  };
  assign(0, 0);
  return best;
}
