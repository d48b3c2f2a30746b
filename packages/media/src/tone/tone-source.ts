import type { AudioSource } from '../audio.ts';
import type { Tone, ToneSegment } from './tone.ts';

/** How a tone sounds: samples a second, and how loud it is. */
export interface ToneSourceOptions {
  readonly sampleRate: number;
  /** In dBov, of the whole while it sounds. */
  readonly level?: number;
}

/** What E.180 calls nominal, -10 dBm0: G.711 overloads at +3.14 dBm0 with a sine, which is -3.01 dBov. */
const nominalLevel = -16.15;

/** A tone begins and ends within this, in milliseconds: an edge would click. */
const edge = 2;

/** Plays a tone: call progress, DTMF, or one of your own. */
export class ToneSource implements AudioSource {
  readonly sampleRate: number;
  readonly #tone: Tone;
  readonly #level: number;
  readonly #edge: number;
  #number = 0;
  #position = 0;
  #ended = false;

  constructor(tone: Tone, options: ToneSourceOptions) {
    this.sampleRate = options.sampleRate;
    this.#tone = tone;
    this.#level = options.level ?? nominalLevel;
    this.#edge = (edge * options.sampleRate) / 1000;
    this.#ended = !tone.segments.some(({ duration }) => duration > 0);
  }

  get ended(): boolean {
    return this.#ended;
  }

  read(frame: Int16Array): void {
    let filled = 0;
    while (filled < frame.length && !this.#ended) {
      const segment = this.#tone.segments[this.#number];
      const length = segment === undefined ? 0 : Math.round((segment.duration * this.sampleRate) / 1000);
      const take = Math.min(frame.length - filled, length - this.#position);
      if (segment !== undefined) this.#play(segment, length, frame.subarray(filled, filled + take));
      filled += take;
      this.#position += take;
      if (this.#position === length) this.#step();
    }
    frame.fill(0, filled);
  }

  close(): void {
    this.#ended = true;
  }

  #step(): void {
    this.#position = 0;
    this.#number += 1;
    if (this.#number < this.#tone.segments.length) return;
    this.#number = 0;
    this.#ended = !this.#tone.repeats;
  }

  #play({ frequencies, modulation, attenuation }: ToneSegment, length: number, frame: Int16Array): void {
    if (frequencies.length === 0) {
      frame.fill(0);
      return;
    }
    const rms = 32_768 * 10 ** ((this.#level - attenuation) / 20);
    // Of a sine; one that is modulated fully has half as much power again.
    const amplitude = rms * Math.sqrt(2 / frequencies.length / (modulation === undefined ? 1 : 1.5));
    const steps = frequencies.map((frequency) => (2 * Math.PI * frequency) / this.sampleRate);
    for (let index = 0; index < frame.length; index += 1) {
      const place = this.#position + index;
      let sum = 0;
      for (const step of steps) sum += Math.sin(step * place);
      if (modulation !== undefined) sum *= 1 - Math.cos((2 * Math.PI * modulation * place) / this.sampleRate);
      const swell = Math.min(1, place / this.#edge, (length - place) / this.#edge);
      frame[index] = Math.max(-32_768, Math.min(32_767, Math.round(amplitude * swell * sum)));
    }
  }
}
