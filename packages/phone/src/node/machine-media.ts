import { AudioEngine, callProgressTones } from '@switchhook/media';
import type { AudioCodec, AudioSink, AudioSource, DatagramNetwork, ToneCountry } from '@switchhook/media';
import { StreamNegotiation, SwitchhookError } from '@switchhook/sip';
import type { MediaEngine, MediaSecurity, SipContext } from '@switchhook/sip';
import type { CallMedia, MediaRoom, PhoneMedia, PhoneMediaStats, Signal } from '../media.ts';
import { CombinedEngine } from './combined-engine.ts';
import { MachineCall } from './machine-call.ts';
import { MachineRoom } from './machine-room.ts';
import { OverlaidSink } from './overlaid-sink.ts';
import { SharedSound } from './shared-sound.ts';
import type { SoundEnd } from './shared-sound.ts';
import { SignalPlayer } from './signal-player.ts';

/** The sound of a phone on a machine: codecs, protection, addresses, and what is heard and said. */
export interface MachineMediaOptions {
  /** Best first. */
  readonly codecs: readonly AudioCodec[];
  /** How calls are protected: `optional` offers SRTP, and takes what the far end has. `required` by a sips URI anyway. */
  readonly security?: MediaSecurity | undefined;
  /** The address that ports are opened on; all of IPv4 without it. */
  readonly address?: string | undefined;
  /** Milliseconds of sound that are moved at a time; 20 without it. */
  readonly frameTime?: number | undefined;
  /** The sockets of this machine without it. */
  readonly network?: DatagramNetwork | undefined;
  /** What a call has beside its sound, made for each: a picture perhaps. `secure` asks for SRTP. */
  readonly beside?: ((secure: boolean) => MediaEngine) | undefined;
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
  readonly #beside: MachineMediaOptions['beside'];
  /** Calls and rooms in which the person has been, and that have not ended: while there are any, devices stay open. */
  readonly #attended = new Set<MachineCall | MachineRoom>();
  readonly #microphone: SharedSound<AudioSource>;
  readonly #loudspeaker: SharedSound<OverlaidSink>;
  readonly #signals: SignalPlayer | undefined;
  #signal: Signal | undefined = undefined;

  constructor(context: SipContext, options: MachineMediaOptions) {
    const { codecs, address, frameTime, network, security = 'none', tones } = options;
    const onFault = (message: string): void => this.onFault?.(message);
    this.#context = context;
    this.#security = security;
    this.#beside = options.beside;
    this.#engine = new AudioEngine(context, {
      codecs,
      frameTime,
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
    const engine = this.#beside === undefined ? session : new CombinedEngine([session, this.#beside(secure)]);
    const call = new MachineCall(new StreamNegotiation(this.#context, engine), session, {
      microphone: this.#microphone,
      loudspeaker: this.#loudspeaker,
      heard: () => this.#attended.add(call),
      closed: () => this.#left(call),
    });
    return call;
  }

  room(): MediaRoom {
    const room: MachineRoom = new MachineRoom({
      microphone: this.#microphone,
      loudspeaker: this.#loudspeaker,
      memberOf: machineCallOf,
      heard: () => this.#attended.add(room),
      closed: () => this.#left(room),
    });
    return room;
  }

  signal(signal: Signal | undefined): void {
    this.#signal = signal;
    this.#signals?.play(signal);
    this.#rest();
  }

  stop(): Promise<void> {
    for (const each of this.#attended) each.close();
    this.signal(undefined);
    this.#microphone.stop();
    this.#loudspeaker.stop();
    this.#engine.stop();
    return Promise.resolve();
  }

  stats(): PhoneMediaStats {
    return { streams: this.#engine.stats().streams, devices: this.#microphone.open + this.#loudspeaker.open };
  }

  #left(each: MachineCall | MachineRoom): void {
    this.#attended.delete(each);
    this.#rest();
  }

  /** Once there is nothing to say or to hear, devices are for others. */
  #rest(): void {
    if (this.#attended.size > 0 || this.#signal !== undefined) return;
    this.#microphone.rest();
    this.#loudspeaker.rest();
  }
}

function overlaid(end: SoundEnd<AudioSink> | undefined): SoundEnd<OverlaidSink> | undefined {
  if (typeof end === 'function') return async (onFault) => new OverlaidSink(await end(onFault));
  return end && new OverlaidSink(end);
}

function machineCallOf(media: CallMedia): MachineCall {
  if (media instanceof MachineCall) return media;
  throw new SwitchhookError('unknown-media', 'a call whose media are not of this machine cannot be in its room');
}
