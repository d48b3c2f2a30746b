import type { Clock, Timer } from '../context.ts';
import type { SipResponse } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TimerValues } from '../transaction/timers.ts';

/**
 * A 2xx to an INVITE, sent again until its ACK comes, whatever the transport: a hop beyond the next may lose it (RFC 3261
 * 13.3.1.4). After 64*T1 without an ACK it is given up.
 */
export class SuccessRepeater {
  readonly #clock: Clock;
  readonly #timers: TimerValues;
  readonly #transaction: ServerTransaction;
  readonly #response: SipResponse;
  readonly #givenUp: () => void;
  #repeat: Timer | undefined = undefined;
  #limit: Timer | undefined = undefined;

  constructor(
    { clock, timers }: { readonly clock: Clock; readonly timers: TimerValues },
    transaction: ServerTransaction,
    response: SipResponse,
    givenUp: () => void,
  ) {
    this.#clock = clock;
    this.#timers = timers;
    this.#transaction = transaction;
    this.#response = response;
    this.#givenUp = givenUp;
  }

  /** Which ACK it waits for. */
  get cseqNumber(): number {
    return this.#transaction.request.cseqNumber;
  }

  start(): void {
    const { T1 } = this.#timers;
    this.#repeatAfter(T1);
    this.#limit = this.#clock.after(64 * T1, () => {
      this.stop();
      this.#givenUp();
    });
  }

  stop(): void {
    this.#repeat?.cancel();
    this.#limit?.cancel();
    this.#repeat = undefined;
    this.#limit = undefined;
  }

  #repeatAfter(delay: number): void {
    this.#repeat = this.#clock.after(delay, () => {
      this.#transaction.respond(this.#response);
      this.#repeatAfter(Math.min(delay * 2, this.#timers.T2));
    });
  }
}
