import type { Clock, Timer } from '../context.ts';
import type { ModificationOutcome } from './session-contract.ts';
import { silenceMachine } from './silence-machine.ts';
import type { SilenceAction, SilenceEvent, SilenceState } from './silence-machine.ts';

/** Milliseconds between two looks while nothing comes: the person is told soon that something does again. */
const lookTime = 500;
/** Milliseconds until a far end that is silent, and has answered, is asked once more. */
const laterTime = 30_000;
/** Milliseconds until one is asked once more to which there was no way. */
const soonTime = 4_000;
/** Milliseconds of silence with no way to the far end after which it is lost; a request waits as long (RFC 3261 17.1.2.2). */
const patience = 32_000;

/** What servers on the way say where there is no way to the far end at the moment. */
const noWay: ReadonlySet<number> = new Set([430, 503, 504]);

export interface SilenceWatchUser {
  /** When something came last, on the clock; `-Infinity` before. Undefined where that is not known. */
  lastReceived(): number | undefined;
  /** Nothing comes that should; or it does again, or does not have to. */
  silent(silent: boolean): void;
  /** Asks the far end whether it is there. A session that ends over it stops the watch. */
  ask(): Promise<'answered' | 'unanswered'>;
  /** There is no way to it any more. */
  lost(): void;
}

/** Notices that nothing comes any more from a far end that should send, and finds out about it; see {@link silenceMachine}. */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #time: number;
  readonly #user: SilenceWatchUser;
  #state: SilenceState = 'unexpecting';
  /** Since when something should have come: it was agreed then, or came last. */
  #since = 0;
  /** Since when nobody can say that the far end is there; undefined while somebody can. */
  #unreachableSince: number | undefined = undefined;
  #look: Timer | undefined = undefined;
  #again: Timer | undefined = undefined;
  /** Counts the questions: an answer to an older one is of no interest. */
  #question = 0;

  /** `time`: milliseconds without anything that are noticed. */
  constructor(clock: Clock, time: number, user: SilenceWatchUser) {
    this.#clock = clock;
    this.#time = time;
    this.#user = user;
  }

  /** Whether the silence has been noticed, and lasts. */
  get isSilent(): boolean {
    return this.#state === 'asking' || this.#state === 'waiting';
  }

  /** What was agreed: something is to come, or nothing is. */
  expect(expected: boolean): void {
    if (!expected) this.#run('rest');
    else if (this.#user.lastReceived() !== undefined) this.#run('expect');
  }

  /** The session is over. */
  stop(): void {
    this.#run('end');
  }

  #run(event: SilenceEvent): void {
    const step = silenceMachine[this.#state][event];
    if (step === undefined) return;
    this.#state = step.to;
    for (const action of step.actions) this.#perform(action);
  }

  #perform(action: SilenceAction): void {
    switch (action) {
      case 'look':
        this.#since = this.#clock.now();
        this.#lookIn(this.#time);
        break;
      case 'stopLooking':
        this.#look?.cancel();
        this.#look = undefined;
        this.#question += 1;
        break;
      case 'tellSilent':
        this.#unreachableSince = undefined;
        this.#user.silent(true);
        break;
      case 'tellHeard':
        this.#user.silent(false);
        break;
      case 'ask':
        void this.#ask();
        break;
      case 'askLater':
        this.#unreachableSince = undefined;
        this.#askIn(laterTime);
        break;
      case 'askSoon':
        this.#askIn(soonTime);
        break;
      case 'stopAsking':
        this.#again?.cancel();
        this.#again = undefined;
        break;
      case 'lose':
        this.#user.lost();
        break;
    }
  }

  #lookIn(milliseconds: number): void {
    this.#look = this.#clock.after(milliseconds, () => {
      this.#lookAgain();
    });
  }

  /** A timer for each silence that there may be, and not one for each packet. */
  #lookAgain(): void {
    const last = this.#user.lastReceived() ?? this.#clock.now();
    const isNew = last > this.#since;
    this.#since = Math.max(this.#since, last);
    const left = this.#time - (this.#clock.now() - this.#since);
    if (this.isSilent) {
      if (isNew) this.#run('heard');
    } else if (left <= 0) {
      this.#run('silent');
    }
    if (this.#state !== 'unexpecting') this.#lookIn(this.isSilent ? lookTime : Math.max(left, 1));
  }

  async #ask(): Promise<void> {
    const question = (this.#question += 1);
    const asked = this.#clock.now();
    const answer = await this.#user.ask();
    if (question !== this.#question) return;
    if (answer === 'unanswered') {
      this.#unreachableSince ??= asked;
      if (this.#clock.now() - this.#unreachableSince >= patience) this.#run('lost');
    }
    this.#run(answer);
  }

  #askIn(milliseconds: number): void {
    this.#again = this.#clock.after(milliseconds, () => {
      this.#again = undefined;
      this.#run('again');
    });
  }
}

/** Whether what came of a question was said by the far end. */
export function isAnswer(outcome: ModificationOutcome): boolean {
  if (outcome.kind === 'refused') return !noWay.has(outcome.response.status);
  return outcome.kind !== 'failed';
}
