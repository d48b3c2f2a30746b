/** The states that wait for whoever iterates. When he is slow the oldest are left out: what comes last says all. */
export class StateQueue<State> {
  readonly #limit: number;
  readonly #states: State[] = [];
  readonly #waiting: ((result: IteratorResult<State, undefined>) => void)[] = [];
  #closed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(state: State): void {
    if (this.#closed) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting({ done: false, value: state });
    else {
      this.#states.push(state);
      if (this.#states.length > this.#limit) this.#states.shift();
    }
  }

  /** What waits may still be taken; nothing more comes. */
  close(): void {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<State, undefined>> {
    const state = this.#states.shift();
    if (state !== undefined) return Promise.resolve({ done: false, value: state });
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
