import type { IncomingInvite, InviteOutcome, InviteSession, OutgoingInvite, SessionEnd } from '@switchhook/sip';
import { untilGivenUp } from './abortable.ts';
import type { Abortable } from './abortable.ts';
import { rejectionStatus } from './call-contract.ts';
import type { CallEvent, CallHeir, CallHost, CallParts, Rejection } from './call-contract.ts';
import type { CallEnd } from './call-end.ts';
import { CallHeirs } from './call-heirs.ts';
import { hangUpLeg } from './call-leg.ts';
import { takeBack } from './call-loan.ts';
import { CallRecord } from './call-record.ts';
import { ChangeQueue } from './change-queue.ts';
import { PhoneError, throwIfGivenUp } from './failure.ts';
import { partyOfUri } from './party.ts';
import type { Party } from './party.ts';
import { EarlyHold } from './services/early-hold.ts';
import { hold, holdElsewhere, resume } from './services/hold.ts';
import type { CallLoan, PassedOnMusic } from './services/music-on-hold.ts';
import type { TransferOptions } from './services/transfer.ts';
import { endOfIncoming, endOfInvite, endOfSession } from './session-end.ts';

/**
 * One call. Made by `phone.call`, `phone.dial`, or by somebody who calls. What it is asked to do resolves when it is done
 * and rejects with a {@link PhoneError} when it is not; a call that has ended stays readable.
 */
export class Call extends CallRecord {
  readonly #host: CallHost;
  readonly #heirs = new CallHeirs();
  readonly #changes = new ChangeQueue();
  /** Whether the far end may be with a music server, and where, once that is known (RFC 5359 2.3). */
  #isLent = false;
  #loan: CallLoan | undefined = undefined;
  /** Plays to the far end, whose call stays here (RFC 7088). */
  #music: PassedOnMusic | undefined = undefined;
  /** Where the far end goes to be parked, when it says goodbye. */
  #slot: Party | undefined = undefined;
  /** Undefined but for a call of this side that nobody has answered. */
  #early: EarlyHold | undefined = undefined;

  private constructor(host: CallHost, direction: 'outgoing' | 'incoming', parts: CallParts) {
    super(host.clock, direction, parts);
    this.#host = host;
  }

  /** For the phone: a call of this side. `send` makes the INVITE; it is not called when the call is given up before. */
  static outgoing(host: CallHost, parts: CallParts, send: () => OutgoingInvite): Call {
    const call = new Call(host, 'outgoing', parts);
    void call.#dial(send, parts);
    return call;
  }

  /** For the phone: a call to this side, which rings. */
  static incoming(host: CallHost, parts: CallParts, invite: IncomingInvite): Call {
    const call = new Call(host, 'incoming', parts);
    call.leg = { kind: 'incoming', invite };
    invite.listen((event) => {
      // What answered it goes on as a session.
      if (event.kind === 'ended' && event.end.kind !== 'answered') {
        call.#ended(endOfIncoming(event.end, host.inquirer.since(call.startedAt)));
      }
    });
    return call;
  }

  /** Whether a server plays music to the far end meanwhile. */
  get music(): boolean {
    return this.#loan !== undefined || this.#music !== undefined;
  }

