import { decodeUtf8 } from '@switchhook/sip';
import type { Clock, InviteSession, SessionInfo } from '@switchhook/sip';
import { untilGivenUp } from './abortable.ts';
import type { Abortable } from './abortable.ts';
import type { CallEvent, CallParts, CallState } from './call-contract.ts';
import type { CallEnd } from './call-end.ts';
import { sessionsOf } from './call-leg.ts';
import type { CallLeg } from './call-leg.ts';
import { digitIn, digitTypes } from './digit-info.ts';
import { EventStream } from './event-stream.ts';
import { PhoneError } from './failure.ts';
import type { Failure } from './failure.ts';
import type { CallMedia, CallSound } from './media.ts';
import type { Party } from './party.ts';

/** What is seen of a call: whom it is with, how it stands, what happens to it. What is done to it, {@link Call} does. */
export abstract class CallRecord {
  /** 1, 2, 3 …: what a person calls it by. The lowest that no other call of the phone has. */
  readonly number: number;
  readonly direction: 'outgoing' | 'incoming';
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** What carries it. */
  protected leg: CallLeg = { kind: 'none' };
  readonly #clock: Clock;
  readonly #events = new EventStream<CallEvent>();
  readonly #answered = Promise.withResolvers<undefined>();
  readonly #before: Party[] = [];
  #media: CallMedia;
  #remote: Party;
  #state: CallState;
  #localHold = false;
  #remoteHold = false;
  #listens = false;
  #sound: CallSound | undefined = undefined;
  #answeredAt: number | undefined = undefined;
  #endedAt: number | undefined = undefined;
  #end: CallEnd | undefined = undefined;
  readonly #digit = (digit: string): void => this.tell({ kind: 'digit', digit });

  protected constructor(clock: Clock, direction: 'outgoing' | 'incoming', { number, remote, media }: CallParts) {
    this.#clock = clock;
    this.direction = direction;
    this.number = number;
    this.#remote = remote;
    this.#media = media;
    this.#state = direction === 'outgoing' ? 'calling' : 'ringing';
    this.startedAt = clock.date();
    this.#media.onDigit = this.#digit;
    // Whoever does not wait for the answer has not missed anything.
    this.#answered.promise.catch(() => undefined);
  }

