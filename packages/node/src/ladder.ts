/** One of the lifelines of a ladder. */
export interface LadderColumn {
  readonly title: string;
  /** What stands under the title, if anything: an address. */
  readonly subtitle?: string;
}

/** One line of a ladder: an arrow from column to column, counted from 0. */
export interface LadderRow {
  /** What stands before the lifelines, such as a time. */
  readonly margin?: string;
  readonly from: number;
  readonly to: number;
  readonly label: string;
  /**
   * `message` is a single line with one head, `missing` one of dots; media are double lines, `both` of them with two heads,
   * `words` have no line.
   */
  readonly kind: 'message' | 'missing' | 'media' | 'both' | 'words';
  /** What stands behind the lifelines. */
  readonly note?: string | undefined;
}

/** What fits between two lifelines with the usual width: a space on either side, and the head of the arrow. */
export const ladderLabelWidth = 25;
const columnWidth = ladderLabelWidth + 5;
const marginWidth = 8;

/** Draws a ladder as text, in the manner of RFC 5359: lifelines from left to right, time from top to bottom. */
export function drawLadder(columns: readonly LadderColumn[], rows: readonly LadderRow[]): string {
  return ladderHead(columns) + rows.map((row) => ladderLine(columns.length, row)).join('');
}

/** What stands above the lifelines, for a ladder that is drawn line by line as things happen. */
export function ladderHead(columns: readonly LadderColumn[]): string {
  const lines = [titleLine(columns.map(({ title }) => title))];
  if (columns.some(({ subtitle }) => subtitle !== undefined)) {
    lines.push(titleLine(columns.map(({ subtitle = '' }) => subtitle)));
  }
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** One line of a ladder that has so many lifelines. */
export function ladderLine(columns: number, row: LadderRow): string {
  const line = `${(row.margin ?? '').padStart(marginWidth)} ${arrow(columns, row)}`.trimEnd();
  return row.note === undefined ? `${line}\n` : `${line}  ${row.note}\n`;
}

function titleLine(titles: readonly string[]): string {
  const margin = ' '.repeat(marginWidth + 1);
  return margin + titles.map((title) => centred(title.slice(0, columnWidth - 1), columnWidth)).join('');
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return ' '.repeat(left) + text + ' '.repeat(width - text.length - left);
}

const strokes = { message: '-', missing: '.', media: '=', both: '=', words: ' ' } as const;

/** The lifelines of every column, and an arrow with its label between two of them. */
function arrow(columns: number, { from, to, label, kind }: LadderRow): string {
  const lifeline = (column: number): number => column * columnWidth + Math.floor(columnWidth / 2);
  const line = Array.from({ length: columns * columnWidth }, () => ' ');
  for (let column = 0; column < columns; column++) line[lifeline(column)] = '|';
  const [left, right] = [lifeline(Math.min(from, to)), lifeline(Math.max(from, to))];
  const stroke = strokes[kind];
  const isMessage = kind === 'message' || kind === 'missing';
  for (let at = left + 1; at < right; at++) if (!isMessage || line[at] === ' ') line[at] = stroke;
  if ((to > from && kind !== 'words') || kind === 'both') line[right - 1] = '>';
  if ((to < from && kind !== 'words') || kind === 'both') line[left + 1] = '<';
  const shown = ` ${label.slice(0, ladderLabelWidth)} `;
  // A message is named where it arrives, for its arrow may cross others; media are named in the middle.
  const gap = isMessage ? (to > from ? right - columnWidth : left) : left;
  const width = isMessage ? columnWidth : right - left;
  const start = gap + Math.floor((width - shown.length) / 2) + 1;
  for (let index = 0; index < shown.length; index++) line[start + index] = shown[index] ?? ' ';
  return line.join('');
}
