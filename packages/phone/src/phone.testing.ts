import { pcmu, tone, ToneSource } from '@switchhook/media';
import type { AudioSink } from '@switchhook/media';
import { simulatedContext, SimulatedNetwork } from '@switchhook/sim';
import type { NetworkOptions, SimulatedContext, SimulatedHost } from '@switchhook/sim';
import type { Resolver, SipContext } from '@switchhook/sip';
import type { CallEvent } from './call-contract.ts';
import type { PhoneMedia } from './media.ts';
import { MachineMedia } from './node/machine-media.ts';
import type { MachineMediaOptions } from './node/machine-media.ts';
import { PhoneError } from './failure.ts';
import { Phone } from './phone.ts';
import type { PhoneEvent } from './phone-event.ts';
import type { ConferenceEvent } from './services/conference.ts';
import type { PhoneOptions, PhoneSettings } from './phone-options.ts';

/** Addresses only. */
const numericResolver: Resolver = {
  resolve: ({ host, port = 5060 }) => [{ protocol: 'UDP', address: host, port }],
};

/** Keeps what it hears. */
export class Ear implements AudioSink {
  readonly sampleRate = 8_000;
  readonly heard: number[] = [];

  write(frame: Int16Array): void {
    this.heard.push(...frame);
  }

  close(): void {
    this.heard.length = 0;
  }

  /** The loudest of what was heard since the last time. */
  get peak(): number {
    return this.heard.splice(0).reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
  }
}

/** A phone in the simulator, with a tone for a voice. */
export interface TestPhone {
  readonly phone: Phone;
  readonly uri: string;
  readonly ear: Ear;
  readonly host: SimulatedHost;
  /** All that has happened, a word or two each. */
  readonly story: string[];
}

/** Takes every call that comes. */
export function answering({ phone }: TestPhone): void {
  phone.onIncomingCall((call) => void call.answer());
}

/** Phones that reach each other by their addresses, without an exchange: alice is 192.0.2.1, the next 192.0.2.2 … */
export class TestHouse {
  readonly context: SimulatedContext;
  readonly network: SimulatedNetwork;
  readonly #phones: TestPhone[] = [];
  readonly #media: ((context: SipContext) => PhoneMedia) | undefined;

  /** `media` for phones that have others than those of a machine. */
  constructor(seed = 1, options: NetworkOptions = { link: { delay: 5 } }, media?: (context: SipContext) => PhoneMedia) {
    this.#media = media;
    this.context = simulatedContext(seed);
    this.network = new SimulatedNetwork(this.context.clock, this.context.random, options);
  }

  async phone(
    name: string,
    settings?: Partial<PhoneSettings & Pick<PhoneOptions, 'network'>>,
    sound?: Partial<MachineMediaOptions>,
  ): Promise<TestPhone> {
    const made = this.idlePhone(name, settings, sound);
    await made.phone.start();
    return made;
  }

  /** One that is not started. */
  idlePhone(
    name: string,
    settings: Partial<PhoneSettings & Pick<PhoneOptions, 'network'>> = {},
    sound: Partial<MachineMediaOptions> = {},
  ): TestPhone {
    const address = `192.0.2.${String(this.#phones.length + 1)}`;
    const host = this.network.host(name, [address]);
    const context = simulatedContext(`${name} ${String(this.#phones.length)}`, this.context.clock);
    const ear = new Ear();
    const media =
      this.#media?.(context) ??
      new MachineMedia(context, {
        codecs: [pcmu],
        network: host.ports(),
        address,
        microphone: new ToneSource(tone('400', 'continuous'), { sampleRate: 8_000 }),
        loudspeaker: ear,
        ...sound,
      });
    const uri = `sip:${name}@${address}`;
    const phone = new Phone(context, {
      addressOfRecord: `"${name}" <${uri}>`,
      transports: [host.transport('UDP')],
      resolver: numericResolver,
      media,
      ...settings,
    });
    const story: string[] = [];
    phone.onEvent((event) => story.push(wordsFor(event)));
    const made = { phone, uri, ear, host, story };
    this.#phones.push(made);
    return made;
  }

