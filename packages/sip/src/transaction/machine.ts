/** One cell of a table: where the machine goes, and what it does in going there. */
export interface Step<State extends string, Action extends string> {
  readonly to: State;
  readonly actions: readonly Action[];
}

/**
 * A state machine as data: state x event -> state, actions. An event without a cell changes nothing in that state.
 * Every machine begins in `initial`; in `terminated` the transaction is gone.
 */
export type Machine<State extends string, Event extends string, Action extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, Step<State, Action>>>>>
>;
