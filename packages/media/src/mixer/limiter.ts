/** What is louder than this is turned down. */
const ceiling = 32_000;

/** A voice that was turned down comes back by so much a frame of 20 ms: 12 dB a second. */
const release = 10 ** (0.24 / 20);

/**
 * Makes 16 bits of a sum that has more: not by cutting its peaks off, which is heard as a rattle, but by turning the
 * whole down for as long as it is too loud.
 */
export class Limiter {
  #gain = 1;
  /** Samples over which the gain falls: 2.5 ms, too slow for a click. */
  readonly #attack: number;

  constructor(sampleRate: number) {
    this.#attack = sampleRate / 400;
  }

  /** The frame of `sum` less `own`, turned down where need be, into `output`. */
  subtract(sum: Int32Array, own: Int16Array | undefined, output: Int16Array): void {
    let peak = 0;
    for (let index = 0; index < output.length; index += 1) {
      const magnitude = Math.abs((sum[index] ?? 0) - (own?.[index] ?? 0));
      if (magnitude > peak) peak = magnitude;
    }
    const before = this.#gain;
    this.#gain = Math.min(1, before * release, ceiling / Math.max(1, peak));
    const after = this.#gain;
    // Down at once, for the peak may be near; up over the whole frame.
    const length = after < before ? Math.min(this.#attack, output.length) : output.length;
    for (let index = 0; index < output.length; index += 1) {
      const gain = index < length ? before + ((after - before) * (index + 1)) / length : after;
      const sample = gain * ((sum[index] ?? 0) - (own?.[index] ?? 0));
      output[index] = sample > 32_767 ? 32_767 : sample < -32_768 ? -32_768 : Math.round(sample);
    }
  }
}
