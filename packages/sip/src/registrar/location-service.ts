import type { Binding } from './binding.ts';

/** Why bindings changed, as RFC 3680 tells it apart: a REGISTER, time, the end of a connection, an operator. */
export type LocationChangeCause = 'registered' | 'expired' | 'flow-ended' | 'administered';

/** Bindings of one address of record that came, changed or went. */
export interface LocationChange {
  readonly addressOfRecord: string;
  readonly before: readonly Binding[];
  readonly after: readonly Binding[];
  readonly cause: LocationChangeCause;
}

/**
 * Where bindings live. Answers come without a promise where nothing has to be waited for; what `update` answers, or
 * resolves to, is durable. Keys are canonical addresses of record.
 */
export interface LocationService {
  /** The bindings that have not expired, in the order in which they were first made. */
  bindings(addressOfRecord: string): readonly Binding[] | Promise<readonly Binding[]>;
  /**
   * Replaces the bindings of one address of record by what `change` makes of them, all or nothing, one update after
   * the other in the order of the calls (RFC 3261 10.3). A `change` that returns what it was given changes nothing.
   * Answers the bindings after it.
   */
  update(
    addressOfRecord: string,
    change: (current: readonly Binding[]) => readonly Binding[],
    cause: LocationChangeCause,
  ): readonly Binding[] | Promise<readonly Binding[]>;
  /** The address of record with a binding of this {@link Binding.gruuId}. */
  findGruu(gruuId: string): string | undefined | Promise<string | undefined>;
  /** Hears of every change after it is durable. Returns a function that ends it. */
  onChange(listener: (change: LocationChange) => void): () => void;
}
