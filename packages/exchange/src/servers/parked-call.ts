import { isUnrecognised, outsideOf, referTo, replacesOf } from '@switchhook/sip';
import type {
  Clock,
  InviteSession,
  NameAddr,
  OutgoingInvite,
  OutgoingReferral,
  OutsideReferral,
  ReferralOutcome,
  Referrals,
  Timer,
} from '@switchhook/sip';
import { parkedCallMachine } from './parked-call-machine.ts';
import type { ParkedCallAction, ParkedCallEvent, ParkedCallState } from './parked-call-machine.ts';

export interface ParkedCallParts {
  readonly clock: Clock;
  readonly referrals: Referrals;
  /** The address of the slot. */
  readonly slot: NameAddr;
  /** The call with who is parked. */
  readonly session: InviteSession;
  /** Who is rung when he was parked for long enough: his parker, then others. */
  readonly returnTo: readonly string[];
  /** Milliseconds until then, and the first time. */
  readonly returnAfter: number;
  readonly firstAfter: number;
  /** Rings somebody for it. */
  ring(target: string): OutgoingInvite;
  /** Who is parked is not any more. */
  released(outcome: ParkedOutcome): void;
}

/**
 * How a call left its slot: somebody dialled the slot, or who was rung answered, and took it; or it left without this side, for
 * it was taken by its dialog, or who was parked has hung up.
 */
export type ParkedOutcome = 'retrieved' | 'returned' | 'left';

/**
 * A call that is parked, until somebody takes it or the one who is parked hangs up. It is handed to somebody by asking him to
 * take the server's place in it (REFER with Replaces); as long as he has not, it stays where it is.
 */
export class ParkedCall {
  readonly session: InviteSession;
  readonly #parts: ParkedCallParts;
  #state: ParkedCallState = 'parked';
  #timer: Timer | undefined = undefined;
  /** Of those who are rung, the next one. */
  #next = 0;
  #ringing: OutgoingInvite | undefined = undefined;
  /** How it leaves its slot, when whoever was asked last takes it. */
  #offered: ParkedOutcome = 'left';
  /** Who was asked to take it. */
  #taker: InviteSession | undefined = undefined;

  constructor(parts: ParkedCallParts) {
    this.#parts = parts;
    this.session = parts.session;
  }

  get state(): ParkedCallState {
    return this.#state;
  }

  start(): void {
    this.#wait(this.#parts.firstAfter);
    this.session.listen((event) => {
      if (event.kind === 'ended') this.#run('left');
    });
    if (this.session.end !== undefined) this.#run('left');
  }

  /** Somebody has dialled the slot, and is connected. False where somebody else is about to take the call. */
  offerTo(taker: InviteSession): boolean {
    if (this.#state === 'offered' || this.#state === 'over') return false;
    this.#taker = taker;
    this.#run('dialled');
    return true;
  }

  #run(event: ParkedCallEvent): void {
    const step = parkedCallMachine[this.#state][event];
    if (step === undefined) return;
    if (event !== 'left')
      this.#offered = event === 'dialled' ? 'retrieved' : event === 'answered' ? 'returned' : 'left';
    this.#state = step.to;
    for (const action of step.actions) this.#perform(action);
  }

  #perform(action: ParkedCallAction): void {
    switch (action) {
      case 'ring':
        this.#ring();
        break;
      case 'stopRinging':
        this.#ringing?.cancel();
        this.#ringing = undefined;
        break;
      case 'offer':
        if (this.#taker !== undefined) this.#offer(this.#taker);
        break;
      case 'dismiss':
        void this.#taker?.hangUp();
        this.#taker = undefined;
        break;
      case 'wait':
        this.#next = 0;
        this.#wait(this.#parts.returnAfter);
        break;
      case 'stopWaiting':
        this.#timer?.cancel();
        break;
      case 'release':
        this.#parts.released(this.#offered);
        break;
    }
  }

  #wait(milliseconds: number): void {
    this.#timer = this.#parts.clock.after(milliseconds, () => {
      this.#run('due');
    });
  }

  #ring(): void {
    const target = this.#parts.returnTo[this.#next] ?? '';
    this.#next += 1;
    const invite = this.#parts.ring(target);
    this.#ringing = invite;
    void invite.outcome.then((outcome) => {
      if (this.#ringing !== invite) {
        // He answered while somebody else took the call.
        if (outcome.kind === 'answered') void outcome.session.hangUp();
        return;
      }
      this.#ringing = undefined;
      if (outcome.kind === 'answered') {
        this.#taker = outcome.session;
        this.#run('answered');
      } else this.#run(this.#next < this.#parts.returnTo.length ? 'unanswered' : 'exhausted');
    });
  }

  /** Asks who is on the line to call who is parked, in the place of this side. */
  #offer(taker: InviteSession): void {
    const { dialog } = taker;
    if (taker.end !== undefined) {
      this.#notTaken(taker);
      return;
    }
    let referral: OutgoingReferral | undefined;
    taker.listen((event) => {
      if (event.kind !== 'ended') return;
      referral?.end();
      this.#notTaken(taker);
    });
    const ask = async (where: OutsideReferral): Promise<ReferralOutcome> => {
      referral = this.#refer(where);
      return referral.outcome;
    };
    const inside = { within: dialog };
    void (async () => {
      const outside = outsideOf(dialog);
      let outcome = await ask(outside ?? inside);
      if (outside !== undefined && isUnrecognised(outcome) && taker.end === undefined) outcome = await ask(inside);
      // When it was taken, the one who is parked says goodbye himself.
      if (outcome.kind !== 'succeeded') this.#notTaken(taker);
    })();
  }

  #refer(where: OutsideReferral): OutgoingReferral {
    const { referrals, slot, session } = this.#parts;
    const headers = [replacesOf(session), ['Require', 'replaces']] as const;
    return referrals.refer({
      ...where,
      referTo: referTo(session.dialog.remoteTarget, headers),
      referredBy: slot,
    });
  }

  #notTaken(taker: InviteSession): void {
    if (this.#taker === taker) this.#run('notTaken');
  }
}
