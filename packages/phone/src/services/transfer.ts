import { isSecure, isUnrecognised, NameAddr, outsideOf, referTo, replacesOf } from '@switchhook/sip';
import type {
  Dialog,
  InviteSession,
  OutgoingReferralEvent,
  OutsideReferral,
  Parameters,
  ReferralOutcome,
  ReferralParts,
  Uri,
} from '@switchhook/sip';
import type { Abortable } from '../abortable.ts';
import type { Call } from '../call.ts';
import { PhoneError, throwIfGivenUp } from '../failure.ts';
import type { Failure } from '../failure.ts';
import type { Party } from '../party.ts';
import { partyOfUri } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import { patience } from './consultation.ts';
import { failureOfReferral } from './referral-failure.ts';

/** How a transfer is done. */
export interface TransferOptions extends Abortable {
  /**
   * Keeps the call until the target has answered, so that it can be taken up again where that fails. Without it the call is
   * hung up as soon as the far end will try (RFC 5359 2.4).
   */
  readonly stay?: boolean | undefined;
}

/** Milliseconds that the target of an attended transfer has to end the call that was replaced, before this side does. */
const replacedTime = 2_000;

/** Statuses that say that the target was not reached, or not the right one of its phones (RFC 5589 7.3). */
const missed: ReadonlySet<number> = new Set([
  403, 404, 408, 410, 416, 430, 480, 481, 483, 484, 485, 500, 502, 503, 504,
]);

/** Hands calls on: the far end of a call is asked to call somebody else (RFC 5359 2.4, 2.5; RFC 5589). */
export class Transfers {
  readonly #host: ServiceHost;
  readonly #underWay = new Set<Call>();
  /** Calls whose far end has been asked and has not answered. */
  readonly #unanswered = new Map<Call, Promise<void>>();

  constructor(host: ServiceHost) {
    this.#host = host;
  }

  /** Unattended (RFC 5359 2.4): the far end of `call` shall call `target`. */
  async transfer(call: Call, target: Uri, { stay = false }: TransferOptions = {}): Promise<void> {
    await this.#alone([call], async () => {
      const to = partyOfUri(target);
      const outcome = await this.#refer(call, to, referTo(target), () => {
        if (!stay) void call.hangUp();
      });
      const failure = failureOfReferral(outcome);
      if (failure !== undefined) throw new PhoneError(failure, whoFailed(outcome, call, to));
      if (stay) await call.hangUp();
    });
  }

  /**
   * Attended (RFC 5359 2.5): the far end of `call` shall take the place of this side in `other`. While `other` still rings
   * it is given up, and the far end calls in its place (RFC 5589 7.6).
   */
  async transferTo(call: Call, other: Call, { signal }: Abortable): Promise<void> {
    await this.#alone([call, other], async () => {
      if (call === other) throw new PhoneError({ kind: 'not-now' }, call.remote.name);
      sessionOf(call);
      if (!isRinging(other)) sessionOf(other);
      await hold(call);
      throwIfGivenUp(call.remote.name, signal);
      // It may have been answered meanwhile, or have ended.
      if (isRinging(other)) await this.#transferRinging(call, other);
      else await this.#transferAnswered(call, other, signal);
    });
  }

  async #transferRinging(call: Call, other: Call): Promise<void> {
    const target = this.#host.read(other.remote.uri);
    await other.hangUp();
    const outcome = await this.#refer(call, other.remote, referTo(target));
    const failure = failureOfReferral(outcome);
    if (failure !== undefined) throw new PhoneError(failure, whoFailed(outcome, call, other.remote));
    await call.hangUp();
  }

  async #transferAnswered(call: Call, other: Call, signal: AbortSignal | undefined): Promise<void> {
    sessionOf(other);
    await hold(other);
    throwIfGivenUp(call.remote.name, signal);
    const { dialog } = sessionOf(other);
    const headers = takingPlaceOf(dialog);
    // The very phone that was talked to; where that fails, the address that it was reached by (RFC 5359 2.5); and for a
    // phone that knows no Replaces a call like any other (RFC 5589 7.7).
    let outcome = await this.#refer(call, other.remote, referTo(dialog.remoteTarget, headers));
    const mayTryAgain = (): boolean =>
      signal?.aborted !== true && call.session !== undefined && other.session !== undefined;
    if (hasMissed(outcome) && mayTryAgain()) {
      outcome = await this.#refer(call, other.remote, referTo(dialog.remoteAddress.uri, headers));
    }
    if (knowsNoReplaces(outcome) && mayTryAgain()) {
      outcome = await this.#refer(call, other.remote, referTo(dialog.remoteAddress.uri));
    }
    const failure = failureOfReferral(outcome);
    // Where nobody says what came of it, a target that has left the call was taken over.
    if (failure !== undefined || (outcome.kind === 'unknown' && other.state !== 'ended')) {
      throw new PhoneError(failure ?? { kind: 'refused' }, whoFailed(outcome, call, other.remote));
    }
    await Promise.all([call.hangUp(), this.#leave(other)]);
  }

  /** The target ends the call that was replaced (RFC 3891 3); one that does not is hung up on. */
  async #leave(other: Call): Promise<void> {
    if (other.state === 'ended') return;
    const ended = Promise.withResolvers<undefined>();
    const timer = this.#host.context.clock.after(replacedTime, () => ended.resolve(undefined));
    const unlisten = other.onEvent(({ kind }) => {
      if (kind === 'ended') ended.resolve(undefined);
    });
    await ended.promise;
    timer.cancel();
    unlisten();
    await other.hangUp();
  }

  /**
   * What a BYE waits for that must not overtake the REFER before it: the far end's answer, and no longer than a person does.
   * Undefined where there is nothing to wait for.
   */
  unanswered(call: Call): Promise<void> | undefined {
    return this.#unanswered.get(call);
  }

  async #refer(
    call: Call,
    to: Party,
    reference: NameAddr,
    accepted: () => void = () => undefined,
  ): Promise<ReferralOutcome> {
    const session = sessionOf(call);
    if (session.dialog.secure && !isSecure(reference.uri)) {
      // RFC 5630 5: who calls by sips does not find himself in a call that is less.
      throw new PhoneError({ kind: 'forbidden', detail: 'the call is by sips, the target is not' }, to.name);
    }
    const ask = (where: OutsideReferral, isFinal: (outcome: ReferralOutcome) => boolean): Promise<ReferralOutcome> =>
      this.#ask(call, to, { ...where, referTo: reference }, accepted, isFinal);
    const outside = outsideOf(session.dialog);
    if (outside !== undefined) {
      const outcome = await ask(outside, (each) => !isUnrecognised(each));
      if (!isUnrecognised(outcome) || call.session !== session) return outcome;
    }
    return ask({ within: session.dialog }, () => true);
  }

  /** `isFinal` says of an outcome whether it is one for the person, too. */
  #ask(
    call: Call,
    to: Party,
    parts: ReferralParts,
    accepted: () => void,
    isFinal: (outcome: ReferralOutcome) => boolean,
  ): Promise<ReferralOutcome> {
    const referral = this.#host.referrals.refer({ ...parts, referredBy: NameAddr.of({ uri: this.#host.home }) });
    const answered = this.#awaitAnswer(call);
    referral.listen((event) => {
      answered();
      // What 100 says is known: it was accepted.
      if (event.kind === 'progress' && event.status === 100) return;
      if (event.kind === 'ended' && !isFinal(event.outcome)) return;
      this.#host.emit({ kind: 'transfer', call, to, progress: progressOf(event) });
      if (event.kind === 'accepted') accepted();
    });
    return referral.outcome;
  }

  #awaitAnswer(call: Call): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = this.#host.context.clock.after(patience, () => answered());
    const answered = (): void => {
      timer.cancel();
      this.#unanswered.delete(call);
      resolve(undefined);
    };
    this.#unanswered.set(call, promise);
    return answered;
  }

  /** A call is handed on once at a time. */
  async #alone(calls: readonly Call[], act: () => Promise<void>): Promise<void> {
    for (const call of calls) if (call.state === 'ended') sessionOf(call);
    const busy = calls.find((call) => this.#underWay.has(call));
    if (busy !== undefined) throw new PhoneError({ kind: 'not-now' }, busy.remote.name);
    for (const call of calls) this.#underWay.add(call);
    try {
      await act();
    } finally {
      for (const call of calls) this.#underWay.delete(call);
    }
  }
}

