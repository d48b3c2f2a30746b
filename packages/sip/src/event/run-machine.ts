import type { Machine } from '../transaction/machine.ts';

/** Where a machine stands. Runs its table: goes to the next state, then does what the cell says, in its order. */
export class Running<State extends string, Event extends string, Action extends string> {
  readonly #machine: Machine<State, Event, Action>;
  readonly #perform: (action: Action) => void;
  #state: State;

  constructor(machine: Machine<State, Event, Action>, initial: State, perform: (action: Action) => void) {
    this.#machine = machine;
    this.#perform = perform;
    this.#state = initial;
  }

  get state(): State {
    return this.#state;
  }

  run(event: Event): void {
    const step = this.#machine[this.#state][event];
    if (step === undefined) return;
    this.#state = step.to;
    for (const action of step.actions) this.#perform(action);
  }
}
