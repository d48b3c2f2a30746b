import { EmbeddedExchange } from '@switchhook/exchange';
import { pcma, pcmu } from '@switchhook/media';
import { Phone } from '@switchhook/phone';
import type { PhoneMedia, PhoneSettings } from '@switchhook/phone';
import { MachineMedia } from '@switchhook/phone/node';
import { simulatedContext, SimulatedNetwork, VirtualClock } from '@switchhook/sim';
import type { LinkQuality } from '@switchhook/sim';
import type { PeerIdentity, TransportProtocol } from '@switchhook/sip';
import type { Conversation, Participant } from '../conversation/conversation.ts';
import { Recorder } from '../conversation/recorder.ts';
import type { FlowPhone, FlowScript, Stage } from '../flow/flow-script.ts';
import type { FlowDescription, FlowElement } from '../oracle/flow-schema.ts';
import { Person } from '../stage/person.ts';
import { Ear, Voice } from '../stage/voice.ts';
import { WatchedNetwork } from '../stage/watched-network.ts';
import { SimulatedNames } from './simulated-names.ts';

export interface SimulationOptions {
  /** The same seed tells the same story. */
  readonly seed?: number | undefined;
  /** `sips` and TLS without it, as the RFC has it. */
  readonly protocol?: TransportProtocol | undefined;
  /** What the network does to messages and to sound. */
  readonly link?: Partial<LinkQuality> | undefined;
  /** Milliseconds between what people do. */
  readonly listenTime?: number | undefined;
  /** Who is not as the others are, for scenes that the ladder does not show. */
  readonly parts?: Readonly<Record<string, PartOptions>> | undefined;
  /** What the certificate of the exchange says; its domains without it. */
  readonly certificate?: PeerIdentity | undefined;
}

/** What is special about somebody's phone. */
export interface PartOptions {
  /** Stands between the phone and its media. */
  readonly media?: (media: PhoneMedia) => PhoneMedia;
  readonly settings?: Partial<PhoneSettings>;
}

const exchangeAddress = '192.0.2.1';
/** Minutes after which a play that has not ended is given up. */
const longest = 30 * 60_000;
/** Milliseconds in which all timers of SIP have run out (RFC 3261 17.1.1.2: 64 T1), and then some. */
const afterwards = 70_000;
/** Milliseconds that a datagram is under way at most. */
const underWay = 200;

/** What became of a play. */
export interface Played {
  readonly conversation: Conversation;
  /** Why the script could not be played to its end. */
  readonly error: Error | undefined;
  /** What elements still held when all was over, in words; empty when nothing was left over. */
  readonly leftOvers: readonly string[];
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
  readonly #options: SimulationOptions;
  readonly #names: SimulatedNames;
  readonly #persons = new Map<string, Person>();
  readonly #exchange: EmbeddedExchange;
  readonly #protocol: TransportProtocol;

