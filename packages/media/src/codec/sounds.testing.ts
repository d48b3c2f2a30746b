/** What a voice holds on a vowel: a pitch and its harmonics, weaker the higher they are. */
export function vowel(pitch: number, sampleRate: number, milliseconds: number): Int16Array {
  return Int16Array.from({ length: (sampleRate * milliseconds) / 1000 }, (_, index) => {
    let sum = 0;
    for (let harmonic = 1; harmonic * pitch < 3400; harmonic += 1) {
      sum += Math.sin((2 * Math.PI * harmonic * pitch * index) / sampleRate + harmonic * harmonic) / harmonic;
    }
    return Math.round(6000 * sum);
  });
}

/** The greatest distance between a sample and the next. */
export function largestStep(samples: ArrayLike<number>): number {
  let step = 0;
  for (let index = 1; index < samples.length; index += 1) {
    step = Math.max(step, Math.abs((samples[index] ?? 0) - (samples[index - 1] ?? 0)));
  }
  return step;
}
