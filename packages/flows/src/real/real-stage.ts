import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedExchange } from '@switchhook/exchange';
import { pcmu, UdpNetwork } from '@switchhook/media';
import { capturing, DevelopmentCertificateAuthority, systemContext } from '@switchhook/node';
import { Phone } from '@switchhook/phone';
import { MachineMedia } from '@switchhook/phone/node';
import type { Clock, Log, Resolver, SipContext, Transport } from '@switchhook/sip';
import { Recorder } from '../conversation/recorder.ts';
import type { FlowParty, FlowPhone, FlowScript, Stage } from '../flow/flow-script.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { accountsOf } from '../stage/accounts.ts';
import { Cast } from '../stage/cast.ts';
import type { Part } from '../stage/cast.ts';
import { permissionsOf } from '../stage/permissions.ts';
import { Person } from '../stage/person.ts';
import { held, misplaced } from '../stage/played.ts';
import type { Played } from '../stage/played.ts';
import { Ear, Voice } from '../stage/voice.ts';
import { WatchedNetwork } from '../stage/watched-network.ts';
import { Sockets } from './sockets.ts';
import type { AddressPlan, RealProtocol } from './sockets.ts';

export interface RealOptions {
  /** `sips`, TLS and SRTP without it, as the RFC has it. */
  readonly protocol?: RealProtocol | undefined;
  /** Is given the recorder before anything is said, and the clock by which it is told times. */
  readonly watch?: ((recorder: Recorder, clock: Clock) => void) | undefined;
  /** Milliseconds that a state is listened to at least; 600 without it. */
  readonly listenTime?: number | undefined;
  /** Milliseconds after which a play that has not ended is given up; a minute without it. */
  readonly timeLimit?: number | undefined;
}

/** A jitter buffer has filled, what came before has faded, and some tenths of a second are left to be heard. */
const defaultListenTime = 600;
const defaultTimeLimit = 60_000;
/** Milliseconds between two looks at the clock while people listen, */
const tick = 20;
/** and as many as count between two at most: while a machine is too busy to look, nobody hears anything either. */
const longestTick = 40;

const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

/**
 * Real phones and the real exchange on sockets of this machine: SIP over TLS with certificates, over TCP or UDP, RTP or
 * SRTP as it really goes, and the sound measured.
 */
