import type { Clock, Timer } from '../context.ts';
import type { Stage } from './call-plan.ts';

/** The time that a stage has: to begin to ring, and from then on to be answered. */
export class StageTimer {
  readonly #clock: Clock;
  readonly #timedOut: () => void;
  #silent: Stage | undefined = undefined;
  #due = Infinity;
  #timer: Timer | undefined = undefined;
  #fires = Infinity;

  constructor(clock: Clock, timedOut: () => void) {
    this.#clock = clock;
    this.#timedOut = timedOut;
  }

  /** A stage begins, and none of its targets rings yet. */
  begin(stage: Stage): void {
    this.stop();
    this.#silent = stage;
    if (stage.ringWithin !== undefined) this.#endAfter(stage.ringWithin);
  }

  /** One of its targets rings; only the first that does counts. */
  rings(): void {
    const stage = this.#silent;
    if (stage === undefined) return;
    this.#silent = undefined;
    if (stage.ringTime === undefined) this.stop();
    else this.#endAfter(stage.ringTime);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#silent = undefined;
  }

  #endAfter(milliseconds: number): void {
    this.#due = this.#clock.now() + milliseconds;
    // What fires too early looks again then: nearly every phone rings in time, and is answered before.
    if (this.#timer !== undefined && this.#fires <= this.#due) return;
    this.#timer?.cancel();
    this.#wait(milliseconds);
  }

  #wait(milliseconds: number): void {
    this.#fires = this.#clock.now() + milliseconds;
    this.#timer = this.#clock.after(milliseconds, () => {
      const left = this.#due - this.#clock.now();
      if (left > 0) this.#wait(left);
      else {
        this.#timer = undefined;
        this.#timedOut();
      }
    });
  }
}
