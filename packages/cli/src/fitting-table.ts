import { cellsOf, wrapped } from './phone/cells.ts';

/** One column of a table that is as wide as its terminal at most. */
export interface Column {
  readonly head: string;
  /** What it holds goes on in the next line, where it may have this width and not less; one line without it. */
  readonly least?: number;
  /** Is left out where there is no room, the highest first; never without it. */
  readonly spare?: number;
}

const gap = 2;

/**
 * A table that is printed row by row. Where a terminal has not as many columns as it would like, what may do so goes on in further
 * lines; then columns are left out; and in the narrowest each row is a paragraph, its first two cells in one line.
 */
export class FittingTable {
  readonly #columns: readonly Column[];
  readonly #room: number;
  /** Widths of those that are shown, by their places; undefined where rows are paragraphs. */
  readonly #widths: ReadonlyMap<number, number> | undefined;
  /** How wide the first cells are, for paragraphs. */
  readonly #first: number;

  /** `rows` are as wide as rows will be, `room` is how wide the terminal is; anything may be as wide as it likes without it. */
  constructor(columns: readonly Column[], rows: readonly (readonly string[])[], room = Infinity) {
    this.#columns = columns;
    this.#room = room;
    const natural = columns.map(({ head }, place) =>
      Math.max(cellsOf(head), ...rows.map((row) => cellsOf(row[place] ?? ''))),
    );
    this.#first = Math.max(0, ...rows.map(([cell = '']) => cellsOf(cell)));
    this.#widths = fittingWidths(columns, natural, room);
  }

  /** The line of heads; none where rows are paragraphs. */
  head(): string {
    return this.#widths === undefined ? '' : this.row(this.#columns.map(({ head }) => head));
  }

  /** One row, on as many lines as it takes. */
  row(cells: readonly string[]): string {
    return this.#widths === undefined ? this.#paragraph(cells) : lines(cells, [...this.#widths]);
  }

  #paragraph([first = '', second = '', ...others]: readonly string[]): string {
    const indent = this.#first + gap;
    const isShown = (place: number): boolean => this.#columns[place]?.spare === undefined;
    const below = others.filter((cell, place) => cell !== '' && isShown(place + 2));
    const parts = [second, ...below].flatMap((cell) => wrapped(cell, Math.max(1, this.#room - indent)));
    return parts.map((part, place) => `${(place === 0 ? first : '').padEnd(indent)}${part}\n`).join('');
  }
}

function lines(cells: readonly string[], widths: readonly (readonly [number, number])[]): string {
  const last = widths.at(-1)?.[0];
  const wrappedCells = widths.map(([place, width]) => wrapped(cells[place] ?? '', width));
  const height = Math.max(1, ...wrappedCells.map((parts) => parts.length));
  const line = (number: number): string =>
    widths
      .map(([place, width], column) => {
        const part = wrappedCells[column]?.[number] ?? '';
        return place === last ? part : part + ' '.repeat(Math.max(0, width - cellsOf(part)) + gap);
      })
      .join('')
      .trimEnd();
  return Array.from({ length: height }, (_, number) => `${line(number)}\n`).join('');
}

function fittingWidths(
  columns: readonly Column[],
  natural: readonly number[],
  room: number,
): ReadonlyMap<number, number> | undefined {
  const spares = columns.map(({ spare }) => spare).filter((spare) => spare !== undefined);
  for (const limit of [Infinity, ...spares.sort((one, other) => other - one)]) {
    const shown = new Map(
      natural.map((width, place) => [place, width] as const).filter(([place]) => (columns[place]?.spare ?? 0) < limit),
    );
    if (shrunk(shown, columns, room)) return shown;
  }
  return undefined;
}

/** Takes from the widest that may have less until all fit; the last gets what is left. False where they do not. */
function shrunk(widths: Map<number, number>, columns: readonly Column[], room: number): boolean {
  const left = (): number => room - [...widths.values()].reduce((sum, width) => sum + width + gap, -gap);
  while (left() < 0) {
    const [widest] = [...widths]
      .filter(([place, width]) => width > (columns[place]?.least ?? Infinity))
      .sort(([, one], [, other]) => other - one);
    if (widest === undefined) return false;
    widths.set(widest[0], widest[1] - 1);
  }
  const [last] = [...widths.keys()].slice(-1);
  if (last !== undefined) widths.set(last, (widths.get(last) ?? 0) + left());
  return true;
}
