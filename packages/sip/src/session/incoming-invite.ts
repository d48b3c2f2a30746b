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
import type { ClaimedDialog } from './dialog-claim.ts';
import { incomingInviteMachine } from './incoming-invite-machine.ts';
import type {
  IncomingInviteAction,
  IncomingInviteMachineEvent,
  IncomingInviteState,
} from './incoming-invite-machine.ts';
import { InitialExchange, noAnswer } from './initial-exchange.ts';
import type { ProgressParts } from './initial-exchange.ts';
import { InviteSession } from './invite-session.ts';
import { Listeners } from './listeners.ts';
import type { MediaNegotiation, MediaRefusal } from './media.ts';
import { warningOf } from './media-warning.ts';
import { reasonsOf } from './reasons.ts';
import { showRendering } from './rendering.ts';
import type {
  AcceptOutcome,
  IncomingInviteEnd,
  IncomingInviteEvent,
  SessionEnvironment,
  Stoppable,
} from './session-contract.ts';
import { sessionDescriptionType } from './session-description-body.ts';

/** Seconds; an INVITE that wants to wait for longer than a day waits as long as its caller does. */
const longestExpiry = 86_400;

/** What a refusal has beside its status. */
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
  readonly #exchange: InitialExchange;
  #claim: ClaimedDialog | undefined = undefined;
  #state: IncomingInviteState = 'authorizing';
  #refusal: MediaRefusal = noAnswer;
  #progressParts: ProgressParts = {};
  #rejection: { readonly status: number; readonly parts: RejectParts } = { status: 480, parts: {} };
  #reasons: readonly Reason[] = [];
  #accepted: ((outcome: AcceptOutcome) => void)[] = [];
  #expiry: Timer | undefined = undefined;
  #endClaimWatch: () => void = () => undefined;
  readonly #takePrack = (transaction: ServerTransaction): boolean => this.#exchange.takePrack(transaction);
  readonly #settled = (): void => {
    if (this.#state === 'accepting') this.#prepareSuccess();
  };

  constructor(environment: SessionEnvironment, { transaction, dialog, media, arrived }: IncomingInviteParts) {
    this.request = transaction.request;
    this.caller = environment.core.callerOf(transaction.request, transaction.flow);
    this.#environment = environment;
    this.#transaction = transaction;
    this.#arrived = arrived;
    this.session = new InviteSession(environment, {
      dialog,
      media,
      role: 'callee',
      giveUp: () => {
        this.reject(480);
      },
      isGivenUp: () => false,
      mayTakeOffers: () => true,
    });
    this.#exchange = new InitialExchange(environment, {
      transaction,
      session: this.session,
      isPending: () => this.#state === 'pending',
      sent: (status) => {
        this.#listeners.tell({ kind: 'progress', status });
      },
      unacknowledged: () => {
        this.#run('noPrack');
      },
      unusable: (refusal) => {
        this.reject(refusal.status, { headers: warningOf(environment.core, refusal) });
      },
      acknowledged: this.#settled,
    });
  }

  get state(): IncomingInviteState {
    return this.#state;
  }

  /** The session of this side whose place it takes when it is accepted (RFC 3891): who asks for it may have it. */
  get replaces(): InviteSession | undefined {
    return this.#claim?.kind === 'replaces' ? this.#claim.session : undefined;
  }

  /** The session of this side that it wants to be mixed with (RFC 3911), who may be; 488 for who cannot mix. */
  get joins(): InviteSession | undefined {
    return this.#claim?.kind === 'join' ? this.#claim.session : undefined;
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
    session.takePrack = this.#takePrack;
    session.settled = this.#settled;
    session.start();
    session.listen(({ kind }) => {
      if (kind === 'ended') this.#run('bye');
    });
    this.#watchExpiry();
    this.#authorize();
  }

  /** The far end's CANCEL. For the capability. */
  cancelled(cancel: SipRequest): void {
    this.#reasons = reasonsOf(cancel);
    this.#run('cancel');
  }

  /** A PRACK that has crossed the refusal is answered all the same (RFC 3262 3). True when it was one. For the sessions. */
  takeLatePrack(transaction: ServerTransaction): boolean {
    const { request } = transaction;
    const { dialog } = this.session;
    const isOfDialog =
      request.callId === dialog.callId &&
      request.toTag === dialog.localTag &&
      (request.fromTag ?? '') === dialog.remoteTag;
    if (dialog.state !== 'terminated' || !isOfDialog || !this.#exchange.takeLatePrack(request)) return false;
    dialog.respond(transaction, 200);
    return true;
  }

  /** The caller knows only where this side was: it has come to nothing, unless it is answered. For the sessions. */
  networkChanged(): void {
    this.#run('networkChanged');
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
      case 'examine':
        this.#examine();
        break;
      case 'tellIncoming':
        this.#arrived(this);
        break;
      case 'sendProgress':
        this.#exchange.send(this.#progressParts);
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
      case 'sendUnreachable':
        dialog.respond(this.#transaction, 480);
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
      case 'tellUnreachable':
        this.#tell({ kind: 'unreachable' }, { kind: 'gone' });
        break;
      case 'tellStopped':
        this.#tell({ kind: 'stopped' }, { kind: 'gone' });
        break;
      case 'release':
        this.#release();
        break;
    }
  }

  /** Who wants a dialog of this side is asked whether he may before he can learn whether it is there. */
  #authorize(): void {
    const claim = this.#environment.claims.of(this.request, this.caller, this.session.dialog.secure);
    if (claim === undefined) {
      this.#run('authorized');
      return;
    }
    if (claim instanceof SyntaxFault) {
      this.#turnAway(claim.status, claim.reason);
      return;
    }
    this.#claim = claim;
    const decide = (isAllowed: boolean): void => {
      const status = isAllowed ? claim.refusal() : 403;
      if (status === undefined) this.#run('authorized');
      else this.#turnAway(status);
    };
    const decision = claim.authorize();
    if (typeof decision === 'boolean') decide(decision);
    else {
      decision.then(decide, () => {
        this.#turnAway(500);
      });
    }
  }

  #turnAway(status: number, reason?: string): void {
    this.#rejection = { status, parts: { reason } };
    this.#run('refused');
  }

  #examine(): void {
    // Nobody is to be asked about a claim to what ended meanwhile.
    const lost = (): void => {
      const status = this.#claim?.refusal();
      if (status !== undefined) this.reject(status);
    };
    this.#endClaimWatch =
      this.#claim?.session?.listen(({ kind }) => {
        if (kind === 'ended') lost();
      }) ?? this.#endClaimWatch;
    this.#exchange.examine((refusal) => {
      if (refusal === undefined) this.#run('ready');
      else this.#refuse(refusal);
    });
  }

  #refuse(refusal: MediaRefusal): void {
    this.#refusal = refusal;
    this.#rejection = { status: refusal.status, parts: {} };
    this.#run('unacceptable');
  }

  #prepareSuccess(): void {
    this.#exchange.prepareSuccess((refusal) => {
      // The last moment in which another may have had what is claimed here.
      const status = this.#claim?.refusal();
      if (status !== undefined) this.reject(status);
      else if (refusal === undefined) this.#run('ready');
      else this.#refuse(refusal);
    });
  }

  #sendSuccess(): void {
    const { session } = this;
    const body = this.#exchange.finalDescription;
    const response = session.dialog.respond(this.#transaction, 200, {
      headers: [
        ...this.#environment.core.capabilityHeaders(['Allow', 'Supported', 'Allow-Events']),
        ...session.timer.accept(this.request),
      ],
      body,
      contentType: body === undefined ? undefined : sessionDescriptionType,
    });
    this.#exchange.succeeded();
    session.accepted();
    session.modifications.accepted(this.#transaction, response, this.#exchange.offersLate);
    this.replaces?.giveWayTo(session);
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

  #tell(end: IncomingInviteEnd, outcome: AcceptOutcome): void {
    const isOwnMedia = end.kind === 'rejected' && this.#refusal !== noAnswer;
    for (const resolve of this.#accepted.splice(0)) {
      resolve(isOwnMedia ? { kind: 'refused', refusal: this.#refusal } : outcome);
    }
    this.#listeners.tell({ kind: 'ended', end });
  }

  #release(): void {
    this.#expiry?.cancel();
    this.#endClaimWatch();
    this.#exchange.stop();
    this.#environment.registry.remove(this);
    this.#listeners.clear();
    if (this.#state === 'answered') return;
    this.session.abandon();
    this.session.media.close();
  }
}
