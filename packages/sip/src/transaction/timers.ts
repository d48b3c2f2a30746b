/** The times everything else is made of, in milliseconds (RFC 3261 17.1.1.1 and 17.1.2.2). */
export interface TimerValues {
  /** An estimate of the round-trip time. */
  readonly T1: number;
  /** The longest interval between repetitions of non-INVITE requests and INVITE responses. */
  readonly T2: number;
  /** How long a message may stay in the network. */
  readonly T4: number;
}

/** RFC 3261 table 4. */
export const defaultTimers: TimerValues = { T1: 500, T2: 4000, T4: 5000 };

/** What the timers of the four machines run for on one kind of transport. */
export interface TimerDurations {
  readonly T1: number;
  readonly T2: number;
  /** Timers B, F, H, L and M, the end of a CANCEL's effect, and of a non-INVITE server's patience. */
  readonly transaction: number;
  readonly D: number;
  readonly I: number;
  readonly J: number;
  readonly K: number;
  /** RFC 3261 17.2.1: how long the user may be silent before the transaction answers an INVITE with 100. */
  readonly trying: number;
  /** RFC 4320 4.1: how long a client's timer E takes to be reset to T2. */
  readonly provisional: number;
}

/** RFC 6026 8.4: at least this long, because the far end's T1 is unknown. */
const minimumTimerD = 32_000;

export function timerDurations({ T1, T2, T4 }: TimerValues, reliable: boolean): TimerDurations {
  const transaction = 64 * T1;
  let provisional = T1;
  for (let timerE = 2 * T1; timerE < T2; timerE *= 2) provisional += timerE;
  return {
    T1,
    T2,
    transaction,
    D: reliable ? 0 : Math.max(minimumTimerD, transaction),
    I: reliable ? 0 : T4,
    J: reliable ? 0 : transaction,
    K: reliable ? 0 : T4,
    trying: 200,
    provisional,
  };
}
