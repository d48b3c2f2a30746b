import { SwitchhookError } from '@switchhook/sip';

/** A piece of a tone: the frequencies that sound together, for so long. No frequency is a pause. */
export interface ToneSegment {
  /** Hertz. */
  readonly frequencies: readonly number[];
  /** Hertz; the sum of the frequencies swells and fades as fast as this (`f1xf2` in E.180). */
  readonly modulation?: number | undefined;
  /** Decibels less than the tone's level. */
  readonly attenuation: number;
  /** Milliseconds; Infinity for a tone that goes on. */
  readonly duration: number;
}

/** A call-progress tone: parts of sound and silence. */
export interface Tone {
  readonly segments: readonly ToneSegment[];
  /** True for a tone that begins again behind its last segment. */
  readonly repeats: boolean;
}

const soundPattern = /^(\d+(?:\+\d+)*)(?:x(\d+))?(?:@-(\d+))?$/;

function soundOf(text: string): Omit<ToneSegment, 'duration'> {
  const [, frequencies, modulation, attenuation] = soundPattern.exec(text) ?? [];
  if (frequencies === undefined) throw new SwitchhookError('invalid-tone', `${text} is no frequency`);
  return {
    frequencies: frequencies.split('+').map(Number),
    modulation: modulation === undefined ? undefined : Number(modulation),
    attenuation: Number(attenuation ?? 0),
  };
}

/**
 * A tone as the tables of ITU-T E.180 write it. Frequencies: `425`, `350+440` together, `400x16` the one modulated by
 * the other, `950/1400/1800` one behind the other, `425/425@-10` the second 10 dB softer. Cadence: `continuous`, or
 * seconds of sound and of silence in turn, `0.4 - 0.2 - 0.4 - 2.0`; `3x0.33` is three sounds without a pause.
 *
 * @throws SwitchhookError `invalid-tone` for what is not written so
 */
export function tone(frequencies: string, cadence: string): Tone {
  const sounds = frequencies.split('/').map(soundOf);
  let next = 0;
  const sound = (duration: number): ToneSegment => {
    const chosen = sounds[next] ?? { frequencies: [], attenuation: 0 };
    next = (next + 1) % sounds.length;
    return { ...chosen, duration };
  };
  if (cadence === 'continuous') return { segments: [sound(Infinity)], repeats: false };
  const segments = cadence.split(' - ').flatMap((text, index) => {
    const [, times, seconds] = /^(?:(\d+)x)?(\d+(?:\.\d+)?)$/.exec(text) ?? [];
    if (seconds === undefined) throw new SwitchhookError('invalid-tone', `${text} is no part of a cadence`);
    const duration = Math.round(Number(seconds) * 1000);
    if (index % 2 === 1) return [{ frequencies: [], attenuation: 0, duration }];
    return Array.from({ length: Number(times ?? 1) }, () => sound(duration));
  });
  return { segments, repeats: true };
}
