/** Sines of one level each, summed: `level` in dBov. */
export function sines(frequencies: readonly number[], sampleRate: number, samples: number, level = -13): Int16Array {
  const amplitude = 32_768 * Math.SQRT2 * 10 ** (level / 20);
  return Int16Array.from({ length: samples }, (_, index) => {
    const sum = frequencies.reduce(
      (sum, hertz) => sum + Math.sin((2 * Math.PI * hertz * index) / sampleRate + hertz),
      0,
    );
    return Math.round(Math.max(-32_768, Math.min(32_767, amplitude * sum)));
  });
}
