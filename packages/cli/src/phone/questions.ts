import type { Call, CallLink, PhoneEvent, Referral } from '@switchhook/phone';
import { CommandError } from './command-error.ts';

/** Questions that are remembered; older ones are no longer answered by their number. */
const remembered = 50;

/** What the person is asked and has not answered yet, each with a number; and the last link that came in a message. */
export class Questions {
  readonly #referrals = new Map<number, Referral>();
  #link: CallLink | undefined = undefined;
  #asked = 0;

  /** Remembers what wants an answer. The number of the question, where the event is one or belongs to one. */
  note(event: PhoneEvent): number | undefined {
    if (event.kind === 'message') this.#link = event.message.link ?? this.#link;
    if (event.kind !== 'referral') return undefined;
    const { referral, state } = event;
    if (state !== 'asked') return this.#numberOf(referral);
    this.#asked += 1;
    this.#referrals.set(this.#asked, referral);
    for (const number of this.#referrals.keys()) {
      if (this.#referrals.size <= remembered) break;
      this.#referrals.delete(number);
    }
    return this.#asked;
  }

  /** The question that was asked last, and is open. */
  get open(): Referral | undefined {
    return [...this.#referrals.values()].findLast(({ state }) => state === 'asked');
  }

  /** Says yes: to the question of that number, or to the last one. The call that comes of it. */
  accept(number: number | undefined): Call {
    return this.#find(number).accept();
  }

  refuse(number: number | undefined): void {
    this.#find(number).refuse();
  }

  /** Calls what the last message with a link says. */
  follow(): Call {
    if (this.#link === undefined) throw new CommandError('no message has had a link');
    return this.#link.follow();
  }

  #find(number: number | undefined): Referral {
    const found = number === undefined ? this.open : this.#referrals.get(number);
    if (found !== undefined) return found;
    const what = number === undefined ? 'nobody has asked anything' : `there is no question ${String(number)}`;
    throw new CommandError(what);
  }

  #numberOf(referral: Referral): number | undefined {
    for (const [number, each] of this.#referrals) if (each === referral) return number;
    return undefined;
  }
}
