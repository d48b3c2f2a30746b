type Cells = readonly string[];

/** Columns as wide as their widest cell, two spaces apart. */
export function table(head: Cells, rows: readonly Cells[]): string {
  const all = [head, ...rows];
  const widths = widthsOf(all);
  return all.map((row) => tableRow(widths, row)).join('');
}

/** How wide columns are that hold these rows. */
function widthsOf(rows: readonly Cells[]): readonly number[] {
  return (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
}

function tableRow(widths: readonly number[], row: Cells): string {
  const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  return `${cells.join('  ').trimEnd()}\n`;
}
