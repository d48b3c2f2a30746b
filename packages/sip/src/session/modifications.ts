import type { Timer } from '../context.ts';
import { headerField } from '../message/header.ts';
import { Reason } from '../message/headers/reason.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { messageOf } from './error-message.ts';
import { IncomingOffer, takeOffer } from './incoming-offer.ts';
import type { OfferRefusal } from './incoming-offer.ts';
import type { MediaRefusal } from './media.ts';
import { modificationMachine } from './modification-machine.ts';
import type { ModificationAction, ModificationEvent, ModificationState } from './modification-machine.ts';
import type { ModifiedSession } from './modified-session.ts';
import { OwnOffer } from './own-offer.ts';
import type { OwnOfferResult } from './own-offer.ts';
import { showRendering } from './rendering.ts';
import type { ModificationOutcome, SessionEnd, SessionEnvironment } from './session-contract.ts';
import { readableDescriptionOf } from './session-description-body.ts';
import { SuccessRepeater } from './success-repeater.ts';
import { Wishes } from './wishes.ts';
import type { AnswerElsewhere, Change } from './wishes.ts';

/** How often one wish is tried after glare, or with a longer session interval: longer than any transaction lasts. */
const maximumAttempts = 40;
const noAnswer: MediaRefusal = { kind: 'refused', status: 488, reason: 'there is no answer to the offer' };

/** Offers and answers of one session, by INVITE and UPDATE, of both sides; see {@link modificationMachine}. */
export class Modifications {
  readonly #environment: SessionEnvironment;
  readonly #session: ModifiedSession;
  #state: ModificationState;
  readonly #wishes = new Wishes();
  #outcome: ModificationOutcome | undefined = undefined;
  #description = '';
  /** Who answers for this side while the far end is on hold. */
  #elsewhere: AnswerElsewhere | undefined = undefined;
  /** Who would, once the change that is being made has been. */
  #elsewhereNext: AnswerElsewhere | undefined = undefined;
  /** Whether what is sent asks the far end for an offer. */
  #asks = false;
  #response: SipResponse | undefined = undefined;
  #answer: string | undefined = undefined;
  #end: SessionEnd = { kind: 'local' };
  #refusal: MediaRefusal = noAnswer;
  #wait = 0;
  #waiting: Timer | undefined = undefined;
  #own: OwnOffer | undefined = undefined;
  #arriving: IncomingOffer | undefined = undefined;
  #incoming: IncomingOffer | undefined = undefined;
  #repeater: SuccessRepeater | undefined = undefined;
  #refusedInvite: ServerTransaction | undefined = undefined;

  constructor(environment: SessionEnvironment, session: ModifiedSession) {
    this.#environment = environment;
    this.#session = session;
    // The INVITE that makes the session is an offer under way, or one that is being answered.
    this.#state = session.role === 'caller' ? 'offering' : 'answering';
  }

  get state(): ModificationState {
    return this.#state;
  }

  /** Asks for a change. One that has not begun yet gives way to a later one. */
  wish(change: Change): Promise<ModificationOutcome> {
    return new Promise((settle) => {
      const { end, media } = this.#session;
      if (this.#state === 'over') {
        settle({ kind: 'ended', end: end ?? { kind: 'local' } });
        return;
      }
      if (
        change.hold !== undefined &&
        change.hold === media.localHold &&
        change.elsewhere === this.#elsewhere &&
        this.#wishes.withdrawHold()
      ) {
        settle({ kind: 'done' });
        return;
      }
      this.#wishes.add(change, settle);
      this.next();
    });
  }

