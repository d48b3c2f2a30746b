import { SwitchhookError } from '@switchhook/sip';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioSink } from '../audio.ts';
import { levelOf } from '../measure/level.ts';
import { fitSines } from '../measure/sine.ts';
import { sines } from '../measure/sine.testing.ts';
import { callProgressTones } from '../tone/call-progress.ts';
import { ToneSource } from '../tone/tone-source.ts';
import { resampled, resampledSink } from './resampled.ts';
import { Resampler } from './resampler.ts';

function convert(sound: Int16Array, from: number, to: number): Int16Array {
  const resampler = new Resampler(from, to);
  resampler.write(sound);
  const converted = new Int16Array(resampler.available);
  resampler.read(converted);
  return converted;
}

const rates = [8000, 16_000, 44_100, 48_000];
const pairs = rates.flatMap((from) => rates.filter((to) => to !== from).map((to) => [from, to] as const));

describe.each(pairs)('from %d to %d samples a second', (from, to) => {
  const lower = Math.min(from, to);
  const settled = (samples: Int16Array): Int16Array => samples.subarray(to / 10, samples.length - to / 10);

  it('makes as many samples as the rates say', () => {
    expect(Math.abs(convert(new Int16Array(from), from, to).length - to)).toBeLessThanOrEqual(1);
  });

  it.each([0.03, 0.1, 0.25, 0.4, 0.425])('lets a tone at %f of the lower rate pass as it is', (share) => {
    const frequency = Math.round(lower * share);
    const heard = settled(convert(sines([frequency], from, from, -6), from, to));
    const fit = fitSines(heard, to, [frequency]);
    expect(Math.abs((fit.sines[0]?.level ?? NaN) + 6)).toBeLessThan(0.1);
    expect(fit.signalToNoise).toBeGreaterThan(70);
  });

  const above = [0.501, 0.52, 0.55, 0.6, 0.75, 0.9, 1.5, 2.5].map((share) => Math.round(lower * share));
  const folding = above.filter((frequency) => from > to && frequency < from / 2);
  if (folding.length > 0) {
    it.each(folding)('takes away %d Hz, which would fold back', (frequency) => {
      expect(levelOf(settled(convert(sines([frequency], from, from, -6), from, to)))).toBeLessThan(-6 - 70);
    });
  }

  const frequency = Math.round(lower * 0.35);
  if (from - frequency < to / 2) {
    it('adds no image above what was there', () => {
      const heard = settled(convert(sines([frequency], from, from, -6), from, to));
      expect(fitSines(heard, to, [frequency, from - frequency]).sines[1]?.level).toBeLessThan(-6 - 70);
    });
  }
});

describe('a resampler', () => {
  it('gives the same whatever the pieces', () => {
    const sound = sines([300, 1100], 44_100, 4410);
    const whole = convert(sound, 44_100, 8000);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 1 }), (lengths) => {
        const resampler = new Resampler(44_100, 8000);
        const heard: number[] = [];
        for (let start = 0, turn = 0; start < sound.length; turn += 1) {
          const length = lengths[turn % lengths.length] ?? 1;
          resampler.write(sound.subarray(start, start + length));
          const frame = new Int16Array(resampler.available);
          resampler.read(frame);
          heard.push(...frame);
          start += length;
        }
        expect(heard).toEqual([...whole]);
      }),
      { numRuns: 20 },
    );
  });

  it('asks for no more than it needs', () => {
    fc.assert(
      fc.property(fc.constantFrom(...pairs), fc.array(fc.integer({ min: 1, max: 500 })), ([from, to], lengths) => {
        const resampler = new Resampler(from, to);
        for (const length of lengths) {
          const needed = resampler.needed(length);
          if (needed > 0) {
            resampler.write(new Int16Array(needed - 1));
            expect(resampler.available).toBeLessThan(length);
            resampler.write(new Int16Array(1));
          }
          expect(resampler.available).toBeGreaterThanOrEqual(length);
          resampler.read(new Int16Array(length));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('cuts off what would leave the range', () => {
    const square = Int16Array.from({ length: 8000 }, (_, index) => (index % 16 < 8 ? 32_767 : -32_768));
    const heard = convert(square, 8000, 48_000);
    expect(Math.max(...heard)).toBe(32_767);
    expect(Math.min(...heard)).toBe(-32_768);
  });

  it.each([0, 8001, 200_000, NaN])('does not take a rate of %d', (rate) => {
    expect(() => new Resampler(rate, 8000)).toThrow(SwitchhookError);
    expect(() => new Resampler(8000, rate)).toThrow(SwitchhookError);
  });
});

describe('a source and a sink of another rate', () => {
  it('are themselves where the rate is theirs', () => {
    const source = new ToneSource(callProgressTones.ITU.dial, { sampleRate: 8000 });
    expect(resampled(source, 8000)).toBe(source);
  });

  it('give a tone as it is, 20 ms at a time, and close what is behind them', () => {
    const source = new ToneSource(callProgressTones.US.dial, { sampleRate: 8000 });
    const wide = resampled(source, 48_000);
    const written: number[] = [];
    let closed = false;
    const sink: AudioSink = {
      sampleRate: 16_000,
      write: (frame) => void written.push(...frame),
      close: () => void (closed = true),
    };
    const narrow = resampledSink(sink, 48_000);
    const frame = new Int16Array(960);
    for (let count = 0; count < 50; count += 1) {
      wide.read(frame);
      narrow.write(frame);
    }
    expect(narrow.sampleRate).toBe(48_000);
    expect(written).toHaveLength(16_000);
    const fit = fitSines(written.slice(1600), 16_000, [350, 440]);
    expect(fit.signalToNoise).toBeGreaterThan(65);
    narrow.close();
    expect(closed).toBe(true);
    expect(wide.ended).toBe(false);
    wide.close();
    expect(source.ended).toBe(true);
    expect(wide.ended).toBe(true);
  });
});
