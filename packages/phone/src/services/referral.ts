import type { IncomingReferral, ReferralsUser } from '@switchhook/sip';
import type { Call } from '../call.ts';
import type { CallEnd } from '../call-end.ts';
import { PhoneError } from '../failure.ts';
import { partyOf, partyOfUri } from '../party.ts';
import type { Party } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';

/**
 * asked: the person has to decide; followed: it is being called; succeeded, failed: that is over; refused: by this side.
 */
export type ReferralState = 'asked' | 'followed' | 'succeeded' | 'failed' | 'refused';

/**
 * Somebody asks this phone to call somebody else: the far end of a call hands it on (RFC 5359 2.4, 2.5), or one's own
 * computer dials (2.18). Nothing happens before {@link accept}.
 */
export class Referral {
  /** Who asks. */
  readonly from: Party;
  /** Whom to call. */
  readonly target: Party;
  /** The call that is handed on; undefined where it is about none. */
  readonly call: Call | undefined;
  readonly #host: ServiceHost;
  readonly #incoming: IncomingReferral;
  #state: ReferralState = 'asked';

  /** For the phone. */
  constructor(host: ServiceHost, incoming: IncomingReferral) {
    this.#host = host;
    this.#incoming = incoming;
    this.from = partyOf(incoming.referredBy ?? incoming.caller.address);
    this.target = partyOfUri(incoming.reference.uri);
    this.call = incoming.session === undefined ? undefined : host.callOf(incoming.session);
  }

  get state(): ReferralState {
    return this.#state;
  }

  /** Calls. Throws where it is too late, or the phone has too many calls. */
  accept(): Call {
    if (this.#state !== 'asked' || !this.#incoming.accept()) throw new PhoneError({ kind: 'ended' }, this.from.name);
    const { reference, headers } = this.#incoming;
    try {
      const call = this.#host.dial(reference.uri, { headers, inPlaceOf: this.call });
      this.#become('followed', call);
      this.#follow(call);
      return call;
    } catch (error) {
      this.#incoming.finish(486);
      this.#become('failed');
      throw error;
    }
  }

  /** Does not call; who asks hears 603. */
  refuse(): void {
    if (this.#state !== 'asked') return;
    this.#incoming.reject(603);
    this.#become('refused');
  }

  #follow(call: Call): void {
    call.onEvent((event) => {
      if (event.kind === 'state' && event.state === 'ringing') this.#incoming.progress(180);
      else if (event.kind === 'state' && event.state === 'connected') {
        this.#incoming.finish(200);
        this.#become('succeeded', call);
      } else if (event.kind === 'ended' && this.#state === 'followed') {
        this.#incoming.finish(statusOf(event.end));
        this.#become('failed', call);
        this.#takeUp();
      }
    });
  }

  /** The call that was to be handed on is still there: the person has it again. */
  #takeUp(): void {
    if (this.call?.state === 'connected') this.#host.switchTo(this.call).catch(() => undefined);
  }

  #become(state: ReferralState, call?: Call): void {
    this.#state = state;
    this.#host.emit({ kind: 'referral', referral: this, state, call });
  }
}

/** What whoever referred hears of a call that came to nothing. */
function statusOf(end: CallEnd): number {
  if (end.kind === 'cancelled') return 487;
  if (end.kind !== 'failed') return 503;
  const { status, kind, code } = end.failure;
  if (status !== undefined) return status;
  if (kind === 'no-common-media') return 488;
  return kind === 'no-answer' || code === 'timeout' ? 408 : 503;
}

/** Takes the REFERs that come: asks who may, then the person where it is his to say. */
export class ReferredCalls implements ReferralsUser {
  readonly #host: ServiceHost;
  /** By the calls that are handed on. */
  readonly #underWay = new WeakMap<Call, Referral>();

  constructor(host: ServiceHost) {
    this.#host = host;
  }

  referred(incoming: IncomingReferral): void {
    const { about, within } = incoming;
    const call = about === undefined ? undefined : { dialog: about };
    const permission = this.#host.whoMay.mayRefer(incoming, call, within);
    if (permission === 'no') incoming.reject(403);
    // Whoever has hung up meanwhile calls nobody for it any more.
    else if (incoming.session?.end !== undefined) incoming.reject(481);
    // Other methods are not what a person asks a phone for.
    else if (incoming.reference.method !== 'INVITE') incoming.reject(603);
    else {
      const referral = new Referral(this.#host, incoming);
      if (referral.call !== undefined && this.#isUnderWay(referral.call)) incoming.reject(491);
      else this.#take(referral, permission);
    }
  }

  #take(referral: Referral, permission: 'yes' | 'ask'): void {
    const { call } = referral;
    if (call !== undefined) this.#underWay.set(call, referral);
    if (permission === 'ask') {
      this.#host.emit({ kind: 'referral', referral, state: referral.state, call: undefined });
      return;
    }
    try {
      referral.accept();
    } catch (error) {
      // Who refers has heard of it.
      if (!(error instanceof PhoneError)) throw error;
    }
  }

  #isUnderWay(call: Call): boolean {
    const state = this.#underWay.get(call)?.state;
    return state === 'asked' || state === 'followed';
  }
}
