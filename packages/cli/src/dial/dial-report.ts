import { endSentenceOf } from '@switchhook/phone';
import type { Call, Failure } from '@switchhook/phone';
import { printable } from '@switchhook/sip';
import type { Terminal } from '../command.ts';

/** What a person may do about it. */
const advice: Readonly<Partial<Record<Failure['kind'], string>>> = {
  password: 'say --password-file FILE, or run it in a terminal that can ask for it',
  certificate: 'say --ca FILE with the authority that the exchange has its certificate of',
  unreachable: 'see that the exchange runs, or say --proxy HOST',
  'not-now': 'wait, and say it again',
  sound: 'say --no-sound where this machine has no microphone',
};

/** The same, where a telephone was asked to call. */
const adviceOfAsking: typeof advice = {
  forbidden: 'a telephone lets nobody dial but the owner of its address, unless it is told who may',
  unavailable: 'that telephone has gone; start it again, or say --here to call from this machine',
  server: 'that telephone may have gone; start it again, or say --here to call from this machine',
  declined: 'whose telephone it is has said no, or it is its own address that you would have it call',
  refused: 'perhaps that telephone cannot be asked (REFER); say --here to call from this machine',
};

/** Tells how dialling goes: in lines for a person, or lines of JSON for programs. */
export class DialReport {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  #asks = false;

  constructor(terminal: Terminal, json: boolean) {
    this.#terminal = terminal;
    this.#json = json;
  }

  /** The person's telephone is asked from here on; what fails, failed there. */
  asking(): void {
    this.#asks = true;
  }

  /** Something has come further. */
  tell(event: string, sentence: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (this.#json) this.#line({ event, ...fields });
    else this.#terminal.print(`${printable(sentence)}\n`);
  }

  /** It came to nothing; `failure` is why, and `sentence` for people. */
  complain({ kind, ...more }: Pick<Failure, 'kind'> & Partial<Failure>, sentence: string): void {
    const what = (this.#asks ? adviceOfAsking[kind] : undefined) ?? advice[kind];
    const whole = what === undefined ? sentence : `${sentence}; ${what}`;
    if (this.#json) this.#line({ event: 'failed', kind, ...more, message: whole });
    else this.#terminal.complain(`switchhook dial: ${printable(whole)}\n`);
  }

  /** A call that this command makes itself. */
  follow(call: Call): void {
    const { name } = call.remote;
    call.onEvent((event) => {
      if (event.kind === 'state' && event.state === 'ringing') this.tell('ringing', `it rings at ${name}`);
      if (event.kind === 'state' && event.state === 'connected')
        this.tell('connected', `${name} answered; Ctrl-C hangs up`);
      // What failed is complained of.
      if (event.kind === 'ended' && event.end.kind === 'hung-up')
        this.tell('ended', endSentenceOf(event.end, name), { end: event.end });
    });
  }

  #line(fields: Readonly<Record<string, unknown>>): void {
    this.#terminal.print(`${JSON.stringify({ time: new Date().toISOString(), ...fields })}\n`);
  }
}
