import type { Timer } from '../context.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipRequest } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { messageOf } from './error-message.ts';
import type { InviteSession } from './invite-session.ts';
import type { MediaRefusal } from './media.ts';
import { warningOf } from './media-warning.ts';
import { ReliableProvisionals } from './reliable-provisionals.ts';
import type { SessionEnvironment } from './session-contract.ts';
import { readableDescriptionOf, sessionDescriptionOf, sessionDescriptionType } from './session-description-body.ts';
import { hasTag, supports } from './session-timer.ts';

/** RFC 3261 13.3.1.1: a proxy that hears nothing for three minutes gives the INVITE up. */
const stillRinging = 60_000;
/** Why an INVITE comes to nothing whose offer is never answered. */
export const noAnswer: MediaRefusal = { kind: 'refused', status: 488, reason: 'there is no answer to the offer' };

/** What a provisional response says. */
export interface ProgressParts {
  /** 180 without it, 183 where media go along. */
  readonly status?: number | undefined;
  /** Lets this side be heard before the call is answered: with the session description (RFC 3960). */
  readonly media?: boolean | undefined;
  readonly headers?: readonly HeaderInit[] | undefined;
}

/** What an exchange asks of its INVITE. */
export interface ExchangedInvite {
  readonly transaction: ServerTransaction;
  readonly session: InviteSession;
  /** Whether a provisional response may still go. */
  isPending(): boolean;
  /** A provisional response went out. */
  sent(status: number): void;
  /** A reliable provisional response was not acknowledged in time. */
  unacknowledged(): void;
  /** The far end's answer cannot be used. */
  unusable(refusal: MediaRefusal): void;
  /** A PRACK came, which a 2xx may have waited for. */
  acknowledged(): void;
}

/**
 * The first offer and answer of an INVITE of the far end, and the provisional responses that may carry them (RFC 3261
 * 13.2.1, RFC 3262 5).
 */
export class InitialExchange {
  readonly #environment: SessionEnvironment;
  readonly #invite: ExchangedInvite;
  readonly #provisionals: ReliableProvisionals;
  readonly #isReliable: { readonly required: boolean; readonly supported: boolean };
  /** The far end's offer; undefined where it wants one. */
  #offer: string | undefined = undefined;
  /** What this side says: the answer, or the offer where it is for this side to make one. */
  #description: string | undefined = undefined;
  /** How far offer and answer have come: said in a provisional response; or agreed on in reliable ones. */
  #progress: 'nothing' | 'said' | 'agreed' = 'nothing';
  #reminder: Timer | undefined = undefined;

