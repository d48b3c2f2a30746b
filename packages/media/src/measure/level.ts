/** What digital silence is called: RFC 6464 3 has nothing below it. */
export const silenceLevel = -127;

const fullScale = 32_768;

/**
 * From a share of full scale to dBov: 0 is the loudest square wave that there can be, a sine reaches -3.01 (RFC 6464
 * 3).
 */
export function toDecibels(share: number): number {
  return share <= 0 ? silenceLevel : Math.max(silenceLevel, 20 * Math.log10(share));
}

/** Root mean square of the samples, in dBov. */
export function levelOf(samples: ArrayLike<number>): number {
  let energy = 0;
  for (let index = 0; index < samples.length; index += 1) energy += (samples[index] ?? 0) ** 2;
  return samples.length === 0 ? silenceLevel : toDecibels(Math.sqrt(energy / samples.length) / fullScale);
}
