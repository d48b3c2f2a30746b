import { wrapped } from './phone/cells.ts';
import type { Terminal } from './command.ts';
import { typed } from './typed-command.ts';

/** Columns below which what is said of an option stands under it, and not beside it. */
const narrow = 60;
/** Where it stands then. */
const indented = 8;
/** A line that is indented so far goes on with what is said of the option above it. */
const continued = 12;

interface Paragraph {
  readonly lines: string[];
  /** The option, or command, with the spaces around it; undefined where it is a text. */
  readonly head: string | undefined;
  text: string;
}

/**
 * Prints the text of `--help`, as wide as the terminal is at most; as it is written where that is not known. Its examples are
 * as whoever asks would type them.
 */
export function printHelp(help: string, terminal: Terminal): void {
  const text = help.replaceAll(/^ {2}switchhook /gm, `  ${typed('')}`);
  terminal.print(terminal.columns === undefined ? text : laidOut(text, terminal.columns));
}

/** The text of `--help` in so many columns. Commands to be typed keep their lines. */
export function laidOut(help: string, columns: number): string {
  return paragraphsOf(help)
    .flatMap((paragraph) => linesOf(paragraph, columns))
    .join('\n');
}

function paragraphsOf(help: string): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  for (const line of help.split('\n')) {
    const last = paragraphs.at(-1);
    const indent = line.length - line.trimStart().length;
    const goesOn =
      last !== undefined && (last.head === undefined ? isProse(line) && isProse(last.text) : indent >= continued);
    if (goesOn) {
      last.lines.push(line);
      last.text += ` ${line.trim()}`;
      continue;
    }
    const [, head, text] = /^( *\S.*? {2,})(\S.*)$/.exec(line) ?? [];
    paragraphs.push({ lines: [line], head, text: text ?? line });
  }
  return paragraphs;
}

/** A text that may be broken anywhere, and is no headline of what comes below it. */
function isProse(text: string): boolean {
  return /^\S.*[^:]$/.test(text) && !text.startsWith('Usage:');
}

function linesOf({ lines, head, text }: Paragraph, columns: number): readonly string[] {
  if (lines.every((line) => line.length <= columns)) return lines;
  if (head === undefined) return isProse(text) || !text.startsWith(' ') ? wrapped(text, columns) : lines;
  const beside = columns >= narrow && head.length <= columns / 2;
  const indent = ' '.repeat(beside ? head.length : indented);
  const parts = wrapped(text, columns - indent.length).map((part) => indent + part);
  return beside ? [head + (parts[0] ?? '').trimStart(), ...parts.slice(1)] : [head.trimEnd(), ...parts];
}
