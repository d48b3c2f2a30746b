import type { Timer } from '../context.ts';
import type { DialogResponseOptions } from '../dialog/dialog.ts';
import { SyntaxFault } from '../message/fault.ts';
import { headerField } from '../message/header.ts';
import type { HeaderInit } from '../message/header.ts';
import { RetryAfter } from '../message/headers/retry-after.ts';
import { Reason } from '../message/headers/reason.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { messageOf } from './error-message.ts';
import { busyWait } from './glare.ts';
import type { MediaRefusal } from './media.ts';
import { warningOf } from './media-warning.ts';
import { modificationMachine } from './modification-machine.ts';
import type { ModificationAction, ModificationEvent, ModificationState } from './modification-machine.ts';
import type { ModifiedSession } from './modified-session.ts';
import { OwnOffer } from './own-offer.ts';
import type { OwnOfferResult } from './own-offer.ts';
import { showRendering } from './rendering.ts';
import type { ModificationOutcome, SessionEnd, SessionEnvironment } from './session-contract.ts';
import { readableDescriptionOf, sessionDescriptionOf, sessionDescriptionType } from './session-description-body.ts';
import { SuccessRepeater } from './success-repeater.ts';
import { Wishes } from './wishes.ts';
import type { AnswerElsewhere, Change } from './wishes.ts';

/** How often one wish is tried after glare, or with a longer session interval: longer than any transaction lasts. */
const maximumAttempts = 40;
const noAnswer: MediaRefusal = { kind: 'refused', status: 488, reason: 'there is no answer to the offer' };

/** An INVITE or UPDATE of the far end. */
interface IncomingOffer {
  readonly transaction: ServerTransaction;
  /** Undefined where the far end wants an offer. */
  readonly description: string | undefined;
}

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
    const { dialog, timer } = this.#session;
    const { request } = transaction;
    const tooSmall = timer.examine(request);
    if (tooSmall !== undefined) {
      dialog.respond(transaction, 422, { headers: tooSmall });
      return;
    }
    const description = sessionDescriptionOf(request);
    if (description instanceof SyntaxFault) {
      dialog.respond(transaction, description.status, { reason: description.reason });
    } else if (request.method === 'UPDATE' && description === undefined) {
      this.#session.learn(request);
      dialog.respond(transaction, 200, { headers: this.#successHeaders(request) });
    } else if (!this.#session.mayTakeOffers) {
      this.#refuseBusy(transaction);
    } else {
      this.#arriving = { transaction, description };
      this.#run('offer');
      this.#arriving = undefined;
    }
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
        if (this.#arriving !== undefined) this.#refuse(this.#arriving.transaction, 491);
        break;
      case 'refuseBusy':
        if (this.#arriving !== undefined) this.#refuseBusy(this.#arriving.transaction);
        break;
      case 'refuseOffer':
        this.#refuseOffer();
        break;
      case 'refuseCancelled':
        if (this.#incoming !== undefined) this.#refuse(this.#incoming.transaction, 487);
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
    const { dialog, media } = this.#session;
    const { transaction, description } = incoming;
    const { request } = transaction;
    this.#incoming = undefined;
    this.#session.learn(request);
    showRendering(dialog, media.localHold);
    const headers = this.#successHeaders(request);
    const body = { body: this.#description, contentType: sessionDescriptionType };
    const response = dialog.respond(transaction, 200, { headers, ...body });
    if (description !== undefined) media.commit();
    if (request.method === 'UPDATE') this.#run('agreed');
    else this.accepted(transaction, response, description === undefined);
  }

  #refuseOffer(): void {
    const incoming = this.#incoming;
    this.#incoming = undefined;
    if (incoming === undefined) return;
    const { status, reason } = this.#refusal;
    const headers = warningOf(this.#environment.core, this.#refusal);
    this.#refuse(incoming.transaction, status, { headers, ...(status === 400 && { reason }) });
  }

  #refuse(transaction: ServerTransaction, status: number, options: DialogResponseOptions = {}): void {
    this.#session.dialog.respond(transaction, status, options);
    if (transaction.request.method === 'INVITE') this.#refusedInvite = transaction;
  }

  #refuseBusy(transaction: ServerTransaction): void {
    const seconds = busyWait(this.#environment.core.context.random);
    this.#refuse(transaction, 500, { headers: [headerField(RetryAfter, { seconds })] });
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

  #successHeaders(request: SipRequest): HeaderInit[] {
    const { core } = this.#environment;
    return [...core.capabilityHeaders(['Allow', 'Supported']), ...this.#session.timer.accept(request)];
  }

  #clearTimers(): void {
    this.#waiting?.cancel();
    this.#own?.abandon();
    this.#waiting = undefined;
  }
}
