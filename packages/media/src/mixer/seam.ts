/** Seconds over which a step is smoothed: too slow for a click, too short to be heard as anything else. */
const length = 0.005;

/**
 * Joins sounds that have nothing to do with each other, silence being one: where one ends and another begins there is a
 * step, which is heard as a click. The first samples of the new one are moved to where the old one ended, and let go.
 */
export class Seam {
  readonly #length: number;
  #last = 0;
  #isCut = false;

  constructor(sampleRate: number) {
    this.#length = sampleRate * length;
  }

  /** True when the next frame is the first of another sound. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Another sound begins with the next frame. */
  cut(): void {
    this.#isCut = true;
  }

  /** Smooths the frame in its place, where it is the first of its sound. */
  smooth(frame: Int16Array): void {
    if (this.#isCut) {
      this.#isCut = false;
      const step = this.#last - (frame[0] ?? 0);
      for (let index = 0; index < this.#length && index < frame.length; index += 1) {
        const sample = (frame[index] ?? 0) + step * (1 - index / this.#length);
        frame[index] = sample > 32_767 ? 32_767 : sample < -32_768 ? -32_768 : Math.round(sample);
      }
    }
    this.#last = frame.at(-1) ?? this.#last;
  }
}
