import type { Clock, Timer } from '@switchhook/sip';

/** Milliseconds between two looks, */
const tick = 20;
/** and as many as count between two at most. */
const longestTick = 40;

/**
 * A clock that counts the time in which somebody could do something: it looks at another every 20 ms, and while the machine is
 * too busy to let it look, it stands still. So sound that comes late because everything does is not late by this clock; one
 * that does not come, is. On a machine with nothing else to do it goes as the other does.
 */
export class AttentiveClock implements Clock {
  readonly #clock: Clock;
  #seen: number;
  #date: number;
  #looking: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#seen = clock.now();
    this.#date = clock.date();
  }

  /** Begins to look; until then, and once it is stopped, it goes as the other does: what still waits has its end. */
  start(): void {
    this.now();
    this.#looking = this.#clock.after(tick, () => {
      this.start();
    });
  }

  stop(): void {
    this.#looking?.cancel();
    this.#looking = undefined;
  }

  now(): number {
    const now = this.#clock.now();
    const passed = now - this.#seen;
    this.#date += this.#looking === undefined ? passed : Math.min(passed, longestTick);
    this.#seen = now;
    return Math.floor(this.#date);
  }

  date(): number {
    return this.now();
  }

  after(milliseconds: number, action: () => void): Timer {
    const end = this.now() + milliseconds;
    const look = (): void => {
      const left = end - this.now();
      if (left > 0) timer = this.#clock.after(left, look);
      else action();
    };
    let timer = this.#clock.after(milliseconds, look);
    return {
      cancel: () => {
        timer.cancel();
      },
    };
  }
}
