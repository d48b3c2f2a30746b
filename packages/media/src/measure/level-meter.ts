import type { AudioSink } from '../audio.ts';
import { silenceLevel, toDecibels } from './level.ts';

/** How loud it was over some time, in dBov: 0 is the loudest that there can be, -127 silence (RFC 6464 3). */
export interface SoundLevel {
  /** Root mean square: what an ear calls loud. A sine at full scale has -3.01. */
  readonly rms: number;
  /** The single loudest sample. */
  readonly peak: number;
  /** How many samples it was measured over; none gives -127. */
  readonly samples: number;
}

/** A sink that keeps nothing but how loud it was. */
export class LevelMeter implements AudioSink {
  readonly sampleRate: number;
  #energy = 0;
  #peak = 0;
  #samples = 0;

  constructor(sampleRate: number) {
    this.sampleRate = sampleRate;
  }

  write(frame: Int16Array): void {
    let energy = 0;
    for (const sample of frame) {
      energy += sample * sample;
      const magnitude = Math.abs(sample);
      if (magnitude > this.#peak) this.#peak = magnitude;
    }
    this.#energy += energy;
    this.#samples += frame.length;
  }

  /** The level since it was asked for last. */
  take(): SoundLevel {
    const samples = this.#samples;
    const level: SoundLevel =
      samples === 0
        ? { rms: silenceLevel, peak: silenceLevel, samples }
        : {
            rms: toDecibels(Math.sqrt(this.#energy / samples) / 32_768),
            peak: toDecibels(this.#peak / 32_768),
            samples,
          };
    this.#energy = 0;
    this.#peak = 0;
    this.#samples = 0;
    return level;
  }

  close(): void {
    this.take();
  }
}
