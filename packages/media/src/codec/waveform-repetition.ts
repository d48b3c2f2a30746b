/** Milliseconds. A voice's pitch is looked for between 66 and 200 Hz (G.711 Appendix I). */
const shortestPeriod = 5;
const longestPeriod = 15;
/** What is compared to find the period. */
const template = 20;
/** For so long a gap is filled at full level; from then on it fades, and is silence at the end. */
const fullLevel = 10;
const longestFill = 60;
/** What comes back after a gap is blended in for so long. */
const blend = 5;

/**
 * Fills the gap of a lost packet with the last period of what was heard, over and over, as G.711 Appendix I does, but
 * without its delay: full level for 10 ms, from there on softer by a fifth of that every 10 ms, silence after 60 ms.
 * The first 5 ms after the gap are blended with what would have gone on.
 */
export class WaveformRepetition {
  readonly #perMillisecond: number;
  readonly #history: Int16Array;
  /** The period that is repeated; empty while nothing is missing. */
  #period = new Float64Array(0);
  /** What the first repetition is off by from the last sample heard: taken back within a quarter of a period. */
  #step = 0;
  /** Samples of the gap that are filled. */
  #filled = 0;

  constructor(sampleRate: number) {
    this.#perMillisecond = sampleRate / 1000;
    this.#history = new Int16Array(Math.ceil((template + longestPeriod + longestPeriod / 4) * this.#perMillisecond));
  }

  /** Takes note of what is heard, and blends it with the end of a gap before it, in place. */
  received(samples: Int16Array): void {
    if (this.#period.length > 0) {
      const length = Math.min(samples.length, Math.round(blend * this.#perMillisecond));
      for (let index = 0; index < length; index += 1) {
        const share = (index + 1) / (length + 1);
        const sample = samples[index] ?? 0;
        samples[index] = Math.round(share * sample + (1 - share) * this.#next());
      }
      this.#period = new Float64Array(0);
    }
    this.#remember(samples);
  }

  /** So many samples for the place of what is missing. */
  fill(length: number): Int16Array {
    if (this.#period.length === 0) this.#begin();
    const samples = new Int16Array(length);
    for (let index = 0; index < length; index += 1) samples[index] = Math.round(this.#next());
    this.#remember(samples);
    return samples;
  }

  #remember(samples: Int16Array): void {
    const history = this.#history;
    const kept = samples.subarray(Math.max(0, samples.length - history.length));
    history.copyWithin(0, kept.length);
    history.set(kept, history.length - kept.length);
  }

  #begin(): void {
    const history = this.#history;
    const length = this.#findPeriod();
    const end = history.length;
    const at = (index: number): number => history[index] ?? 0;
    const overlap = length >> 2;
    // The end of the period leads over into its beginning: it goes into what came before it.
    this.#period = Float64Array.from({ length }, (_, index) => {
      const share = Math.max(0, (index + 1 - (length - overlap)) / (overlap + 1));
      return (1 - share) * at(end - length + index) + share * at(end - 2 * length + index);
    });
    this.#step = at(end - 1) - at(end - 1 - length);
    this.#filled = 0;
  }

  #next(): number {
    const { length } = this.#period;
    const quarter = length >> 2;
    const place = this.#filled;
    this.#filled += 1;
    const age = place / this.#perMillisecond;
    const level = Math.max(0, Math.min(1, (longestFill - age) / (longestFill - fullLevel)));
    const correction = place < quarter ? this.#step * (1 - (place + 1) / (quarter + 1)) : 0;
    return Math.max(-32_768, Math.min(32_767, level * ((this.#period[place % length] ?? 0) + correction)));
  }

  /** The lag at which the end of what was heard is most like itself. */
  #findPeriod(): number {
    const history = this.#history;
    const shortest = Math.round(shortestPeriod * this.#perMillisecond);
    const longest = Math.round(longestPeriod * this.#perMillisecond);
    const length = Math.round(template * this.#perMillisecond);
    const start = history.length - length;
    let best = longest;
    let bestLikeness = -Infinity;
    for (let lag = shortest; lag <= longest; lag += 1) {
      let product = 0;
      let energy = 1;
      for (let index = start; index < history.length; index += 1) {
        const earlier = history[index - lag] ?? 0;
        product += (history[index] ?? 0) * earlier;
        energy += earlier * earlier;
      }
      const likeness = product / Math.sqrt(energy);
      if (likeness > bestLikeness) {
        bestLikeness = likeness;
        best = lag;
      }
    }
    return best;
  }
}
