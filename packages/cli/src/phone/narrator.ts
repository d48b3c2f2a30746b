import { PhoneError } from '@switchhook/phone';
import type { PhoneEvent } from '@switchhook/phone';
import { printable } from '@switchhook/sip';
import type { RegistrationState } from '@switchhook/sip';
import { duration } from './cells.ts';
import { failedRegistration, sentenceFor } from './sentences.ts';
import type { Sentence } from './sentences.ts';

/** Commands that begin a call: that it was given up its end has told. */
const calling: ReadonlySet<string> = new Set(['call', 'why', 'pickup', 'join', 'retrieve', 'follow', 'accept', 'add']);

/** What is to be done about what a telephone does not allow. */
const permitted: Readonly<Partial<Record<string, string>>> = {
  pickup: 'the telephone that has called says by --group who may',
  join: 'that telephone says by --group who may',
  dialwith: 'that telephone says by --group who may',
  redial: 'that telephone has to be in the same domain',
};

/** Tells what happens to a phone, and nothing twice: an exchange that is away for hours is two lines. */
export class Narrator {
  readonly #now: () => number;
  /** Since when there is no registration that there should be, and what was said of it last. */
  #outage: { readonly since: number; said: string } | undefined = undefined;
  #isRegistered = false;
  #last = '';

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What happened, for a person; undefined for what needs no words, or was said. */
  tell(event: PhoneEvent): Sentence | undefined {
    const sentence = event.kind === 'registration' ? this.#registration(event.registration) : sentenceFor(event);
    return this.#said(sentence && { ...sentence, text: printable(sentence.text) });
  }

  /** Why a command failed; undefined where the end of its call has told it. */
  failed(command: string, error: unknown): Sentence | undefined {
    const advice = error instanceof PhoneError && error.failure.kind === 'forbidden' ? permitted[command] : undefined;
    if (advice === undefined && this.#isTold(command, error)) return undefined;
    const message = error instanceof Error ? error.message : String(error);
    const text = advice === undefined ? message : `${message}; ${advice}`;
    return this.#said({ text: printable(`${command}: ${text}`), tone: 'bad' });
  }

  #isTold(command: string, error: unknown): boolean {
    if (!(error instanceof PhoneError)) return false;
    const isGivenUp = error.failure.kind === 'cancelled' && calling.has(command);
    return isGivenUp || (calling.has(command) && this.#last.startsWith(printable(error.message)));
  }

  #registration(registration: RegistrationState): Sentence | undefined {
    const outage = this.#outage;
    switch (registration.kind) {
      case 'registered': {
        const isNews = !this.#isRegistered || outage !== undefined;
        this.#isRegistered = true;
        this.#outage = undefined;
        if (!isNews) return undefined;
        const away = outage === undefined ? '' : ` again, after ${duration((this.#now() - outage.since) / 1_000)}`;
        return { text: `registered${away}`, tone: 'good' };
      }
      case 'failed': {
        const { text, again } = failedRegistration(registration);
        if (outage?.said === text) return undefined;
        this.#outage = { since: outage?.since ?? this.#now(), said: text };
        return { text: `${text}; ${again}`, tone: 'bad' };
      }
      case 'unregistered':
        if (!this.#isRegistered && outage === undefined) return undefined;
        this.#isRegistered = false;
        this.#outage = undefined;
        return { text: 'no longer registered', tone: 'plain' };
      case 'registering':
      case 'unregistering':
        return undefined;
    }
  }

  #said(sentence: Sentence | undefined): Sentence | undefined {
    this.#last = sentence?.text ?? this.#last;
    return sentence;
  }
}
