import type { DialogEnd, DialogUsage, RequestFailure } from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { headerField } from '../message/header.ts';
import type { HeaderInit } from '../message/header.ts';
import { Reason } from '../message/headers/reason.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { answerInfo, sendInfo } from './session-info.ts';
import type { InfoParts } from './session-info.ts';
import { Listeners } from './listeners.ts';
import type { LocalHold, MediaDirection, MediaNegotiation } from './media.ts';
import { Modifications } from './modifications.ts';
import type { ModificationOutcome, SessionEnd, SessionEnvironment, SessionEvent } from './session-contract.ts';
import { sessionMachine } from './session-machine.ts';
import type { SessionMachineAction, SessionMachineEvent, SessionState } from './session-machine.ts';
import { reasonsOf } from './reasons.ts';
import { SessionRefresh } from './session-refresh.ts';
import { SessionTimer } from './session-timer.ts';
import { isAnswer, SilenceWatch } from './silence-watch.ts';
import type { AnswerElsewhere } from './wishes.ts';

/** What a session is made of. */
export interface InviteSessionParts {
  readonly dialog: Dialog;
  readonly media: MediaNegotiation;
  /** Whether the media are its alone from the beginning; those of a branch may be shared until one has answered. */
  readonly ownsMedia?: boolean | undefined;
  /** The caller has sent the INVITE, and so the Call-ID is his (RFC 3261 14.1). */
  readonly role: 'caller' | 'callee';
  /** Gives the INVITE up while the session is early; to another session perhaps, that stands in its place. */
  readonly giveUp: (successor?: InviteSession) => void;
  /** The INVITE is being given up already. */
  readonly isGivenUp: () => boolean;
  /** False while other branches of a fork share the media: one of them cannot have its own way with them. */
  readonly mayTakeOffers: () => boolean;
}

/**
 * An INVITE session: the use that a call makes of its dialog, from the first provisional response to the BYE (RFC 3261
 * 13 to 15).
 */
export class InviteSession implements DialogUsage {
  readonly kind = 'invite';
  readonly dialog: Dialog;
  readonly media: MediaNegotiation;
  readonly role: 'caller' | 'callee';
  /** For the INVITE that made it: PRACK, and what the initial offer and answer come to. */
  readonly modifications: Modifications;
  readonly timer: SessionTimer;
  /** Takes PRACK requests while the INVITE is being answered. */
  takePrack: ((transaction: ServerTransaction) => boolean) | undefined = undefined;
  /** Hears when no offer is open any more, while the INVITE is being answered. */
  settled: (() => void) | undefined = undefined;
  /** True once the media are this session's alone, and end with it. */
  ownsMedia = false;
  readonly #environment: SessionEnvironment;
  readonly #giveUp: (successor?: InviteSession) => void;
  readonly #isGivenUp: () => boolean;
  readonly #mayTakeOffers: () => boolean;
  readonly #listeners = new Listeners<SessionEvent>();
  readonly #byes: (() => void)[] = [];
  readonly #refresh: SessionRefresh;
  readonly #silence: SilenceWatch;
  #state: SessionState = 'early';
  #end: SessionEnd | undefined = undefined;
  #wasConfirmed = false;
  #successor: InviteSession | undefined = undefined;
  #bye: ServerTransaction | undefined = undefined;
  #byeHeaders: readonly HeaderInit[] = [];

