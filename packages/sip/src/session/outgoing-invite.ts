import { onAbort } from '../abort.ts';
import type { Timer } from '../context.ts';
import type { RequestFailure } from '../dialog/contract.ts';
import { SwitchhookError } from '../error.ts';
import { SyntaxFault } from '../message/fault.ts';
import { headerField } from '../message/header.ts';
import type { HeaderInit } from '../message/header.ts';
import { Reason } from '../message/headers/reason.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { Parameters } from '../message/parameters.ts';
import { parseUri } from '../message/uri.ts';
import { messageOf } from './error-message.ts';
import { InviteAttempts } from './invite-attempts.ts';
import { noDescription } from './invite-branch.ts';
import type { InviteBranch } from './invite-branch.ts';
import { InviteBranches } from './invite-branches.ts';
import type { InviteParts } from './invite-parts.ts';
import type { InviteSession } from './invite-session.ts';
import { Listeners } from './listeners.ts';
import type { MediaNegotiation, MediaRefusal } from './media.ts';
import { outgoingInviteMachine } from './outgoing-invite-machine.ts';
import type {
  OutgoingInviteAction,
  OutgoingInviteMachineEvent,
  OutgoingInviteState,
} from './outgoing-invite-machine.ts';
import { failureOf } from './refusal-cause.ts';
import type {
  InviteFailure,
  InviteOutcome,
  OutgoingInviteEvent,
  SessionEnvironment,
  Stoppable,
} from './session-contract.ts';
import { readableDescriptionOf } from './session-description-body.ts';
import { withRendering } from './rendering.ts';

/** An INVITE of this side, until its outcome is known and no further 2xx can come. */
export class OutgoingInvite implements Stoppable {
  /** How it ends. Never rejects. */
  readonly outcome: Promise<InviteOutcome>;
  readonly media: MediaNegotiation;
  readonly #environment: SessionEnvironment;
  readonly #parts: InviteParts;
  readonly #attempts: InviteAttempts;
  readonly #listeners = new Listeners<OutgoingInviteEvent>();
  readonly #branches: InviteBranches;
  #settle: (outcome: InviteOutcome) => void = () => undefined;
  #state: OutgoingInviteState = 'initial';
  #offer: string | undefined = undefined;
  #response: SipResponse | undefined = undefined;
  #failure: RequestFailure | undefined = undefined;
  #givenUp: InviteFailure = { kind: 'cancelled' };
  #successor: InviteSession | undefined = undefined;
  #message = '';
  #cancelHeaders: readonly HeaderInit[] = [];
  #refusal: MediaRefusal = noDescription;
  #ringing: Timer | undefined = undefined;
  /** One thing after another: media take their time, and the order of messages counts. */
  #media: Promise<unknown> = Promise.resolve();
  #endAbort: () => void = () => undefined;

