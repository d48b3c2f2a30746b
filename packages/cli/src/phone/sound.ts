import { Loudspeaker, Microphone, tone, ToneSource, WavSink, WavSource } from '@switchhook/media';
import type { MachineMediaOptions } from '@switchhook/phone/node';
import type { MediaSecurity } from '@switchhook/sip';

/** What the command line says about sound. */
export interface SoundOptions {
  /** A WAV file in the place of the microphone. */
  readonly play: string | undefined;
  /** A tone in its place, in hertz. */
  readonly tone: number | undefined;
  /** A WAV file in the place of the loudspeaker. */
  readonly record: string | undefined;
  /** No devices. */
  readonly silent: boolean;
  readonly srtp: MediaSecurity;
}

/** Samples a second of tones, recordings and devices. */
const sampleRate = 16_000;

/** Opens the files that are named; devices are opened when there is a call. */
export async function soundOf(options: SoundOptions): Promise<Partial<MachineMediaOptions>> {
  const microphone = await microphoneOf(options);
  const loudspeaker = await loudspeakerOf(options);
  const usesLoudspeaker = options.record === undefined && !options.silent;
  return {
    security: options.srtp,
    ...(microphone === undefined ? {} : { microphone }),
    ...(loudspeaker === undefined ? {} : { loudspeaker }),
    ...(usesLoudspeaker ? { tones: 'ITU' } : {}),
  };
}

async function microphoneOf(options: SoundOptions): Promise<MachineMediaOptions['microphone']> {
  if (options.play !== undefined) return WavSource.open(options.play);
  if (options.tone !== undefined) return new ToneSource(tone(String(options.tone), 'continuous'), { sampleRate });
  if (options.silent) return undefined;
  return (onFault) => {
    const microphone = new Microphone({ sampleRate, onError: ({ message }) => onFault(message) });
    microphone.start();
    return microphone;
  };
}

async function loudspeakerOf(options: SoundOptions): Promise<MachineMediaOptions['loudspeaker']> {
  if (options.record !== undefined) return WavSink.create(options.record, sampleRate);
  if (options.silent) return undefined;
  return (onFault) => {
    const loudspeaker = new Loudspeaker({ sampleRate, onError: ({ message }) => onFault(message) });
    loudspeaker.start();
    return loudspeaker;
  };
}
