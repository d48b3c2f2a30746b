import { cellsOf, cutTo, duration, fitted, wrapped } from './cells.ts';
import type { LineEditor } from './line-editor.ts';
import type { CallRow, LogLine, PageLine, PhoneView, Tone } from './view.ts';

/** How a piece of text looks. */
export type Look = Tone | 'faint' | 'strong' | 'bar';

export interface Span {
  readonly text: string;
  readonly look: Look;
}

/** What the terminal shows: as many lines as it has, none longer than it is wide. */
export interface Frame {
  readonly lines: readonly (readonly Span[])[];
  readonly cursor: { readonly row: number; readonly column: number };
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Signs of the screen; the second set is for a terminal that has ASCII alone. */
export interface Signs {
  readonly rule: string;
  readonly dot: string;
  readonly outgoing: string;
  readonly incoming: string;
  readonly active: string;
  readonly ellipsis: string;
}

export const unicodeSigns: Signs = { rule: '─', dot: '●', outgoing: '→', incoming: '←', active: '▸', ellipsis: '…' };
export const asciiSigns: Signs = { rule: '-', dot: '*', outgoing: '->', incoming: '<-', active: '>', ellipsis: '~' };

const segmenter = new Intl.Segmenter();
const prompt = '> ';
/** Smaller than this it is not a screen, and is drawn as if it were that large. */
const smallest: Size = { columns: 20, rows: 6 };

function span(text: string, look: Look = 'plain'): Span {
  return { text, look };
}

/** Draws the phone. A pure function: the same view on the same size gives the same frame. */
export function draw(view: PhoneView, size: Size, signs: Signs): Frame {
  const columns = Math.max(size.columns, smallest.columns);
  const rows = Math.max(size.rows, smallest.rows);
  const rule = [span(signs.rule.repeat(columns), 'faint')];
  // From the outside in: header, input and hint always; rules and keys where there is room; the log gets what is left.
  const roomy = rows >= 12;
  const above = [header(view, columns, signs), ...(roomy ? [rule] : [])];
  const { line: input, column } = inputLine(view.input, columns);
  const below = [
    ...(roomy ? [rule] : []),
    [span(cutTo(view.hint, columns, signs.ellipsis), view.hintTone)],
    input,
    ...(roomy ? [keyLine(view, columns)] : []),
  ];
  const room = rows - above.length - below.length;
  const calls = callLines(view.calls, columns, Math.max(Math.min(room - 1, Math.ceil(room / 2)), 1), signs);
  const middle = roomy ? [...calls, rule] : calls;
  const left = Math.max(room - middle.length, 0);
  const page =
    view.page === undefined
      ? logLines(view.log, view.scrolled, columns, left)
      : pageLines(view.page, view.scrolled, columns, left, signs);
  const filler = Array.from({ length: left - page.length }, () => []);
  const lines = [...above, ...middle.slice(0, room), ...page, ...filler, ...below];
  return { lines, cursor: { row: rows - (roomy ? 2 : 1), column } };
}

function header(view: PhoneView, columns: number, signs: Signs): Span[] {
  const state = `${signs.dot} ${view.registration}`;
  const settings = view.settings.map((setting) => `${setting}  `).join('');
  const right = cutTo(settings, Math.max(columns - cellsOf(state) - 10, 0), signs.ellipsis);
  const room = columns - cellsOf(right) - cellsOf(state) - 2;
  if (room < 4) return [span(` ${fitted(view.addressOfRecord, columns - 1, signs.ellipsis)}`, 'strong')];
  return [
    span(` ${fitted(view.addressOfRecord, room, signs.ellipsis)}`, 'strong'),
    span(right, 'attention'),
    span(`${state} `, view.registrationTone),
  ];
}

function callLines(calls: readonly CallRow[], columns: number, room: number, signs: Signs): Span[][] {
  if (calls.length === 0) return [[span(cutTo(' No calls. Type "call" and a name, or ? for help.', columns), 'faint')]];
  if (calls.length <= room) return calls.map((call) => callLine(call, columns, signs));
  // What rings and what is talked to must be seen; what is left out is counted.
  const shown = [...calls]
    .sort((one, other) => urgency(other) - urgency(one) || other.number - one.number)
    .slice(0, Math.max(room - 1, 1))
    .sort((one, other) => one.number - other.number);
  const more = calls.length - shown.length;
  const lines = shown.map((call) => callLine(call, columns, signs));
  return room > 1 ? [...lines, [span(`   and ${String(more)} more`, 'faint')]] : lines;
}

function urgency({ active, tone }: CallRow): number {
  return (active ? 2 : 0) + (tone === 'attention' ? 1 : 0);
}

function callLine(call: CallRow, columns: number, signs: Signs): Span[] {
  const arrow = call.direction === 'outgoing' ? signs.outgoing : signs.incoming;
  const start = `${call.active ? signs.active : ' '}${String(call.number).padStart(2)} ${arrow} `;
  const sound = [
    call.codec === undefined ? '' : `${call.codec} ${call.encrypted ? 'encrypted' : 'in clear'}`,
    call.muted ? 'muted' : '',
    call.digits === '' ? '' : `digits ${call.digits}`,
  ]
    .filter((text) => text !== '')
    .join('  ');
  const time = duration(call.seconds).padStart(8);
  const fixed = cellsOf(start) + 12 + 9;
  const rest = Math.max(columns - fixed, 6);
  // A short name has its address behind it.
  const nameColumns = Math.max(Math.min(rest, 16), Math.floor(rest * 0.43));
  const line: Span[] = [
    span(start, call.active ? 'strong' : 'plain'),
    span(fitted(nameAndAddress(call, nameColumns), nameColumns, signs.ellipsis), call.active ? 'strong' : 'plain'),
    span(` ${fitted(call.state, 11, signs.ellipsis)}`, call.tone),
    span(`${time} `, 'plain'),
    span(` ${sound}`, 'faint'),
  ];
  return clipped(line, columns, signs);
}

function nameAndAddress({ name, uri }: CallRow, columns: number): string {
  const address = uri.replace(/^sips?:/, '');
  const both = `${name}  ${address}`;
  return cellsOf(both) <= columns && name !== address ? both : name;
}

/** The spans in so many columns at most. */
function clipped(line: readonly Span[], columns: number, signs: Signs): Span[] {
  const kept: Span[] = [];
  let left = columns;
  for (const { text, look } of line) {
    if (left <= 0) break;
    const cut = cutTo(text, left, signs.ellipsis);
    kept.push(span(cut, look));
    left -= cellsOf(cut);
  }
  return kept;
}

function logLines(log: readonly LogLine[], scrolled: number, columns: number, room: number): Span[][] {
  const lines: Span[][] = [];
  let skip = scrolled;
  for (const { time, text, tone } of log.toReversed()) {
    const parts = wrapped(text, Math.max(columns - time.length - 3, 2));
    for (const [index, part] of [...parts.entries()].reverse()) {
      if (skip > 0) {
        skip -= 1;
        continue;
      }
      if (lines.length >= room) return lines.reverse();
      lines.push([span(` ${index === 0 ? time : ' '.repeat(time.length)}  `, 'faint'), span(part, tone)]);
    }
  }
  return lines.reverse();
}

/** Columns of a page that heads have; a longer one has a line of its own. */
const headColumns = 24;

function pageLines(page: readonly PageLine[], scrolled: number, columns: number, room: number, signs: Signs): Span[][] {
  const lines = page.flatMap((line) => pageLine(line, columns, signs));
  const from = Math.max(Math.min(scrolled, lines.length - room), 0);
  const shown = lines.slice(from, from + room);
  if (from + room >= lines.length) return shown;
  return [...shown.slice(0, -1), [span(` ${String(lines.length - from - room + 1)} more: Page Down`, 'faint')]];
}

function pageLine({ head, text }: PageLine, columns: number, signs: Signs): Span[][] {
  if (head === '') return wrapped(text, columns - 2).map((part) => [span(` ${part}`)]);
  const indent = columns < 2 * headColumns ? 4 : headColumns;
  const parts = wrapped(text, columns - indent - 2).map((part) => span(part));
  const fits = cellsOf(head) <= indent - 2;
  const first = span(` ${fits ? fitted(head, indent) : cutTo(head, columns - 1, signs.ellipsis)}`, 'strong');
  const beside = fits ? parts.slice(0, 1) : [];
  const below = fits ? parts.slice(1) : parts;
  return [[first, ...beside], ...below.map((part) => [span(' '.repeat(indent + 1)), part])];
}

/** The line with the cursor in sight. */
function inputLine({ text, cursor }: LineEditor, columns: number): { line: Span[]; column: number } {
  const room = columns - cellsOf(prompt) - 1;
  const before = endOf(text.slice(0, cursor), room);
  const behind = cutTo(text.slice(cursor), room - cellsOf(before) + 1, '');
  return {
    line: [span(prompt, 'strong'), span(before + behind)],
    column: cellsOf(prompt) + cellsOf(before),
  };
}

/** As much of the end of a text as fits into so many columns. */
function endOf(text: string, columns: number): string {
  let kept = '';
  let used = 0;
  for (const { segment } of [...segmenter.segment(text)].reverse()) {
    used += cellsOf(segment);
    if (used > columns) break;
    kept = segment + kept;
  }
  return kept;
}

function keyLine({ keys }: PhoneView, columns: number): Span[] {
  const line: Span[] = [];
  let used = 0;
  for (const { key, act } of keys) {
    const width = cellsOf(key) + cellsOf(act) + 3;
    if (used + width > columns) break;
    line.push(span(` ${key} `, 'faint'), span(`${act} `, 'bar'));
    used += width;
  }
  return line;
}