  /** Throws where the target is no URI. */
  constructor(environment: SessionEnvironment, media: MediaNegotiation, parts: InviteParts) {
    const target = typeof parts.target === 'string' ? parseUri(parts.target) : parts.target;
    if (target instanceof SyntaxFault) throw new SwitchhookError('invalid-uri', `target: ${target.reason}`);
    this.#environment = environment;
    this.media = media;
    this.#parts = parts;
    this.#attempts = new InviteAttempts(environment, parts, {
      response: (response, mayTryAgain) => {
        this.#answered(response, mayTryAgain);
      },
      failed: (failure) => {
        this.#failure = failure;
        this.#run('unreachable');
      },
      ended: () => {
        this.#over();
      },
    });
    this.#branches = new InviteBranches(environment, {
      media,
      contactParameters: () => this.#contactParameters,
      contactUriParameters: parts.contactUriParameters ?? Parameters.EMPTY,
      giveUp: (successor) => {
        if (successor === undefined) this.cancel();
        else this.#replaceBy(successor);
      },
      isGivenUp: () => this.#state === 'cancelling',
    });
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get state(): OutgoingInviteState {
    return this.#state;
  }

  /** Those that ring, or have rung. */
  get sessions(): readonly InviteSession[] {
    return this.#branches.sessions;
  }

  get callId(): string | undefined {
    return this.#attempts.callId;
  }

  /** As it was sent last; undefined before. */
  get request(): SipRequest | undefined {
    return this.#attempts.set?.request;
  }

  /** Calls `listener` for all that happens from now on; returns what ends that. */
  listen(listener: (event: OutgoingInviteEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Sends it. */
  start(): void {
    this.#environment.registry.add(this);
    this.#endAbort = onAbort(this.#parts.signal, () => {
      this.cancel();
    });
    this.#run('start');
  }

  /** Gives it up; the outcome is `cancelled` then, whatever crosses it. Does nothing once it is known. */
  cancel(reason?: Reason): void {
    if (reason !== undefined) this.#cancelHeaders = [headerField(Reason, reason)];
    this.#run('cancel');
  }

  /** Answers to it would go to where this side is not any more: it has failed, unless it is answered. For the sessions. */
  networkChanged(): void {
    this.#failure = { code: 'closed', status: 503, message: 'the machine has come into another network' };
    this.#run('networkChanged');
  }

  /** Ends it without another message. For the user agent. */
  stop(): void {
    this.#failure = { code: 'stopped', status: 503, message: 'the user agent was stopped' };
    this.#run('stop');
    this.#over();
  }

  /** Whoever rings is told with the CANCEL that the call was answered elsewhere (RFC 3326 3.1). */
  #replaceBy(successor: InviteSession): void {
    this.#successor = successor;
    this.#cancelHeaders = [headerField(Reason, { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' })];
    this.#run('replace');
  }

  #run(event: OutgoingInviteMachineEvent): void {
    const step = outgoingInviteMachine[this.#state][event];
    if (step === undefined) return;
    this.#state = step.to;
    for (const action of step.actions) this.#perform(action);
  }

  #perform(action: OutgoingInviteAction): void {
    switch (action) {
      case 'makeOffer':
        this.#makeOffer();
        break;
      case 'sendInvite':
        this.#sendInvite();
        break;
      case 'takeProvisional':
        this.#takeProvisional();
        break;
      case 'acknowledgeProvisional':
        this.#acknowledgeProvisional();
        break;
      case 'sendCancel':
        this.#attempts.set?.cancel(this.#cancelHeaders);
        break;
      case 'takeWinner':
        this.#takeWinner();
        break;
      case 'takeFurther':
        this.#takeFurther();
        break;
      case 'hangUpWinner':
        this.#branches.winner?.session.dismiss();
        break;
      case 'confirmWinner':
        this.#confirmWinner();
        break;
      case 'dismissMedia':
        this.media.close();
        this.#branches.dismissMedia();
        break;
      case 'tellAnswered':
        if (this.#branches.winner !== undefined)
          this.#tell({ kind: 'answered', session: this.#branches.winner.session });
        break;
      case 'tellFailed':
        if (this.#response !== undefined) this.#tell(failureOf(this.#response));
        break;
      case 'tellUnanswered':
        if (this.#failure !== undefined) this.#tell({ kind: 'unreachable', failure: this.#failure });
        break;
      case 'tellGivenUp':
        this.#tell(this.#givenUp);
        break;
      case 'tellReplaced':
        if (this.#successor !== undefined) this.#tell({ kind: 'replaced', session: this.#successor });
        break;
      case 'tellNoMedia':
        this.#tell({ kind: 'no-media', message: this.#message });
        break;
      case 'tellUnusable':
        this.#tell({ kind: 'media', refusal: this.#refusal });
        break;
    }
  }

  #makeOffer(): void {
    if (this.#parts.lateOffer === true) {
      this.#run('ready');
      return;
    }
    this.media.createOffer().then(
      (offer) => {
        this.#offer = offer;
        this.#run('ready');
      },
      (error: unknown) => {
        this.#message = messageOf(error);
        this.#run('unready');
      },
    );
  }

  #sendInvite(): void {
    const { core, options } = this.#environment;
    try {
      this.#attempts.send(this.#offer, this.#contactParameters);
      this.#listeners.tell({ kind: 'sent' });
      this.#ringing ??= core.context.clock.after(this.#parts.ringTime ?? options.ringTime, () => {
        this.#givenUp = { kind: 'no-answer' };
        this.#run('ringOut');
      });
    } catch (error) {
      this.#failure = { code: 'stopped', status: 503, message: messageOf(error) };
      this.#run('unreachable');
    }
  }

  #answered(response: SipResponse, mayTryAgain: () => boolean): void {
    this.#response = response;
    const { status } = response;
    if (status < 200) this.#run('provisional');
    else if (status < 300) this.#run('success');
    else this.#run(mayTryAgain() ? 'tooSmall' : 'failure');
  }

  #takeProvisional(): void {
    const response = this.#response;
    if (response === undefined) return;
    const branch = this.#branchOf(response);
    if (branch === undefined) {
      this.#listeners.tell({ kind: 'progress', response, session: undefined });
      return;
    }
    const kind = branch.take(response);
    if (kind === 'ignored') return;
    const isReliable = kind === 'reliable';
    const description = branch.learn(response);
    if (isReliable) {
      if (description !== undefined && this.#offer === undefined) {
        this.#inTurn(() => branch.answerEarlyOffer(response, description));
      } else {
        branch.acknowledge(response);
      }
    }
    if (description !== undefined && this.#offer !== undefined) {
      this.#inTurn(async () => {
        if (this.#branches.winner === undefined) await branch.takeEarlyAnswer(description, isReliable);
      });
    }
    this.#listeners.tell({ kind: 'progress', response, session: branch.session });
    // This branch has come to nothing while others go on (RFC 6228).
    if (response.status === 199) branch.session.abandon();
  }

  #acknowledgeProvisional(): void {
    const response = this.#response;
    const branch = this.#branchOf(response);
    if (response !== undefined && branch?.take(response) === 'reliable') branch.acknowledge(response);
  }

  #takeWinner(): void {
    const response = this.#response;
    this.#ringing?.cancel();
    const branch = this.#branchOf(response);
    if (response === undefined || branch === undefined) {
      this.#run('unusable');
      return;
    }
    this.#branches.elect(branch);
    branch.session.answered(response);
    const description = readableDescriptionOf(response);
    if (this.#offer === undefined && !branch.isAgreed) {
      this.#inTurn(async () => {
        this.#conclude(await branch.answerOffer(description));
      });
      return;
    }
    branch.acknowledgeSuccess();
    this.#inTurn(async () => {
      this.#conclude(await branch.takeAnswer(description));
    });
  }

  #conclude(refusal: MediaRefusal | undefined): void {
    this.#refusal = refusal ?? noDescription;
    // Whoever has hung up meanwhile has answered all the same.
    const isOver = this.#branches.winner?.session.end !== undefined;
    this.#run(refusal === undefined || isOver ? 'agreed' : 'unusable');
  }

  #confirmWinner(): void {
    const { winner } = this.#branches;
    if (winner === undefined) return;
    this.#branches.settle();
    winner.session.confirmed();
    if (!winner.isAgreed) winner.session.modifications.agreed();
  }

  /** A 2xx that came again, or one too many. */
  #takeFurther(): void {
    const response = this.#response;
    const branch = this.#branchOf(response);
    if (response === undefined || branch === undefined) return;
    if (branch.repeatAcknowledgement()) return;
    // The winner's ACK waits for an answer that is being made.
    if (branch === this.#branches.winner && this.#state === 'settling') return;
    branch.rejectOffer(this.#offer === undefined && !branch.isAgreed ? readableDescriptionOf(response) : undefined);
    branch.session.dismiss();
  }

  get #contactParameters(): Parameters {
    return withRendering(this.#parts.contactParameters ?? Parameters.EMPTY, this.media.localHold);
  }

  #branchOf(response: SipResponse | undefined): InviteBranch | undefined {
    return response && this.#branches.of(response, this.#attempts.set);
  }

  #inTurn(task: () => Promise<void>): void {
    this.#media = this.#media.then(task);
  }

  #tell(outcome: InviteOutcome): void {
    this.#ringing?.cancel();
    this.#endAbort();
    this.#settle(outcome);
    this.#listeners.tell({ kind: 'ended', outcome });
    if (this.#attempts.set === undefined) this.#over();
  }

  /** No response can come any more. */
  #over(): void {
    this.#environment.registry.remove(this);
    this.#listeners.clear();
  }
}