  constructor(flow: FlowDescription, options: SimulationOptions = {}) {
    const { seed = 1, protocol = 'TLS', link = {} } = options;
    this.#flow = flow;
    this.#options = options;
    this.#protocol = protocol;
    const context = simulatedContext(seed, this.clock);
    this.network = new SimulatedNetwork(this.clock, context.random, { link });
    const domains = flow.elements.map(({ aor }) => domainOf(aor)).filter((domain) => domain !== '');
    const hosts = flow.elements.filter(({ role }) => role === 'proxy').map(({ host = '' }) => host);
    this.#names = new SimulatedNames(new Map([...domains, ...hosts].map((name) => [name, exchangeAddress])), protocol);
    const host = this.network.host('proxy', [exchangeAddress]);
    const identity = options.certificate ?? { domains: [...domains, ...hosts], addresses: [] };
    const protocols: TransportProtocol[] = ['UDP', 'TCP', 'TLS'];
    this.#exchange = new EmbeddedExchange(simulatedContext(`exchange ${seed}`, this.clock), {
      domains: [...new Set(domains)].map((name) => ({ name })),
      subscribers: flow.elements
        .filter(({ role, aor }) => role === 'ua' && aor !== undefined)
        .map(({ id, aor }) => ({ user: id, domain: domainOf(aor), password: `${id}-secret` })),
      transports: protocols.map((each) => host.transport(each, { identity })),
      resolver: this.#names,
    });
    this.recorder = new Recorder(flow.elements.map((element, place) => this.#participant(element, place)));
    this.recorder.watchRtp();
    this.recorder.listen();
    for (const [place, element] of flow.elements.entries()) {
      if (element.role === 'ua') this.#persons.set(element.id, this.#person(element, place, seed));
    }
  }

  phone(element: string): FlowPhone {
    return this.person(element);
  }

  person(element: string): Person {
    const person = this.#persons.get(element);
    if (person === undefined) throw new RangeError(`nobody plays ${element} in ${this.#flow.id}`);
    return person;
  }

  async listen(): Promise<void> {
    const { listenTime = 1_500 } = this.#options;
    await new Promise<void>((resolve) => void this.clock.after(listenTime, resolve));
  }

  /** Plays the flow from the registrations to the end of the last timer, and stops everything. */
  async play(script: Pick<FlowScript, 'play'>): Promise<Played> {
    await this.#exchange.start();
    const error = await this.#run(async () => {
      for (const { phone } of this.#persons.values()) await phone.start();
      await Promise.all([...this.#persons.values()].map(({ phone }) => phone.register()));
      await script.play(this);
    });
    const end = this.clock.now();
    await this.clock.play(afterwards);
    // Registrations are refreshed as long as there are any; without them nothing goes on any more.
    this.#heal();
    const phones = [...this.#persons.values()].map(({ phone }) => phone);
    // Where the play broke off, people hang up what they have.
    if (error !== undefined)
      await this.#run(() => Promise.all(phones.flatMap(({ calls }) => calls.map((call) => call.hangUp()))));
    await this.#run(() => Promise.all(phones.map((phone) => phone.unregister())));
    await this.clock.play(afterwards);
    const leftOvers = this.#leftOvers();
    await this.#run(() => Promise.all(phones.map((phone) => phone.stop())));
    for (const person of this.#persons.values()) person.leave();
    await this.#exchange.stop();
    // What is on its way arrives nowhere.
    await this.clock.play(underWay);
    leftOvers.push(...this.#stopped());
    this.recorder.trace(this.network.trace.entries);
    return { conversation: this.recorder.conversation(end), error, leftOvers };
  }

  /** From now on nothing is lost. */
  #heal(): void {
    const names = this.#flow.elements.map(({ id }) => id);
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
    const end = this.clock.now() + longest;
    while (outcome === undefined && this.clock.now() < end) {
      await this.clock.play(20);
      // The exchange writes what has been registered once a turn of the real event loop.
      await new Promise(setImmediate);
    }
    return outcome === undefined ? new Error(`not done after ${longest / 60_000} minutes`) : outcome.error;
  }

  #participant({ id, role, aor = '', host = '' }: FlowElement, place: number): Participant {
    const hosts = role === 'proxy' ? [exchangeAddress, host] : [addressAt(place), host];
    return { element: id, hosts, ...(aor !== '' && { addressOfRecord: this.#address(id, aor) }) };
  }

  #person({ id, aor = '' }: FlowElement, place: number, seed: number): Person {
    const address = addressAt(place);
    const context = simulatedContext(`${id} ${seed}`, this.clock);
    const host = this.network.host(id, [address]);
    const network = new WatchedNetwork(
      host.ports(),
      (to, _, kind) => {
        const other = this.#flow.elements.findIndex((_, index) => addressAt(index) === to);
        const packet = { time: this.clock.now(), from: id, to: this.#flow.elements[other]?.id ?? to };
        if (kind === 'RTP') this.recorder.packet(packet.time, packet.from, packet.to);
        else this.control.push(packet);
      },
      () => undefined,
    );
    const media = new MachineMedia(context, {
      codecs: [pcmu, pcma],
      address,
      network,
      microphone: () => new Voice(id),
      loudspeaker: () => new Ear(this.clock, (source, now) => this.recorder.hear(now, now, id, source)),
    });
    const { media: between = (own: PhoneMedia) => own, settings } = this.#options.parts?.[id] ?? {};
    const phone = new Phone(context, {
      addressOfRecord: this.#address(id, aor),
      password: `${id}-secret`,
      transports: (['UDP', 'TCP', 'TLS'] as const).map((each) => host.transport(each, { listening: each === 'UDP' })),
      resolver: this.#names,
      media: between(media),
      ...settings,
    });
    return new Person(id, phone, this.clock);
  }

  #address(id: string, aor: string): string {
    return `${this.#protocol === 'TLS' ? 'sips' : 'sip'}:${id}@${domainOf(aor)}`;
  }

  /** What is left when nothing goes on, before anybody is stopped. */
  #leftOvers(): string[] {
    const phones = [...this.#persons].flatMap(([element, { phone }]) => {
      const { calls, sessions, dialogs, requests, transactions, streams, devices } = phone.stats();
      return held(element, { calls, sessions, dialogs, requests, transactions, streams, devices });
    });
    const { requests, transactions, calls } = this.#exchange.stats();
    return [...phones, ...held('proxy', { requests, transactions, calls })];
  }

  #stopped(): string[] {
    const phones = [...this.#persons].flatMap(([element, { phone }]) => {
      return held(element, { ...phone.stats() });
    });
    return [
      ...phones,
      ...held('proxy', { ...this.#exchange.stats() }),
      ...held('the clock', { actions: this.clock.pending }),
    ];
  }
}

function held(element: string, counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${element}: ${count} ${what}`);
}

function addressAt(place: number): string {
  return `192.0.2.${10 + place}`;
}

function domainOf(aor = ''): string {
  return aor.slice(aor.indexOf('@') + 1);
}
