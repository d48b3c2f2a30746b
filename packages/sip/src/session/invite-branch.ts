import type { Acknowledgement } from '../dialog/contract.ts';
import type { DialogSet } from '../dialog/dialog-set.ts';
import type { SipResponse } from '../message/message.ts';
import type { InviteSession } from './invite-session.ts';
import type { MediaRefusal } from './media.ts';
import { ProvisionalAcknowledger } from './provisional-acknowledger.ts';
import type { ProvisionalKind } from './provisional-acknowledger.ts';
import { rejectingAnswer } from './rejecting-answer.ts';
import { readableDescriptionOf, sessionDescriptionType } from './session-description-body.ts';

/** Why a call comes to nothing whose 2xx brings neither an offer nor an answer. */
export const noDescription: MediaRefusal = {
  kind: 'refused',
  status: 488,
  reason: 'the 2xx has no session description',
};

/** One branch of an INVITE that forked (RFC 3261 13.2.2.4): a session, and how far its offer and answer have come. */
export class InviteBranch {
  readonly session: InviteSession;
  readonly #set: DialogSet;
  /** Its media are its own, so that an answer for good is one; else further branches answer the same offer. */
  readonly #hasOwnMedia: boolean;
  readonly #provisionals: ProvisionalAcknowledger;
  /** The session description that came in a provisional response: the answer, unless the offer was to come late. */
  #early: string | undefined = undefined;
  #isAgreed = false;
  #acknowledgement: Acknowledgement | undefined = undefined;

  constructor(set: DialogSet, session: InviteSession, hasOwnMedia: boolean) {
    this.#set = set;
    this.#hasOwnMedia = hasOwnMedia;
    this.session = session;
    this.#provisionals = new ProvisionalAcknowledger(session.dialog);
  }

  /** Offer and answer are agreed on in reliable responses: what the 2xx says of them is nothing new (RFC 3261 13.2.1). */
  get isAgreed(): boolean {
    return this.#isAgreed;
  }

  /** Whether a provisional response wants a PRACK, or is to be passed over (RFC 3262 4). */
  take(response: SipResponse): ProvisionalKind {
    return this.#provisionals.take(response);
  }

  /** Learns what a provisional response says, and returns its session description if it is the first one. */
  learn(response: SipResponse): string | undefined {
    this.session.learn(response);
    if (this.#early !== undefined) return undefined;
    this.#early = readableDescriptionOf(response);
    return this.#early;
  }

  /** Sends the PRACK to a reliable response. */
  acknowledge(response: SipResponse, answer?: string): void {
    this.#provisionals.acknowledge(response, answer);
  }

  /** Takes the answer that came in a provisional response: for good where that was reliable. */
  async takeEarlyAnswer(answer: string, isReliable: boolean): Promise<void> {
    const { session } = this;
    if (session.state !== 'early') return;
    const isFinal = isReliable && this.#hasOwnMedia;
    if ((await session.media.acceptAnswer(answer, !isFinal)) !== undefined) return;
    this.#isAgreed = isReliable;
    if (isReliable) session.modifications.agreed();
    else session.tellMedia();
  }

  /** The offer that this side left to the far end came in a reliable response: its PRACK has the answer (RFC 3262 5). */
  async answerEarlyOffer(response: SipResponse, offer: string): Promise<void> {
    const { media, modifications } = this.session;
    const answer = await media.createAnswer(offer);
    if (typeof answer !== 'string') {
      this.acknowledge(response, rejectingAnswer(offer));
      return;
    }
    this.acknowledge(response, answer);
    media.commit();
    this.#isAgreed = true;
    modifications.agreed();
  }

  /** Takes the answer of the 2xx, or the one that came before it. */
  async takeAnswer(description: string | undefined): Promise<MediaRefusal | undefined> {
    if (this.#isAgreed && this.#hasOwnMedia) return undefined;
    const answer = this.#isAgreed ? this.#early : (description ?? this.#early);
    const refusal = answer === undefined ? noDescription : await this.session.media.acceptAnswer(answer);
    return this.#isAgreed ? undefined : refusal;
  }

  /** RFC 3261 13.2.2.4: an offer in a 2xx is answered in its ACK, whatever is thought of it. */
  async answerOffer(offer: string | undefined): Promise<MediaRefusal | undefined> {
    const { media } = this.session;
    const answer = offer === undefined ? noDescription : await media.createAnswer(offer);
    if (typeof answer !== 'string') {
      this.rejectOffer(offer);
      return answer;
    }
    this.acknowledgeSuccess(answer);
    media.commit();
    return undefined;
  }

  /** Sends the ACK to the 2xx, with an answer that takes nothing of the offer in it. */
  rejectOffer(offer: string | undefined): void {
    this.acknowledgeSuccess(offer === undefined ? undefined : rejectingAnswer(offer));
  }

  /** Sends the ACK to the 2xx. */
  acknowledgeSuccess(answer?: string): void {
    const invite = this.#set.request;
    if (invite === undefined) return;
    this.#acknowledgement = this.session.dialog.acknowledge(invite, {
      body: answer,
      contentType: answer === undefined ? undefined : sessionDescriptionType,
    });
  }

  /** Sends the ACK again; false where there was none yet. */
  repeatAcknowledgement(): boolean {
    this.#acknowledgement?.repeat();
    return this.#acknowledgement !== undefined;
  }
}
