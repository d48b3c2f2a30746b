import {
  conferenceEvent,
  dialogEvent,
  DialogStatePublisher,
  encodeUtf8,
  InstantMessages,
  InviteSessions,
  NameAddr,
  parseUri,
  Referrals,
  isSecure,
  SipUri,
  Subscriber,
  SwitchhookError,
  UserAgent,
} from '@switchhook/sip';
import type {
  Clock,
  HeaderInit,
  IncomingInvite,
  InstantMessage,
  InviteSession,
  MediaNegotiation,
  SipContext,
  Uri,
  UserPassword,
} from '@switchhook/sip';
import type { Abortable } from './abortable.ts';
import { CallLogKeeper } from './call-log-keeper.ts';
import { Call } from './call.ts';
import type { CallEvent, CallHeir, CallHost } from './call-contract.ts';
import type { CallEnd } from './call-end.ts';
import { EventStream } from './event-stream.ts';
import { PhoneError } from './failure.ts';
import type { CallMedia, PhoneMedia, Signal } from './media.ts';
import { partyOf, partyOfUri, uriFor } from './party.ts';
import type { PhoneEvent } from './phone-event.ts';
import { defaultMaximumCalls } from './phone-options.ts';
import type { PhoneOptions } from './phone-options.ts';
import type { DialOptions, ServiceHost } from './service-host.ts';
import { ActiveCall } from './services/active-call.ts';
import { CallLog } from './services/call-log.ts';
import { callWaitingStatus } from './services/call-waiting.ts';
import { WhoMay } from './services/authorization.ts';
import type { Subject } from './services/authorization.ts';
import { linkIn, sendLink, textOfHtml, unescaped } from './services/call-link.ts';
import { recipientOf } from './services/link-recipient.ts';
import { makeRoom, switchTo } from './services/consultation.ts';
import { DialogWatch } from './services/dialog-watch.ts';
import { decideClaim } from './services/claims.ts';
import { Conferences } from './services/conferences.ts';
import { doNotDisturbStatus } from './services/do-not-disturb.ts';
import type { DoNotDisturb } from './services/do-not-disturb.ts';
import { Inquirer } from './services/inquirer.ts';
import { Redial } from './services/redial.ts';
import type { RedialOptions } from './services/redial.ts';
import { screeningProxyFor } from './services/screening.ts';
import { holdWithMusic } from './services/music-on-hold.ts';
import { ReferredCalls } from './services/referral.ts';
import { Transfers } from './services/transfer.ts';
import type { TransferOptions } from './services/transfer.ts';

/** What a phone is inside: its user agent, its calls, who has the sound. Services stand on it. */
export class PhoneCore implements CallHost, ServiceHost {
  readonly context: SipContext;
  readonly address: NameAddr;
  readonly home: SipUri;
  readonly agent: UserAgent;
  readonly sessions: InviteSessions;
  readonly messages: InstantMessages;
  readonly subscriber: Subscriber;
  readonly whoMay: WhoMay;
  readonly inquirer: Inquirer;
  readonly dialogStates: DialogStatePublisher;
  readonly referrals: Referrals;
  readonly dialogWatch = new DialogWatch(this);
  readonly redials = new Set<Redial>();
  readonly conferences: Conferences;
  readonly media: PhoneMedia;
  readonly active = new ActiveCall();
  readonly events = new EventStream<PhoneEvent>();
  readonly log = new CallLog();
  readonly logKeeper: CallLogKeeper | undefined;
  doNotDisturb: DoNotDisturb;
  callWaiting: boolean;
  readonly #maximumCalls: number;
  readonly #screeningProxy: NameAddr | undefined;
  readonly #opened = new WeakMap<MediaNegotiation, CallMedia>();
  readonly #calls = new Map<number, Call>();
  /** What is said to the far ends of calls that are hung up. */
  readonly #goodbyes = new Set<Promise<void>>();
  readonly #transfers = new Transfers(this);
  readonly #noSound = (message: string): void => this.emit({ kind: 'no-sound', message });

