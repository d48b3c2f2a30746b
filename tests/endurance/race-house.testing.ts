import { Phone } from '@switchhook/phone';
import { simulatedContext, SimulatedNetwork } from '@switchhook/sim';
import type { SeededRandom, SimulatedContext } from '@switchhook/sim';
import type { Resolver } from '@switchhook/sip';
import { SilentMedia } from '@switchhook/phone/browser';

/** Addresses only. */
const resolver: Resolver = { resolve: ({ host, port = 5_060 }) => [{ protocol: 'UDP', address: host, port }] };

/** Three phones without sound on a network whose delays differ from message to message. */
export class RaceHouse {
  readonly alice: Phone;
  readonly bob: Phone;
  readonly carol: Phone;
  readonly random: SeededRandom;
  readonly #context: SimulatedContext;
  readonly #network: SimulatedNetwork;

  private constructor(seed: number) {
    this.#context = simulatedContext(seed);
    this.random = this.#context.random;
    this.#network = new SimulatedNetwork(this.#context.clock, this.random, { link: { delay: 5, jitter: 30 } });
    this.alice = this.#phone('alice', '192.0.2.1', seed);
    this.bob = this.#phone('bob', '192.0.2.2', seed);
    this.carol = this.#phone('carol', '192.0.2.3', seed);
  }

  static async started(seed: number): Promise<RaceHouse> {
    const house = new RaceHouse(seed);
    for (const phone of house.phones) await phone.start();
    return house;
  }

  play(milliseconds: number): Promise<void> {
    return this.#context.clock.play(milliseconds);
  }

  after(milliseconds: number, action: () => void): void {
    this.#context.clock.after(milliseconds, action);
  }

  /** Lets as much time pass as something takes that all are to see the end of before the race. */
  async settle(what: Promise<void> | undefined): Promise<void> {
    what?.catch(() => undefined);
    await this.play(1_000);
    await what;
  }

  /** Stops all phones, and says what they still hold. */
  async leftOvers(): Promise<string[]> {
    const stopped = Promise.all(this.phones.map((phone) => phone.stop()));
    await this.play(3_000);
    await stopped;
    const held = this.phones.flatMap((phone) =>
      Object.entries(phone.stats()).flatMap(([what, count]) =>
        count === 0 ? [] : [`${String(count)} ${what} are held`],
      ),
    );
    return this.#context.clock.pending === 0 ? held : [...held, `${String(this.#context.clock.pending)} timers run`];
  }

  get phones(): readonly Phone[] {
    return [this.alice, this.bob, this.carol];
  }

  #phone(name: string, address: string, seed: number): Phone {
    const context = simulatedContext(`${String(seed)} ${name}`, this.#context.clock);
    return new Phone(context, {
      addressOfRecord: `sip:${name}@${address}`,
      transports: [this.#network.host(name, [address]).transport('UDP')],
      resolver,
      media: new SilentMedia(context),
      // Nobody else is in this network.
      permissions: { identity: 'claimed' },
    });
  }
}
