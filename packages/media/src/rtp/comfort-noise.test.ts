import fc from 'fast-check';
import { expect, test } from 'vitest';
import { levelOf } from '../measure/level.ts';
import { ComfortNoise } from './comfort-noise.ts';

/** Seconds of noise at 8,000 Hz. */
function noise(payload: readonly number[], seconds: number): Int16Array {
  const made = ComfortNoise.read(Uint8Array.from(payload), 1);
  if (made === undefined) throw new Error('no comfort noise');
  const samples = new Int16Array(seconds * 8_000);
  for (let at = 0; at < samples.length; at += 160) made.fill(samples.subarray(at, at + 160));
  return samples;
}

/** How alike a sound is to itself so many samples later, from -1 to 1. */
function autocorrelation(samples: Int16Array, lag: number): number {
  let energy = 0;
  let likeness = 0;
  for (let index = lag; index < samples.length; index += 1) {
    energy += (samples[index] ?? 0) ** 2;
    likeness += (samples[index] ?? 0) * (samples[index - lag] ?? 0);
  }
  return likeness / energy;
}

const index = (reflection: number): number => Math.round((reflection * 32_768) / 258) + 127;

test('is white where only a level is said', () => {
  const samples = noise([30], 10);
  expect(levelOf(samples)).toBeCloseTo(-30, 0);
  for (const lag of [1, 2, 5]) expect(Math.abs(autocorrelation(samples, lag))).toBeLessThan(0.02);
});

test('sounds as what ffmpeg has listened to: brown noise, of which one sample is the next one by 98 %', () => {
  // A packet that its encoder made of `anoisesrc=color=brown:r=8000:a=0.1`.
  const samples = noise([0x24, 0x03, 0x83, 0x88, 0x88, 0x85, 0x8c, 0x83, 0x77, 0x7d, 0x83], 20);
  expect(levelOf(samples)).toBeCloseTo(-36, -0.5);
  expect(autocorrelation(samples, 1)).toBeCloseTo(0.98, 1);
  expect(autocorrelation(samples, 4)).toBeGreaterThan(0.85);
});

test.each([-0.9, -0.5, 0.5, 0.9])('a first coefficient of %d is the likeness of neighbours, turned', (reflection) => {
  expect(autocorrelation(noise([30, index(reflection)], 20), 1)).toBeCloseTo(-reflection, 1);
});

test('resonates where the model does: the second coefficient alone at a quarter of the rate', () => {
  const samples = noise([30, 127, index(0.95)], 20);
  expect(levelOf(samples)).toBeCloseTo(-30, 0);
  expect(autocorrelation(samples, 1)).toBeCloseTo(0, 1);
  expect(autocorrelation(samples, 2)).toBeCloseTo(-0.95, 1);
});

test('is as loud as it says, whatever shapes it', () => {
  const shape = fc.array(fc.integer({ min: index(-0.9), max: index(0.9) }), { maxLength: 16 });
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 50 }), shape, (level, indices) => {
      expect(Math.abs(levelOf(noise([level, ...indices], 20)) + level)).toBeLessThan(1.5);
    }),
    { numRuns: 15, seed: 3389 },
  );
});

test('is none where the level is none, and never comes out at the other end of what a sample holds', () => {
  expect(ComfortNoise.read(Uint8Array.of(128, 100), 1)).toBeUndefined();
  expect(ComfortNoise.read(new Uint8Array(), 1)).toBeUndefined();
  const loudest = noise([0, index(-0.99)], 1);
  const jumps = loudest.filter((sample, at) => at > 0 && Math.abs(sample - (loudest[at - 1] ?? 0)) > 40_000);
  expect(jumps).toHaveLength(0);
});

test('reads neither behind a reserved coefficient nor behind the sixteenth', () => {
  const shape = Array.from({ length: 16 }, (_, order) => 100 + order);
  expect(noise([40, ...shape, 20, 230], 1)).toEqual(noise([40, ...shape], 1));
  expect(noise([40, 100, 255, 20], 1)).toEqual(noise([40, 100], 1));
  expect(noise([40, 100, 20], 1)).not.toEqual(noise([40, 100], 1));
});