  constructor(context: SipContext, options: PhoneOptions) {
    const { doNotDisturb = 'off', callWaiting = true, maximumCalls = defaultMaximumCalls, ringTime } = options;
    this.context = context;
    this.logKeeper =
      options.callLog &&
      new CallLogKeeper(this.log, options.callLog, (message) => this.emit({ kind: 'no-log', message }));
    this.address = readAddress(options.addressOfRecord);
    this.home = homeOf(this.address);
    this.doNotDisturb = doNotDisturb;
    this.callWaiting = callWaiting;
    this.#maximumCalls = maximumCalls;
    this.#screeningProxy = options.screeningProxy === undefined ? undefined : readProxy(options.screeningProxy);
    this.media = options.media;
    this.media.onFault = this.#noSound;
    this.agent = new UserAgent(context, {
      address: this.address,
      transports: options.transports,
      resolver: options.resolver,
      product: options.product,
      route: (options.outboundProxies ?? []).map(readProxy),
      contact: options.contact === undefined ? undefined : readContact(options.contact),
      credentials: () => credentialsOf(options, this.home),
    });
    this.sessions = new InviteSessions(
      this.agent,
      {
        media: (secure) => this.#open(secure).negotiation,
        incoming: (invite) => this.#incoming(invite),
        mayReplace: (claim) => {
          const requester = { ...claim, recipient: recipientOf(claim.request) };
          return decideClaim(this, claim, this.whoMay.mayReplace(requester, this.#subjectOf(claim.session)));
        },
        mayJoin: (claim) => decideClaim(this, claim, this.conferences.mayJoin(claim, claim.session)),
        conferenceAt: (request) => this.conferences.sessionAt(request),
        readiness: () => this.#unreadiness,
      },
      ringTime === undefined ? {} : { ringTime },
    );
    this.messages = new InstantMessages(this.agent, {
      onMessage: (message) => this.#message(message),
      accepts: ['text/plain', 'text/html'],
    });
    this.subscriber = new Subscriber(this.agent, [conferenceEvent, dialogEvent]);
    this.referrals = new Referrals(this.agent, new ReferredCalls(this));
    this.whoMay = new WhoMay(this.home, options.permissions);
    this.inquirer = new Inquirer(context.clock, this.whoMay);
    this.dialogStates = new DialogStatePublisher(this.agent, this.sessions, this.inquirer);
    this.conferences = new Conferences(this);
    const notifiers = [this.dialogStates.notifier, this.conferences.told.notifier];
    const { sessions, messages, referrals, subscriber } = this;
    for (const each of [sessions, messages, referrals, subscriber, ...notifiers]) this.agent.install(each);
  }

  get clock(): Clock {
    return this.context.clock;
  }

  get calls(): readonly Call[] {
    return [...this.#calls.values()].sort((one, other) => one.startedAt - other.startedAt);
  }

  callOf(session: InviteSession): Call | undefined {
    return this.calls.find((call) => call.sessions.includes(session));
  }

  read(target: string): Uri {
    const uri = uriFor(target, this.home);
    if (uri === undefined) throw new PhoneError({ kind: 'unknown' }, target);
    return uri;
  }

  dial(target: Uri, options: DialOptions = {}): Call {
    this.agent.mustRun();
    const remote = options.to === undefined ? partyOfUri(target) : partyOf(options.to);
    if (this.#calls.size >= this.#maximumCalls) {
      throw new PhoneError({ kind: 'not-now', detail: 'there are too many calls' }, remote.name);
    }
    const media = this.#open(isSecure(target));
    const { inPlaceOf, beside, ...more } = options;
    const parts = { ...more, target, redirects: { follow: () => true } };
    const call = Call.outgoing(this, { number: this.#freeNumber(), remote, media, inPlaceOf, beside }, () =>
      this.sessions.invite(parts, media.negotiation),
    );
    this.#calls.set(call.number, call);
    this.emit({ kind: 'outgoing-call', call });
    return call;
  }

  invite(target: Uri, headers: readonly HeaderInit[]): ReturnType<CallHost['invite']> {
    const media = this.#open(isSecure(target));
    return { media, invite: this.sessions.invite({ target, headers }, media.negotiation) };
  }

  goodbye(said: Promise<void>): Promise<void> {
    const listed = said.finally(() => this.#goodbyes.delete(listed));
    this.#goodbyes.add(listed);
    return listed;
  }

  /** Hangs up whatever there is; resolves when every far end has said so, also those that were hung up on before. */
  async hangUpAll(): Promise<void> {
    for (const call of this.calls) void call.hangUp();
    await Promise.all(this.#goodbyes);
  }

  holdWithMusic(call: Call, server: string, options: Abortable): Promise<void> {
    return holdWithMusic(this, call, this.read(server), options);
  }

  switchTo(call: Call, options: Abortable = {}): Promise<void> {
    return switchTo(call, this.active, this.clock, options);
  }

  beforeHangUp(call: Call): Promise<void> | undefined {
    return this.#transfers.unanswered(call);
  }

  async transfer(call: Call, target: string, options: TransferOptions): Promise<void> {
    await this.#transfers.transfer(call, this.read(target), options);
  }

  transferTo(call: Call, other: Call, options: Abortable): Promise<void> {
    return this.#transfers.transferTo(call, other, options);
  }

  async transferByMessage(call: Call, target: string): Promise<void> {
    if (call.session === undefined) {
      throw new PhoneError({ kind: call.state === 'ended' ? 'ended' : 'not-now' }, call.remote.name);
    }
    const uri = this.read(target);
    const failure = await sendLink(this.messages, call.session, uri);
    if (failure !== undefined) throw new PhoneError(failure, partyOfUri(uri).name);
  }

  redial(target: Uri, options: RedialOptions): Redial {
    this.agent.mustRun();
    const redial = new Redial(this, target, options, () => this.redials.delete(redial));
    this.redials.add(redial);
    redial.start();
    return redial;
  }

  onEvent(listener: (event: PhoneEvent) => void): () => void {
    return this.events.listen(listener);
  }

  emit(event: PhoneEvent): void {
    this.events.emit(event);
    if (event.kind === 'conference') this.#signal();
  }

  makeRoom(): Promise<void> {
    return makeRoom(this.active, this.clock);
  }

  setSound(call: Call, on: boolean): void {
    if (on) this.active.give(call);
    else this.active.takeFrom(call);
  }

  happened(call: Call, event: CallEvent): void {
    if (event.kind === 'ended') this.#ended(call, event.end);
    this.emit({ kind: 'call', call, event });
    this.#signal();
  }

  #incoming(invite: IncomingInvite): void {
    if (this.#screeningProxy !== undefined && !this.agent.trusts(invite.caller.flow)) {
      invite.redirect([screeningProxyFor(invite.request, this.#screeningProxy)], 305);
      return;
    }
    const from = partyOf(invite.caller.address);
    const media = this.#opened.get(invite.session.media);
    if (media === undefined) return;
    if (invite.replaces !== undefined) {
      const call = this.callOf(invite.replaces);
      if (call === undefined) invite.reject(603);
      else call.giveTo(invite, { remote: from, media });
      return;
    }
    if (invite.joins !== undefined) {
      this.#joining(invite, invite.joins, { remote: from, media });
      return;
    }
    const calls = this.#calls.size;
    const status = this.#unreadiness;
    if (status !== undefined) {
      invite.reject(status);
      this.emit({ kind: 'turned-away', from, status });
      return;
    }
    const call = this.#take(invite, { remote: from, media });
    invite.ring();
    this.emit({ kind: 'incoming-call', call, waiting: calls > 0 });
    this.#signal();
  }

  /** What a further call is answered with; undefined where it rings. */
  get #unreadiness(): number | undefined {
    const occupation = { callWaiting: this.callWaiting, calls: this.#calls.size, maximumCalls: this.#maximumCalls };
    return doNotDisturbStatus(this.doNotDisturb) ?? callWaitingStatus(occupation);
  }

  /** Who may join a call is not to disturb anybody: he rings nowhere, and is let in. */
  #joining(invite: IncomingInvite, session: InviteSession, parts: CallHeir): void {
    const joined = this.callOf(session);
    if (!this.conferences.canBeJoined(joined)) invite.reject(488);
    else if (this.#calls.size >= this.#maximumCalls) invite.reject(486);
    else void this.conferences.admit(invite, this.#take(invite, parts), joined);
  }

  #take(invite: IncomingInvite, parts: CallHeir): Call {
    const call = Call.incoming(this, { number: this.#freeNumber(), ...parts }, invite);
    this.#calls.set(call.number, call);
    return call;
  }

  /** A call, with whoever was at its far end before. */
  #subjectOf(session: InviteSession | undefined): Subject | undefined {
    const before = session && this.callOf(session)?.before.at(-1);
    return session && { dialog: session.dialog, before };
  }

  /** A session knows its media as what is negotiated; what is heard and said belongs to it here. */
  #open(secure: boolean): CallMedia {
    const media = this.media.open(secure);
    this.#opened.set(media.negotiation, media);
    return media;
  }

  #message({ caller, contentType, text }: InstantMessage): undefined {
    const isHtml = contentType === 'text/html';
    const message = {
      from: partyOf(caller.address),
      text: isHtml ? textOfHtml(text) : text,
      link: linkIn(this, isHtml ? unescaped(text) : text, caller.address.uri),
      receivedAt: this.clock.date(),
    };
    this.emit({ kind: 'message', message });
  }

  #ended(call: Call, end: CallEnd): void {
    this.#calls.delete(call.number);
    const { direction, remote, before, startedAt, answeredAt, endedAt = startedAt } = call;
    const entry = { direction, remote, before: [...before], startedAt, answeredAt, endedAt, end };
    this.log.add(entry);
    this.logKeeper?.keep(entry);
  }

  /** Lets the person hear what is most pressing. */
  #signal(): void {
    const isInRoom = this.conferences.all.some(({ attending }) => attending);
    this.media.signal(signalFor(this.#calls.values(), this.active.call, isInRoom));
  }

  #freeNumber(): number {
    let number = 1;
    while (this.#calls.has(number)) number += 1;
    return number;
  }
}

/** What a person is to hear beside the call in progress, or the room that he is in. */
function signalFor(calls: Iterable<Call>, active: Call | undefined, isInRoom: boolean): Signal | undefined {
  const isTalking = isInRoom || active?.state === 'connected';
  for (const { direction, state } of calls) {
    if (direction === 'incoming' && state === 'ringing') return isTalking ? 'call-waiting' : 'ringing';
  }
  // Early media is what the far end wants heard (RFC 3960 3.2).
  return active?.state === 'ringing' && active.sound === undefined ? 'ringback' : undefined;
}

function credentialsOf({ password, userName }: PhoneOptions, home: SipUri): UserPassword | undefined {
  const username = userName === undefined ? home.user : encodeUtf8(userName);
  return password === undefined || username === undefined ? undefined : { username, password: encodeUtf8(password) };
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

function readContact(text: string): SipUri {
  const uri = parseUri(encodeUtf8(text));
  if (uri instanceof SipUri && uri.user !== undefined) return uri;
  throw new SwitchhookError('invalid-uri', `not a SIP address with a user part: ${text}`);
}

/** A proxy is a loose router (RFC 3261 16.4) whether its URI says so or not. */
function readProxy(text: string): NameAddr {
  const uri = parseUri(text);
  if (!(uri instanceof SipUri)) throw new SwitchhookError('invalid-uri', `not the URI of a proxy: ${text}`);
  return NameAddr.of({ uri: uri.with({ parameters: uri.parameters.with('lr', '') }) });
}
