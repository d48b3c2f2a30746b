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
/** What stands beside a label: its spaces, and an arrow of which something can be seen. */
const labelMargin = 5;
const usualSpacing = ladderLabelWidth + labelMargin;
/** Lifelines are no closer: `INVITE F1` stands between them. */
const leastSpacing = 14;
const marginWidth = 8;
/** Room for a tick behind the lifelines. */
const noteWidth = 3;

/** How far lifelines are apart, so that all of them fit into so many columns of a terminal, if they can. */
export function ladderSpacing(lifelines: number, columns = Infinity): number {
  const fitting = Math.floor((columns - marginWidth - 1 - noteWidth) / lifelines);
  return Math.max(leastSpacing, Math.min(usualSpacing, fitting));
}

/** How long the label of an arrow between neighbours can be. */
export function ladderRoom(spacing: number): number {
  return spacing - labelMargin;
}

/** Draws a ladder as text, in the manner of RFC 5359: lifelines from left to right, time from top to bottom. */
export function drawLadder(columns: readonly LadderColumn[], rows: readonly LadderRow[]): string {
  return ladderHead(columns) + rows.map((row) => ladderLine(columns.length, row)).join('');
}

/** What stands above the lifelines, for a ladder that is drawn line by line as things happen. */
export function ladderHead(columns: readonly LadderColumn[], spacing = usualSpacing): string {
  const lines = [
    titleLine(
      columns.map(({ title }) => title),
      spacing,
    ),
  ];
  if (columns.some(({ subtitle }) => subtitle !== undefined)) {
    lines.push(
      titleLine(
        columns.map(({ subtitle = '' }) => subtitle),
        spacing,
      ),
    );
  }
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** One line of a ladder that has so many lifelines. */
export function ladderLine(columns: number, row: LadderRow, spacing = usualSpacing): string {
  const line = `${(row.margin ?? '').padStart(marginWidth)} ${arrow(columns, row, spacing)}`.trimEnd();
  return row.note === undefined ? `${line}\n` : `${line}  ${row.note}\n`;
}

function titleLine(titles: readonly string[], spacing: number): string {
  const margin = ' '.repeat(marginWidth + 1);
  return margin + titles.map((title) => centred(title.slice(0, spacing - 1), spacing)).join('');
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return ' '.repeat(left) + text + ' '.repeat(width - text.length - left);
}

const strokes = { message: '-', missing: '.', media: '=', both: '=', words: ' ' } as const;

/** The lifelines of every column, and an arrow with its label between two of them. */
function arrow(columns: number, { from, to, label, kind }: LadderRow, spacing: number): string {
  const lifeline = (column: number): number => column * spacing + Math.floor(spacing / 2);
  const line = Array.from({ length: columns * spacing }, () => ' ');
  for (let column = 0; column < columns; column++) line[lifeline(column)] = '|';
  const [left, right] = [lifeline(Math.min(from, to)), lifeline(Math.max(from, to))];
  const stroke = strokes[kind];
  const isMessage = kind === 'message' || kind === 'missing';
  for (let at = left + 1; at < right; at++) if (!isMessage || line[at] === ' ') line[at] = stroke;
  if ((to > from && kind !== 'words') || kind === 'both') line[right - 1] = '>';
  if ((to < from && kind !== 'words') || kind === 'both') line[left + 1] = '<';
  // A message is named where it arrives, for its arrow may cross others; media are named in the middle.
  const gap = isMessage && to > from ? right - spacing : left;
  const width = isMessage ? spacing : right - left;
  const shown = ` ${label.slice(0, Math.min(ladderLabelWidth, ladderRoom(width)))} `;
  const start = gap + Math.floor((width - shown.length) / 2) + 1;
  for (let index = 0; index < shown.length; index++) line[start + index] = shown[index] ?? ' ';
  return line.join('');
}