  play(milliseconds: number): Promise<void> {
    return this.context.clock.play(milliseconds);
  }

  /** What a promise came to after a while: its value, or why the phone says that it did not come about. */
  async outcomeOf<T>(promise: Promise<T>, milliseconds: number): Promise<T | PhoneError> {
    const settled = promise.catch((error: unknown) => {
      if (error instanceof PhoneError) return error;
      throw error;
    });
    await this.play(milliseconds);
    return settled;
  }

  /** What each of them hears within half a second: sound, or silence. */
  async heard(...phones: TestPhone[]): Promise<string[]> {
    // What was on its way when something changed is not what is meant.
    await this.play(200);
    for (const { ear } of phones) ear.heard.length = 0;
    await this.play(500);
    return phones.map(({ ear }) => (ear.peak > 1_000 ? 'sound' : 'silence'));
  }

  /** Stops every phone; answers with what they hold afterwards. */
  async stop(): Promise<Record<string, number>[]> {
    const stopped = Promise.all(this.#phones.map(({ phone }) => phone.stop()));
    await this.play(3_000);
    await stopped;
    return this.#phones.map(({ phone }) =>
      Object.fromEntries(Object.entries(phone.stats()).filter(([, n]) => n !== 0)),
    );
  }
}

function wordsFor(event: PhoneEvent): string {
  switch (event.kind) {
    case 'call':
      return `${String(event.call.number)} ${wordsForCall(event.event)}`;
    case 'incoming-call':
      return `${String(event.call.number)} from ${event.call.remote.name}${event.waiting ? ', waiting' : ''}`;
    case 'outgoing-call':
      return `${String(event.call.number)} to ${event.call.remote.name}`;
    case 'message':
      return `${event.message.from.name}: ${event.message.text}`;
    case 'referral':
      return `${event.referral.from.name} refers to ${event.referral.target.name}: ${event.state}`;
    case 'transfer':
      return `transfer to ${event.to.name}: ${event.progress.kind}`;
    case 'redial':
      return `redial ${event.state}`;
    case 'turned-away':
      return `turned away ${event.from.name} ${String(event.status)}`;
    case 'registration':
      return event.registration.kind;
    case 'conference':
      return wordsForConference(event.event);
    case 'claim':
      return `${event.claim.from.name} wants to ${event.claim.wish} ${String(event.claim.call.number)}`;
    case 'no-sound':
    case 'no-log':
      return event.message;
  }
}

function wordsForConference(event: ConferenceEvent): string {
  switch (event.kind) {
    case 'joined':
    case 'left':
      return `conference: ${event.call.remote.name} ${event.kind}`;
    case 'hold':
      return `conference: ${event.call.remote.name} ${event.call.remoteHold || event.call.localHold ? '' : 'not '}on hold`;
    case 'muted':
      return `conference: ${event.call.remote.name} ${event.muted ? '' : 'not '}muted`;
    case 'attending':
      return `conference ${event.attending ? 'here' : 'aside'}`;
    case 'ended':
      return 'conference ended';
  }
}

function wordsForCall(event: CallEvent): string {
  switch (event.kind) {
    case 'state':
      return event.state;
    case 'hold':
      return `hold ${event.local ? 'here' : ''}${event.remote ? 'there' : ''}`.trim();
    case 'music':
      return event.playing ? 'music' : 'no music';
    case 'sound':
      return `sound ${event.sound.codec}`;
    case 'active':
      return event.active ? 'active' : 'not active';
    case 'muted':
      return event.muted ? 'muted' : 'not muted';
    case 'silence':
      return event.silent ? 'silent' : 'heard';
    case 'digit':
      return `digit ${event.digit}`;
    case 'replaced':
      return `no more ${event.before.name}`;
    case 'ended':
      return `ended ${event.end.kind}`;
  }
}
