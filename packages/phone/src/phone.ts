import { conferenceEvent } from '@switchhook/sip';
import type {
  Clock,
  NameAddr,
  RegistrationState,
  SipContext,
  Subscription,
  WatchedConference,
  WatchedDialogs,
} from '@switchhook/sip';
import { untilGivenUp } from './abortable.ts';
import type { Abortable } from './abortable.ts';
import type { Call } from './call.ts';
import { failureOfRegistration, PhoneError, throwIfGivenUp } from './failure.ts';
import type { Failure } from './failure.ts';
import { partyOf, partyOfUri } from './party.ts';
import { PhoneCore } from './phone-core.ts';
import type { PhoneEvent } from './phone-event.ts';
import type { PhoneOptions } from './phone-options.ts';
import { answered } from './services/answered.ts';
import type { CallLog } from './services/call-log.ts';
import type { Conference, ConferenceOptions } from './services/conference.ts';
import { dialWith } from './services/click-to-dial.ts';
import type { DoNotDisturb } from './services/do-not-disturb.ts';
import { join } from './services/join.ts';
import type { JoinOptions } from './services/join.ts';
import { sendMessage } from './services/messages.ts';
import { ownTelephones } from './services/own-telephones.ts';
import type { RegisteredTelephone } from './services/own-telephones.ts';
import { park, retrieve } from './services/park.ts';
import type { ParkedCall, RetrieveOptions } from './services/park.ts';
import { pickUp } from './services/pickup.ts';
import type { PickUpOptions } from './services/pickup.ts';
import type { Redial, RedialOptions } from './services/redial.ts';

/** What a phone holds; all zeros after the last call and `stop()`. */
export interface PhoneStats {
  readonly calls: number;
  /** Listeners and iterators of the phone that nobody has ended. */
  readonly listeners: number;
  /** Those of the calls, and the INVITEs of this side for 32 seconds after a 2xx: further ones may come (RFC 3261 13.2.2.4). */
  readonly sessions: number;
  readonly dialogs: number;
  /** Of this phone to others. */
  readonly subscriptions: number;
  readonly requests: number;
  readonly transactions: number;
  readonly timers: number;
  readonly streams: number;
  readonly devices: number;
}

/**
 * An exchange that restarts is asked for sooner than RFC 5626 4.5 proposes, for calls may be in progress: after 2.5 to 5
 * seconds, then after twice as long each time.
 */
const recovery = { baseAllFailed: 5_000 };
/** Milliseconds that far ends and the registrar get to say goodbye when the phone stops. */
export const goodbyeTime = 2_000;

/**
 * A phone: registers, calls, is called, holds, sends texts. Whatever it is asked to do resolves when it is done and
 * rejects with a {@link PhoneError}, whose `failure` says in a closed union why it was not.
 */
export class Phone {
  readonly #core: PhoneCore;
  readonly #options: PhoneOptions;
  #isWatched = false;
  #endNetworkWatch: (() => void) | undefined = undefined;

  constructor(context: SipContext, options: PhoneOptions) {
    this.#options = options;
    this.#core = new PhoneCore(context, options);
  }

  get address(): NameAddr {
    return this.#core.address;
  }

  /** The calls that were. */
  get log(): CallLog {
    return this.#core.log;
  }

  /** Whether callers are turned away, and what they hear. */
  get doNotDisturb(): DoNotDisturb {
    return this.#core.doNotDisturb;
  }

  set doNotDisturb(mode: DoNotDisturb) {
    this.#core.doNotDisturb = mode;
  }

  /** Whether further callers ring while there is a call. */
  get callWaiting(): boolean {
    return this.#core.callWaiting;
  }

  set callWaiting(on: boolean) {
    this.#core.callWaiting = on;
  }

  get clock(): Clock {
    return this.#core.clock;
  }

  /** `sip:alice@example.com` */
  get addressOfRecord(): string {
    return partyOf(this.address).uri;
  }

  /** The host, and port if any, of the address: what a name alone is of. */
  get domain(): string {
    return this.#core.home.hostport;
  }

  /** The calls that have not ended, the oldest first. */
  get calls(): readonly Call[] {
    return this.#core.calls;
  }

  /** The call that has the microphone and the loudspeaker. */
  get activeCall(): Call | undefined {
    return this.#core.active.call;
  }

  get registration(): RegistrationState {
    return this.#core.agent.registration?.state ?? { kind: 'unregistered' };
  }

