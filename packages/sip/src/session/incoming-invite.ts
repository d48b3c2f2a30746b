import type { Timer } from '../context.ts';
import type { Caller } from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { SwitchhookError } from '../error.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import { Expires } from '../message/headers/expires.ts';
import type { Reason } from '../message/headers/reason.ts';
import type { SipRequest } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { messageOf } from './error-message.ts';
import { incomingInviteMachine } from './incoming-invite-machine.ts';
import type {
  IncomingInviteAction,
  IncomingInviteMachineEvent,
  IncomingInviteState,
} from './incoming-invite-machine.ts';
import { InviteSession, reasonsOf, supports } from './invite-session.ts';
import { Listeners } from './listeners.ts';
import type { MediaNegotiation, MediaRefusal } from './media.ts';
import { warningOf } from './media-warning.ts';
import { ReliableProvisionals } from './reliable-provisionals.ts';
import { showRendering } from './rendering.ts';
import type {
  AcceptOutcome,
  IncomingInviteEnd,
  IncomingInviteEvent,
  SessionEnvironment,
  Stoppable,
} from './session-contract.ts';
import { readableDescriptionOf, sessionDescriptionOf, sessionDescriptionType } from './session-description-body.ts';
import { hasTag } from './session-timer.ts';

/** RFC 3261 13.3.1.1: a proxy that hears nothing for three minutes gives the INVITE up. */
const stillRinging = 60_000;
/** Seconds; an INVITE that wants to wait for longer than a day waits as long as its caller does. */
const longestExpiry = 86_400;
const noAnswer: MediaRefusal = { kind: 'refused', status: 488, reason: 'there is no answer to the offer' };

/** What a provisional response says. */
export interface ProgressParts {
  /** 180 without it, 183 where media go along. */
  readonly status?: number | undefined;
  /** Lets this side be heard before the call is answered: with the session description (RFC 3960). */
  readonly media?: boolean | undefined;
  readonly headers?: readonly HeaderInit[] | undefined;
}

export interface RejectParts {
  readonly reason?: string | undefined;
  readonly headers?: readonly HeaderInit[] | undefined;
}

/** How an INVITE comes in. */
export interface IncomingInviteParts {
  readonly transaction: ServerTransaction;
  readonly dialog: Dialog;
  readonly media: MediaNegotiation;
  /** It can be answered, and wants to be. */
  readonly arrived: (invite: IncomingInvite) => void;
}

/** An INVITE of the far end, until it is answered. */
export class IncomingInvite implements Stoppable {
  readonly request: SipRequest;
  readonly caller: Caller;
  /** Early until the INVITE is accepted. */
  readonly session: InviteSession;
  readonly #environment: SessionEnvironment;
  readonly #transaction: ServerTransaction;
  readonly #arrived: (invite: IncomingInvite) => void;
  readonly #listeners = new Listeners<IncomingInviteEvent>();
  readonly #provisionals: ReliableProvisionals;
  readonly #isReliable: { readonly required: boolean; readonly supported: boolean };
  #state: IncomingInviteState = 'examining';
  /** The far end's offer; undefined where it wants one. */
  #offer: string | undefined = undefined;
  /** What this side says: the answer, or the offer where it is for this side to make one. */
  #description: string | undefined = undefined;
  /** How far offer and answer have come: said in a provisional response; or agreed on in reliable ones. */
  #progress: 'nothing' | 'said' | 'agreed' = 'nothing';
  #refusal: MediaRefusal = noAnswer;
  #progressParts: ProgressParts = {};
  #rejection: { readonly status: number; readonly parts: RejectParts } = { status: 480, parts: {} };
  #reasons: readonly Reason[] = [];
  #accepted: ((outcome: AcceptOutcome) => void)[] = [];
  #expiry: Timer | undefined = undefined;
  #reminder: Timer | undefined = undefined;

