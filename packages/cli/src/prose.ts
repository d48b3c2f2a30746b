import type { Terminal } from './command.ts';
import { wrapped } from './phone/cells.ts';

/** How much further a line goes in that goes on. */
const further = 2;

/** Prints a text with its lines no wider than the terminal: broken between words, and indented where they go on. */
export function printProse(text: string, terminal: Terminal): void {
  const { columns } = terminal;
  terminal.print(
    columns === undefined
      ? text
      : text
          .split('\n')
          .flatMap((line) => inLines(line, columns))
          .join('\n'),
  );
}

function inLines(line: string, columns: number): readonly string[] {
  const text = line.trimStart();
  const indent = ' '.repeat(line.length - text.length);
  const [first = '', ...rest] = wrapped(text, Math.max(1, columns - indent.length));
  if (rest.length === 0) return [line];
  const on = indent + ' '.repeat(further);
  const left = text.slice(first.length).trimStart();
  return [indent + first, ...wrapped(left, Math.max(1, columns - on.length)).map((part) => on + part)];
}
