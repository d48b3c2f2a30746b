import { EmbeddedExchange } from '@switchhook/exchange';
import { pcma, pcmu } from '@switchhook/media';
import type { AudioCodec } from '@switchhook/media';
import { systemContext } from '@switchhook/node';
import { Phone } from '@switchhook/phone';
import type { PhoneMedia, PhoneSettings } from '@switchhook/phone';
import { MachineMedia } from '@switchhook/phone/node';
import { PoweredClock, RecordingLog, simulatedContext, SimulatedNetwork, VirtualClock } from '@switchhook/sim';
import type { LinkQuality, Misfortune, SimulatedHost, TraceEntry, TransportOptions } from '@switchhook/sim';
import { defaultPort } from '@switchhook/sip';
import type { PeerIdentity, SipContext, Transport, TransportProtocol } from '@switchhook/sip';
import type { Participant } from '../conversation/conversation.ts';
import { Recorder } from '../conversation/recorder.ts';
import type { ExchangeSetting, FlowParty, FlowPhone, FlowScript, Stage } from '../flow/flow-script.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { accountsOf } from '../stage/accounts.ts';
import { Cast } from '../stage/cast.ts';
import type { Part } from '../stage/cast.ts';
import { permissionsOf } from '../stage/permissions.ts';
import { Person } from '../stage/person.ts';
import { held, misplaced } from '../stage/played.ts';
import type { Played } from '../stage/played.ts';
import { Picture } from '../stage/picture.ts';
import { Ear, Voice } from '../stage/voice.ts';
import { WatchedNetwork } from '../stage/watched-network.ts';
import { coarseCodecs, coarseFrameTime, coarseVoice, deaf, signsOfLife, signTime } from './coarse-sound.ts';
import type { Crash } from './crash.ts';
import { SimulatedNames } from './simulated-names.ts';

/** How a flow is played on a network and a clock that are made up. */
export interface SimulationOptions {
  /** The same seed tells the same story. */
  readonly seed?: number | undefined;
  /** `sips` and TLS without it, as the RFC has it. */
  readonly protocol?: TransportProtocol | undefined;
  /** The family of everybody's addresses; 4 without it. */
  readonly addressFamily?: 4 | 6 | undefined;
  /** What the network does to messages and to sound. */
  readonly link?: Partial<LinkQuality> | undefined;
  /** All that is to happen to datagrams, in the place of what would by chance. */
  readonly misfortunes?: readonly Misfortune[] | undefined;
  /** False: the exchange leaves out what the ladders have in parentheses, 100 and 181. */
  readonly optionalMessages?: boolean | undefined;
  /** Who has a picture beside the sound of his calls: a second stream. */
  readonly pictures?: readonly string[] | undefined;
  /** Who loses his power while it is played. Then the flow may not come to its end, but all has to be right afterwards. */
  readonly crash?: Crash | undefined;
  /** `coarse` is enough to tell who hears whom, and costs little. */
  readonly sound?: 'coarse' | undefined;
  /** Milliseconds between what people do. */
  readonly listenTime?: number | undefined;
  /** Who is not as the others are, for scenes that the ladder does not show. */
  readonly parts?: Readonly<Record<string, PartOptions>> | undefined;
  /** How the exchange is set. */
  readonly setting?: ExchangeSetting | undefined;
  /** What people let each other do with their phones. */
  readonly permissions?: FlowScript['permissions'] | undefined;
  /** How somebody has set his phone. */
  readonly phones?: FlowScript['phones'] | undefined;
  /** Who has a phone, too, although the ladder does not show him. */
  readonly others?: readonly string[] | undefined;
  /** What the certificate of the exchange says; its domains without it. */
  readonly certificate?: PeerIdentity | undefined;
}

/** What is special about somebody's phone. */
export interface PartOptions {
  /** Stands between the phone and its media. */
  readonly media?: (media: PhoneMedia) => PhoneMedia;
  /** Stands between the phone and its transports. */
  readonly transport?: (transport: Transport) => Transport;
  readonly settings?: Partial<PhoneSettings>;
}

/** The machine's, which are quicker than those of the simulator, and the same. */
const { hashes } = systemContext(new RecordingLog());

