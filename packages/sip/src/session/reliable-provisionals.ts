import type { Clock, Timer } from '../context.ts';
import type { Dialog, DialogResponseOptions } from '../dialog/dialog.ts';
import { SyntaxFault } from '../message/fault.ts';
import { RAck } from '../message/headers/rack.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';

/** A reliable provisional response to send. */
export interface ReliableProvisional {
  readonly status: number;
  readonly options: DialogResponseOptions;
  /** Answers the PRACK, which has an answer or another offer perhaps. */
  readonly acknowledged: (prack: ServerTransaction) => void;
}

/**
 * The server's side of reliable provisional responses to one INVITE (RFC 3262 3): numbered from a random number on, each
 * repeated until its PRACK comes, and the next one not before that. After 64*T1 it is given up.
 */
export class ReliableProvisionals {
  readonly #clock: Clock;
  readonly #T1: number;
  readonly #dialog: Dialog;
  readonly #transaction: ServerTransaction;
  readonly #givenUp: () => void;
  readonly #waiting: ReliableProvisional[] = [];
  #sequence: number;
  #current: ReliableProvisional | undefined = undefined;
  #repeat: Timer | undefined = undefined;
  #limit: Timer | undefined = undefined;

  constructor(
    { clock, T1, fraction }: { readonly clock: Clock; readonly T1: number; readonly fraction: number },
    dialog: Dialog,
    transaction: ServerTransaction,
    givenUp: () => void,
  ) {
    this.#clock = clock;
    this.#T1 = T1;
    this.#dialog = dialog;
    this.#transaction = transaction;
    this.#givenUp = givenUp;
    // RFC 3262 3: from 1 to 2**31 - 1, so that it never has to wrap.
    this.#sequence = Math.floor(fraction * (2 ** 31 - 1));
  }

  /** True while a response with a session description waits for its PRACK: no 2xx may go before (RFC 3262 3). */
  get holdsSuccess(): boolean {
    return [this.#current, ...this.#waiting].some((each) => each?.options.body !== undefined);
  }

  send(provisional: ReliableProvisional): void {
    this.#waiting.push(provisional);
    if (this.#current === undefined) this.#sendNext();
  }

  /** Takes a PRACK; false for one that acknowledges nothing that waits, which gets 481. */
  take(transaction: ServerTransaction): boolean {
    const current = this.#current;
    if (current === undefined || !this.#matches(transaction.request)) return false;
    this.#stopTimers();
    this.#current = undefined;
    current.acknowledged(transaction);
    if (this.#waiting.length > 0) this.#sendNext();
    return true;
  }

  /** Takes a PRACK that has crossed the final response; false for one that acknowledges nothing that still waited. */
  takeLate(prack: SipRequest): boolean {
    if (this.#current === undefined || !this.#matches(prack)) return false;
    this.#current = undefined;
    return true;
  }

  /** Repeats nothing any more, and sends nothing that waits: the final response has gone out. */
  stop(): void {
    this.#stopTimers();
    this.#waiting.length = 0;
  }

  #matches(prack: SipRequest): boolean {
    const rack = prack.get(RAck);
    return (
      rack !== undefined &&
      !(rack instanceof SyntaxFault) &&
      rack.responseNumber === this.#sequence &&
      rack.cseqNumber === this.#transaction.request.cseqNumber &&
      rack.method === 'INVITE'
    );
  }

  #sendNext(): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#current = next;
    this.#sequence += 1;
    const { status, options } = next;
    const response = this.#dialog.respond(this.#transaction, status, {
      ...options,
      headers: [...(options.headers ?? []), ['Require', '100rel'], ['RSeq', String(this.#sequence)]],
    });
    this.#repeatAfter(this.#T1, response);
    this.#limit = this.#clock.after(64 * this.#T1, () => {
      this.stop();
      this.#givenUp();
    });
  }

  #repeatAfter(delay: number, response: SipResponse): void {
    this.#repeat = this.#clock.after(delay, () => {
      this.#transaction.respond(response);
      this.#repeatAfter(delay * 2, response);
    });
  }

  #stopTimers(): void {
    this.#repeat?.cancel();
    this.#limit?.cancel();
    this.#repeat = undefined;
    this.#limit = undefined;
  }
}
