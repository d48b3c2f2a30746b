import type { Clock, Timer } from '@switchhook/sip';

const never: Timer = { cancel: () => undefined };

/** The clock of a machine that can be switched off: what it has armed until then does not happen, nor what is armed while it is off. */
export class PoweredClock implements Clock {
  readonly #clock: Clock;
  readonly #armed = new Set<Timer>();
  #isOn = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  date(): number {
    return this.#clock.date();
  }

  after(milliseconds: number, action: () => void): Timer {
    if (!this.#isOn) return never;
    const timer = this.#clock.after(milliseconds, () => {
      this.#armed.delete(handle);
      action();
    });
    const handle: Timer = {
      cancel: () => {
        this.#armed.delete(handle);
        timer.cancel();
      },
    };
    this.#armed.add(handle);
    return handle;
  }

  switchOff(): void {
    this.#isOn = false;
    for (const timer of [...this.#armed]) timer.cancel();
  }

  switchOn(): void {
    this.#isOn = true;
  }
}
