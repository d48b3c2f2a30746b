import type { Frame, Look, Span } from './screen.ts';

const escape = '\u001b[';

/** Select Graphic Rendition for each look (ECMA-48 8.3.117). Without colour, what is strong stays strong. */
const coloured: Readonly<Record<Look, string>> = {
  plain: '',
  good: '32',
  attention: '1;33',
  bad: '31',
  faint: '2',
  strong: '1',
  bar: '7',
};
const uncoloured: Readonly<Record<Look, string>> = { ...coloured, good: '', attention: '1', bad: '' };

function printLine(line: readonly Span[], colours: boolean): string {
  const codes = colours ? coloured : uncoloured;
  return line
    .map(({ text, look }) => (codes[look] === '' || text === '' ? text : `${escape}${codes[look]}m${text}${escape}0m`))
    .join('');
}

/** What to write to a terminal that shows `shown` (nothing, when undefined) so that it shows `frame`. */
export function paint(frame: Frame, shown: Frame | undefined, colours: boolean): string {
  let output = '';
  for (const [row, line] of frame.lines.entries()) {
    const text = printLine(line, colours);
    const before = shown?.lines[row];
    if (before !== undefined && printLine(before, colours) === text) continue;
    output += `${place(row, 0)}${text}${escape}K`;
  }
  const moved = shown?.cursor.row !== frame.cursor.row || shown.cursor.column !== frame.cursor.column;
  if (output === '' && !moved) return '';
  // The cursor hides while lines are written, so that it does not fly about.
  return `${escape}?25l${output}${place(frame.cursor.row, frame.cursor.column)}${escape}?25h`;
}

function place(row: number, column: number): string {
  return `${escape}${String(row + 1)};${String(column + 1)}H`;
}

/** The alternate screen, empty, with pastes told from typing. */
export const enterScreen = `${escape}?1049h${escape}?2004h${escape}2J`;
/** The terminal as it was. */
export const leaveScreen = `${escape}?2004l${escape}?25h${escape}0m${escape}?1049l`;