/** How far a transfer is. */
export type TransferProgress =
  /** The far end will try, or asks its person. */
  | { readonly kind: 'accepted' }
  /** A provisional response of the target: 180 where it rings. */
  | { readonly kind: 'progress'; readonly status: number }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The far end has taken it on and does not say what came of it. */
  | { readonly kind: 'unknown' };

function progressOf(event: OutgoingReferralEvent): TransferProgress {
  if (event.kind !== 'ended') return event;
  const { outcome } = event;
  const failure = failureOfReferral(outcome);
  if (failure !== undefined) return { kind: 'failed', failure };
  return { kind: outcome.kind === 'unknown' ? 'unknown' : 'succeeded' };
}

/** A refusal of the REFER is the transferee's, what failed after it the target's. */
function whoFailed({ kind }: ReferralOutcome, call: Call, to: Party): string {
  return kind === 'failed' ? to.name : call.remote.name;
}

const hasMissed = (outcome: ReferralOutcome): boolean => outcome.kind === 'failed' && missed.has(outcome.status);
/** 420 is of a target that knows no Replaces; 400 comes of a far end that writes the header fields into the request line. */
const knowsNoReplaces = (outcome: ReferralOutcome): boolean =>
  outcome.kind === 'failed' && (outcome.status === 420 || outcome.status === 400);

function sessionOf(call: Call): InviteSession {
  if (call.session !== undefined) return call.session;
  throw new PhoneError({ kind: call.state === 'ended' ? 'ended' : 'not-now' }, call.remote.name);
}

/** A call of this side that nobody has answered or refused. */
function isRinging(call: Call): boolean {
  return call.direction === 'outgoing' && (call.state === 'calling' || call.state === 'ringing');
}

/** A far end that does not agree to be held is handed on all the same. */
async function hold(call: Call): Promise<void> {
  if (!call.localHold) await call.hold().catch(() => undefined);
}

/** The header fields that make a call to the far end of a dialog take this side's place in it (RFC 3891 4). `parameters` are further ones of Replaces. */
export function takingPlaceOf(dialog: Dialog, parameters?: Parameters): readonly (readonly [string, string])[] {
  return [replacesOf({ dialog }, { parameters }), ['Require', 'replaces']];
}
