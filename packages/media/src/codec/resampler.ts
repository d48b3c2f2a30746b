import { SwitchhookError } from '@switchhook/sip';

/** Samples of the slower side that the filter looks at: its length, and twice its delay. */
const span = 64;

/** Of the Kaiser window: 80 dB. */
const beta = 7.86;

/** Where the filter is half way down, as a share of the lower rate: 3.7 kHz at 8 kHz. */
const cutoff = 0.4625;

/** Rates are multiples of this: what is shared by all that sound has. */
const granularity = 25;
const lowestRate = 50;
const highestRate = 192_000;

/** The rates that sound may have, for a person. */
export const sampleRates = `a multiple of ${granularity} from ${lowestRate} to ${highestRate}`;

export function isSampleRate(rate: number): boolean {
  return rate >= lowestRate && rate <= highestRate && rate % granularity === 0;
}

/** Bessel's modified function of order zero. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** A low-pass at `up` times the input's rate, laid out as one row of taps for each of the phases between two samples. */
interface PolyphaseFilter {
  readonly up: number;
  readonly down: number;
  readonly taps: number;
  readonly rows: Float64Array;
}

function createFilter(from: number, to: number): PolyphaseFilter {
  const divisor = greatestCommonDivisor(from, to);
  const up = to / divisor;
  const down = from / divisor;
  // One sample of the slower side, in samples of the input.
  const stretch = Math.max(1, from / to);
  const taps = 2 * Math.ceil((span * stretch) / 2);
  const rows = new Float64Array(up * taps);
  const peak = bessel(beta);
  for (let phase = 0; phase < up; phase += 1) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      const distance = (tap - taps / 2 + 1 - phase / up) / stretch;
      const place = distance / (span / 2);
      const window = Math.abs(place) >= 1 ? 0 : bessel(beta * Math.sqrt(1 - place * place)) / peak;
      const angle = 2 * Math.PI * cutoff * distance;
      const weight = window * (angle === 0 ? 1 : Math.sin(angle) / angle);
      rows[phase * taps + tap] = weight;
      sum += weight;
    }
    // Each phase lets a constant pass as it is.
    for (let tap = 0; tap < taps; tap += 1) rows[phase * taps + tap] = (rows[phase * taps + tap] ?? 0) / sum;
  }
  return { up, down, taps, rows };
}

/** Filters are made once for each pair of rates: they are the same for all calls. */
const filters = new Map<string, PolyphaseFilter>();

function filterFor(from: number, to: number): PolyphaseFilter {
  for (const rate of [from, to]) {
    if (!isSampleRate(rate))
      throw new SwitchhookError('invalid-sample-rate', `${rate} samples a second: not ${sampleRates}`);
  }
  const key = `${from}/${to}`;
  const filter = filters.get(key) ?? createFilter(from, to);
  filters.set(key, filter);
  return filter;
}

/**
 * Sound of one rate to sound of another: a windowed sinc, flat within 0.1 dB to 0.425 of the lower rate (3.4 kHz at 8
 * kHz), 70 dB down from half of it on, so what would fold back is gone. It delays by 32 samples of the lower rate: 4 ms
 * at 8 kHz.
 *
 * @throws SwitchhookError `invalid-sample-rate` for a rate that is no multiple of 25 from 50 to 192,000
 */
export class Resampler {
  readonly #filter: PolyphaseFilter;
  /** Samples of the input from the first that the next output needs. */
  #samples: Float64Array;
  #length: number;
  /** Where between two samples of the input the next output lies. */
  #phase = 0;

  constructor(from: number, to: number) {
    this.#filter = filterFor(from, to);
    this.#samples = new Float64Array(4 * this.#filter.taps);
    // Silence before the first sample, as much as all but one of the taps see.
    this.#length = this.#filter.taps - 1;
  }

  /** How many samples of the input have to come before `count` samples can be read. */
  needed(count: number): number {
    const { up, down, taps } = this.#filter;
    if (count === 0) return 0;
    const last = Math.floor((this.#phase + (count - 1) * down) / up);
    return Math.max(0, last + taps - this.#length);
  }

  /** How many samples can be read. */
  get available(): number {
    const { up, down, taps } = this.#filter;
    return Math.max(0, Math.ceil(((this.#length - taps + 1) * up - this.#phase) / down));
  }

  write(frame: Int16Array): void {
    if (this.#length + frame.length > this.#samples.length) {
      const larger = new Float64Array(2 * (this.#length + frame.length));
      larger.set(this.#samples.subarray(0, this.#length));
      this.#samples = larger;
    }
    this.#samples.set(frame, this.#length);
    this.#length += frame.length;
  }

  /** Fills the frame; not more than {@link available}. */
  read(frame: Int16Array): void {
    const { up, down, taps, rows } = this.#filter;
    const samples = this.#samples;
    let phase = this.#phase;
    let start = 0;
    for (let index = 0; index < frame.length; index += 1) {
      const row = phase * taps;
      let sum = 0;
      for (let tap = 0; tap < taps; tap += 1) sum += (samples[start + tap] ?? 0) * (rows[row + tap] ?? 0);
      frame[index] = sum > 32_767 ? 32_767 : sum < -32_768 ? -32_768 : Math.round(sum);
      phase += down;
      start += Math.floor(phase / up);
      phase %= up;
    }
    this.#phase = phase;
    samples.copyWithin(0, start, this.#length);
    this.#length -= start;
  }
}
