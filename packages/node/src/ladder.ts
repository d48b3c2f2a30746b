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
/** Lifelines are no closer: `INVITE F10` stands between them. */
const leastSpacing = 14;
/** Closer than this, the first lifeline stands near the margin, and an arrow is little more than its head. */
const closeSpacing = 20;
const closeLead = 4;
const marginWidth = 8;
/** Room for a tick behind the lifelines. */
const noteWidth = 3;

/** What stands on the left of the first lifeline. */
function leadOf(spacing: number): number {
  return spacing < closeSpacing ? closeLead : Math.floor(spacing / 2);
}

/** How far lifelines are apart, so that all of them fit into so many columns of a terminal, if they can: no less than 14 columns. */
export function ladderSpacing(lifelines: number, columns = Infinity): number {
  const room = columns - marginWidth - 2 - noteWidth;
  const fitting = Math.floor(room / (lifelines - 0.5));
  if (fitting >= closeSpacing) return Math.min(usualSpacing, fitting);
  const close = Math.floor((room - closeLead) / (lifelines - 1));
  return Math.max(leastSpacing, Math.min(closeSpacing - 1, close));
}

/** Whether that many lifelines can be drawn in so many columns of a terminal. */
export function ladderFits(lifelines: number, columns = Infinity): boolean {
  return marginWidth + 2 + closeLead + (lifelines - 1) * leastSpacing + noteWidth <= columns;
}

/** How long the label of an arrow between neighbours can be. */
export function ladderRoom(spacing: number): number {
  return spacing < closeSpacing ? spacing - labelMargin + 1 : spacing - labelMargin;
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
  return titles.reduce((line, title, column) => {
    // The last may be no wider than what stands behind its lifeline.
    const most = column === titles.length - 1 && spacing < closeSpacing ? 2 * noteWidth + 1 : spacing - 1;
    const shown = title.slice(0, most);
    const lifeline = marginWidth + 1 + leadOf(spacing) + column * spacing;
    const start = lifeline - Math.floor(spacing / 2) + Math.floor((spacing - shown.length) / 2);
    return `${line.padEnd(start)}${shown}`;
  }, '');
}

const strokes = { message: '-', missing: '.', media: '=', both: '=', words: ' ' } as const;

/** The lifelines of every column, and an arrow with its label between two of them. */
function arrow(columns: number, { from, to, label, kind }: LadderRow, spacing: number): string {
  const lifeline = (column: number): number => column * spacing + leadOf(spacing);
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
  const room = isMessage ? ladderRoom(spacing) : width - labelMargin;
  const shown = ` ${label.slice(0, Math.min(ladderLabelWidth, room))} `;
  const middle = gap + Math.floor((width - shown.length) / 2) + 1;
  const start = to > from ? Math.min(middle, right - 1 - shown.length) : Math.max(middle, left + 2);
  for (let index = 0; index < shown.length; index++) line[start + index] = shown[index] ?? ' ';
  return line.join('');
}