/** What everybody speaks, whatever is asked for: large requests go over TCP (RFC 3261 18.1.1). */
const common: readonly TransportProtocol[] = ['UDP', 'TCP', 'TLS'];
const optional = /^SIP\/2\.0 (100|181) /;
/** Milliseconds that people listen at most. */
const longestListening = 5_000;
/** Milliseconds for which may be heard what was before. */
const fading = 200;
/** Minutes after which a play that has not ended is given up. */
const longest = 5 * 60_000;
/** Milliseconds in which all timers of SIP have run out (RFC 3261 17.1.1.2: 64 T1), and then some. */
const afterwards = 70_000;
/** Milliseconds after which everybody is registered again where nothing is lost. */
const noticing = 110_000;
/** Milliseconds that pass after a restart, and again after all seem to have noticed, before they are believed. */
const restarting = 5_000;
/** Milliseconds after which the session timer has ended a call on hold (RFC 4028: half an hour), and then some. */
const sessionInterval = 31 * 60_000;
/** Milliseconds after which a phone keeps nothing any more for somebody who has vanished: a subscription has ended (RFC 6665 4.2.2). */
const longestSubscription = 3_600_000 + 60_000;
/** Milliseconds after which an exchange does not: a server's call has ended by its session timer, and no call is listed any more. */
const longestListed = 12 * 3_600_000 + 60_000;
/** Milliseconds that a datagram is under way at most. */
const underWay = 200;

/** What became of a play in the simulator. */
export interface SimulatedPlay extends Played {
  readonly misfortunes: readonly Misfortune[];
}

/**
 * Real phones and the real exchange on a network that is made up and on a clock that runs as fast as it can: minutes of a
 * call take a moment, and every run can be repeated from its seed.
 */
export class SimulatedStage implements Stage {
  readonly clock = new VirtualClock();
  readonly network: SimulatedNetwork;
  readonly recorder: Recorder;
  /** Who sent RTCP to whom: no flow says anything about it. */
  readonly control: { readonly time: number; readonly from: string; readonly to: string }[] = [];
  readonly #flow: FlowDescription;
  readonly #cast: Cast;
  readonly #options: SimulationOptions;
  readonly #persons = new Map<string, Person>();
  /** The exchange, and the machine of each server. */
  readonly #exchanges = new Map<string, EmbeddedExchange>();
  readonly #pictures = new Map<string, Picture>();
  readonly #hosts = new Map<string, SimulatedHost>();
  /** Whose an address is. */
  readonly #owners = new Map<string, string>();
  readonly #power = new Map<string, PoweredClock>();
  readonly #protocol: TransportProtocol;
  readonly #protocols: readonly TransportProtocol[];
  readonly #seed: number;

