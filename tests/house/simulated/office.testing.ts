import { EmbeddedExchange } from '@switchhook/exchange';
import type { EmbeddedExchangeOptions, SubscriberSettings } from '@switchhook/exchange';
import { pcmu, tone, ToneSource } from '@switchhook/media';
import type { AudioSink } from '@switchhook/media';
import { Phone } from '@switchhook/phone';
import type { Call, PhoneEvent } from '@switchhook/phone';
import { MachineMedia } from '@switchhook/phone/node';
import { simulatedContext } from '@switchhook/sim';
import type { SimulatedHost } from '@switchhook/sim';
import type { TransportProtocol } from '@switchhook/sip';
import { Town } from './town.testing.ts';

const domain = 'example.com';
const address = '192.0.2.10';
const protocols = ['UDP', 'TCP', 'TLS'] as const;

/** Tells how loud it was. */
class Ear implements AudioSink {
  readonly sampleRate = 8_000;
  #peak = 0;

  write(frame: Int16Array): void {
    for (const sample of frame) this.#peak = Math.max(this.#peak, Math.abs(sample));
  }

  close(): void {
    this.#peak = 0;
  }

  /** Whether anything was heard since the last time that was asked. */
  heardAnything(): boolean {
    const heard = this.#peak > 1_000;
    this.#peak = 0;
    return heard;
  }
}

/** Somebody at his desk, who speaks a tone. */
export interface Desk {
  readonly name: string;
  readonly phone: Phone;
  readonly host: SimulatedHost;
  readonly ear: Ear;
  readonly events: PhoneEvent[];
  /** Tells the phone that the machine has other addresses. */
  changeNetwork(): void;
}

export interface OfficeOptions extends Pick<EmbeddedExchangeOptions, 'servers'> {
  readonly seed?: number;
  /** Of subscribers, by name. */
  readonly settings?: Readonly<Record<string, SubscriberSettings>>;
}

/** An exchange and phones of its subscribers that are talked with, over one transport, on a virtual clock. */
export class Office {
  readonly town: Town;
  readonly exchange: EmbeddedExchange;
  readonly #protocol: TransportProtocol;
  readonly #desks: Desk[] = [];

  private constructor(protocol: TransportProtocol, { seed = 1, servers, settings = {} }: OfficeOptions) {
    this.#protocol = protocol;
    this.town = new Town(seed, { delay: 5 });
    this.town.names.set(domain, [address]);
    const host = this.town.network.host('exchange', [address]);
    const identity = { domains: [domain, address], addresses: [] };
    this.exchange = new EmbeddedExchange(simulatedContext(`exchange ${seed}`, this.town.clock), {
      domains: [{ name: domain }],
      subscribers: ['alice', 'bob', 'carol'].map((user) => ({
        user,
        domain,
        password: `${user}-secret`,
        settings: settings[user] ?? {},
      })),
      ...(servers !== undefined && { servers, media: host.ports(), mediaAddress: address }),
      transports: protocols.map((each) => host.transport(each, { identity })),
      resolver: this.town,
    });
  }

  static async open(protocol: TransportProtocol, options: OfficeOptions = {}): Promise<Office> {
    const office = new Office(protocol, options);
    await office.exchange.start();
    return office;
  }

  /** A phone that is registered. */
  async desk(name: string, at: string): Promise<Desk> {
    const host = this.town.network.host(name, [at]);
    const context = simulatedContext(name, this.town.clock);
    const ear = new Ear();
    const scheme = this.#protocol === 'TLS' ? 'sips' : 'sip';
    const transport = this.#protocol === 'TCP' ? ';transport=tcp' : '';
    let changed: (() => void) | undefined;
    const phone = new Phone(context, {
      addressOfRecord: `${scheme}:${name}@${domain}`,
      password: `${name}-secret`,
      outboundProxies: [`${scheme}:${domain}${transport}`],
      transports: [host.transport(this.#protocol, { listening: this.#protocol === 'UDP' })],
      resolver: this.town,
      media: new MachineMedia(context, {
        codecs: [pcmu],
        network: host.ports(),
        microphone: () => new ToneSource(tone('400', 'continuous'), { sampleRate: 8_000 }),
        loudspeaker: () => ear,
      }),
      network: {
        watch: (listener) => {
          changed = listener;
          return () => (changed = undefined);
        },
      },
    });
    const desk: Desk = { name, phone, host, ear, events: [], changeNetwork: () => changed?.() };
    phone.onEvent((event) => desk.events.push(event));
    phone.onIncomingCall((call) => void call.answer());
    this.#desks.push(desk);
    await phone.start();
    await this.done(phone.register());
    return desk;
  }

  /** A call that stands, seen from both of its ends. */
  async connected(from: Desk, to: Desk): Promise<readonly [Call, Call]> {
    const call = await this.done(from.phone.call(to.phone.addressOfRecord));
    const [other] = to.phone.calls;
    if (other === undefined) throw new Error(`${to.name} has no call`);
    return [call, other];
  }

  /** Time passes; the store of the exchange is written in turns of the real event loop. */
  async play(milliseconds: number): Promise<void> {
    for (let played = 0; played < milliseconds; played += 20) {
      await this.town.clock.play(Math.min(20, milliseconds - played));
      await new Promise(setImmediate);
    }
  }

  /** Lets time pass until something is done; rejects as it does, and after `within` milliseconds. */
  async done<T>(what: Promise<T>, within = 60_000): Promise<T> {
    const state = { isDone: false };
    const watched = what.finally(() => (state.isDone = true));
    watched.catch(() => undefined);
    const end = this.town.clock.now() + within;
    while (!state.isDone) {
      if (this.town.clock.now() > end) throw new Error(`not done after ${within} ms`);
      await this.play(20);
    }
    return watched;
  }

  /** Who hears something within half a second from now, by name. */
  async hearing(...desks: readonly Desk[]): Promise<readonly string[]> {
    await this.play(200);
    for (const { ear } of desks) ear.heardAnything();
    await this.play(500);
    return desks.filter(({ ear }) => ear.heardAnything()).map(({ name }) => name);
  }

  /** Ends everything; what anybody still holds then, or held while nothing went on any more. */
  async close(): Promise<readonly string[]> {
    await this.play(70_000);
    const held = this.#desks.flatMap(({ name, phone }) => {
      const { calls, sessions, dialogs, requests, transactions, streams, devices } = phone.stats();
      return nonZero(name, { calls, sessions, dialogs, requests, transactions, streams, devices });
    });
    for (const { phone } of this.#desks) await this.done(phone.stop());
    await this.exchange.stop();
    await this.play(1_000);
    return [
      ...held,
      ...this.#desks.flatMap(({ name, phone }) => nonZero(name, { ...phone.stats() })),
      ...nonZero('exchange', { ...this.exchange.stats() }),
    ];
  }
}

function nonZero(name: string, counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${name}: ${count} ${what}`);
}
