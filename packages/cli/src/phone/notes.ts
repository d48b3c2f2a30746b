import { announcementOf } from './sentences.ts';
import type { Call, CallClaim, CallLink, ParkedCall, PhoneEvent, Redial, Referral } from '@switchhook/phone';
import { CommandError } from './command-error.ts';

/** Questions that are remembered; older ones are no longer answered by their number. */
const remembered = 50;

/** Something that the phone does only when its person says so. */
export interface Question {
  readonly text: string;
  /** False once it is answered, or too late. */
  isOpen(): boolean;
  /** The call that comes of it, if one does at once. */
  accept(): Call | undefined;
  refuse(): void;
}

/** What a phone's face keeps in mind between commands: what the person is asked, the last link, the calls that he has parked. */
export class Notes {
  readonly #questions = new Map<number, Question>();
  readonly #numbers = new WeakMap<object, number>();
  readonly #parked: ParkedCall[] = [];
  #link: CallLink | undefined = undefined;
  #announcement: string | undefined = undefined;
  #asked = 0;

  /** Remembers what wants an answer. The number of the question, where the event is one or belongs to one. */
  take(event: PhoneEvent): number | undefined {
    switch (event.kind) {
      case 'call':
        if (event.event.kind === 'ended') this.#announcement = announcementOf(event.event.end) ?? this.#announcement;
        return undefined;
      case 'message':
        this.#link = event.message.link ?? this.#link;
        return undefined;
      case 'referral':
        return this.#number(event.referral, event.state === 'asked' ? questionOfReferral(event.referral) : undefined);
      case 'redial':
        return this.#number(event.redial, event.state === 'asking' ? questionOfRedial(event.redial) : undefined);
      case 'claim':
        return this.#number(event.claim, questionOfClaim(event.claim));
      default:
        return undefined;
    }
  }

  /** The question that was asked last, and is open. */
  get open(): Question | undefined {
    return [...this.#questions.values()].findLast((question) => question.isOpen());
  }

  /** The question of that number, or the last one that is open. */
  question(number: number | undefined): Question {
    const found = number === undefined ? this.open : this.#questions.get(number);
    if (found !== undefined) return found;
    throw new CommandError(
      number === undefined ? 'nobody has asked anything' : `there is no question ${String(number)}`,
    );
  }

  /** What the last message with a link says. */
  get link(): CallLink {
    if (this.#link === undefined) throw new CommandError('no message has had a link');
    return this.#link;
  }

  /** Where the server that has refused a call last lets it be heard why. */
  get announcement(): string {
    if (this.#announcement === undefined) throw new CommandError('no call was refused with an address to hear why');
    return this.#announcement;
  }

  park(parked: ParkedCall): void {
    this.#parked.push(parked);
    if (this.#parked.length > remembered) this.#parked.shift();
  }

  /** The call that was parked last and has not been asked for since. */
  unpark(): ParkedCall {
    const parked = this.#parked.pop();
    if (parked === undefined) throw new CommandError('you have parked no call: say where it is, retrieve SLOT');
    return parked;
  }

  #number(about: object, question: Question | undefined): number | undefined {
    if (question === undefined) return this.#numbers.get(about);
    this.#asked += 1;
    this.#numbers.set(about, this.#asked);
    this.#questions.set(this.#asked, question);
    this.#questions.delete(this.#asked - remembered);
    return this.#asked;
  }
}

function questionOfReferral(referral: Referral): Question {
  return {
    text: `${referral.from.name} asks you to call ${referral.target.name}`,
    isOpen: () => referral.state === 'asked',
    accept: () => referral.accept(),
    refuse: () => referral.refuse(),
  };
}

function questionOfClaim(claim: CallClaim): Question {
  const { from, call, wish } = claim;
  const what =
    wish === 'replace' ? `take your call with ${call.remote.name} over` : `join your call with ${call.remote.name}`;
  let isAnswered = false;
  return {
    text: `${from.name} wants to ${what}`,
    isOpen: () => !isAnswered && call.state !== 'ended',
    accept() {
      isAnswered = true;
      claim.allow();
      return call;
    },
    refuse() {
      isAnswered = true;
      claim.refuse();
    },
  };
}

function questionOfRedial(redial: Redial): Question {
  return {
    text: `${redial.to.name} is free now, and would be called`,
    isOpen: () => redial.state === 'asking',
    accept() {
      redial.call();
      return undefined;
    },
    refuse: () => redial.cancel(),
  };
}
