export interface Interval {
  readonly from: string;
  readonly to: string;
  readonly start: number;
  end: number;
  count: number;
}

/** Two observations that are further apart, in milliseconds, are two intervals: ten packets of 20 ms did not come. */
const longestGap = 200;

/** Joins observations that follow on one another into intervals, for each pair of participants. */
export class IntervalTable {
  readonly #all: Interval[] = [];
  readonly #open = new Map<string, Interval>();

  add(start: number, end: number, from: string, to: string): void {
    const key = `${from} ${to}`;
    const open = this.#open.get(key);
    if (open !== undefined && start - open.end <= longestGap) {
      open.end = Math.max(open.end, end);
      open.count += 1;
      return;
    }
    const interval = { from, to, start, end, count: 1 };
    this.#open.set(key, interval);
    this.#all.push(interval);
  }

  intervals(): readonly Interval[] {
    return this.#all;
  }

  /** Whether something has reached somebody since then, from anybody or from one. */
  reaches(to: string, since: number, from?: string): boolean {
    return this.#all.some((each) => each.to === to && each.end >= since && (from === undefined || each.from === from));
  }
}
