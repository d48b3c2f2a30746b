import { decodeUtf8, encodeUtf8, NameAddr, Parameters, SipUri } from '@switchhook/sip';
import type { InviteSession, Uri } from '@switchhook/sip';
import { untilGivenUp } from '../abortable.ts';
import type { Abortable } from '../abortable.ts';
import type { Call } from '../call.ts';
import type { CallEvent } from '../call-contract.ts';
import { EventStream } from '../event-stream.ts';
import { PhoneError, throwIfGivenUp } from '../failure.ts';
import type { MediaRoom } from '../media.ts';
import { conferenceParameter, partyOfUri } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import { answered } from './answered.ts';

/** What happens in a conference. */
export type ConferenceEvent =
  /** Somebody is heard in it, and hears. */
  | { readonly kind: 'joined'; readonly call: Call }
  /** Somebody has gone, or did not come. */
  | { readonly kind: 'left'; readonly call: Call }
  | { readonly kind: 'muted'; readonly call: Call; readonly muted: boolean }
  /** Somebody holds, or is held, or that is over. */
  | { readonly kind: 'hold'; readonly call: Call }
  /** The person has come into the room, or is in another call meanwhile. */
  | { readonly kind: 'attending'; readonly attending: boolean }
  /** The last one. Who is left goes on in an ordinary call. */
  | { readonly kind: 'ended' };

/** Somebody in a conference, or on the way into it. */
export interface ConferenceMember {
  readonly call: Call;
  readonly joined: boolean;
  /** Whether nobody hears him. */
  readonly muted: boolean;
}

/** What becomes of a conference. */
export interface ConferenceOptions {
  /**
   * What becomes of the others when the person leaves: it is over for all of them, or goes on without him through this
   * phone until one is left. `end` without it.
   */
  readonly onLeaving?: 'end' | 'continue' | undefined;
}

/** A member as the conference has it. */
interface Seat {
  joined: boolean;
  muted: boolean;
  readonly unlisten: () => void;
}

/**
 * Calls that are mixed by this phone (RFC 5359 2.10, 2.11): everybody hears all others, and the person at the phone is one
 * of them. The phone is the focus (RFC 4579), and says so in its Contact, whose URI is that of this one conference.
 */
export class Conference {
  /** What tells it from the other conferences of this phone; unguessable. */
  readonly id: string;
  readonly #host: ServiceHost;
  readonly #options: ConferenceOptions;
  readonly #room: MediaRoom;
  readonly #forget: () => void;
  readonly #seats = new Map<Call, Seat>();
  readonly #events = new EventStream<ConferenceEvent>();
  readonly #unlisten: () => void;
  #uri: string | undefined = undefined;
  #hasLeft = false;
  #ended = false;