export class RealStage implements Stage {
  readonly recorder: Recorder;
  readonly #context: SipContext = systemContext(log);
  /** The clock by which messages are taken down, for sound and packets, too. */
  readonly #clock: Clock = {
    now: () => this.#context.clock.date(),
    date: () => this.#context.clock.date(),
    after: (milliseconds, action) => this.#context.clock.after(milliseconds, action),
  };
  readonly #cast: Cast;
  readonly #script: FlowScript;
  readonly #addresses: AddressPlan;
  readonly #options: RealOptions;
  readonly #protocol: RealProtocol;
  readonly #persons = new Map<string, Person>();
  /** Where each is reached. */
  readonly #transports = new Map<string, Transport>();
  readonly #exchanges = new Map<string, EmbeddedExchange>();
  /** Whose an RTP port is. */
  readonly #ports = new Map<string, string>();

  constructor(flow: FlowDescription, script: FlowScript, addresses: AddressPlan, options: RealOptions = {}) {
    this.#cast = new Cast(flow, script.others);
    this.#script = script;
    this.#addresses = addresses;
    this.#options = options;
    this.#protocol = options.protocol ?? 'TLS';
    this.recorder = new Recorder(
      this.#cast.names().map((element) => {
        const part = this.#cast.parts.find((each) => each.element === element);
        return {
          element,
          hosts: part === undefined ? [] : [addresses.of(part), part.host],
          ...(part?.kind !== 'exchange' && { addressOfRecord: this.#addressOfRecord(element) }),
        };
      }),
    );
    this.recorder.watchRtp();
    this.recorder.listen();
    options.watch?.(this.recorder, this.#clock);
  }

  phone(element: string): FlowPhone {
    const person = this.#persons.get(element);
    if (person === undefined) throw new RangeError(`nobody plays ${element}`);
    return person;
  }

  party(name: string): FlowParty {
    return { element: name, addressOfRecord: this.#addressOfRecord(name) };
  }

  async listen(): Promise<void> {
    const { listenTime = defaultListenTime } = this.#options;
    let last = this.#context.clock.now();
    for (let listened = 0; listened < listenTime;) {
      await this.#pause(tick);
      const now = this.#context.clock.now();
      listened += Math.min(now - last, longestTick);
      last = now;
    }
  }

  /**
   * Plays the flow from the registrations to a last silence, in which nothing may be said that the ladder does not have, and
   * stops everything.
   */
  async play(): Promise<Played> {
    const folder = await mkdtemp(join(tmpdir(), 'switchhook-flow-'));
    try {
      const error = await this.#perform(folder);
      const conversation = this.recorder.conversation(this.#clock.now());
      const calls = [...this.#persons].map(([element, { phone }]) => [element, phone.calls.length] as const);
      const wrongCalls = error === undefined ? misplaced(this.#cast.standing, new Map(calls)) : [];
      return { conversation, error, leftOvers: [...wrongCalls, ...(await this.#stop())] };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Answers with why the script could not be played to its end. */
  async #perform(folder: string): Promise<Error | undefined> {
    const { timeLimit = defaultTimeLimit } = this.#options;
    const late = Promise.withResolvers<never>();
    const timer = this.#context.clock.after(timeLimit, () => {
      late.reject(new Error(`not done after ${timeLimit / 1_000} s`));
    });
    try {
      await this.#start(folder);
      await Promise.race([this.#script.play(this), late.promise]);
      await this.listen();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      timer.cancel();
    }
  }

  async #start(folder: string): Promise<void> {
    const authority = await DevelopmentCertificateAuthority.open(folder, this.#context);
    const sockets = new Sockets(this.#context, this.#cast, authority);
    for (const part of this.#cast.parts) {
      const own = await sockets.open(part, this.#addresses.of(part), this.#protocol);
      // What goes to somebody whom the ladder does not show is no part of it.
      const isTapped = part.kind === 'phone' && this.#cast.isShown(part.element);
      const transport = isTapped ? capturing(own, this.recorder.tap(part.element), this.#clock) : own;
      this.#transports.set(part.element, transport);
    }
    for (const part of this.#cast.houses) this.#exchanges.set(part.element, this.#exchange(part));
    for (const part of this.#cast.phones) this.#persons.set(part.element, this.#person(part));
    for (const exchange of this.#exchanges.values()) await exchange.start();
    await Promise.all([...this.#persons.values()].map(({ phone }) => phone.start()));
    for (const part of this.#cast.parts) this.#locate(part);
    const subscribers = this.#cast.subscribers.flatMap(({ element }) => this.#persons.get(element) ?? []);
    await Promise.all(subscribers.map(({ phone }) => phone.register()));
  }

  /** Says whose an address is. Where all share one, the ports tell them apart. */
  #locate(part: Part): void {
    if (!this.#cast.isShown(part.element)) return;
    const address = this.#addresses.of(part);
    const port = this.#transports.get(part.element)?.local?.port;
    if (port !== undefined) this.recorder.locate(part.element, address, port);
    if (this.#addresses.isOneEach) this.recorder.locate(part.element, address);
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

  #addressOfRecord(name: string): string {
    return this.#cast.addressOfRecord(name, this.#protocol === 'TLS');
  }

  async #pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => void this.#context.clock.after(milliseconds, resolve));
  }

  #transportOf({ element }: Part): Transport {
    const transport = this.#transports.get(element);
    if (transport === undefined) throw new RangeError(`${element} has no transport`);
    return transport;
  }

  #names(by: Part): Resolver {
    return {
      resolve: (uri) => {
        const { host, port } = uri;
        const isAddress = this.#cast.parts.some((part) => this.#addresses.of(part) === host);
        if (isAddress && port !== undefined)
          return [{ protocol: this.#protocol, address: host, port, serverName: host }];
        const part = this.#cast.find(uri, by);
        const local = part && this.#transportOf(part).local;
        if (local === undefined) return { code: 'no-records', temporary: false, message: `${host} has no address` };
        return [{ protocol: this.#protocol, ...local, serverName: host }];
      },
      markFailed: silent,
    };
  }

  #exchange(part: Part): EmbeddedExchange {
    return new EmbeddedExchange(this.#context, {
      domains: this.#cast.domainsOf(part).map((name) => ({ name })),
      ...accountsOf(this.#cast, part, this.#script.setting ?? {}),
      transports: [this.#transportOf(part)],
      resolver: this.#names(part),
      media: this.#watched(part.element),
      mediaAddress: this.#addresses.of(part),
    });
  }

  /** Where somebody opens his ports for sound. */
  #watched(element: string): WatchedNetwork {
    return new WatchedNetwork(
      new UdpNetwork(),
      (address, port, kind) => {
        const to = `${address} ${port}`;
        if (kind === 'RTP') this.recorder.packet(this.#clock.now(), element, this.#ports.get(to) ?? to);
      },
      (address, port) => void this.#ports.set(`${address} ${port}`, element),
    );
  }

  #person(part: Part): Person {
    const { element, user, host, isReachable } = part;
    const isSecure = this.#protocol === 'TLS';
    const phone = new Phone(this.#context, {
      addressOfRecord: this.#addressOfRecord(element),
      password: `${user}-secret`,
      transports: [this.#transportOf(part)],
      resolver: this.#names(part),
      media: new MachineMedia(this.#context, {
        codecs: [pcmu],
        address: this.#addresses.of(part),
        network: this.#watched(element),
        microphone: () => new Voice(element),
        loudspeaker: () =>
          new Ear(this.#clock, (source, now) => this.recorder.hear(now, now, element, source), this.#cast.server),
      }),
      ...(isReachable && { contact: `${isSecure ? 'sips' : 'sip'}:${user}@${host};gr` }),
      permissions: permissionsOf(this.#script.permissions, isSecure),
      ...this.#script.phones?.[element],
    });
    return new Person(element, phone, this.#clock);
  }
}
