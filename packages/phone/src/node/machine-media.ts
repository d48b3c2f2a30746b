import { AudioEngine, callProgressTones } from '@switchhook/media';
import type { AudioCodec, AudioSession, AudioSink, AudioSource, DatagramNetwork, ToneCountry } from '@switchhook/media';
import { StreamNegotiation } from '@switchhook/sip';
import type { MediaNegotiation, MediaSecurity, SipContext } from '@switchhook/sip';
import type { CallMedia, CallSound, DigitsOutcome, PhoneMedia, PhoneMediaStats, Signal } from '../media.ts';
import { OverlaidSink } from './overlaid-sink.ts';
import { SharedSound } from './shared-sound.ts';
import type { SoundEnd } from './shared-sound.ts';
import { SignalPlayer } from './signal-player.ts';

export interface MachineMediaOptions {
  /** Best first. */
  readonly codecs: readonly AudioCodec[];
  /** How calls are protected: `optional` offers SRTP, and takes what the far end has. `required` by a sips URI anyway. */
  readonly security?: MediaSecurity | undefined;
  /** The address that ports are opened on; all of IPv4 without it. */
  readonly address?: string | undefined;
  /** The sockets of this machine without it. */
  readonly network?: DatagramNetwork | undefined;
  /** Without it the far end hears silence. */
  readonly microphone?: SoundEnd<AudioSource> | undefined;
  /** Without it nothing is heard. */
  readonly loudspeaker?: SoundEnd<AudioSink> | undefined;
  /** Whose tones tell that it rings; without it there are none. */
  readonly tones?: ToneCountry | undefined;
}

/** The media of calls on a machine: RTP through its sockets, sound through its devices or files. */
export class MachineMedia implements PhoneMedia {
  onFault: ((message: string) => void) | undefined = undefined;
  readonly #context: SipContext;
  readonly #engine: AudioEngine;
  readonly #security: MediaSecurity;
  /** Those that have been heard, and have not ended. */
  readonly #calls = new Set<MachineCall>();
  readonly #microphone: SharedSound<AudioSource>;
  readonly #loudspeaker: SharedSound<OverlaidSink>;
  readonly #signals: SignalPlayer | undefined;
  #signal: Signal | undefined = undefined;

  constructor(context: SipContext, options: MachineMediaOptions) {
    const { codecs, address, network, security = 'none', tones } = options;
    const onFault = (message: string): void => this.onFault?.(message);
    this.#context = context;
    this.#security = security;
    this.#engine = new AudioEngine(context, {
      codecs,
      ...(address === undefined ? {} : { address }),
      ...(network === undefined ? {} : { network }),
    });
    this.#microphone = new SharedSound(options.microphone, onFault);
    this.#loudspeaker = new SharedSound(overlaid(options.loudspeaker), onFault);
    this.#signals =
      tones === undefined ? undefined : new SignalPlayer(context.clock, callProgressTones[tones], this.#loudspeaker);
  }

  open(secure: boolean): CallMedia {
    const session = this.#engine.session(secure ? 'required' : this.#security);
    const call = new MachineCall(new StreamNegotiation(this.#context, session), session, {
      microphone: this.#microphone,
      loudspeaker: this.#loudspeaker,
      heard: () => this.#calls.add(call),
      closed: () => {
        this.#calls.delete(call);
        this.#rest();
      },
    });
    return call;
  }

  signal(signal: Signal | undefined): void {
    this.#signal = signal;
    this.#signals?.play(signal);
    this.#rest();
  }

  stop(): Promise<void> {
    for (const call of this.#calls) call.close();
    this.signal(undefined);
    this.#microphone.stop();
    this.#loudspeaker.stop();
    this.#engine.stop();
    return Promise.resolve();
  }

  stats(): PhoneMediaStats {
    return { streams: this.#engine.stats().streams, devices: this.#microphone.open + this.#loudspeaker.open };
  }

  /** Once there is nothing to say or to hear, devices are for others. */
  #rest(): void {
    if (this.#calls.size > 0 || this.#signal !== undefined) return;
    this.#microphone.rest();
    this.#loudspeaker.rest();
  }
}

function overlaid(end: SoundEnd<AudioSink> | undefined): SoundEnd<OverlaidSink> | undefined {
  if (typeof end === 'function') return async (onFault) => new OverlaidSink(await end(onFault));
  return end && new OverlaidSink(end);
}

interface MachineCallParts {
  readonly microphone: SharedSound<AudioSource>;
  readonly loudspeaker: SharedSound<OverlaidSink>;
  /** It is heard for the first time, or again. */
  heard(): void;
  closed(): void;
}

class MachineCall implements CallMedia {
  readonly negotiation: MediaNegotiation;
  onDigit: ((digit: string) => void) | undefined = undefined;
  readonly #session: AudioSession;
  readonly #parts: MachineCallParts;
  #connected = false;
  #muted = false;
  #closed = false;

  constructor(negotiation: MediaNegotiation, session: AudioSession, parts: MachineCallParts) {
    this.negotiation = negotiation;
    this.#session = session;
    this.#parts = parts;
    session.onDigit = (digit) => this.onDigit?.(digit);
  }

  get sound(): CallSound | undefined {
    const agreed = this.#session.streams.find((stream) => stream.agreed !== undefined)?.agreed;
    return agreed && { codec: agreed.send.encoding, encrypted: agreed.crypto !== undefined };
  }

  get connected(): boolean {
    return this.#connected;
  }

  set connected(connected: boolean) {
    this.#connected = connected;
    if (connected) this.#parts.heard();
    void this.#attach();
  }

  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    void this.#attach();
  }

  sendDigits(digits: string): Promise<DigitsOutcome> {
    return this.#session.sendDigits(digits);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connected = false;
    this.#session.source = undefined;
    this.#session.sink = undefined;
    this.#session.close();
    this.#parts.closed();
  }

  /** Takes or gives back the ends; a device that takes a while to open finds out whether it is still wanted. */
  async #attach(): Promise<void> {
    const { microphone, loudspeaker } = this.#parts;
    const speaks = this.#connected && !this.#muted;
    if (!speaks) this.#session.source = undefined;
    if (!this.#connected) {
      this.#session.sink = undefined;
      return;
    }
    const [source, sink] = await Promise.all([speaks ? microphone.take() : undefined, loudspeaker.take()]);
    if (!this.connected) return;
    if (!this.muted) this.#session.source = source;
    this.#session.sink = sink;
  }
}