  constructor(environment: SessionEnvironment, parts: InviteSessionParts) {
    this.#environment = environment;
    this.dialog = parts.dialog;
    this.media = parts.media;
    this.ownsMedia = parts.ownsMedia ?? false;
    this.role = parts.role;
    this.#giveUp = parts.giveUp;
    this.#isGivenUp = parts.isGivenUp;
    this.#mayTakeOffers = parts.mayTakeOffers;
    const { core, options } = environment;
    this.timer = new SessionTimer(core.context.clock, options.sessionTimer, {
      refresh: () => {
        void this.#refresh.refreshInTime();
      },
      expired: () => {
        this.fail({ kind: 'expired' });
      },
    });
    this.modifications = new Modifications(environment, this);
    this.#refresh = new SessionRefresh(core, this);
    this.#silence = new SilenceWatch(core.context.clock, options.silenceTime, {
      lastReceived: () => this.media.lastReceived,
      silent: (silent) => {
        this.#listeners.tell({ kind: 'silence', silent });
      },
      ask: async () => (isAnswer(await this.#refresh.refresh()) ? 'answered' : 'unanswered'),
      lost: () => {
        this.fail({ kind: 'lost' });
      },
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Why it is over; undefined before. */
  get end(): SessionEnd | undefined {
    return this.#end;
  }

  /** The session that has taken its place, or is about to (RFC 3891). */
  get successor(): InviteSession | undefined {
    return this.#successor;
  }

  /** Whether it has ended, or somebody sees to its end: nobody can replace it any more, nor join it. */
  get isLeaving(): boolean {
    return this.#end !== undefined || this.#successor !== undefined || this.#isGivenUp();
  }

  /** Answered and acknowledged, and what was offered with the 2xx is agreed on: it can be talked. */
  get stands(): boolean {
    return this.#state === 'confirmed' && this.modifications.state !== 'awaitingAnswer';
  }

  /** Whether an offer of the far end can be looked at. For the modifications. */
  get mayTakeOffers(): boolean {
    return this.#mayTakeOffers();
  }

  /** Whether an offer of this side may go, once none is open (RFC 3311 5.1). For the modifications. */
  get mayOffer(): boolean {
    return this.#state === 'confirmed' || (this.#state === 'early' && this.mayTakeOffers && this.#refresh.knowsUpdate);
  }

  get localHold(): LocalHold {
    return this.media.localHold;
  }

  get remoteHold(): boolean {
    return this.media.remoteHold;
  }

  get direction(): MediaDirection {
    return this.media.direction;
  }

  /** Whether nothing comes, neither RTP nor RTCP, though by what was agreed it should. */
  get isSilent(): boolean {
    return this.#silence.isSilent;
  }

  /** Calls `listener` for all that happens from now on; returns what ends that. */
  listen(listener: (event: SessionEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Holds the call: `sendonly` while this side still sends something, `inactive` while it does not (RFC 3264 8.4). */
  hold(form: 'sendonly' | 'inactive' = 'sendonly'): Promise<ModificationOutcome> {
    return this.modifications.wish({ hold: form });
  }

  /**
   * Holds the call, and lets the far end hear somebody else meanwhile (RFC 7088): it is asked for an offer, `answer` has the other's
   * answer to it, and to each further one until {@link resume}. Where it has none, the far end is held in silence.
   */
  holdElsewhere(answer: AnswerElsewhere): Promise<ModificationOutcome> {
    return this.modifications.wish({ hold: 'inactive', elsewhere: answer });
  }

  /** Ends this side's hold. That of the far end stays. */
  resume(): Promise<ModificationOutcome> {
    return this.modifications.wish({ hold: 'none' });
  }

  /**
   * The machine has other addresses now: the media are offered from there, by a re-INVITE whose Contact leads there, too
   * (RFC 3261 14, RFC 3264 8.3.1).
   */
  move(): Promise<ModificationOutcome> {
    // What was opened from the address of before leads nowhere.
    this.dialog.flow?.close('closed');
    this.media.move?.();
    return this.reoffer();
  }

  /** Offers what stands once more: to somebody who may have lost it. */
  reoffer(): Promise<ModificationOutcome> {
    return this.modifications.wish({});
  }

  /**
   * Hangs up (RFC 3261 15): by BYE, by CANCEL or by a refusal, as the state has it. Resolves when nothing more is to
   * come of it; the session is over for this side at once.
   */
  hangUp(reason?: Reason): Promise<void> {
    if (this.#state === 'ended') return Promise.resolve();
    return new Promise((resolve) => {
      this.#byes.push(resolve);
      if (reason !== undefined) this.#byeHeaders = [headerField(Reason, reason)];
      this.#run('hangUp', { kind: 'local' });
    });
  }

  /** Sends INFO (RFC 6086). Resolves with the final response, or why there is none. */
  info(parts: InfoParts): Promise<SipResponse | RequestFailure> {
    return sendInfo(this, parts);
  }

  /**
   * Ends it in favour of another session whose 2xx is out (RFC 3891 3): while it is early by CANCEL at once, so that nobody
   * answers any more; else by BYE when the other one stands. When that comes to nothing before, this one is as it was. For
   * the INVITE that makes the other.
   */
  giveWayTo(successor: InviteSession): void {
    this.#successor = successor;
    if (this.#state === 'early') {
      this.#giveUp(successor);
      return;
    }
    const unlisten = successor.listen(({ kind }) => {
      if (kind !== 'ended' && !successor.stands) return;
      unlisten();
      if (kind === 'ended') this.#successor = undefined;
      else void this.hangUp();
    });
  }

  /** Begins it. For the INVITE that makes it. */
  start(): void {
    this.dialog.addUsage(this);
    this.#environment.registry.add(this);
  }

  /** This side's 2xx went out. For the INVITE that made it. */
  accepted(): void {
    this.ownsMedia = true;
    this.#run('accept');
  }

  /** Takes what a 2xx to an INVITE or UPDATE of this side tells. */
  answered(response: SipResponse): void {
    if (this.#end !== undefined) return;
    this.learn(response);
    this.timer.answered(response);
  }

  /** The far end's 2xx came, and was acknowledged. For the INVITE that made it. */
  confirmed(): void {
    this.ownsMedia = true;
    // The far end may have hung up while its answer was looked at.
    if (this.#end !== undefined) this.media.close();
    this.#run('confirm');
    this.modifications.next();
  }

  /** The ACK to a 2xx came. For the modifications. */
  acknowledged(): void {
    this.#run('ack');
  }

  /** The INVITE came to nothing, or to another session. For the INVITE. */
  abandon(): void {
    this.#run('abandon', { kind: 'abandoned' });
  }

  /** The far end's 2xx came after another's, or after this side had given up. For the INVITE. */
  dismiss(): void {
    this.#run('dismiss', { kind: 'abandoned' });
  }

  /** Ends it with a BYE, for a reason that is not this side's wish. */
  fail(end: SessionEnd, headers: readonly HeaderInit[] = []): void {
    this.#byeHeaders = headers;
    this.#run('fail', end);
  }

  /** Ends it without another message. For the user agent. */
  stop(): void {
    this.#run('dialogEnded', { kind: 'stopped' });
  }

  /** Takes what a message tells of the far end. */
  learn(message: SipMessage): void {
    this.#refresh.learn(message);
  }

  /** An offer and an answer were agreed on. */
  tellMedia(): void {
    const { direction, localHold, remoteHold } = this.media;
    this.#listeners.tell({ kind: 'media', direction, localHold, remoteHold, early: this.#state === 'early' });
    this.#expectSound();
  }

  request(transaction: ServerTransaction): boolean {
    if (this.#state === 'ended') return false;
    const { method } = transaction.request;
    if (method === 'BYE') {
      this.#bye = transaction;
      this.#run('bye', { kind: 'remote', reasons: reasonsOf(transaction.request) });
      return true;
    }
    if (this.#state === 'ending') return false;
    switch (method) {
      case 'INVITE':
      case 'UPDATE':
        this.modifications.request(transaction);
        return true;
      case 'PRACK':
        return this.takePrack?.(transaction) ?? false;
      case 'INFO':
        answerInfo(this.dialog, transaction, (event) => {
          this.#listeners.tell(event);
        });
        return true;
      default:
        return false;
    }
  }

  ack(request: SipRequest): void {
    this.modifications.ack(request);
  }

  cancel(transaction: ServerTransaction): void {
    this.modifications.cancel(transaction);
  }

  dialogEnded(reason: DialogEnd): void {
    const end: SessionEnd =
      reason.kind === 'refused'
        ? { kind: this.#state === 'early' ? 'abandoned' : 'lost', response: reason.response }
        : { kind: reason.kind === 'stopped' ? 'stopped' : 'abandoned' };
    this.#run('dialogEnded', end);
  }

  #run(event: SessionMachineEvent, end?: SessionEnd): void {
    const step = sessionMachine[this.#state][event];
    if (step === undefined) return;
    if (step.actions.includes('tellEnded')) {
      this.#end = this.#successor === undefined ? end : { kind: 'replaced', by: this.#successor };
    }
    this.#state = step.to;
    for (const action of step.actions) this.#perform(action);
    if (this.#state === 'ended') this.#release();
  }

  #perform(action: SessionMachineAction): void {
    switch (action) {
      case 'giveUpInvite':
        this.#giveUp();
        break;
      case 'sendBye':
        this.#sendBye();
        break;
      case 'answerBye':
        if (this.#bye !== undefined) this.dialog.respond(this.#bye, 200);
        break;
      case 'tellConfirmed':
        this.#wasConfirmed = true;
        this.#expectSound();
        this.#listeners.tell({ kind: 'confirmed' });
        break;
      case 'endModifications':
        this.timer.stop();
        this.#silence.stop();
        this.modifications.end();
        break;
      case 'tellEnded':
        if (this.ownsMedia) this.media.close();
        if (this.#end !== undefined) this.#listeners.tell({ kind: 'ended', end: this.#end });
        break;
      case 'leaveDialog':
        this.dialog.removeUsage(this);
        break;
    }
  }

  #sendBye(): void {
    const conclude = (): void => {
      this.#run('byeConcluded');
    };
    // Whoever says so never hangs up a call that stood (RFC 4235 5.1): he leaves it without a word, when nobody answers in it.
    const isByeless = this.#wasConfirmed && this.dialog.contactParameters.has('+sip.byeless');
    if (this.dialog.state === 'terminated' || isByeless) {
      conclude();
      return;
    }
    const response = ({ status }: SipResponse): void => {
      if (status >= 200) conclude();
    };
    this.dialog.send('BYE', { response, failed: conclude }, { headers: this.#byeHeaders });
  }

  #release(): void {
    this.#environment.registry.remove(this);
    this.#listeners.clear();
    for (const resolve of this.#byes.splice(0)) resolve();
  }

  /** Who holds, and who is held, need not send, whatever music was announced. */
  #expectSound(): void {
    this.#silence.expect(this.#state === 'confirmed' && this.media.direction === 'sendrecv');
  }
}
