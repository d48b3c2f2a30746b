import type { CallEnd } from '../call-end.ts';
import type { Party } from '../party.ts';

/** One call that was. Times are milliseconds since 1970. */
export interface CallLogEntry {
  readonly direction: 'outgoing' | 'incoming';
  /** The last one whom it was with. */
  readonly remote: Party;
  /** Whom it was with before: each was replaced by the next. For a call that somebody else picked up, who was called. */
  readonly before: readonly Party[];
  readonly startedAt: number;
  /** Undefined for a call that nobody answered. */
  readonly answeredAt: number | undefined;
  readonly endedAt: number;
  readonly end: CallEnd;
}

/** Calls that a log keeps; beyond them the oldest are forgotten. */
export const callLogLength = 200;

/** The calls that a phone has had. */
export class CallLog {
  /** Hears when it is cleared. For what keeps it. */
  onClear: (() => void) | undefined = undefined;
  readonly #entries: CallLogEntry[] = [];

  /** The last one first. */
  get entries(): readonly CallLogEntry[] {
    return this.#entries.toReversed();
  }

  /** Those that rang here and that nobody took: not what was rejected by hand, nor what another phone answered. */
  get missed(): readonly CallLogEntry[] {
    return this.entries.filter(isMissed);
  }

  add(entry: CallLogEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > callLogLength) this.#entries.shift();
  }

  clear(): void {
    this.#entries.length = 0;
    this.onClear?.();
  }
}

/** Whether somebody called whom nobody here answered or turned away. */
export function isMissed({ direction, answeredAt, end }: CallLogEntry): boolean {
  return (
    direction === 'incoming' && answeredAt === undefined && end.kind !== 'rejected' && end.kind !== 'answered-elsewhere'
  );
}