  constructor(flow: FlowDescription, options: SimulationOptions = {}) {
    const { seed = 1, protocol = 'TLS', link = {} } = options;
    this.#flow = flow;
    this.#cast = new Cast(flow, options.others);
    this.#options = options;
    this.#protocol = protocol;
    this.#protocols = common.includes(protocol) ? common : [...common, protocol];
    this.#seed = seed;
    for (const part of this.#cast.parts) this.#owners.set(this.#addressOf(part), part.element);
    const { random } = simulatedContext(seed, this.clock);
    this.network = new SimulatedNetwork(this.clock, random, { link, misfortunes: options.misfortunes });
    this.recorder = new Recorder(this.#cast.names().map((element) => this.#participant(element)));
    this.recorder.watchRtp();
    this.recorder.listen();
    for (const part of this.#cast.houses) this.#exchanges.set(part.element, this.#makeExchange(part));
    for (const part of this.#cast.phones) this.#persons.set(part.element, this.#makePerson(part));
  }

  phone(element: string): FlowPhone {
    return this.person(element);
  }

  party(name: string): FlowParty {
    return { element: name, addressOfRecord: this.#address(name) };
  }

  person(element: string): Person {
    return this.#persons.get(element) ?? nobody(element);
  }

  /** A network that loses much needs longer until everybody has heard the others: they listen on for a while. */
  async listen(): Promise<void> {
    const { listenTime = 1_500 } = this.#options;
    const begin = this.clock.now();
    do await new Promise<void>((resolve) => void this.clock.after(listenTime, resolve));
    while (this.#isHeard && this.clock.now() - begin < longestListening && this.#isMissed(begin + fading));
  }

  /** Whether somebody has not heard since whom he should hear. */
  #isMissed(since: number): boolean {
    const now = this.clock.now();
    const isDeaf = (at: string): boolean =>
      this.recorder.isSent(at, now - coarseFrameTime) && !this.recorder.hears(at, undefined, since);
    return [...this.#persons.keys()].some(isDeaf) || this.#isMixMissed(since);
  }

  /** Whether the three of a conference, all in calls, have not all heard each other since. */
  #isMixMissed(since: number): boolean {
    const hears = this.#flow.media[this.#flow.messages.at(-1)?.f ?? '']?.mix?.hears;
    const ends = Object.entries(hears ?? {});
    const isComplete = ends.every(([at]) => this.person(at).phone.calls.some(({ state }) => state === 'connected'));
    return isComplete && ends.some(([at, sources]) => sources.some((each) => !this.recorder.hears(at, each, since)));
  }

  /**
   * Plays the flow from the registrations to the end of the last timer, and stops everything. Where the ladder ends with a
   * call that stands, the recording does, too, and people hang up.
   */
  async play(script: Pick<FlowScript, 'play'>): Promise<SimulatedPlay> {
    for (const exchange of this.#exchanges.values()) await exchange.start();
    let phones = [...this.#persons.values()].map(({ phone }) => phone);
    const subscribers = this.#cast.subscribers.map(({ element }) => this.person(element).phone);
    const error = await this.#run(async () => {
      for (const phone of phones) await phone.start();
      await Promise.all(subscribers.map((phone) => phone.register()));
      await Promise.race([script.play(this), this.#crashed()]);
    });
    const end = this.clock.now();
    const { standing } = this.#cast;
    const { crash } = this.#options;
    const misplaced =
      crash !== undefined
        ? await this.#aftermath(crash)
        : error !== undefined || standing.length === 0
          ? []
          : this.#misplaced();
    if (standing.length === 0 && crash === undefined) await this.clock.play(afterwards, settled);
    const silence = this.clock.now();
    phones = [...this.#persons.values()].map(({ phone }) => phone);
    // Registrations are refreshed as long as there are any; without them nothing goes on any more.
    this.#heal();
    if (error !== undefined || standing.length > 0 || crash !== undefined)
      await this.#run(() => Promise.all(phones.flatMap(({ calls }) => calls.map((call) => call.hangUp()))));
    await this.#run(() => Promise.all(phones.map((phone) => phone.unregister())));
    await this.clock.play(afterwards, settled);
    const quiet = this.clock.now();
    if (crash !== undefined) await this.#forget(() => this.#heldByPhones(), longestSubscription);
    const leftOvers = [...misplaced, ...this.#heldByPhones()];
    await this.#run(() => Promise.all(phones.map((phone) => phone.stop())));
    for (const person of this.#persons.values()) person.leave();
    for (const picture of this.#pictures.values()) picture.stop();
    if (crash !== undefined) await this.#forget(() => this.#heldByExchanges(), longestListed);
    leftOvers.push(...this.#heldByExchanges());
    for (const exchange of this.#exchanges.values()) await exchange.stop();
    // What is on its way arrives nowhere.
    await this.clock.play(underWay, settled);
    leftOvers.push(...this.#stopped());
    const isShown = ({ from, to }: TraceEntry): boolean => this.#cast.isShown(from.host) && this.#cast.isShown(to.host);
    const shown = this.network.trace.entries.filter(isShown);
    this.recorder.trace(shown.filter(({ time }) => time < silence));
    const conversation = this.recorder.conversation(end);
    const aftermath = new Recorder(conversation.participants);
    aftermath.trace(shown.filter(({ time }) => time >= silence && time < quiet));
    const { misfortunes } = this.network;
    return { conversation, later: aftermath.messages, error, leftOvers, misfortunes };
  }

  /** Has somebody crash, if that is to be; resolves when it is a phone, for then its person cannot go on. Never without it. */
  #crashed(): Promise<void> {
    const { crash } = this.#options;
    return new Promise((resolve) => {
      if (crash === undefined) return;
      const { element, at, downFor } = crash;
      this.clock.after(at, () => {
        this.#power.get(element)?.switchOff();
        this.#hosts.get(element)?.crash();
        this.#exchanges.get(element)?.crash();
        this.#persons.get(element)?.leave();
        if (this.#persons.has(element)) resolve();
      });
      this.clock.after(at + downFor, () => void this.#restart(element));
    });
  }

  async #restart(element: string): Promise<void> {
    this.#power.get(element)?.switchOn();
    await this.#exchanges.get(element)?.start();
    if (!this.#persons.has(element)) return;
    const part = this.#cast.part(element);
    const person = this.#makePerson(part, ' again');
    this.#persons.set(element, person);
    await person.phone.start();
    if (part.isSubscriber) await person.phone.register().catch(() => undefined);
  }

  /** Waits until everybody must have noticed; answers with what is not as it should be. */
  async #aftermath({ at, downFor }: Crash): Promise<readonly string[]> {
    await this.clock.play(Math.max(0, at + downFor - this.clock.now()) + restarting, settled);
    await this.clock.playUntil(() => this.#isQuiet(), noticing, settled);
    // A network that loses much may let nobody register for longer.
    const isLossy = (this.#options.link?.loss ?? 0) > 0;
    const unregistered = isLossy ? [] : this.#unregistered();
    // Where nothing has to be heard, the session timer notices.
    const latest = this.clock.now() + sessionInterval;
    do {
      await this.clock.playUntil(() => this.#isQuiet(), latest - this.clock.now(), settled);
      await this.clock.play(restarting, settled);
    } while (!this.#isQuiet() && this.clock.now() < latest);
    return [...new Set([...this.#widowed(), ...unregistered, ...this.#unregistered()])];
  }

  /** Whether all have noticed, and nobody waits for anything. */
  #isQuiet(): boolean {
    const isWaiting = [...this.#persons.values()].some(({ phone }) => phone.stats().requests > 0);
    return !isWaiting && this.#unregistered().length === 0 && this.#widowed().length === 0;
  }

  #unregistered(): string[] {
    return this.#cast.subscribers
      .filter(({ element }) => this.person(element).phone.registration.kind !== 'registered')
      .map(({ element }) => `${element} is not registered again`);
  }

  /** Calls of which the far end knows nothing. */
  #widowed(): string[] {
    const sides = [...this.#persons].flatMap(([element, { phone }]) =>
      phone.calls.flatMap(({ session, remote }) => {
        const dialog = session?.dialog;
        return dialog === undefined ? [] : [{ element, dialog, remote: remote.uri }];
      }),
    );
    const isServed = [...this.#exchanges.values()].some((exchange) => exchange.stats().servers > 0);
    return sides
      .filter(({ element, dialog: { callId, localTag, remoteTag } }) => {
        const other = sides.some(
          (each) =>
            each.element !== element &&
            each.dialog.callId === callId &&
            each.dialog.localTag === remoteTag &&
            each.dialog.remoteTag === localTag,
        );
        return !other && !isServed;
      })
      .map(({ element, remote }) => `${element} still has a call with ${remote}, who has none`);
  }

  /** From now on nothing is lost. */
  #heal(): void {
    const names = this.#cast.parts.map(({ element }) => element);
    for (const [place, one] of names.entries()) {
      for (const other of names.slice(place + 1)) this.network.link(one, other, { loss: 0, duplication: 0 });
    }
  }

  /** Lets time pass until it is done; answers with why it was not. */
  async #run(what: () => Promise<unknown>): Promise<Error | undefined> {
    let outcome: { readonly error: Error | undefined } | undefined;
    void what().then(
      () => (outcome = { error: undefined }),
      (error: unknown) => (outcome = { error: error instanceof Error ? error : new Error(String(error)) }),
    );
    await this.clock.playUntil(() => outcome !== undefined, longest, settled);
    return outcome === undefined ? new Error(`not done after ${longest / 60_000} minutes`) : outcome.error;
  }

  #participant(name: string): Participant {
    const part = this.#cast.parts.find(({ element }) => element === name);
    return {
      element: name,
      hosts: part === undefined ? [] : [this.#addressOf(part), part.host],
      ...(part?.kind !== 'exchange' && { addressOfRecord: this.#address(name) }),
    };
  }

  #makeExchange(part: Part): EmbeddedExchange {
    const { element } = part;
    const domains = this.#cast.domainsOf(part);
    const host = this.#host(element, this.#addressOf(part));
    const identity = this.#options.certificate ?? { domains: [...domains, part.host], addresses: [] };
    return new EmbeddedExchange(this.#context(element, ''), {
      domains: domains.map((name) => ({ name })),
      ...accountsOf(this.#cast, part, this.#options.setting ?? {}),
      transports: this.#protocols.map((each) => {
        const sentBy = { address: part.host, port: defaultPort(each) };
        const isSaid = (text: string): boolean => !optional.test(text);
        return host.transport(each, {
          identity,
          sentBy,
          ...(this.#options.optionalMessages === false && { says: isSaid }),
        });
      }),
      resolver: this.#names(part),
      media: this.#watched(element, host),
      mediaAddress: this.#addressOf(part),
      ...this.#sound,
    });
  }

  /** Where somebody opens his ports for sound. */
  #watched(element: string, host: SimulatedHost): WatchedNetwork {
    const isKept = this.#options.sound !== 'coarse';
    return new WatchedNetwork(host.ports(), {
      sent: (packet) => {
        const { kind, to } = packet;
        const time = this.clock.now();
        const receiver = this.#owners.get(to.address) ?? to.address;
        if (kind === 'RTP') this.recorder.packet(time, element, receiver);
        else if (kind === 'RTCP') this.control.push({ time, from: element, to: receiver });
        if (isKept) this.recorder.keepMedia(time, packet);
      },
    });
  }

  /** How sound is where it may be coarse. */
  get #sound(): { readonly codecs: readonly AudioCodec[]; readonly frameTime: number } | undefined {
    if (this.#options.sound !== 'coarse') return undefined;
    return this.#isHeard
      ? { codecs: coarseCodecs, frameTime: coarseFrameTime }
      : { codecs: signsOfLife, frameTime: signTime };
  }

  /** Whether it counts who hears whom: not where somebody crashes. */
  get #isHeard(): boolean {
    return this.#options.sound !== 'coarse' || this.#options.crash === undefined;
  }

  #ear(element: string): Ear {
    const heard = (source: string, now: number): void => this.recorder.hear(now, now, element, source);
    return new Ear(this.clock, heard, this.#cast.server, this.#cast.names());
  }

  /** What an element runs on; `start` tells its starts apart, so that it is not in the same state of chance again. */
  #context(element: string, start: string): SipContext {
    const context = { ...simulatedContext(`${element} ${this.#seed}${start}`, this.clock), hashes };
    if (this.#options.crash?.element !== element) return context;
    const power = new PoweredClock(this.clock);
    this.#power.set(element, power);
    return { ...context, clock: power };
  }

  #host(element: string, address: string): SimulatedHost {
    const host = this.#hosts.get(element) ?? this.network.host(element, [address]);
    this.#hosts.set(element, host);
    return host;
  }

  #makePerson(part: Part, start = ''): Person {
    const { element, user } = part;
    const address = this.#addressOf(part);
    const context = this.#context(element, start);
    const host = this.#host(element, address);
    const network = this.#watched(element, host);
    const picture =
      this.#options.pictures?.includes(element) === true ? new Picture(context, { address, network }) : undefined;
    if (picture !== undefined) this.#pictures.set(element, picture);
    const media = new MachineMedia(context, {
      beside: picture && ((secure) => picture.session(secure)),
      codecs: [pcmu, pcma],
      ...this.#sound,
      address,
      network,
      microphone: () => (this.#sound === undefined ? new Voice(element) : coarseVoice(element)),
      loudspeaker: () => (this.#isHeard ? this.#ear(element) : deaf()),
    });
    const own = this.#options.parts?.[element] ?? {};
    const { media: between = (itself: PhoneMedia) => itself, settings } = own;
    const { transport: through = (itself: Transport) => itself } = own;
    const phone = new Phone(context, {
      addressOfRecord: this.#address(element),
      password: `${user}-secret`,
      ...(this.#options.crash !== undefined && {
        instanceId: `urn:uuid:00000000-0000-4000-8000-${String(part.place).padStart(12, '0')}`,
      }),
      transports: this.#protocols.map((protocol) => through(host.transport(protocol, this.#listening(part, protocol)))),
      resolver: this.#names(part),
      media: between(media),
      ...(part.isReachable && { contact: `sip:${user}@${part.host};gr` }),
      permissions: permissionsOf(this.#options.permissions, this.#isSecure),
      ...this.#options.phones?.[element],
      ...settings,
    });
    return new Person(element, phone, this.clock);
  }

  /** A phone that only an exchange comes to waits for datagrams; connections it opens itself. */
  #listening({ isReachable, host, domain, user }: Part, protocol: TransportProtocol): TransportOptions {
    if (!isReachable) return { listening: protocol === 'UDP' };
    const identity = { domains: [host, domain], addresses: [`sip:${user}@${domain}`] };
    return { listening: true, sentBy: { address: host, port: defaultPort(protocol) }, identity };
  }

  #names(by: Part): SimulatedNames {
    return new SimulatedNames((uri) => {
      const part = this.#cast.find(uri, by);
      return part && this.#addressOf(part);
    }, this.#protocol);
  }

  /** Whether people call with sips, so that no hop is without TLS. */
  get #isSecure(): boolean {
    return this.#protocol === 'TLS' || this.#protocol === 'WSS';
  }

  #address(name: string): string {
    return this.#cast.addressOfRecord(name, this.#isSecure);
  }

  /** One of those that are for documentation (RFC 5737, RFC 3849); of IPv6 one that can be written in one way only. */
  #addressOf({ place }: Part): string {
    return this.#options.addressFamily === 6 ? `2001:db8:5:3:5:9:1:${10 + place}` : `192.0.2.${10 + place}`;
  }

  #misplaced(): readonly string[] {
    const calls = [...this.#persons].map(([element, { phone }]) => [element, phone.calls.length] as const);
    return misplaced(this.#cast.standing, new Map(calls));
  }

  /** Lets time pass until nothing is held any more, and stays so until all timers of SIP have run out; or for as long as may be. */
  async #forget(held: () => readonly string[], longest: number): Promise<void> {
    const latest = this.clock.now() + longest;
    while (held().length > 0 && this.clock.now() < latest) {
      await this.clock.playUntil(() => held().length === 0, latest - this.clock.now(), settled);
      await this.clock.play(afterwards, settled);
    }
  }

  /** What phones have left when nothing goes on, before anybody is stopped. */
  #heldByPhones(): string[] {
    const phones = [...this.#persons].flatMap(([element, { phone }]) => {
      const { calls, sessions, dialogs, requests, transactions, streams, devices } = phone.stats();
      return held(element, { calls, sessions, dialogs, requests, transactions, streams, devices });
    });
    const pictures = [...this.#pictures].flatMap(([element, { streams }]) => held(element, { pictures: streams }));
    return [...phones, ...pictures];
  }

  /** What exchanges have left then. */
  #heldByExchanges(): string[] {
    return [...this.#exchanges].flatMap(([element, exchange]) => {
      const { requests, transactions, calls, servers } = exchange.stats();
      return held(element, { requests, transactions, calls, servers });
    });
  }

  #stopped(): string[] {
    const phones = [...this.#persons].flatMap(([element, { phone }]) => {
      return held(element, { ...phone.stats() });
    });
    return [
      ...phones,
      ...[...this.#exchanges].flatMap(([element, exchange]) => held(element, { ...exchange.stats() })),
      ...held('the clock', { actions: this.clock.pending }),
    ];
  }
}

const resolved = Promise.resolve();

/** Calls back once all promises have settled that can: for them, what is put off to the next tick comes behind them. */
function settled(then: () => void): void {
  void resolved.then(() => process.nextTick(then));
}

function nobody(element: string): never {
  throw new RangeError(`nobody plays ${element}`);
}