  constructor(environment: SessionEnvironment, { transaction, dialog, media, arrived }: IncomingInviteParts) {
    const { context } = environment.core;
    this.request = transaction.request;
    this.caller = environment.core.callerOf(transaction.request, transaction.flow);
    this.#environment = environment;
    this.#transaction = transaction;
    this.#arrived = arrived;
    this.#isReliable = {
      required: hasTag(this.request, 'Require', '100rel'),
      supported: supports(this.request, '100rel'),
    };
    this.session = new InviteSession(environment, {
      dialog,
      media,
      role: 'callee',
      giveUp: () => {
        this.reject(480);
      },
      mayTakeOffers: () => true,
    });
    this.#provisionals = new ReliableProvisionals(
      { clock: context.clock, T1: environment.options.timers.T1, fraction: context.random.fraction() },
      dialog,
      transaction,
      () => {
        this.#run('noPrack');
      },
    );
  }

  get state(): IncomingInviteState {
    return this.#state;
  }

  /** Calls `listener` for all that happens from now on; returns what ends that. */
  listen(listener: (event: IncomingInviteEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Says that it rings, or more; does nothing once it is answered. */
  progress(parts: ProgressParts = {}): void {
    const { status = 180 } = parts;
    if (status <= 100 || status >= 200)
      throw new SwitchhookError('invalid-status', `no provisional response: ${status}`);
    this.#progressParts = parts;
    this.#run('progress');
  }

  /** Says that it rings (RFC 3261 13.3.1.1). */
  ring(): void {
    this.progress();
  }

  /** Takes the call. Resolves when the 2xx is out, or it is known that none will be; see {@link AcceptOutcome}. */
  accept(): Promise<AcceptOutcome> {
    return new Promise((resolve) => {
      if (this.#state === 'answered' || this.#state === 'ended') resolve({ kind: 'gone' });
      else this.#accepted.push(resolve);
      this.#run('accept');
    });
  }

  /** Refuses it with a status from 300 to 699; 486 where this side is busy, 603 where nobody wants it. */
  reject(status = 603, parts: RejectParts = {}): void {
    if (status < 300 || status > 699) throw new SwitchhookError('invalid-status', `no refusal: ${status}`);
    this.#rejection = { status, parts };
    this.#run('reject');
  }

  /** Sends the far end elsewhere (RFC 3261 13.3.1.2). */
  redirect(contacts: readonly NameAddr[], status = 302): void {
    this.reject(status, { headers: contacts.map((contact) => ['Contact', contact.toString()] as const) });
  }

  /** Looks at it, and tells of it when it can be answered. For the capability. */
  start(): void {
    const { session } = this;
    const tooSmall = session.timer.examine(this.request);
    if (tooSmall !== undefined) {
      session.dialog.respond(this.#transaction, 422, { headers: tooSmall });
      session.media.close();
      return;
    }
    this.#environment.registry.add(this);
    showRendering(session.dialog, session.media.localHold);
    session.learn(this.request);
    session.takePrack = (transaction) => this.#provisionals.take(transaction);
    session.start();
    session.listen(({ kind }) => {
      if (kind === 'ended') this.#run('bye');
    });
    this.#watchExpiry();
    this.#examine();
  }

  /** The far end's CANCEL. For the capability. */
  cancelled(cancel: SipRequest): void {
    this.#reasons = reasonsOf(cancel);
    this.#run('cancel');
  }

  stop(): void {
    this.#run('stop');
  }

  #run(event: IncomingInviteMachineEvent): void {
    const step = incomingInviteMachine[this.#state][event];
    if (step === undefined) return;
    this.#state = step.to;
    for (const action of step.actions) this.#perform(action);
  }

  #perform(action: IncomingInviteAction): void {
    const { session } = this;
    const { dialog } = session;
    const { status, parts } = this.#rejection;
    switch (action) {
      case 'tellIncoming':
        this.#arrived(this);
        break;
      case 'sendProgress':
        this.#sendProgress(this.#progressParts);
        break;
      case 'prepareSuccess':
        this.#prepareSuccess();
        break;
      case 'sendSuccess':
        this.#sendSuccess();
        break;
      case 'refuseMedia':
        this.#refuseMedia();
        break;
      case 'sendRejection':
        dialog.respond(this.#transaction, status, parts);
        break;
      case 'sendTerminated':
        dialog.respond(this.#transaction, 487);
        break;
      case 'sendTimeout':
        dialog.respond(this.#transaction, 504);
        break;
      case 'tellAnswered':
        this.#tell({ kind: 'answered', session }, { kind: 'answered', session });
        break;
      case 'tellRejected':
        this.#tell({ kind: 'rejected', status }, { kind: 'gone' });
        break;
      case 'tellCancelled':
        this.#tell({ kind: 'cancelled', reasons: this.#reasons }, { kind: 'gone' });
        break;
      case 'tellGone':
        this.#tell({ kind: 'cancelled', reasons: [] }, { kind: 'gone' });
        break;
      case 'tellExpired':
        this.#tell({ kind: 'expired' }, { kind: 'gone' });
        break;
      case 'tellUnacknowledged':
        this.#tell({ kind: 'unacknowledged' }, { kind: 'gone' });
        break;
      case 'tellStopped':
        this.#tell({ kind: 'stopped' }, { kind: 'gone' });
        break;
      case 'release':
        this.#release();
        break;
    }
  }

  #examine(): void {
    const offer = sessionDescriptionOf(this.request);
    if (offer instanceof SyntaxFault) {
      this.#refuse({ kind: 'refused', status: offer.status, reason: offer.reason });
      return;
    }
    this.#offer = offer;
    if (offer === undefined) {
      this.#run('ready');
      return;
    }
    void this.session.media.createAnswer(offer).then((answer) => {
      if (typeof answer !== 'string') {
        this.#refuse(answer);
        return;
      }
      this.#description = answer;
      this.#run('ready');
    });
  }

  #refuse(refusal: MediaRefusal): void {
    this.#refusal = refusal;
    this.#rejection = { status: refusal.status, parts: {} };
    this.#run('unacceptable');
  }

  #sendProgress({ media = false, status = media ? 183 : 180, headers = [] }: ProgressParts): void {
    const { required, supported } = this.#isReliable;
    const policy = this.#environment.options.reliableProvisionals;
    const withMedia = media && this.#progress === 'nothing';
    const isReliable = required || (supported && (policy === 'supported' || (policy === 'media' && withMedia)));
    this.#remind(status);
    // An offer of this side goes into a provisional response only where its answer is sure to come (RFC 3262 5).
    if (withMedia && (this.#offer !== undefined || isReliable)) this.#sendEarlyMedia(status, headers, isReliable);
    else this.#sendProvisional(status, headers, isReliable, undefined);
  }

  #sendEarlyMedia(status: number, headers: readonly HeaderInit[], isReliable: boolean): void {
    const { media } = this.session;
    this.#progress = 'said';
    if (this.#offer !== undefined) {
      this.#sendProvisional(status, headers, isReliable, this.#description);
      media.commit();
      if (!isReliable) this.session.tellMedia();
      return;
    }
    media.createOffer().then(
      (offer) => {
        this.#description = offer;
        if (this.#state === 'pending') this.#sendProvisional(status, headers, isReliable, offer);
      },
      () => {
        this.#progress = 'nothing';
        if (this.#state === 'pending') this.#sendProvisional(status, headers, isReliable, undefined);
      },
    );
  }

  #sendProvisional(
    status: number,
    ownHeaders: readonly HeaderInit[],
    isReliable: boolean,
    body: string | undefined,
  ): void {
    const { dialog } = this.session;
    const headers = [...this.#environment.core.capabilityHeaders(['Allow', 'Supported']), ...ownHeaders];
    const options = { headers, body, contentType: body === undefined ? undefined : sessionDescriptionType };
    if (isReliable) {
      const acknowledged = (prack: ServerTransaction): void => {
        void this.#acknowledged(prack, body !== undefined);
      };
      this.#provisionals.send({ status, options, acknowledged });
    } else dialog.respond(this.#transaction, status, options);
    this.#listeners.tell({ kind: 'progress', status });
  }

  /** A PRACK may bring the answer to an offer, or an offer once there is an answer (RFC 3262 5). */
  async #acknowledged(prack: ServerTransaction, hadDescription: boolean): Promise<void> {
    const { dialog, media, modifications } = this.session;
    const description = readableDescriptionOf(prack.request);
    if (hadDescription && this.#offer === undefined) {
      dialog.respond(prack, 200);
      const refusal = description === undefined ? noAnswer : await media.acceptAnswer(description);
      if (refusal !== undefined) {
        this.reject(refusal.status, { headers: warningOf(this.#environment.core, refusal) });
        return;
      }
      this.#agreed();
    } else {
      if (hadDescription) this.#agreed();
      const answer =
        description === undefined || this.#progress !== 'agreed' ? undefined : await media.createAnswer(description);
      if (typeof answer === 'string') {
        dialog.respond(prack, 200, { body: answer, contentType: sessionDescriptionType });
        media.commit();
        this.session.tellMedia();
      } else if (answer === undefined) {
        dialog.respond(prack, 200);
      } else {
        dialog.respond(prack, answer.status, { headers: warningOf(this.#environment.core, answer) });
      }
    }
    modifications.next();
    if (this.#state === 'accepting') this.#prepareSuccess();
  }

  #agreed(): void {
    this.#progress = 'agreed';
    this.session.modifications.agreed();
  }

  #prepareSuccess(): void {
    if (this.#provisionals.holdsSuccess) return;
    if (this.#offer !== undefined || this.#progress === 'agreed') {
      this.#run('ready');
      return;
    }
    this.session.media.createOffer().then(
      (offer) => {
        this.#description = offer;
        this.#run('ready');
      },
      (error: unknown) => {
        this.#refuse({ kind: 'refused', status: 503, reason: messageOf(error) });
      },
    );
  }

  #sendSuccess(): void {
    const { session } = this;
    const isAgreed = this.#progress === 'agreed';
    const body = isAgreed ? undefined : this.#description;
    const response = session.dialog.respond(this.#transaction, 200, {
      headers: [
        ...this.#environment.core.capabilityHeaders(['Allow', 'Supported']),
        ...session.timer.accept(this.request),
      ],
      body,
      contentType: body === undefined ? undefined : sessionDescriptionType,
    });
    if (this.#offer !== undefined && this.#progress === 'nothing') session.media.commit();
    session.accepted();
    session.modifications.accepted(this.#transaction, response, this.#offer === undefined && !isAgreed);
  }

  #refuseMedia(): void {
    const { status, reason } = this.#refusal;
    this.session.dialog.respond(this.#transaction, status, {
      headers: warningOf(this.#environment.core, this.#refusal),
      ...(status === 400 && { reason }),
    });
  }

  #watchExpiry(): void {
    const expires = this.request.get(Expires);
    if (expires === undefined || expires instanceof SyntaxFault || expires > longestExpiry) return;
    this.#expiry = this.#environment.core.context.clock.after(expires * 1_000, () => {
      this.#run('expire');
    });
  }

  #remind(status: number): void {
    this.#reminder?.cancel();
    this.#reminder = this.#environment.core.context.clock.after(stillRinging, () => {
      this.progress({ status });
    });
  }

  #tell(end: IncomingInviteEnd, outcome: AcceptOutcome): void {
    const isOwnMedia = end.kind === 'rejected' && this.#refusal !== noAnswer;
    for (const resolve of this.#accepted.splice(0)) {
      resolve(isOwnMedia ? { kind: 'refused', refusal: this.#refusal } : outcome);
    }
    this.#listeners.tell({ kind: 'ended', end });
  }

  #release(): void {
    this.#expiry?.cancel();
    this.#reminder?.cancel();
    this.#provisionals.stop();
    this.#environment.registry.remove(this);
    this.#listeners.clear();
    if (this.#state === 'answered') return;
    this.session.abandon();
    this.session.media.close();
  }
}
