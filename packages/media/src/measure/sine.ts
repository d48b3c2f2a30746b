import { toDecibels } from './level.ts';

/** What of a sound is one of the sines that were looked for. */
export interface MeasuredSine {
  readonly frequency: number;
  /** In dBov: a sine at full scale has -3.01. */
  readonly level: number;
  /** Radians, of a sine at the first sample. */
  readonly phase: number;
}

/** Which sines a sound is made of, and what else is in it. */
export interface SineFit {
  readonly sines: readonly MeasuredSine[];
  /** What is left when the sines and the mean are taken away, in dBov. */
  readonly residual: number;
  /** Power of the sines to power of all the rest, in decibels. */
  readonly signalToNoise: number;
}

/** Solves the symmetric equations in place (Gauss with pivots); there are a handful of them. */
function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  const at = (row: number, column: number): number => matrix[row]?.[column] ?? 0;
  const order = Array.from({ length: size }, (_, index) => index);
  const solution = new Float64Array(size);
  for (let column = 0; column < size; column += 1) {
    const rest = order.slice(column);
    const best = rest.reduce((a, b) => (Math.abs(at(b, column)) > Math.abs(at(a, column)) ? b : a));
    order.splice(order.indexOf(best, column), 1);
    order.splice(column, 0, best);
    for (const row of order.slice(column + 1)) {
      const factor = at(best, column) === 0 ? 0 : at(row, column) / at(best, column);
      for (let k = column; k < size; k += 1) (matrix[row] ?? right)[k] = at(row, k) - factor * at(best, k);
      right[row] = (right[row] ?? 0) - factor * (right[best] ?? 0);
    }
  }
  for (let column = size - 1; column >= 0; column -= 1) {
    const row = order[column] ?? 0;
    let sum = right[row] ?? 0;
    for (let k = column + 1; k < size; k += 1) sum -= at(row, k) * (solution[k] ?? 0);
    solution[column] = at(row, column) === 0 ? 0 : sum / at(row, column);
  }
  return solution;
}

/**
 * Fits sines of known frequencies and a constant to the samples by least squares: amplitude and phase of each come out,
 * so neither delay nor gain of a path counts as noise. At least a few periods of the lowest frequency are wanted.
 */
export function fitSines(samples: ArrayLike<number>, sampleRate: number, frequencies: readonly number[]): SineFit {
  const size = 2 * frequencies.length + 1;
  const matrix = Array.from({ length: size }, () => new Float64Array(size));
  const right = new Float64Array(size);
  const basis = new Float64Array(size);
  const fill = (index: number): void => {
    basis[0] = 1;
    frequencies.forEach((frequency, number) => {
      const angle = (2 * Math.PI * frequency * index) / sampleRate;
      basis[2 * number + 1] = Math.sin(angle);
      basis[2 * number + 2] = Math.cos(angle);
    });
  };
  for (let index = 0; index < samples.length; index += 1) {
    fill(index);
    const sample = samples[index] ?? 0;
    for (let row = 0; row < size; row += 1) {
      const weight = basis[row] ?? 0;
      const line = matrix[row] ?? basis;
      right[row] = (right[row] ?? 0) + weight * sample;
      for (let column = 0; column < size; column += 1)
        line[column] = (line[column] ?? 0) + weight * (basis[column] ?? 0);
    }
  }
  const weights = solve(matrix, right);
  const mean = weights[0] ?? 0;
  let signal = 0;
  let noise = 0;
  for (let index = 0; index < samples.length; index += 1) {
    fill(index);
    let fitted = 0;
    for (let row = 1; row < size; row += 1) fitted += (weights[row] ?? 0) * (basis[row] ?? 0);
    signal += fitted * fitted;
    noise += ((samples[index] ?? 0) - mean - fitted) ** 2;
  }
  return {
    sines: frequencies.map((frequency, number) => {
      const sine = weights[2 * number + 1] ?? 0;
      const cosine = weights[2 * number + 2] ?? 0;
      return {
        frequency,
        level: toDecibels(Math.hypot(sine, cosine) / Math.SQRT2 / 32_768),
        phase: Math.atan2(cosine, sine),
      };
    }),
    residual: toDecibels(Math.sqrt(noise / Math.max(1, samples.length)) / 32_768),
    signalToNoise: noise === 0 ? Infinity : 10 * Math.log10(signal / noise),
  };
}