  /** Begins what is wished for, if nothing is in the way. */
  next(): void {
    if (!this.#wishes.hasWaiting || this.#waiting !== undefined || !this.#session.mayOffer) return;
    // A refusal whose ACK has not come: that INVITE of the far end is still in progress (RFC 3261 14.1).
    if (this.#refusedInvite?.state === 'completed') this.#nextAfter(this.#environment.options.timers.T1);
    else this.#run('modify');
  }

  /** An INVITE or UPDATE within the dialog. */
  request(transaction: ServerTransaction): void {
    const unanswered = this.#unanswered(transaction.request);
    if (unanswered !== undefined) {
      this.#refuse(new IncomingOffer(this.#environment, this.#session, transaction, undefined), unanswered);
      return;
    }
    const offer = takeOffer(this.#environment, this.#session, transaction);
    if (offer === undefined) return;
    if (!this.#session.mayTakeOffers) {
      this.#refuse(offer, 'busy');
      return;
    }
    this.#arriving = offer;
    this.#run('offer');
    this.#arriving = undefined;
  }

  cancel(transaction: ServerTransaction): void {
    if (transaction === this.#incoming?.transaction) this.#run('cancel');
  }

  ack(request: SipRequest): void {
    if (request.cseqNumber !== this.#repeater?.cseqNumber) return;
    this.#answer = readableDescriptionOf(request);
    this.#run('ack');
  }

  /** The 2xx to the INVITE that made the session went out, with an offer or not. */
  accepted(transaction: ServerTransaction, response: SipResponse, withOffer: boolean): void {
    this.#repeat(transaction, response);
    this.#run(withOffer ? 'acceptOffer' : 'accept');
  }

  /** An offer of this side went out before the 2xx, in a reliable response. */
  offered(): void {
    this.#run('acceptOffer');
  }

  /** The first offer and answer are agreed on without an ACK to come: the far end's, or in reliable responses. */
  agreed(): void {
    this.#run('agreed');
  }

  /** No offer goes any more, and none is taken. */
  end(): void {
    this.#run('end');
    this.#clearTimers();
    this.#wishes.end({ kind: 'ended', end: this.#session.end ?? { kind: 'local' } });
  }

  /**
   * Why a request is too early, whatever it says of media: an INVITE before the final response to the one that made the
   * dialog, which is this side's or the far end's (RFC 3261 14.2), and an UPDATE before that to the last (RFC 3311 5.2).
   */
  #unanswered({ method }: SipRequest): 'glare' | 'busy' | undefined {
    const { state, role } = this.#session;
    if (method === 'INVITE' && state === 'early') return role === 'caller' ? 'glare' : 'busy';
    return method === 'UPDATE' && this.#incoming?.transaction.method === 'UPDATE' ? 'busy' : undefined;
  }

  #run(event: ModificationEvent): void {
    const step = modificationMachine[this.#state][event];
    if (step === undefined) return;
    this.#state = step.to;
    for (const action of step.actions) this.#perform(action);
  }

  #perform(action: ModificationAction): void {
    const { dialog, media } = this.#session;
    switch (action) {
      case 'makeOffer':
        this.#makeOffer();
        break;
      case 'sendOffer':
        this.#sendOffer();
        break;
      case 'prepareAnswer':
        this.#prepareAnswer();
        break;
      case 'sendAnswer':
        this.#sendAnswer();
        break;
      case 'refuseGlare':
        this.#refuse(this.#arriving, 'glare');
        break;
      case 'refuseBusy':
        this.#refuse(this.#arriving, 'busy');
        break;
      case 'refuseOffer':
        this.#refuse(this.#incoming, this.#refusal);
        this.#incoming = undefined;
        break;
      case 'refuseCancelled':
        this.#refuse(this.#incoming, 'cancelled');
        this.#incoming = undefined;
        break;
      case 'takeAnswer':
        this.#takeAnswer(this.#answer);
        break;
      case 'answerLate':
        this.#answerLate();
        break;
      case 'sendLateAnswer':
        this.#own?.answer(this.#description);
        media.commit();
        break;
      case 'sendNoAnswer':
        this.#own?.answer();
        break;
      case 'takeLateAnswer':
        this.#takeAnswer(this.#answer);
        break;
      case 'rollback':
        media.rollback();
        showRendering(dialog, media.localHold);
        break;
      case 'retryLater':
        this.#retryLater();
        break;
      case 'tellDone':
        this.#elsewhere = this.#elsewhereNext;
        this.#wishes.settle({ kind: 'done' });
        break;
      case 'tellFailed':
        this.#wishes.settle(this.#outcome ?? { kind: 'superseded' });
        break;
      case 'tellMedia':
        this.#session.tellMedia();
        break;
      case 'stopRepeating':
        this.#repeater?.stop();
        this.#repeater = undefined;
        break;
      case 'confirm':
        this.#session.acknowledged();
        break;
      case 'loseSession':
        this.#session.fail(this.#end);
        break;
      case 'endForMedia':
        this.#endForMedia();
        break;
      case 'endUnacknowledged':
        this.#session.fail({ kind: 'unacknowledged' });
        break;
      case 'next':
        this.#session.settled?.();
        this.next();
        break;
    }
  }

  #makeOffer(): void {
    const wish = this.#wishes.begin();
    if (wish === undefined) return;
    const { media } = this.#session;
    const { hold, refresh = false, elsewhere } = wish.change;
    if (hold !== undefined) media.localHold = hold;
    this.#elsewhereNext = hold === undefined ? this.#elsewhere : elsewhere;
    this.#asks = this.#elsewhereNext !== undefined && !refresh;
    if (this.#asks) {
      this.#run('ready');
      return;
    }
    media.createOffer(refresh && hold === undefined).then(
      (description) => {
        if (!wish.isCurrent()) return;
        this.#description = description;
        this.#run('ready');
      },
      (error: unknown) => {
        if (!wish.isCurrent()) return;
        this.#outcome = { kind: 'no-media', message: messageOf(error) };
        this.#run('unready');
      },
    );
  }

  #sendOffer(): void {
    const { dialog, media } = this.#session;
    showRendering(dialog, media.localHold);
    this.#answer = undefined;
    this.#own = new OwnOffer(this.#environment, this.#session, (result) => {
      this.#offered(result);
    });
    this.#own.send(this.#asks ? undefined : this.#description);
  }

  #offered(result: OwnOfferResult): void {
    switch (result.kind) {
      case 'success':
        if (this.#state !== 'offering') return;
        // Before the answer the timer is for the INVITE to agree on.
        if (this.#session.state === 'early') this.#session.learn(result.response);
        else this.#session.answered(result.response);
        this.#answer = result.answer;
        this.#run(this.#asks ? 'asked' : 'success');
        break;
      case 'refused':
        this.#outcome = result.outcome;
        this.#end = result.end;
        if (result.wait !== undefined && this.#wishes.attempts < maximumAttempts) {
          this.#wait = result.wait;
          this.#run('glare');
        } else this.#run(result.isFatal ? 'lost' : 'failure');
        break;
    }
  }

  #retryLater(): void {
    this.#wishes.postpone();
    this.#nextAfter(this.#wait);
  }

  #nextAfter(milliseconds: number): void {
    this.#waiting = this.#environment.core.context.clock.after(milliseconds, () => {
      this.#waiting = undefined;
      this.next();
    });
  }

  #takeAnswer(answer: string | undefined): void {
    if (answer === undefined) {
      this.#refusal = noAnswer;
      this.#run('unusable');
      return;
    }
    void this.#session.media.acceptAnswer(answer).then((refusal) => {
      this.#refusal = refusal ?? noAnswer;
      this.#run(refusal === undefined ? 'agreed' : 'unusable');
    });
  }

  #prepareAnswer(): void {
    const incoming = this.#arriving;
    if (incoming === undefined) return;
    const { media } = this.#session;
    this.#incoming = incoming;
    const ready = (result: string | MediaRefusal): void => {
      if (this.#incoming !== incoming) return;
      if (typeof result === 'string') this.#description = result;
      else this.#refusal = result;
      this.#run(typeof result === 'string' ? 'ready' : 'unacceptable');
    };
    if (incoming.description !== undefined) {
      void this.#answerTo(incoming.description, this.#elsewhere).then(ready);
      return;
    }
    media.createOffer().then(ready, (error: unknown) => {
      ready({ kind: 'refused', status: 503, reason: messageOf(error) });
    });
  }

  #answerLate(): void {
    const offer = this.#answer;
    if (offer === undefined) {
      this.#refusal = noAnswer;
      this.#run('unacceptable');
      return;
    }
    void this.#answerTo(offer, this.#elsewhereNext).then((result) => {
      if (typeof result === 'string') this.#description = result;
      else this.#refusal = result;
      this.#run(typeof result === 'string' ? 'ready' : 'unacceptable');
    });
  }

  /** Where somebody else has an answer it is his, else that of this side. */
  async #answerTo(offer: string, elsewhere: AnswerElsewhere | undefined): Promise<string | MediaRefusal> {
    const said = await elsewhere?.(offer);
    return this.#session.media.createAnswer(offer, said);
  }

  #sendAnswer(): void {
    const incoming = this.#incoming;
    if (incoming === undefined) return;
    const { transaction, description } = incoming;
    this.#incoming = undefined;
    const response = incoming.accept(this.#description);
    if (description !== undefined) this.#session.media.commit();
    if (transaction.request.method === 'UPDATE') this.#run('agreed');
    else this.accepted(transaction, response, description === undefined);
  }

  #refuse(offer: IncomingOffer | undefined, why: OfferRefusal): void {
    if (offer === undefined) return;
    offer.refuse(why);
    if (offer.transaction.request.method === 'INVITE') this.#refusedInvite = offer.transaction;
  }

  #endForMedia(): void {
    const { status, reason } = this.#refusal;
    const cause = headerField(Reason, { protocol: 'SIP', cause: status, text: reason });
    this.#session.fail({ kind: 'media', refusal: this.#refusal }, [cause]);
  }

  #repeat(transaction: ServerTransaction, response: SipResponse): void {
    const { core, options } = this.#environment;
    this.#repeater?.stop();
    const parts = { clock: core.context.clock, timers: options.timers };
    this.#repeater = new SuccessRepeater(parts, transaction, response, () => {
      this.#run('noAck');
    });
    this.#repeater.start();
  }

  #clearTimers(): void {
    this.#waiting?.cancel();
    this.#own?.abandon();
    this.#waiting = undefined;
  }
}