  /** For the conferences of a phone. */
  constructor(host: ServiceHost, options: ConferenceOptions, forget: () => void) {
    this.id = host.context.random.token();
    this.#host = host;
    this.#options = options;
    this.#room = host.media.room();
    this.#forget = forget;
    // The person is in one conversation at a time.
    this.#unlisten = host.onEvent((event) => {
      if (event.kind !== 'call' || event.event.kind !== 'active' || !event.event.active) return;
      if (!this.#seats.has(event.call)) this.#setAttending(false);
      else {
        host.setSound(event.call, false);
        this.#setAttending(true);
      }
    });
  }

  /** Who is in it, and who is on the way, in the order in which they came. */
  get roster(): readonly ConferenceMember[] {
    return [...this.#seats].map(([call, { joined, muted }]) => ({ call, joined, muted }));
  }

  /**
   * Its address: whoever may join it and calls that comes in (RFC 4579 5.1), and it is watched there. Undefined before anybody
   * has answered.
   */
  get uri(): string | undefined {
    const contact = this.sessions[0]?.dialog.localContact?.uri;
    if (this.#uri === undefined && contact instanceof SipUri) {
      const parameters = contact.parameters.with(conferenceParameter, this.id);
      this.#uri = decodeUtf8(contact.with({ parameters }).toString());
    }
    return this.#uri;
  }

  /** For the conferences of a phone: what its address says of it (RFC 4579 5.2). */
  get contact(): NameAddr | undefined {
    const { uri } = this;
    return uri === undefined ? undefined : NameAddr.of({ uri: encodeUtf8(uri), parameters: isFocus });
  }

  /** For the conferences of a phone: those of its members, who can be talked with. */
  get sessions(): readonly InviteSession[] {
    const sessions = [...this.#seats.keys()].map(({ session }) => session).filter((session) => session !== undefined);
    return sessions.filter(({ isLeaving }) => !isLeaving);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the person is in the room, and not in another call. */
  get attending(): boolean {
    return this.#room.connected;
  }

  /** Whether the others hear the person. */
  get muted(): boolean {
    return this.#room.muted;
  }

  set muted(muted: boolean) {
    this.#room.muted = muted;
  }

  has(call: Call): boolean {
    return this.#seats.has(call);
  }

  onEvent(listener: (event: ConferenceEvent) => void): () => void {
    return this.#events.listen(listener);
  }

  /**
   * Takes somebody in: a call of this phone, which is taken from hold, or an address, which is called (RFC 5359 2.10).
   * Resolves with his call when he is in the room; rejects when he does not come, and the conference goes on. Giving it up gives
   * up calling.
   */
  async add(whom: Call | string, options: Abortable = {}): Promise<Call> {
    this.#mustStand();
    if (typeof whom === 'string') return this.#invite(this.#host.read(whom), options);
    return untilGivenUp(whom.remote.name, options, async () => {
      if (whom.state !== 'connected') throw new PhoneError({ kind: 'not-now' }, whom.remote.name);
      this.#seat(whom);
      await this.#takeIn(whom);
      return whom;
    });
  }

  /** Hangs up on one of them. */
  async drop(call: Call, options?: Abortable): Promise<void> {
    if (this.#seats.has(call)) await call.hangUp(options);
  }

  /** Lets nobody hear one of them, or everybody again. He hears the others all the same. */
  mute(call: Call, muted = true): void {
    const seat = this.#seats.get(call);
    if (seat === undefined || seat.muted === muted) return;
    seat.muted = muted;
    this.#room.setMuted(call.media, muted);
    this.#tell({ kind: 'muted', call, muted });
  }

  /** Comes into the room from another call, which is put on hold. */
  async attend(options: Abortable = {}): Promise<void> {
    this.#mustStand();
    if (this.attending) return;
    await untilGivenUp('the conference', options, () => this.#host.makeRoom());
    this.#hasLeft = false;
    this.#setAttending(true);
  }

  /** The person goes; what becomes of the others is as {@link ConferenceOptions.onLeaving} says. */
  async leave(options: Abortable = {}): Promise<void> {
    if (this.#options.onLeaving !== 'continue') {
      await this.end(options);
      return;
    }
    throwIfGivenUp('the conference', options.signal);
    this.#hasLeft = true;
    this.#setAttending(false);
    this.#settle();
  }

  /** Hangs up on everybody. */
  async end(options: Abortable = {}): Promise<void> {
    await untilGivenUp('the conference', options, () => {
      const calls = [...this.#seats.keys()];
      this.#close();
      return Promise.all(calls.map((call) => call.hangUp()));
    });
  }

  /** For the conferences of a phone: the first one; the person is in the room with him. */
  begin(call: Call): void {
    this.#seat(call);
    this.#host.setSound(call, false);
    this.#setAttending(true);
  }

  /** For the conferences of a phone: says in the Contact of a session from the next message on that it is of this conference. */
  focus({ dialog }: InviteSession): void {
    dialog.contactParameters = dialog.contactParameters.with('isfocus');
    dialog.contactUriParameters = dialog.contactUriParameters.with(conferenceParameter, this.id);
  }

  /** For the conferences of a phone: somebody joins by himself (RFC 5359 2.11). The others hear of the focus first. */
  async admit(call: Call): Promise<void> {
    this.#seat(call);
    await this.#takeInOthers(call);
    await call.answerBeside();
    this.#join(call);
  }

  /** Calls somebody into the room: the Contact of this side says from the first message on that it is a focus. */
  async #invite(target: Uri, options: Abortable): Promise<Call> {
    const { name } = partyOfUri(target);
    await untilGivenUp(name, options, () => this.#takeInOthers());
    this.#mustStand();
    const call = await answered(name, options.signal, () => {
      const dialled = this.#host.dial(target, {
        beside: true,
        contactParameters: isFocus,
        contactUriParameters: Parameters.of({ [conferenceParameter]: this.id }),
      });
      this.#seat(dialled);
      return dialled;
    });
    this.#join(call);
    return call;
  }

  /** Whoever is in a call with this side already hears of the focus before somebody else comes. */
  async #takeInOthers(but?: Call): Promise<void> {
    const waiting = [...this.#seats].filter(
      ([call, { joined }]) => !joined && call !== but && call.session !== undefined,
    );
    await Promise.all(waiting.map(([call]) => this.#takeIn(call)));
  }

  #seat(call: Call): void {
    if (this.#seats.has(call)) return;
    const unlisten = call.onEvent((event) => {
      this.#happened(call, event);
    });
    this.#seats.set(call, { joined: false, muted: false, unlisten });
  }

  /** Tells the far end that this side is a focus now (RFC 4579 5.2), takes it from hold, and into the room. */
  async #takeIn(call: Call): Promise<void> {
    const { session } = call;
    if (session === undefined) return;
    this.focus(session);
    const outcome = await (call.localHold ? session.resume() : session.reoffer());
    // A far end that does not want to hear of it is mixed all the same; one that stays on hold is not.
    if (outcome.kind === 'ended') return;
    if (call.localHold) {
      this.#unseat(call);
      throw new PhoneError({ kind: 'refused' }, call.remote.name);
    }
    this.#join(call);
  }

  #join(call: Call): void {
    const seat = this.#seats.get(call);
    if (seat === undefined || seat.joined || call.state !== 'connected') return;
    seat.joined = true;
    this.#host.setSound(call, false);
    this.#room.add(call.media);
    this.#room.setMuted(call.media, seat.muted);
    this.#tell({ kind: 'joined', call });
  }

  #happened(call: Call, event: CallEvent): void {
    if (event.kind === 'ended') this.#unseat(call);
    else if (event.kind === 'hold') this.#tell({ kind: 'hold', call });
    else if (event.kind === 'replaced' && call.session !== undefined) {
      const seat = this.#seats.get(call);
      if (seat !== undefined) seat.joined = false;
      void this.#takeIn(call);
    } else if (event.kind === 'state' && event.state === 'connected' && call.direction === 'outgoing') {
      // It rang when somebody joined it.
      if (call.session?.dialog.contactParameters.has('isfocus') === false) void this.#takeIn(call);
    }
  }

  #unseat(call: Call): void {
    const seat = this.#seats.get(call);
    if (seat === undefined) return;
    seat.unlisten();
    this.#seats.delete(call);
    this.#tell({ kind: 'left', call });
    this.#settle();
  }

  /** Two make a conference of three. With one it is a call, and without the person not even that. */
  #settle(): void {
    if (this.#ended || this.#seats.size > 1) return;
    const [last] = this.#seats.keys();
    const wasAttending = this.attending;
    this.#close();
    if (last === undefined) return;
    if (this.#hasLeft) {
      void last.hangUp();
      return;
    }
    if (last.session !== undefined) {
      const { dialog } = last.session;
      dialog.contactParameters = dialog.contactParameters.without('isfocus');
      dialog.contactUriParameters = dialog.contactUriParameters.without(conferenceParameter);
      void last.session.reoffer();
    }
    if (wasAttending) this.#host.setSound(last, true);
  }

  #close(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const { unlisten } of this.#seats.values()) unlisten();
    this.#unlisten();
    this.#room.close();
    this.#seats.clear();
    this.#forget();
    this.#tell({ kind: 'ended' });
    this.#events.end();
  }

  #setAttending(attending: boolean): void {
    if (this.#ended || this.#room.connected === attending) return;
    this.#room.connected = attending;
    this.#tell({ kind: 'attending', attending });
  }

  #mustStand(): void {
    if (this.#ended) throw new PhoneError({ kind: 'ended' }, 'the conference');
  }

  #tell(event: ConferenceEvent): void {
    this.#events.emit(event);
    this.#host.emit({ kind: 'conference', conference: this, event });
  }
}

/** What the Contact of a focus says (RFC 3840, RFC 4579 5.2). */
const isFocus = Parameters.of({ isfocus: true });