  /**
   * Resolves when the call is answered, by either side; rejects when it ends without that. `signal` gives the waiting up; the
   * call goes on.
   */
  async answered(options: Abortable = {}): Promise<void> {
    await untilGivenUp(this.#remote.name, options, () => this.#answered.promise);
  }

  /** For services of the phone: what is heard and said. Another one once the call is `replaced`. */
  get media(): CallMedia {
    return this.#media;
  }

  /** Who is at the far end. An answer may come from somebody else than was called (RFC 3325). */
  get remote(): Party {
    return this.#remote;
  }

  /** Who was at the far end before, the first one first: each was replaced by the next (RFC 3891). */
  get before(): readonly Party[] {
    return this.#before;
  }

  get state(): CallState {
    return this.#state;
  }

  /** Whether this side has put the far end on hold. */
  get localHold(): boolean {
    return this.#localHold;
  }

  /** Whether the far end has put this side on hold. */
  get remoteHold(): boolean {
    return this.#remoteHold;
  }

  /** Whether the far end has wanted to hear this side at any time since it was answered. */
  protected get listens(): boolean {
    return this.#listens;
  }

  /** Whether nothing is heard from the far end that should be; a far end that is silent by itself is heard. */
  get silent(): boolean {
    return this.session?.isSilent ?? false;
  }

  /** For services: the dialogs that carry it; several early ones where a call of this side has forked. */
  get sessions(): readonly InviteSession[] {
    return sessionsOf(this.leg);
  }

  /** What carries it since it was answered. For the services of the phone. */
  get session(): InviteSession | undefined {
    return this.leg.kind === 'session' ? this.leg.session : undefined;
  }

  /**
   * Whether a machine is there, and nobody who holds: it says so (`automata`, RFC 3840), or it was called, has answered with sound
   * that it only sends (RFC 3264 6.1), and has not listened since, as announcements do that say nothing of themselves.
   */
  get automaton(): boolean {
    const { parameters } = this.session?.dialog.remoteContact ?? {};
    if (parameters?.has('automata') === true) return parameters.get('automata') !== 'FALSE';
    return this.direction === 'outgoing' && this.state === 'connected' && this.remoteHold && !this.listens;
  }

  /** The address of the conference that the far end mixes this call into (RFC 4579 4.2). */
  get focus(): string | undefined {
    const { uri, parameters } = this.session?.dialog.remoteContact ?? {};
    return parameters?.has('isfocus') === true && uri !== undefined ? decodeUtf8(uri.toString()) : undefined;
  }

  /** Whether it has the microphone and the loudspeaker. */
  get active(): boolean {
    return this.#media.connected;
  }

  /** Undefined before anything is agreed. */
  get sound(): CallSound | undefined {
    return this.#sound;
  }

  /** Milliseconds since 1970; undefined when nobody has answered. */
  get answeredAt(): number | undefined {
    return this.#answeredAt;
  }

  get endedAt(): number | undefined {
    return this.#endedAt;
  }

  get end(): CallEnd | undefined {
    return this.#end;
  }

  get muted(): boolean {
    return this.#media.muted;
  }

  /** Whether the far end hears silence. It holds on over a hold. */
  set muted(muted: boolean) {
    if (this.#media.muted === muted) return;
    this.#media.muted = muted;
    this.tell({ kind: 'muted', muted });
  }

  /** Calls back at each event from now on; returns what takes it back. */
  onEvent(listener: (event: CallEvent) => void): () => void {
    return this.#events.listen(listener);
  }

  /** The events from now on; they end with the call, or when `signal` aborts. */
  events(signal?: AbortSignal): AsyncIterableIterator<CallEvent> {
    return this.#events.iterate(signal);
  }

  /** For the phone: gives it the microphone and the loudspeaker, or takes them. */
  setActive(active: boolean): void {
    if (this.#media.connected === active) return;
    this.#media.connected = active;
    this.tell({ kind: 'active', active });
  }

  /** Tells the phone, once those who listen to the call know. */
  protected abstract happened(event: CallEvent): void;

  protected tell(event: CallEvent): void {
    this.#events.emit(event);
    this.happened(event);
  }

  /** Sees what was agreed on, and tells what is new about it. */
  protected look(local = this.#localHold, remote = this.#remoteHold): void {
    const { sound } = this.#media;
    if (sound !== undefined && (sound.codec !== this.#sound?.codec || sound.encrypted !== this.#sound.encrypted)) {
      this.#sound = sound;
      this.tell({ kind: 'sound', sound });
    }
    if (this.#state === 'connected' && !remote) this.#listens = true;
    if (local !== this.#localHold || remote !== this.#remoteHold) {
      this.#localHold = local;
      this.#remoteHold = remote;
      this.tell({ kind: 'hold', local, remote });
    }
  }

  protected become(state: Exclude<CallState, 'ended'>): void {
    this.#state = state;
    this.tell({ kind: 'state', state });
  }

  /** Somebody has answered it. */
  protected answeredNow(): void {
    this.#answeredAt = this.#clock.date();
    this.become('connected');
    this.#answered.resolve(undefined);
  }

  /** Goes on with other media, in which all is as it was in those before. */
  protected exchange(media: CallMedia): void {
    const { connected, muted } = this.#media;
    this.#media.close();
    this.#media = media;
    this.#media.onDigit = this.#digit;
    this.#media.muted = muted;
    this.#media.connected = connected;
  }

  /** The far end says something in INFO: a digit, as many phones do that send none with their sound. */
  protected informed(info: SessionInfo): void {
    const digit = digitIn(info.request);
    if (digit === undefined) {
      info.refuse(digitTypes);
      return;
    }
    info.accept();
    this.#digit(digit);
  }

  /** Somebody else is at the far end from now on. */
  protected goOnWith(remote: Party): void {
    const before = this.#remote;
    this.#remote = remote;
    this.#before.push(before);
    this.tell({ kind: 'replaced', before });
  }

  /** It is over; {@link tellEnd} says so when all of it is let go of. */
  protected conclude(end: CallEnd): void {
    this.#state = 'ended';
    this.#end = end;
    this.#endedAt = this.#clock.date();
    if (this.#answeredAt === undefined) {
      this.#answered.reject(this.error(end.kind === 'failed' ? end.failure : { kind: 'cancelled' }));
    }
  }

  protected tellEnd(end: CallEnd): void {
    this.tell({ kind: 'ended', end });
    this.#events.end();
  }

  protected error(failure: Failure): PhoneError {
    return new PhoneError(failure, this.#remote.name);
  }

  /** What is asked of it does not go with how it stands. */
  protected notNow(): PhoneError {
    return this.error({ kind: this.#state === 'ended' ? 'ended' : 'not-now' });
  }
}
