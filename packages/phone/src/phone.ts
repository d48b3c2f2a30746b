import {
  encodeUtf8,
  InstantMessages,
  InviteSessions,
  NameAddr,
  parseUri,
  SipUri,
  SwitchhookError,
  UserAgent,
} from '@switchhook/sip';
import type {
  Clock,
  IncomingInvite,
  InstantMessage,
  MediaNegotiation,
  RegistrationState,
  SipContext,
  Uri,
} from '@switchhook/sip';
import { Call } from './call.ts';
import type { CallEvent, CallHost } from './call.ts';
import type { CallEnd } from './call-end.ts';
import { EventStream } from './event-stream.ts';
import { failureOfRegistration, PhoneError } from './failure.ts';
import type { Failure } from './failure.ts';
import type { CallMedia, PhoneMedia, Signal } from './media.ts';
import { partyOf, partyOfUri, uriFor } from './party.ts';
import type { PhoneEvent } from './phone-event.ts';
import { defaultMaximumCalls } from './phone-options.ts';
import type { PhoneOptions } from './phone-options.ts';
import { ActiveCall } from './services/active-call.ts';
import { CallLog } from './services/call-log.ts';
import { callWaitingStatus } from './services/call-waiting.ts';
import { makeRoom, switchTo } from './services/consultation.ts';
import { doNotDisturbStatus } from './services/do-not-disturb.ts';
import type { DoNotDisturb } from './services/do-not-disturb.ts';
import { sendMessage } from './services/messages.ts';

/** What a phone holds; all zeros after the last call and `stop()`. */
export interface PhoneStats {
  readonly calls: number;
  /** Listeners and iterators of the phone that nobody has ended. */
  readonly listeners: number;
  readonly sessions: number;
  readonly dialogs: number;
  readonly requests: number;
  readonly transactions: number;
  readonly timers: number;
  readonly streams: number;
  readonly devices: number;
}

/** How something that takes its time is given up. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds that far ends and the registrar get to say goodbye when the phone stops. */
export const goodbyeTime = 2_000;

/**
 * A phone: registers, calls, is called, holds, sends texts. Whatever it is asked to do resolves when it is done and
 * rejects with a {@link PhoneError}, whose `failure` says in a closed union why it was not.
 */
export class Phone implements CallHost {
  readonly address: NameAddr;
  /** The calls that were. */
  readonly log = new CallLog();
  /** Whether callers are turned away, and what they hear. */
  doNotDisturb: DoNotDisturb;
  /** Whether further callers ring while there is a call. */
  callWaiting: boolean;
  readonly #context: SipContext;
  readonly #options: PhoneOptions;
  readonly #home: SipUri;
  readonly #agent: UserAgent;
  readonly #sessions: InviteSessions;
  readonly #messages: InstantMessages;
  readonly #media: PhoneMedia;
  readonly #maximumCalls: number;
  readonly #opened = new WeakMap<MediaNegotiation, CallMedia>();
  readonly #calls = new Map<number, Call>();
  readonly #active = new ActiveCall();
  readonly #events = new EventStream<PhoneEvent>();
  #isWatched = false;
  #endNetworkWatch: (() => void) | undefined = undefined;