  constructor(environment: SessionEnvironment, invite: ExchangedInvite) {
    const { context } = environment.core;
    const { transaction, session } = invite;
    this.#environment = environment;
    this.#invite = invite;
    this.#isReliable = {
      required: hasTag(transaction.request, 'Require', '100rel'),
      supported: supports(transaction.request, '100rel'),
    };
    this.#provisionals = new ReliableProvisionals(
      { clock: context.clock, T1: environment.options.timers.T1, fraction: context.random.fraction() },
      session.dialog,
      transaction,
      () => {
        invite.unacknowledged();
      },
    );
  }

  /** Takes a PRACK; false where it acknowledges nothing. */
  takePrack(transaction: ServerTransaction): boolean {
    return this.#provisionals.take(transaction);
  }

  /** Takes a PRACK that has crossed the refusal; false where it acknowledges nothing. */
  takeLatePrack(prack: SipRequest): boolean {
    return this.#provisionals.takeLate(prack);
  }

  /** Looks at the far end's offer, where there is one. Calls back with why it cannot be answered, at once or later. */
  examine(done: (refusal?: MediaRefusal) => void): void {
    const { session, transaction } = this.#invite;
    const offer = sessionDescriptionOf(transaction.request);
    if (offer instanceof SyntaxFault) {
      done({ kind: 'refused', status: offer.status, reason: offer.reason });
      return;
    }
    this.#offer = offer;
    if (offer === undefined) {
      done();
      return;
    }
    void session.media.createAnswer(offer).then((answer) => {
      if (typeof answer === 'string') this.#description = answer;
      done(typeof answer === 'string' ? undefined : answer);
    });
  }

  /** Sends a provisional response, reliably where it has to be or where the policy says so (RFC 3262 3). */
  send({ media = false, status = media ? 183 : 180, headers = [] }: ProgressParts): void {
    const { required, supported } = this.#isReliable;
    const policy = this.#environment.options.reliableProvisionals;
    const withMedia = media && this.#progress === 'nothing';
    const isReliable = required || (supported && (policy === 'supported' || (policy === 'media' && withMedia)));
    this.#remind(status);
    // An offer of this side goes into a provisional response only where its answer is sure to come (RFC 3262 5).
    if (withMedia && (this.#offer !== undefined || isReliable)) this.#sendEarlyMedia(status, headers, isReliable);
    else this.#sendProvisional(status, headers, isReliable, undefined);
  }

  /** Makes what the 2xx says. Calls back when it may go, or with why none can; a PRACK that is waited for comes first. */
  prepareSuccess(done: (refusal?: MediaRefusal) => void): void {
    if (this.#provisionals.holdsSuccess) return;
    // An UPDATE is being answered, of either side: what the 2xx confirms is to be known first.
    if (this.#progress === 'agreed' && this.#invite.session.modifications.state !== 'stable') return;
    if (this.#offer !== undefined || this.#progress === 'agreed') {
      done();
      return;
    }
    this.#invite.session.media.createOffer().then(
      (offer) => {
        this.#description = offer;
        done();
      },
      (error: unknown) => {
        done({ kind: 'refused', status: 503, reason: messageOf(error) });
      },
    );
  }

  /** What the 2xx carries; undefined where all is agreed on. */
  get finalDescription(): string | undefined {
    return this.#progress === 'agreed' ? undefined : this.#description;
  }

  /** Whether the 2xx has an offer of this side, whose answer the ACK brings. */
  get offersLate(): boolean {
    return this.#offer === undefined && this.#progress !== 'agreed';
  }

  /** The 2xx went out. */
  succeeded(): void {
    if (this.#offer !== undefined && this.#progress === 'nothing') this.#invite.session.media.commit();
  }

  stop(): void {
    this.#reminder?.cancel();
    this.#provisionals.stop();
  }

  #remind(status: number): void {
    this.#reminder?.cancel();
    this.#reminder = this.#environment.core.context.clock.after(stillRinging, () => {
      if (this.#invite.isPending()) this.send({ status });
    });
  }

  #sendEarlyMedia(status: number, headers: readonly HeaderInit[], isReliable: boolean): void {
    const { session } = this.#invite;
    this.#progress = 'said';
    if (this.#offer !== undefined) {
      this.#sendProvisional(status, headers, isReliable, this.#description);
      session.media.commit();
      if (!isReliable) session.tellMedia();
      return;
    }
    session.media.createOffer().then(
      (offer) => {
        this.#description = offer;
        if (!this.#invite.isPending()) return;
        this.#sendProvisional(status, headers, isReliable, offer);
        session.modifications.offered();
      },
      () => {
        this.#progress = 'nothing';
        if (this.#invite.isPending()) this.#sendProvisional(status, headers, isReliable, undefined);
      },
    );
  }

  #sendProvisional(
    status: number,
    ownHeaders: readonly HeaderInit[],
    isReliable: boolean,
    body: string | undefined,
  ): void {
    const { session, transaction } = this.#invite;
    const headers = [
      ...this.#environment.core.capabilityHeaders(['Allow', 'Supported', 'Allow-Events']),
      ...ownHeaders,
    ];
    const options = { headers, body, contentType: body === undefined ? undefined : sessionDescriptionType };
    if (isReliable) {
      const acknowledged = (prack: ServerTransaction): void => {
        void this.#acknowledged(prack, body !== undefined);
      };
      this.#provisionals.send({ status, options, acknowledged });
    } else session.dialog.respond(transaction, status, options);
    this.#invite.sent(status);
  }

  /** A PRACK may bring the answer to an offer, or an offer once there is an answer (RFC 3262 5). */
  async #acknowledged(prack: ServerTransaction, hadDescription: boolean): Promise<void> {
    const { dialog, media, modifications } = this.#invite.session;
    const description = readableDescriptionOf(prack.request);
    if (hadDescription && this.#offer === undefined) {
      dialog.respond(prack, 200);
      const refusal = description === undefined ? noAnswer : await media.acceptAnswer(description);
      if (refusal !== undefined) {
        this.#invite.unusable(refusal);
        return;
      }
      this.#progress = 'agreed';
      modifications.agreed();
    } else {
      if (hadDescription) this.#progress = 'agreed';
      await this.#answerPrack(prack, description);
      if (hadDescription) modifications.agreed();
    }
    modifications.next();
    this.#invite.acknowledged();
  }

  async #answerPrack(prack: ServerTransaction, offer: string | undefined): Promise<void> {
    const { dialog, media } = this.#invite.session;
    const answer = offer === undefined || this.#progress !== 'agreed' ? undefined : await media.createAnswer(offer);
    if (typeof answer === 'string') {
      dialog.respond(prack, 200, { body: answer, contentType: sessionDescriptionType });
      media.commit();
      this.#invite.session.tellMedia();
    } else if (answer === undefined) {
      dialog.respond(prack, 200);
    } else {
      dialog.respond(prack, answer.status, { headers: warningOf(this.#environment.core, answer) });
    }
  }
}
