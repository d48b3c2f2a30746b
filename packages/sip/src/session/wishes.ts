import type { LocalHold } from './media.ts';
import type { ModificationOutcome } from './session-contract.ts';

/** Answers an offer of the far end for this side, which speaks for somebody else then; undefined where he says nothing. */
export type AnswerElsewhere = (offer: string) => Promise<string | undefined>;

/** What is to change. Without a hold all stays; a refresh offers the same description again (RFC 4028 7.4). */
export interface Change {
  readonly hold?: LocalHold | undefined;
  readonly refresh?: boolean | undefined;
  /** The far end is asked for an offer, and hears the answer of somebody else while it is on hold (RFC 7088). */
  readonly elsewhere?: AnswerElsewhere | undefined;
}

type Settle = (outcome: ModificationOutcome) => void;

interface Wish {
  readonly change: Change;
  readonly settle: readonly Settle[];
  /** How often it was begun. */
  readonly attempts: number;
}

/** What is to change in a session: one change that is being made, and one that waits, into which others merge. */
export class Wishes {
  #waiting: Wish | undefined = undefined;
  #current: Wish | undefined = undefined;

  get hasWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** How often the change that is being made was begun. */
  get attempts(): number {
    return this.#current?.attempts ?? 0;
  }

  /** What stands is wanted after all: false where a change is being made already. */
  withdrawHold(): boolean {
    if (this.#current !== undefined) return false;
    const waiting = this.#waiting;
    if (waiting?.change.hold === undefined) return waiting === undefined;
    this.#waiting = undefined;
    tell(waiting, { kind: 'superseded' });
    return true;
  }

  /** One that has not begun yet takes another one in, or gives way to it where both speak of hold. */
  add(change: Change, settle: Settle): void {
    const waiting = this.#waiting;
    const isSuperseded =
      change.hold !== undefined && waiting?.change.hold !== undefined && waiting.change.hold !== change.hold;
    if (isSuperseded) tell(waiting, { kind: 'superseded' });
    const settles = waiting === undefined || isSuperseded ? [settle] : [...waiting.settle, settle];
    this.#waiting = { change: { ...waiting?.change, ...change }, settle: settles, attempts: 0 };
  }

  /** The change to make now, and whether it is still that later. */
  begin(): { readonly change: Change; isCurrent(): boolean } | undefined {
    const waiting = this.#waiting;
    if (waiting === undefined) return undefined;
    const current = { ...waiting, attempts: waiting.attempts + 1 };
    this.#waiting = undefined;
    this.#current = current;
    return { change: current.change, isCurrent: () => this.#current === current };
  }

  /** The change that is being made waits once more, unless another one has come meanwhile. */
  postpone(): void {
    const current = this.#current;
    this.#current = undefined;
    if (this.#waiting === undefined) this.#waiting = current;
    else tell(current, { kind: 'superseded' });
  }

  /** What came of the change that was made. */
  settle(outcome: ModificationOutcome): void {
    const current = this.#current;
    this.#current = undefined;
    tell(current, outcome);
  }

  /** Nothing changes any more. */
  end(outcome: ModificationOutcome): void {
    for (const wish of [this.#current, this.#waiting]) tell(wish, outcome);
    this.#current = undefined;
    this.#waiting = undefined;
  }
}

function tell(wish: Wish | undefined, outcome: ModificationOutcome): void {
  for (const settle of wish?.settle ?? []) settle(outcome);
}
