import { ilb } from './g722-tables.ts';

function saturate(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

/** A product of two fractions of 15 bits. */
function scaled(a: number, b: number): number {
  return (a * b) >> 15;
}

/** Two poles, six zeros. */
const zeros = 6;

/**
 * One of the two bands of G.722, with what encoder and decoder do alike: the adaptive predictor and the adaptive
 * scale factor of its quantizer. Names in capitals are those of the blocks in G.722 clause 6.2.
 */
export class Band {
  /** What the predictor expects of the next sample. */
  estimate = 0;
  /** The scale factor of the quantizer. */
  scale: number;
  readonly #largestLogarithm: number;
  readonly #shift: number;
  #logarithm = 0;
  #zeroEstimate = 0;
  #pole1 = 0;
  #pole2 = 0;
  readonly #zero = new Int32Array(zeros);
  readonly #differences = new Int32Array(zeros);
  #reconstructed1 = 0;
  #reconstructed2 = 0;
  #partial1 = 0;
  #partial2 = 0;

  /**
   * @param scale the factor at the start: 32 for the lower band, 8 for the higher
   * @param largestLogarithm the bound of its logarithm: 18,432 and 22,528
   * @param shift what makes the factor of the logarithm: 8 and 10
   */
  constructor(scale: number, largestLogarithm: number, shift: number) {
    this.scale = scale;
    this.#largestLogarithm = largestLogarithm;
    this.#shift = shift;
  }

  /**
   * Takes the quantized difference between the sample and its estimate, and what the word for it adds to the
   * logarithm of the scale factor.
   */
  adapt(difference: number, logarithmStep: number): void {
    this.#adaptScale(logarithmStep);
    this.#adaptPredictor(difference);
  }

  /** LOGSCL and SCALEL, LOGSCH and SCALEH. */
  #adaptScale(step: number): void {
    const logarithm = ((this.#logarithm * 127) >> 7) + step;
    this.#logarithm = Math.max(0, Math.min(this.#largestLogarithm, logarithm));
    const mantissa = ilb[(this.#logarithm >> 6) & 31] ?? 0;
    const shift = this.#shift - (this.#logarithm >> 11);
    this.scale = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
  }

  #adaptPredictor(difference: number): void {
    const reconstructed = saturate(this.estimate + difference);
    const partial = saturate(this.#zeroEstimate + difference);
    this.#adaptPoles(partial);
    this.#adaptZeros(difference);
    this.#differences.copyWithin(1, 0);
    this.#differences[0] = difference;
    this.#reconstructed2 = this.#reconstructed1;
    this.#reconstructed1 = reconstructed;
    this.#partial2 = this.#partial1;
    this.#partial1 = partial;
    this.#predict();
  }

  /** UPPOL2 and UPPOL1. */
  #adaptPoles(partial: number): void {
    const like1 = partial >> 15 === this.#partial1 >> 15;
    const like2 = partial >> 15 === this.#partial2 >> 15;
    const quadrupled = saturate(this.#pole1 << 2);
    const turned = like1 ? Math.min(32_767, -quadrupled) : quadrupled;
    const second = (turned >> 7) + (like2 ? 128 : -128) + scaled(this.#pole2, 32_512);
    this.#pole2 = Math.max(-12_288, Math.min(12_288, second));
    const first = saturate((like1 ? 192 : -192) + scaled(this.#pole1, 32_640));
    const bound = saturate(15_360 - this.#pole2);
    this.#pole1 = Math.max(-bound, Math.min(bound, first));
  }

  /** UPZERO. */
  #adaptZeros(difference: number): void {
    const step = difference === 0 ? 0 : 128;
    const sign = difference >> 15;
    for (let index = 0; index < zeros; index += 1) {
      const like = (this.#differences[index] ?? 0) >> 15 === sign;
      this.#zero[index] = saturate((like ? step : -step) + scaled(this.#zero[index] ?? 0, 32_640));
    }
  }

  /** FILTEP, FILTEZ and PREDIC. */
  #predict(): void {
    const first = scaled(this.#pole1, saturate(2 * this.#reconstructed1));
    const second = scaled(this.#pole2, saturate(2 * this.#reconstructed2));
    let sum = 0;
    for (let index = zeros - 1; index >= 0; index -= 1) {
      sum += scaled(this.#zero[index] ?? 0, saturate(2 * (this.#differences[index] ?? 0)));
    }
    this.#zeroEstimate = saturate(sum);
    this.estimate = saturate(saturate(first + second) + this.#zeroEstimate);
  }
}

export const lowerBand = (): Band => new Band(32, 18_432, 8);
export const higherBand = (): Band => new Band(8, 22_528, 10);

export { saturate, scaled };
