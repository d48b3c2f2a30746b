import { setTimeout as pause } from 'node:timers/promises';
import { pcmu, WavSource } from '@switchhook/media';
import type { AudioSink } from '@switchhook/media';
import { startPhone } from '@switchhook/phone/node';
import type { MachinePhoneOptions } from '@switchhook/phone/node';
import type { Call, Phone, PhoneEvent } from '@switchhook/phone';
import { passwordOf } from './exchange-process.ts';
import type { ExchangeProcess } from './exchange-process.ts';

/** Keeps what it hears, at 8 kHz. */
class Recorder implements AudioSink {
  readonly sampleRate = 8_000;
  readonly frames: Int16Array[] = [];

  write(frame: Int16Array): void {
    this.frames.push(frame.slice());
  }

  close(): void {
    return undefined;
  }
}

/** What a phone of ours is given to be a subscriber of an exchange, over UDP. */
export function subscriberSettings(exchange: ExchangeProcess, user: string): MachinePhoneOptions {
  return {
    addressOfRecord: `sip:${user}@127.0.0.1`,
    password: passwordOf(user),
    outboundProxies: [`sip:127.0.0.1:${String(exchange.ports.udp)}`],
    transports: ['UDP'],
    address: '127.0.0.1',
  };
}

/** A phone of ours in this process, over UDP, that plays a file and keeps what it hears. */
export class OurPhone {
  readonly phone: Phone;
  readonly events: PhoneEvent[] = [];
  readonly #recorder: Recorder;

  private constructor(phone: Phone, recorder: Recorder) {
    this.phone = phone;
    this.#recorder = recorder;
    phone.onEvent((event) => this.events.push(event));
  }

  static async start(exchange: ExchangeProcess, user: string, plays: string): Promise<OurPhone> {
    const recorder = new Recorder();
    const microphone = await WavSource.open(plays, { loop: true });
    const phone = await startPhone({
      ...subscriberSettings(exchange, user),
      sound: { codecs: [pcmu], address: '127.0.0.1', microphone, loudspeaker: recorder },
    });
    await phone.register();
    return new OurPhone(phone, recorder);
  }

  /** Takes every call that comes. */
  answers(): this {
    this.phone.onIncomingCall((call) => void call.answer());
    return this;
  }

  /** The call with somebody, once it is answered. */
  async callWith(user: string): Promise<Call> {
    return this.until(() =>
      this.phone.calls.find(({ remote, state }) => state === 'connected' && remote.uri.startsWith(`sip:${user}@`)),
    );
  }

  /** Waits until `find` finds something. */
  async until<T>(find: () => T | undefined, timeout = 60_000): Promise<T> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`what was waited for did not come; there was ${this.#told()}`);
      await pause(20);
    }
  }

  /** What it hears in the next seconds. */
  async hearsFor(seconds: number): Promise<Int16Array> {
    const { frames } = this.#recorder;
    frames.length = 0;
    const wanted = seconds * this.#recorder.sampleRate;
    await this.until(() => (frames.reduce((sum, { length }) => sum + length, 0) >= wanted ? true : undefined));
    return Int16Array.from(frames.flatMap((frame) => [...frame]));
  }

  async stop(): Promise<void> {
    await this.phone.stop();
  }

  #told(): string {
    return this.events.map((event) => (event.kind === 'call' ? `call ${event.event.kind}` : event.kind)).join(', ');
  }
}
