import { untilGivenUp } from './abortable.ts';
import type { Abortable } from './abortable.ts';
import { throwIfGivenUp } from './failure.ts';

/** Changes of one call: they are made one after the other, as they were asked for. */
export class ChangeQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Makes a change when those before are done; one that is given up before its turn is not made. `who` is whom it is asked of. */
  add(who: string, change: () => Promise<void>, options: Abortable = {}): Promise<void> {
    const done = untilGivenUp(who, options, () => {
      const turn = this.#last.then(() => {
        throwIfGivenUp(who, options.signal);
        return change();
      });
      this.#last = turn.catch(() => undefined);
      return turn;
    });
    // Whoever does not wait for it sees in the call what came of it.
    done.catch(() => undefined);
    return done;
  }
}