  /** Reads the call log that was kept, and opens the transports. It is not registered yet, and can call already. */
  async start(): Promise<void> {
    await this.#core.logKeeper?.open();
    await this.#core.agent.start();
    this.#core.dialogStates.start();
    this.#endNetworkWatch = this.#options.network?.watch(() => this.#core.agent.networkChanged());
  }

  /**
   * Hangs up, unregisters, and closes everything. Far ends that do not answer, also of calls that were hung up before, are not
   * waited for longer than {@link goodbyeTime}.
   */
  async stop(): Promise<void> {
    this.#endNetworkWatch?.();
    for (const redial of this.redials) redial.cancel();
    const hungUp = this.#core.hangUpAll().then(() => this.#core.dialogStates.close());
    const goodbyes = Promise.all([hungUp, this.unregister()]);
    await new Promise<void>((resolve) => {
      const timer = this.clock.after(goodbyeTime, resolve);
      void goodbyes.then(() => {
        timer.cancel();
        resolve();
      });
    });
    await this.#core.agent.stop();
    await this.#core.media.stop();
    await this.#core.logKeeper?.close();
    this.#core.events.end();
  }

  /**
   * Registers, and stays registered until `unregister` or `stop`. Resolves when the exchange has accepted it. `signal` gives the
   * waiting up, not the registering.
   */
  async register(options: Abortable = {}): Promise<void> {
    throwIfGivenUp('the exchange', options.signal);
    const { expires, instanceId } = this.#options;
    const registration = this.#core.agent.register({ expires, instanceId, recovery });
    if (!this.#isWatched) {
      this.#isWatched = true;
      registration.onChange((state) => this.#core.emit({ kind: 'registration', registration: state }));
    }
    const settled = Promise.withResolvers<RegistrationState>();
    const look = (state: RegistrationState): void => {
      if (state.kind !== 'registering') settled.resolve(state);
    };
    const unlisten = registration.onChange(look);
    look(registration.state);
    try {
      const state = await untilGivenUp('the exchange', options, () => settled.promise);
      if (state.kind === 'failed') throw this.#error(failureOfRegistration(state.failure));
      if (state.kind !== 'registered') throw this.#error({ kind: 'ended' });
    } finally {
      unlisten();
    }
  }

  /** Is no longer reached under its address; calls go on. Resolves when the exchange has said so, or does not answer. */
  async unregister(options: Abortable = {}): Promise<void> {
    await untilGivenUp('the exchange', options, async () => this.#core.agent.registration?.end());
  }

  /**
   * Calls somebody, and resolves when the call is answered. `target` is a URI, `bob@example.com`, or `bob` alone for
   * somebody of the phone's own domain. A call in progress is put on hold first. Aborting gives the call up.
   */
  async call(target: string, { signal }: Abortable = {}): Promise<Call> {
    const uri = this.#core.read(target);
    return await answered(partyOfUri(uri).name, signal, () => this.#core.dial(uri));
  }

  /** Like {@link call}, for those who want to see the call before it is answered. */
  dial(target: string): Call {
    return this.#core.dial(this.#core.read(target));
  }

  /** The telephones that are registered for this phone's address, itself among them where it is; for {@link dialWith}. */
  async telephones(options: Abortable = {}): Promise<readonly RegisteredTelephone[]> {
    return await untilGivenUp('the exchange', options, () => ownTelephones(this.#core));
  }

  /**
   * Has another phone call somebody, as a click in an address book does (RFC 5359 2.18). `device` is an address that leads to
   * that phone alone. Resolves when the phone has taken it on; whether it calls, its person decides.
   */
  async dialWith(device: string, target: string, options: Abortable = {}): Promise<void> {
    const [uri, whom] = [this.#core.read(device), this.#core.read(target)];
    const { name } = partyOfUri(uri);
    const failure = await untilGivenUp(name, options, () => dialWith(this.#core, uri, whom));
    if (failure !== undefined) throw new PhoneError(failure, name);
  }

  /** Takes up a call, and puts the one in progress on hold (RFC 5359 2.2). */
  async switchTo(call: Call, options: Abortable = {}): Promise<void> {
    await untilGivenUp(call.remote.name, options, () => this.#core.switchTo(call, options));
  }

  /** The dialogs of somebody who lets this phone see them, until the subscription is given up (RFC 4235). */
  watch(target: string, { signal }: Abortable = {}): Subscription<WatchedDialogs> {
    return this.#core.dialogWatch.watch(this.#core.read(target), signal);
  }

  /**
   * Takes a call that rings at somebody else's (RFC 5359 2.16); of several, at one phone or at those of a group, the one
   * that has rung longest. Resolves when it is this phone's.
   */
  pickUp(targets: string | readonly string[], options?: PickUpOptions): Promise<Call> {
    const uris = [targets].flat().map((target) => this.#core.read(target));
    return pickUp(this.#core, uris, options);
  }

  /** Calls somebody who is busy as soon as he is not (RFC 5359 2.17), until that ends or is cancelled. */
  redial(target: string, options: RedialOptions = {}): Redial {
    return this.#core.redial(this.#core.read(target), options);
  }

  /** The automatic redials that have not ended. */
  get redials(): readonly Redial[] {
    return [...this.#core.redials];
  }

  /** Parks a call at a park server, or at a slot of one (RFC 5359 2.15). Resolves when it is there; else it is as it was. */
  async park(call: Call, lot: string, options: Abortable = {}): Promise<ParkedCall> {
    const uri = this.#core.read(lot);
    return await untilGivenUp(partyOfUri(uri).name, options, () => park(this.#core, call, uri));
  }

  /** Takes a call from where it is parked: an address, or what {@link park} resolved with. */
  retrieve(from: string | ParkedCall, options?: RetrieveOptions): Promise<Call> {
    return retrieve(this.#core, typeof from === 'string' ? this.#core.read(from) : from, options);
  }

  /**
   * Mixes calls of this phone (RFC 5359 2.10): everybody hears all others. With one call it is a beginning, to which
   * {@link Conference.add} brings others. Resolves when all of them are in it.
   */
  async conference(calls: readonly Call[], options: ConferenceOptions & Abortable = {}): Promise<Conference> {
    return await untilGivenUp('the conference', options, () => this.#core.conferences.begin(calls, options));
  }

  /** The conferences that have not ended; a call that somebody has joined is one (RFC 5359 2.11). */
  get conferences(): readonly Conference[] {
    return this.#core.conferences.all;
  }

  /** Who is in the conference of somebody who lets this phone know (RFC 4575), until the subscription is given up. */
  watchConference(target: string, { signal }: Abortable = {}): Subscription<WatchedConference> {
    return this.#core.subscriber.subscribe({ package: conferenceEvent, target: this.#core.read(target), signal });
  }

  /**
   * Joins the call that somebody is in, who lets this phone see it (RFC 5359 2.11). Resolves when he has let this phone in.
   */
  join(target: string, options?: JoinOptions): Promise<Call> {
    return join(this.#core, this.#core.read(target), options);
  }

  /** Sends a text (RFC 3428). Resolves when the far end has taken it, or a server in its place. */
  async sendMessage(target: string, text: string, options: Abortable = {}): Promise<void> {
    const uri = this.#core.read(target);
    const { name } = partyOfUri(uri);
    const failure = await untilGivenUp(name, options, () => sendMessage(this.#core.messages, uri, text));
    if (failure !== undefined) throw new PhoneError(failure, name);
  }

  /** Calls back at each call that rings here; returns what takes it back. */
  onIncomingCall(listener: (call: Call) => void): () => void {
    return this.onEvent((event) => {
      if (event.kind === 'incoming-call') listener(event.call);
    });
  }

  /** The calls that ring here from now on; ends with `stop()`, or when `signal` aborts. */
  incomingCalls(signal?: AbortSignal): AsyncGenerator<Call, void, void> {
    return callsIn(this.events(signal));
  }

  /** Calls back at everything that happens; returns what takes it back. */
  onEvent(listener: (event: PhoneEvent) => void): () => void {
    return this.#core.events.listen(listener);
  }

  /** What happens from now on; ends with `stop()`, or when `signal` aborts. */
  events(signal?: AbortSignal): AsyncIterableIterator<PhoneEvent> {
    return this.#core.events.iterate(signal);
  }

  stats(): PhoneStats {
    const { dialogs, requests, clientTransactions, serverTransactions, timers } = this.#core.agent.stats();
    const { sessions, outgoing, incoming } = this.#core.sessions.stats();
    return {
      calls: this.#core.calls.length,
      listeners: this.#core.events.size,
      sessions: sessions + outgoing + incoming,
      dialogs,
      subscriptions: this.#core.subscriber.stats().subscriptions,
      requests,
      transactions: clientTransactions + serverTransactions,
      timers,
      ...this.#core.media.stats(),
    };
  }

  #error(failure: Failure): PhoneError {
    return new PhoneError(failure, 'the exchange');
  }
}

async function* callsIn(events: AsyncIterable<PhoneEvent>): AsyncGenerator<Call, void, void> {
  for await (const event of events) if (event.kind === 'incoming-call') yield event.call;
}