  /** Takes a call that rings here. The call in progress, if there is one, is put on hold first. */
  answer(options: Abortable = {}): Promise<void> {
    return this.#inTurn(async () => {
      const invite = this.#ringing();
      await this.#host.makeRoom();
      throwIfGivenUp(this.remote.name, options.signal);
      this.#host.setSound(this, true);
      await this.#accept(invite);
    }, options);
  }

  /** For services: takes a call that comes, and leaves the sound to whoever has it. */
  answerBeside(): Promise<void> {
    return this.#inTurn(() => this.#accept(this.#ringing()));
  }

  /** Does not take a call that rings here: 486, 603 or 480. */
  reject(as: Rejection = 'busy'): Promise<void> {
    const leg = this.leg;
    if (leg.kind !== 'incoming') return Promise.reject(this.notNow());
    leg.invite.reject(rejectionStatus[as]);
    return Promise.resolve();
  }

  /**
   * Puts the far end on hold (RFC 5359 2.1): it is neither sent anything nor heard. Resolves when it has agreed. Rejects
   * when it does not; then nothing has changed but that the call may have lost its sound to another one. A call of this side
   * that nobody has answered is told to those who can be told (RFC 3311), and whoever answers is put on hold.
   */
  hold(options: Abortable = {}): Promise<void> {
    if (this.#early !== undefined) return this.#holdEarly(this.#early, true, options);
    return this.#inTurn(async () => {
      const failure = await hold(this.#session());
      if (failure !== undefined) throw this.error(failure);
      this.#host.setSound(this, false);
    }, options);
  }

  /**
   * Like {@link hold}, and a server plays music to the far end meanwhile (RFC 5359 2.3). Rejects when the server cannot, or
   * the far end does not want any: it is on hold in silence then.
   */
  async holdWithMusic(server = 'music', options: Abortable = {}): Promise<void> {
    await untilGivenUp(this.remote.name, options, () => this.#host.holdWithMusic(this, server, options));
  }

  /** Takes the far end from hold, and gives the call the sound. The call in progress, if it is another, is put on hold first. */
  resume(options: Abortable = {}): Promise<void> {
    if (this.#early !== undefined) return this.#holdEarly(this.#early, false, options);
    return this.#inTurn(async () => {
      if (this.#loan !== undefined) {
        await this.#takeBack(this.#loan);
        return;
      }
      const session = this.#session();
      if (!this.active) await this.#host.makeRoom();
      throwIfGivenUp(this.remote.name, options.signal);
      const failure = await resume(session);
      if (failure !== undefined) throw this.error(failure);
      this.#endMusic();
      this.#host.setSound(this, true);
    }, options);
  }

  /**
   * Hands the call on to somebody whom the far end shall call (RFC 5359 2.4). Once the far end will try, this side is out of
   * it; it resolves when the target has answered, and rejects when that, or the far end's consent, does not come about.
   */
  async transfer(target: string, options: TransferOptions = {}): Promise<void> {
    await untilGivenUp(this.remote.name, options, () => this.#host.transfer(this, target, options));
  }

  /**
   * Hands the call on to the far end of another one (RFC 5359 2.5), which may still ring there. Resolves when the two have
   * each other; rejects when they do not, and both calls are on hold then.
   */
  async transferTo(other: Call, options: Abortable = {}): Promise<void> {
    await untilGivenUp(this.remote.name, options, () => this.#host.transferTo(this, other, options));
  }

  /**
   * Sends somebody a text with a link by which he takes this side's place in the call (RFC 5359 2.6). Resolves when he has
   * the text; the call ends when he follows the link.
   */
  async transferByMessage(target: string, options: Abortable = {}): Promise<void> {
    await untilGivenUp(this.remote.name, options, () => this.#host.transferByMessage(this, target));
  }

  /** Sends digits as telephone events (RFC 4733): `0` to `9`, `*`, `#`, `A` to `D`. Resolves when all of them are sent. */
  async sendDigits(digits: string, options: Abortable = {}): Promise<void> {
    const outcome = await untilGivenUp(this.remote.name, options, () => {
      if (this.state === 'ended') throw this.error({ kind: 'ended' });
      return this.media.sendDigits(digits);
    });
    if (outcome === 'not-possible') throw this.error({ kind: 'not-now' });
    if (outcome === 'not-taken') throw this.error({ kind: 'no-digits' });
    if (outcome === 'interrupted') throw this.error({ kind: 'ended' });
  }

  /**
   * Ends the call, whatever state it is in: hangs up, gives up calling, or rejects what rings here (603). For this side it
   * is over at once, or when what crosses it has been dealt with; it resolves when the far end has said so, too.
   */
  async hangUp(options: Abortable = {}): Promise<void> {
    await untilGivenUp(this.remote.name, options, () => this.#host.goodbye(this.#hangUp()));
  }

  async #hangUp(): Promise<void> {
    // The server that plays to the far end never hangs up.
    if (this.#loan !== undefined) await this.#takeBack(this.#loan).catch(() => undefined);
    if (this.leg.kind === 'none' && this.state !== 'ended') this.#ended({ kind: 'cancelled', by: 'local' });
    const crossing = this.#host.beforeHangUp(this);
    if (crossing !== undefined) {
      this.#host.setSound(this, false);
      await crossing;
    }
    const leg = this.leg;
    const hungUp = hangUpLeg(leg);
    // A CANCEL waits for whoever has said nothing yet, and an answer that crosses it is hung up (RFC 3261 9.1, 15).
    if (leg.kind === 'outgoing' && this.answeredAt === undefined) this.#ended({ kind: 'cancelled', by: 'local' });
    await hungUp;
    // Somebody had taken the far end's place meanwhile.
    if (this.state !== 'ended' && this.leg !== leg) await this.#hangUp();
    this.#ended({ kind: 'hung-up', by: 'local' });
  }

  /**
   * For the phone: answers somebody who may take the far end's place (RFC 3891). The call goes on with him as soon as he
   * stands in it; when he does not come to that, it is as it was.
   */
  giveTo(invite: IncomingInvite, heir: CallHeir): void {
    this.#heirs.admit({ session: invite.session, accept: () => void invite.accept() }, heir);
  }

  /** For park: where the far end goes from now on when it says goodbye; undefined when it is not parked. */
  parkedAt(slot: Party | undefined): void {
    this.#slot = slot;
  }

  /** For music on hold: from now on the far end may be taken over, and its goodbye is not the end of the call. */
  lend(): void {
    this.#isLent = true;
  }

  /** For music on hold: where the far end is now; undefined when it was not taken over, or nobody knows. */
  lent(loan: CallLoan | undefined): void {
    if (this.state === 'ended') return;
    this.#loan = loan;
    this.#isLent = loan !== undefined;
    if (loan !== undefined) this.tell({ kind: 'music', playing: true });
    else if (this.leg.kind === 'none') this.#ended({ kind: 'hung-up', by: 'remote' });
  }

  /** For music on hold: puts the far end on hold, where it hears what its media are passed on to (RFC 7088). */
  holdElsewhere(music: PassedOnMusic): Promise<void> {
    return this.#inTurn(async () => {
      const failure = await holdElsewhere(this.#session(), (offer) => music.answerTo(offer));
      if (failure !== undefined || !music.plays || this.state === 'ended') music.end();
      if (failure !== undefined) throw this.error(failure);
      this.#host.setSound(this, false);
      if (!music.plays) throw new PhoneError(music.failure ?? { kind: 'refused' }, partyOfUri(music.server).name);
      this.#music = music;
      music.stopped = this.#endMusic;
      this.tell({ kind: 'music', playing: true });
    });
  }

  /** The far end is with nobody else any more. */
  readonly #endMusic = (): void => {
    if (this.#music === undefined) return;
    this.#music.end();
    this.#music = undefined;
    if (this.state !== 'ended') this.tell({ kind: 'music', playing: false });
  };

  #ringing(): IncomingInvite {
    if (this.leg.kind === 'incoming') return this.leg.invite;
    throw this.notNow();
  }

  async #accept(invite: IncomingInvite): Promise<void> {
    const outcome = await invite.accept();
    if (outcome.kind === 'answered') this.#connected(outcome.session);
    else if (outcome.kind === 'gone') throw this.error({ kind: 'ended' });
    else throw this.error({ kind: 'no-common-media', detail: outcome.refusal.reason });
  }

  async #dial(send: () => OutgoingInvite, { inPlaceOf, beside = false }: CallParts): Promise<void> {
    if (inPlaceOf === undefined && !beside) await this.#host.makeRoom();
    if (this.state === 'ended') return;
    if (!beside) this.#host.setSound(this, true);
    const invite = send();
    this.leg = { kind: 'outgoing', invite };
    this.#early = new EarlyHold(invite);
    invite.listen((event) => {
      if (event.kind === 'ended') this.#concluded(event.outcome);
      else if (event.kind === 'progress') {
        if (this.state === 'calling') this.become('ringing');
        this.look();
      }
    });
  }

  #concluded(outcome: InviteOutcome): void {
    if (outcome.kind === 'answered') this.#connected(outcome.session);
    else if (outcome.kind === 'replaced') this.#replaced(outcome.session);
    else this.#ended(endOfInvite(outcome));
  }

  #connected(session: InviteSession): void {
    if (this.state === 'ended' || this.leg.kind === 'session') return;
    this.#carry(session);
    this.answeredNow();
    // A hold before the answer is on its way at least.
    this.look(session.localHold !== 'none' || this.#early?.isWanted === true, session.remoteHold);
    this.#early = undefined;
    this.#endWith(session);
  }

  async #holdEarly(early: EarlyHold, isHeld: boolean, options: Abortable): Promise<void> {
    throwIfGivenUp(this.remote.name, options.signal);
    if (!isHeld && !this.active) await this.#host.makeRoom();
    const failure = await untilGivenUp(this.remote.name, options, () => {
      this.#host.setSound(this, !isHeld);
      this.look(isHeld);
      return early.want(isHeld);
    });
    if (failure === undefined) return;
    const { session } = this;
    if (session !== undefined && early.isWanted === isHeld) this.look(session.localHold !== 'none', session.remoteHold);
    throw this.error(failure);
  }

  #carry(session: InviteSession): void {
    this.leg = { kind: 'session', session };
    session.listen((event) => {
      if (this.session !== session) return;
      if (event.kind === 'media') this.look(event.localHold !== 'none', event.remoteHold);
      else if (event.kind === 'silence') this.tell(event);
      else if (event.kind === 'info') this.informed(event);
      else if (event.kind === 'ended') this.#over(event.end);
    });
  }

  /** The far end may have hung up while its answer was looked at. */
  #endWith({ end }: InviteSession): void {
    if (end !== undefined) this.#over(end);
  }

  #over(end: SessionEnd): void {
    if (end.kind === 'replaced') this.#replaced(end.by);
    else if (this.#isLent && end.kind === 'remote') this.leg = { kind: 'none' };
    else if (this.#slot !== undefined && end.kind === 'remote') this.#ended({ kind: 'parked', at: this.#slot });
    else this.#ended(endOfSession(end));
  }

  /** Comes into the place of the server that plays to the far end. */
  async #takeBack(loan: CallLoan): Promise<void> {
    await this.#host.makeRoom();
    const lent = this.leg;
    const result = await takeBack(this.#host, loan, (invite) => {
      this.leg = { kind: 'outgoing', invite };
    });
    // Its goodbye to this side may have been lost, and nobody says another.
    if (lent.kind === 'session') void this.#host.goodbye(lent.session.hangUp());
    if (result.kind !== 'back') {
      this.leg = { kind: 'none' };
      if (result.kind === 'gone') this.#ended({ kind: 'hung-up', by: 'remote' });
      throw this.error(result.failure);
    }
    const { outcome, media } = result;
    this.#loan = undefined;
    this.#isLent = false;
    this.exchange(media);
    this.tell({ kind: 'music', playing: false });
    this.#host.setSound(this, true);
    if (outcome.kind === 'replaced') {
      this.#replaced(outcome.session);
      return;
    }
    this.#carry(outcome.session);
    this.look(outcome.session.localHold !== 'none', outcome.session.remoteHold);
    this.#endWith(outcome.session);
  }

  /** The far end is somebody else now: the person and his sound go on with him. */
  #replaced(by: InviteSession): void {
    const heir = this.state === 'ended' ? undefined : this.#heirs.take(by);
    if (heir === undefined) return;
    const server = this.#music?.server;
    this.#endMusic();
    this.exchange(heir.media);
    this.#carry(by);
    this.goOnWith(heir.remote);
    if (this.answeredAt === undefined) this.answeredNow();
    this.look(this.localHold, by.remoteHold);
    // Whoever comes hears what the other one heard (RFC 7088 2.5).
    if (server !== undefined) this.#host.holdWithMusic(this, server.toString(), {}).catch(() => undefined);
    else if (this.localHold) void this.#inTurn(() => this.#holdAgain(by));
  }

  /** Whoever comes into the place of somebody who was on hold is on hold. */
  async #holdAgain(session: InviteSession): Promise<void> {
    if ((await hold(session)) !== undefined) this.look(session.localHold !== 'none', session.remoteHold);
  }

  #ended(end: CallEnd): void {
    if (this.state === 'ended') return;
    this.conclude(end);
    this.leg = { kind: 'none' };
    this.#early = undefined;
    this.#endMusic();
    this.#host.setSound(this, false);
    this.media.close();
    this.#heirs.dismiss();
    this.tellEnd(end);
  }

  protected override happened(event: CallEvent): void {
    this.#host.happened(this, event);
  }

  #session(): InviteSession {
    if (this.leg.kind === 'session') return this.leg.session;
    throw this.notNow();
  }

  #inTurn(change: () => Promise<void>, options?: Abortable): Promise<void> {
    return this.#changes.add(this.remote.name, change, options);
  }
}
