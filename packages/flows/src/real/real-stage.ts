import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedExchange } from '@switchhook/exchange';
import { pcma, pcmu, UdpNetwork } from '@switchhook/media';
import { capturing, DevelopmentCertificateAuthority, systemContext } from '@switchhook/node';
import { Phone } from '@switchhook/phone';
import type { Call } from '@switchhook/phone';
import { MachineMedia } from '@switchhook/phone/node';
import { onAbort } from '@switchhook/sip';
import type { Clock, Log, SipContext, Transport } from '@switchhook/sip';
import { Recorder } from '../conversation/recorder.ts';
import type { FlowParty, FlowPhone, FlowScript, Stage } from '../flow/flow-script.ts';
import { Guest, longestReaction } from '../guest/guest.ts';
import type { Director } from '../guest/step.ts';
import { accountsOf, defaultPassword } from '../stage/accounts.ts';
import type { Cast, Part } from '../stage/cast.ts';
import { permissionsOf } from '../stage/permissions.ts';
import { Person } from '../stage/person.ts';
import { FlowInterruption, held, misplaced } from '../stage/played.ts';
import type { Played } from '../stage/played.ts';
import { Ear, Voice } from '../stage/voice.ts';
import { WatchedNetwork } from '../stage/watched-network.ts';
import { hostOf } from './addresses.ts';
import type { AddressPlan } from './addresses.ts';
import { AttentiveClock } from './attentive-clock.ts';
import { Directory } from './directory.ts';
import { MediaOwners } from './media-owners.ts';
import type { Outsider } from './outsiders.ts';
import { reach } from './reachability.ts';
import { Sockets } from './sockets.ts';
import type { RealProtocol } from './sockets.ts';

/** Somebody else's proxy, and what it knows our phones by. */
export interface ForeignProxy {
  /** The part that it plays. */
  readonly element: string;
  readonly outsider: Outsider;
  /** By the names of the flow. */
  readonly accounts: ReadonlyMap<
    string,
    { readonly addressOfRecord: string; readonly userName?: string | undefined; readonly password: string }
  >;
}

/** What is played, by whom, and where. */
export interface Production {
  readonly cast: Cast;
  readonly script: FlowScript;
  readonly plan: AddressPlan;
  readonly protocol: RealProtocol;
  /** Devices that play parts, each with where it is called where that has to be known. */
  readonly guests: ReadonlyMap<string, Outsider | undefined>;
  readonly director: Director;
  /** Devices' password. */
  readonly password: string;
  readonly proxy: ForeignProxy | undefined;
  /** Milliseconds in which a step at a device has to be done. */
  readonly patience: number;
  readonly listenTime: number;
  readonly timeLimit: number;
  /** Ends the play before its time; devices are told, and everybody is stopped. */
  readonly signal: AbortSignal | undefined;
  /** Is given the recorder before anything is said, and the clock by which it is told times. */
  readonly watch: ((recorder: Recorder, clock: Clock) => void) | undefined;
}

/** Milliseconds that people listen at most. */
const longestListening = 5_000;
/** Milliseconds for which may be heard what was before. */
const fading = 300;
/** Milliseconds between two times that it is asked whether all have been heard. */
const askEvery = 20;

const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

/**
 * Real phones and the real exchange on sockets of this machine: SIP over TLS with certificates, over TCP or UDP, RTP or
 * SRTP as it really goes, and the sound measured. Any of them may be somebody else's device.
 */
export class RealStage implements Stage {
  readonly recorder: Recorder;
  readonly #context: SipContext = systemContext(log);
  /** The clock by which messages are taken down, for sound and packets, too. */
  readonly #clock = new AttentiveClock(this.#context.clock);
  readonly #production: Production;
  readonly #directory: Directory;
  readonly #owners: MediaOwners;
  readonly #persons = new Map<string, Person>();
  readonly #guests = new Map<string, Guest>();
  readonly #exchanges = new Map<string, EmbeddedExchange>();
  #authority: Promise<DevelopmentCertificateAuthority> | undefined;
  /** Tells devices that the flow is given up. */
  readonly #given = new AbortController();