  constructor(context: SipContext, options: PhoneOptions) {
    const { media, password, doNotDisturb = 'off', callWaiting = true, maximumCalls = defaultMaximumCalls } = options;
    this.#context = context;
    this.#options = options;
    this.address = readAddress(options.addressOfRecord);
    this.#home = homeOf(this.address);
    this.doNotDisturb = doNotDisturb;
    this.callWaiting = callWaiting;
    this.#maximumCalls = maximumCalls;
    this.#media = media;
    media.onFault = (message) => this.#events.emit({ kind: 'no-sound', message });
    const username = options.userName === undefined ? this.#home.user : encodeUtf8(options.userName);
    this.#agent = new UserAgent(context, {
      address: this.address,
      transports: options.transports,
      resolver: options.resolver,
      product: options.product,
      route: (options.outboundProxies ?? []).map(readProxy),
      credentials: () =>
        password === undefined || username === undefined ? undefined : { username, password: encodeUtf8(password) },
    });
    this.#sessions = new InviteSessions(
      this.#agent,
      { media: (secure) => this.#open(secure).negotiation, incoming: (invite) => this.#incoming(invite) },
      options.ringTime === undefined ? {} : { ringTime: options.ringTime },
    );
    this.#messages = new InstantMessages(this.#agent, { onMessage: (message) => this.#message(message) });
    this.#agent.install(this.#sessions);
    this.#agent.install(this.#messages);
  }

  get clock(): Clock {
    return this.#context.clock;
  }

  /** `sip:alice@example.com` */
  get addressOfRecord(): string {
    return partyOf(this.address).uri;
  }

  /** The host, and port if any, of the address: what a name alone is of. */
  get domain(): string {
    return this.#home.hostport;
  }

  /** The calls that have not ended, the oldest first. */
  get calls(): readonly Call[] {
    return [...this.#calls.values()].sort((one, other) => one.startedAt - other.startedAt);
  }

  /** The call that has the microphone and the loudspeaker. */
  get activeCall(): Call | undefined {
    return this.#active.call;
  }

  get registration(): RegistrationState {
    return this.#agent.registration?.state ?? { kind: 'unregistered' };
  }

  /** Opens the transports. It is not registered yet, and can call already. */
  async start(): Promise<void> {
    await this.#agent.start();
    this.#endNetworkWatch = this.#options.network?.watch(() => this.#agent.networkChanged());
  }

  /**
   * Hangs up, unregisters, and closes everything. Far ends that do not answer are not waited for longer than
   * {@link goodbyeTime}.
   */
  async stop(): Promise<void> {
    this.#endNetworkWatch?.();
    const goodbyes = Promise.all([...this.calls.map((call) => call.hangUp()), this.unregister()]);
    await new Promise<void>((resolve) => {
      const timer = this.clock.after(goodbyeTime, resolve);
      void goodbyes.then(() => {
        timer.cancel();
        resolve();
      });
    });
    await this.#agent.stop();
    await this.#media.stop();
    this.#events.end();
  }

  /** Registers, and stays registered until `unregister` or `stop`. Resolves when the exchange has accepted it. */
  async register({ signal }: Abortable = {}): Promise<void> {
    const { expires, instanceId } = this.#options;
    const registration = this.#agent.register({ expires, instanceId });
    if (!this.#isWatched) {
      this.#isWatched = true;
      registration.onChange((state) => this.#events.emit({ kind: 'registration', registration: state }));
    }
    const settled = Promise.withResolvers<RegistrationState>();
    const look = (state: RegistrationState): void => {
      if (state.kind !== 'registering') settled.resolve(state);
    };
    const abort = (): void => settled.reject(this.#error({ kind: 'cancelled' }, signal?.reason));
    const unlisten = registration.onChange(look);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) abort();
    look(registration.state);
    try {
      const state = await settled.promise;
      if (state.kind === 'failed') throw this.#error(failureOfRegistration(state.failure));
      if (state.kind !== 'registered') throw this.#error({ kind: 'ended' });
    } finally {
      unlisten();
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Is no longer reached under its address; calls go on. Resolves when the exchange has said so, or does not answer. */
  async unregister(): Promise<void> {
    await this.#agent.registration?.end();
  }

  /**
   * Calls somebody, and resolves when the call is answered. `target` is a URI, `bob@example.com`, or `bob` alone for
   * somebody of the phone's own domain. A call in progress is put on hold first. Aborting gives the call up.
   */
  async call(target: string, { signal }: Abortable = {}): Promise<Call> {
    const call = this.dial(target);
    const abort = (): void => void call.hangUp();
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) abort();
    try {
      await call.answered();
      return call;
    } catch (error) {
      if (signal?.aborted !== true) throw error;
      throw new PhoneError({ kind: 'cancelled' }, call.remote.name, { cause: signal.reason });
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Like {@link call}, for those who want to see the call before it is answered. */
  dial(target: string): Call {
    const uri = this.#read(target);
    const remote = partyOfUri(uri);
    if (this.#calls.size >= this.#maximumCalls) {
      throw new PhoneError({ kind: 'not-now', detail: 'there are too many calls' }, remote.name);
    }
    const media = this.#open(uri instanceof SipUri && uri.scheme === 'sips');
    const parts = { target: uri, redirects: { follow: () => true } };
    const call = Call.outgoing(this, { number: this.#freeNumber(), remote, media }, () =>
      this.#sessions.invite(parts, media.negotiation),
    );
    this.#calls.set(call.number, call);
    this.#events.emit({ kind: 'outgoing-call', call });
    return call;
  }

  /** Takes up a call, and puts the one in progress on hold (RFC 5359 2.2). */
  switchTo(call: Call): Promise<void> {
    return switchTo(call, this.#active, this.clock);
  }

  /** Sends a text (RFC 3428). Resolves when the far end has taken it, or a server in its place. */
  async sendMessage(target: string, text: string): Promise<void> {
    const uri = this.#read(target);
    const failure = await sendMessage(this.#messages, uri, text);
    if (failure !== undefined) throw new PhoneError(failure, partyOfUri(uri).name);
  }

  /** Calls back at each call that rings here; returns what takes it back. */
  onIncomingCall(listener: (call: Call) => void): () => void {
    return this.onEvent((event) => {
      if (event.kind === 'incoming-call') listener(event.call);
    });
  }

  /** The calls that ring here from now on; ends with `stop()`, or when `signal` aborts. */
  async *incomingCalls(signal?: AbortSignal): AsyncGenerator<Call, void, void> {
    for await (const event of this.events(signal)) if (event.kind === 'incoming-call') yield event.call;
  }

  /** Calls back at everything that happens; returns what takes it back. */
  onEvent(listener: (event: PhoneEvent) => void): () => void {
    return this.#events.listen(listener);
  }

  /** What happens from now on; ends with `stop()`, or when `signal` aborts. */
  events(signal?: AbortSignal): AsyncIterableIterator<PhoneEvent> {
    return this.#events.iterate(signal);
  }

  stats(): PhoneStats {
    const { dialogs, requests, clientTransactions, serverTransactions, timers } = this.#agent.stats();
    const { sessions, outgoing, incoming } = this.#sessions.stats();
    return {
      calls: this.#calls.size,
      listeners: this.#events.size,
      sessions: sessions + outgoing + incoming,
      dialogs,
      requests,
      transactions: clientTransactions + serverTransactions,
      timers,
      ...this.#media.stats(),
    };
  }

  /** For its calls. */
  makeRoom(): Promise<void> {
    return makeRoom(this.#active, this.clock);
  }

  /** For its calls. */
  setSound(call: Call, on: boolean): void {
    if (on) this.#active.give(call);
    else this.#active.takeFrom(call);
  }

  /** For its calls. */
  happened(call: Call, event: CallEvent): void {
    if (event.kind === 'ended') this.#ended(call, event.end);
    this.#events.emit({ kind: 'call', call, event });
    this.#signal();
  }

  #incoming(invite: IncomingInvite): void {
    const from = partyOf(invite.caller.address);
    const calls = this.#calls.size;
    const occupation = { callWaiting: this.callWaiting, calls, maximumCalls: this.#maximumCalls };
    const status = doNotDisturbStatus(this.doNotDisturb) ?? callWaitingStatus(occupation);
    if (status !== undefined) {
      invite.reject(status);
      this.#events.emit({ kind: 'turned-away', from, status });
      return;
    }
    const media = this.#opened.get(invite.session.media);
    if (media === undefined) return;
    const call = Call.incoming(this, { number: this.#freeNumber(), remote: from, media }, invite);
    this.#calls.set(call.number, call);
    invite.ring();
    this.#events.emit({ kind: 'incoming-call', call, waiting: calls > 0 });
    this.#signal();
  }

  /** A session knows its media as what is negotiated; what is heard and said belongs to it here. */
  #open(secure: boolean): CallMedia {
    const media = this.#media.open(secure);
    this.#opened.set(media.negotiation, media);
    return media;
  }

  #message({ caller, text }: InstantMessage): undefined {
    const message = { from: partyOf(caller.address), text, receivedAt: this.clock.date() };
    this.#events.emit({ kind: 'message', message });
  }

  #ended(call: Call, end: CallEnd): void {
    this.#calls.delete(call.number);
    const { direction, remote, startedAt, answeredAt, endedAt = startedAt } = call;
    this.log.add({ direction, remote, startedAt, answeredAt, endedAt, end });
  }

  /** Lets the person hear what is most pressing. */
  #signal(): void {
    this.#media.signal(signalFor(this.#calls.values(), this.#active.call));
  }

  #freeNumber(): number {
    let number = 1;
    while (this.#calls.has(number)) number += 1;
    return number;
  }

  #read(target: string): Uri {
    const uri = uriFor(target, this.#home);
    if (uri === undefined) throw new PhoneError({ kind: 'unknown' }, target);
    return uri;
  }

  #error(failure: Failure, cause?: unknown): PhoneError {
    return new PhoneError(failure, 'the exchange', cause === undefined ? undefined : { cause });
  }
}

/** What a person is to hear beside the call in progress. */
function signalFor(calls: Iterable<Call>, active: Call | undefined): Signal | undefined {
  for (const { direction, state } of calls) {
    if (direction === 'incoming' && state === 'ringing') {
      return active?.state === 'connected' ? 'call-waiting' : 'ringing';
    }
  }
  // Early media is what the far end wants heard (RFC 3960 3.2).
  return active?.state === 'ringing' && active.sound === undefined ? 'ringback' : undefined;
}

function readAddress(text: string): NameAddr {
  const address = NameAddr.parse(encodeUtf8(text));
  if (address instanceof NameAddr) return address;
  throw new SwitchhookError('invalid-uri', `not an address: ${text}: ${address.reason}`);
}

function homeOf({ uri }: NameAddr): SipUri {
  if (uri instanceof SipUri && uri.user !== undefined) return uri;
  throw new SwitchhookError('invalid-uri', `a phone needs a SIP address with a user part: ${uri.toString()}`);
}

/** A proxy is a loose router (RFC 3261 16.4) whether its URI says so or not. */
function readProxy(text: string): NameAddr {
  const uri = parseUri(text);
  if (!(uri instanceof SipUri)) throw new SwitchhookError('invalid-uri', `not the URI of a proxy: ${text}`);
  return NameAddr.of({ uri: uri.with({ parameters: uri.parameters.with('lr', '') }) });
}