  constructor(production: Production) {
    const { cast, plan, protocol, guests, proxy } = production;
    const outsiders = new Map(guests);
    if (proxy !== undefined) outsiders.set(proxy.element, proxy.outsider);
    const accounts = [...(proxy?.accounts ?? [])].map(
      ([name, { addressOfRecord }]) => [name, addressOfRecord] as const,
    );
    this.#production = production;
    this.#directory = new Directory({ cast, plan, protocol, outsiders, accounts: new Map(accounts) });
    this.#owners = new MediaOwners([...guests.keys()]);
    this.recorder = new Recorder(this.#directory.participants());
    this.recorder.watchRtp();
    this.recorder.listen();
    for (const element of guests.keys()) this.recorder.introduce(element, userOf(cast, element, guests.get(element)));
    production.watch?.(this.recorder, this.#clock);
  }

  phone(element: string): FlowPhone {
    const phone = this.#persons.get(element) ?? this.#guests.get(element);
    if (phone === undefined) throw new RangeError(`nobody plays ${element}`);
    return phone;
  }

  party(name: string): FlowParty {
    const outsider = this.#production.guests.get(name);
    const place = outsider && `${hostOf(outsider.address)}:${outsider.uri.port ?? 5_060}`;
    return { element: name, addressOfRecord: this.#directory.addressOfRecord(name), place };
  }

  /**
   * On a busy machine it takes longer until everybody has heard the others, and a device may take seconds to open its
   * microphone: they listen on for a while.
   */
  async listen(): Promise<void> {
    const { listenTime } = this.#production;
    const begin = this.#clock.now();
    await this.#pause(listenTime);
    while (this.#clock.now() - begin < longestListening && this.#isMissed(begin + fading)) await this.#pause(askEvery);
  }

  /** Whether somebody to whom sound has been sent since, or should have been, has heard none of it. */
  #isMissed(since: number): boolean {
    return [...this.#persons].some(
      ([at, { phone }]) =>
        (this.recorder.isSent(at, since) || phone.calls.some(expectsSound)) &&
        !this.recorder.hears(at, undefined, since),
    );
  }

  /**
   * Plays the flow from the registrations to a last silence, in which nothing may be said that the ladder does not have, and
   * stops everything.
   */
  async play(): Promise<Played> {
    const folder = await mkdtemp(join(tmpdir(), 'switchhook-flow-'));
    this.#clock.start();
    try {
      const failure = await this.#perform(folder);
      const conversation = this.recorder.conversation(this.#clock.now());
      const calls = [...this.#persons].map(([element, { phone }]) => [element, phone.calls.length] as const);
      const complaint = await this.#dismissGuests();
      const error = failure ?? complaint;
      const wrongCalls = error === undefined ? misplaced(this.#production.cast.standing, new Map(calls)) : [];
      return { conversation, error, leftOvers: [...wrongCalls, ...(await this.#stop())] };
    } finally {
      this.#clock.stop();
      // Who is interrupted while it is made waits for that: what is written later would be left behind.
      await this.#authority?.catch(silent);
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Answers with why the script could not be played to its end. */
  async #perform(folder: string): Promise<Error | undefined> {
    const { timeLimit, script, signal } = this.#production;
    const late = Promise.withResolvers<never>();
    // It may be late before anybody waits for it.
    late.promise.catch(silent);
    const timer = this.#clock.after(timeLimit, () => {
      late.reject(new Error(`not done after ${timeLimit / 1_000} s`));
    });
    const endAbort = onAbort(signal, () => late.reject(new FlowInterruption()));
    try {
      await Promise.race([this.#start(folder), late.promise]);
      await Promise.race([script.play(this), late.promise]);
      await Promise.race([this.listen(), late.promise]);
      return undefined;
    } catch (error) {
      this.#given.abort();
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      timer.cancel();
      endAbort();
    }
  }

  async #start(folder: string): Promise<void> {
    const { cast, guests, proxy } = this.#production;
    this.#authority = DevelopmentCertificateAuthority.open(folder, this.#context);
    const authority = await this.#authority;
    if (proxy !== undefined) await this.#reach('the proxy', proxy.outsider, authority);
    this.#given.signal.throwIfAborted();
    const sockets = new Sockets(this.#context, cast, authority);
    const ours = cast.parts.filter(({ element }) => !guests.has(element) && element !== proxy?.element);
    for (const part of ours) {
      const opened = await this.#open(part, sockets);
      // Where all share an address, who has opened a connection is known at his end alone.
      const isWatched = part.kind === 'phone' || this.#directory.isOpen || !this.#production.plan.isOneEach;
      const isTapped = cast.isShown(part.element) && isWatched;
      // What goes to somebody whom the ladder does not show is no part of it.
      const tapped = isTapped
        ? opened.map((each) => capturing(each, this.recorder.tap(part.element), this.#clock))
        : opened;
      this.#directory.connect(part.element, tapped);
    }
    for (const part of ours) {
      if (part.kind === 'phone') this.#persons.set(part.element, this.#person(part));
      else this.#exchanges.set(part.element, this.#exchange(part));
    }
    for (const exchange of this.#exchanges.values()) await exchange.start();
    await Promise.all([...this.#persons.values()].map(({ phone }) => phone.start()));
    this.recorder.onSaid((said) => this.#owners.learn(said));
    for (const part of cast.parts) this.#locate(part);
    await this.#prepareGuests(authority);
    // A gateway that somebody else's proxy has an account for is found there like a phone.
    const registered = cast.phones.filter((part) => part.isSubscriber || proxy?.accounts.has(part.element) === true);
    const subscribers = registered.flatMap(({ element }) => this.#persons.get(element) ?? []);
    await Promise.all(subscribers.map((person) => person.register()));
  }

  async #open(part: Part, sockets: Sockets): Promise<readonly Transport[]> {
    const { plan, protocol } = this.#production;
    const address = plan.addressOf(part);
    return this.#directory.isOpen
      ? sockets.openAll(part, address, plan.portOf(part))
      : [await sockets.open(part, address, protocol)];
  }

  async #prepareGuests(authority: DevelopmentCertificateAuthority): Promise<void> {
    const { cast, guests, director, password, patience, script } = this.#production;
    for (const [element, outsider] of guests) {
      const part = cast.part(element);
      const addressOfRecord = this.#directory.accountOf(part);
      const guest = new Guest({
        flow: script.flow,
        party: this.party(element),
        account: {
          addressOfRecord,
          user: part.user,
          password,
          proxy: part.isSubscriber ? this.#directory.proxyUri() : undefined,
          certificateAuthority: authority.caCertificatePath,
        },
        director,
        recorder: this.recorder,
        clock: this.#clock,
        patience,
        isSeen: (other) => cast.isShown(other.element),
        signal: this.#given.signal,
      });
      this.#guests.set(element, guest);
      await guest.prepare();
      if (outsider !== undefined) await this.#reach(element, outsider, authority);
    }
  }

  /** Tells devices that it is over, also where it went wrong; answers with the first complaint. */
  async #dismissGuests(): Promise<Error | undefined> {
    let complaint: Error | undefined;
    for (const guest of this.#guests.values()) {
      try {
        await guest.finish();
      } catch (error) {
        complaint ??= error instanceof Error ? error : new Error(String(error));
      }
    }
    return complaint;
  }

  async #reach(what: string, outsider: Outsider, authority: DevelopmentCertificateAuthority): Promise<void> {
    const { cast, plan } = this.#production;
    const [anybody] = cast.parts;
    if (anybody === undefined) return;
    const protocol = this.#directory.protocolFor(outsider.uri);
    await reach(this.#context, what, outsider, plan.addressOf(anybody), protocol, authority);
  }

  /** Says whose an address is. Where all share one, the ports tell them apart. */
  #locate(part: Part): void {
    const { cast, plan, guests, proxy } = this.#production;
    const { element } = part;
    if (!cast.isShown(element)) return;
    const outsider = element === proxy?.element ? proxy.outsider : guests.get(element);
    if (outsider !== undefined) {
      const { address, uri } = outsider;
      this.recorder.locate(element, address, uri.port ?? 5_060);
      const isShared = cast.parts.some(
        (each) => each !== part && !guests.has(each.element) && plan.addressOf(each) === address,
      );
      if (!isShared) this.recorder.locate(element, address);
      return;
    }
    if (guests.has(element)) return;
    for (const { local } of this.#directory.transportsOf(element)) {
      if (local !== undefined) this.recorder.locate(element, local.address, local.port);
    }
    if (plan.isOneEach) this.recorder.locate(element, plan.addressOf(part));
  }

  /** Stops everybody; answers with what phones and exchange still hold. */
  async #stop(): Promise<readonly string[]> {
    const persons = [...this.#persons.values()];
    await Promise.all(persons.map(({ phone }) => phone.stop()));
    for (const person of persons) person.leave();
    for (const exchange of this.#exchanges.values()) await exchange.stop();
    return [
      ...persons.flatMap(({ element, phone }) => held(element, { ...phone.stats() })),
      ...[...this.#exchanges].flatMap(([element, exchange]) => held(element, { ...exchange.stats() })),
    ];
  }

  async #pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => void this.#clock.after(milliseconds, resolve));
  }

  #exchange(part: Part): EmbeddedExchange {
    const { cast, script, plan, guests, password } = this.#production;
    const address = plan.addressOf(part);
    const users = new Set([...guests.keys()].map((element) => cast.part(element).user));
    const aliases = part.kind === 'server' && this.#directory.isOpen ? [hostOf(address)] : [];
    return new EmbeddedExchange(this.#context, {
      domains: cast.domainsOf(part).map((name) => ({ name, aliases })),
      ...accountsOf(cast, part, script.setting ?? {}, (user) => (users.has(user) ? password : defaultPassword(user))),
      transports: this.#directory.transportsOf(part.element),
      resolver: this.#directory.resolver(part),
      media: this.#watched(part.element),
      mediaAddress: address,
    });
  }

  /** Where somebody opens his ports for sound. */
  #watched(element: string): WatchedNetwork {
    const { guests } = this.#production;
    return new WatchedNetwork(new UdpNetwork(), {
      opened: (address, port) => this.#owners.open(address, port, element),
      sent: (packet) => {
        const now = this.#clock.now();
        if (packet.kind === 'RTP') this.recorder.packet(now, element, this.#owners.of(packet.to));
        this.recorder.keepMedia(now, packet);
      },
      // What devices send is seen where it comes.
      received: (packet) => {
        const from = this.#owners.of(packet.from);
        if (!guests.has(from)) return;
        const now = this.#clock.now();
        if (packet.kind === 'RTP') this.recorder.packet(now, from, element);
        this.recorder.keepMedia(now, packet);
      },
    });
  }

  #person(part: Part): Person {
    const { cast, script, plan, protocol, proxy, patience } = this.#production;
    const { element, user, isReachable } = part;
    const { isOpen, isSecure } = this.#directory;
    const account = proxy?.accounts.get(element);
    const own = script.phones?.[element];
    const phone = new Phone(this.#context, {
      addressOfRecord: this.#directory.ownAddress(part),
      password: account?.password ?? defaultPassword(user),
      userName: account?.userName,
      ...(account !== undefined &&
        proxy !== undefined &&
        !cast.callsPastProxy(part) && { outboundProxies: [proxy.outsider.uri.toString()] }),
      transports: this.#directory.transportsOf(element),
      resolver: this.#directory.resolver(part),
      media: new MachineMedia(this.#context, {
        codecs: isOpen ? [pcmu, pcma] : [pcmu],
        security: isOpen && protocol === 'TLS' ? 'optional' : 'none',
        address: plan.addressOf(part),
        network: this.#watched(element),
        microphone: () => new Voice(element),
        loudspeaker: () =>
          new Ear(
            this.#clock,
            (source, now) => this.recorder.hear(now, now, element, source),
            cast.server,
            cast.names(),
          ),
      }),
      ...(isReachable && { contact: this.#directory.contactOf(part) }),
      permissions: permissionsOf(script.permissions, isSecure, isOpen ? this.#hosts() : []),
      ...own,
      ...(own?.screeningProxy !== undefined &&
        proxy !== undefined && { screeningProxy: proxy.outsider.uri.toString() }),
    });
    const addressOfRecord = this.#directory.addressOfRecord(element);
    const waits = isOpen ? patience + longestReaction : undefined;
    return new Person(element, phone, this.#clock, { addressOfRecord, waits });
  }

  /** Where those are who take part: all of them are one group. */
  #hosts(): readonly string[] {
    return this.#directory.participants().flatMap(({ hosts }) => hosts.filter((host) => host !== ''));
  }
}

function userOf(cast: Cast, element: string, outsider: Outsider | undefined): string {
  return outsider?.uri.user ?? cast.part(element).user;
}

/** Whether both ends of a call have agreed to send. */
function expectsSound({ state, session }: Call): boolean {
  return state === 'connected' && session?.direction === 'sendrecv';
}
