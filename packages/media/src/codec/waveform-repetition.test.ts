import { describe, expect, it } from 'vitest';
import { levelOf } from '../measure/level.ts';
import { largestStep, vowel } from './sounds.testing.ts';
import { WaveformRepetition } from './waveform-repetition.ts';

function signalToNoise(wanted: Int16Array, heard: Int16Array): number {
  return levelOf(wanted) - levelOf(wanted.map((sample, index) => sample - (heard[index] ?? 0)));
}

describe.each([8000, 16_000])('at %d samples a second', (sampleRate) => {
  const milliseconds = (count: number): number => (sampleRate * count) / 1000;

  function withGap(sound: Int16Array, from: number, length: number): Int16Array {
    const repetition = new WaveformRepetition(sampleRate);
    const heard = new Int16Array(sound.length);
    for (let start = 0; start < sound.length; start += milliseconds(20)) {
      const end = start + milliseconds(20);
      if (start >= milliseconds(from) && start < milliseconds(from + length)) {
        heard.set(repetition.fill(milliseconds(20)), start);
      } else {
        const frame = sound.slice(start, end);
        repetition.received(frame);
        heard.set(frame, start);
      }
    }
    return heard;
  }

  it.each([80, 100, 125, 160, 200, 320])('fills 20 ms of a vowel of %d Hz', (pitch) => {
    const sound = vowel(pitch, sampleRate, 200);
    const heard = withGap(sound, 100, 20);
    const gap = [milliseconds(100), milliseconds(110)] as const;
    expect(signalToNoise(sound.subarray(...gap), heard.subarray(...gap))).toBeGreaterThan(15);
    const after = milliseconds(125);
    expect(heard.subarray(after)).toEqual(sound.subarray(after));
  });

  it.each([97, 113, 142, 187])('fills it where the pitch of %d Hz is no whole number of samples', (pitch) => {
    const sound = vowel(pitch, sampleRate, 200);
    const heard = withGap(sound, 100, 20);
    const gap = [milliseconds(100), milliseconds(110)] as const;
    expect(signalToNoise(sound.subarray(...gap), heard.subarray(...gap))).toBeGreaterThan(6);
    expect(levelOf(heard.subarray(...gap))).toBeCloseTo(levelOf(sound.subarray(...gap)), 0);
  });

  it.each([
    ['rises', 1.25],
    ['falls', 0.8],
  ])('makes no click where pitch and loudness change: %s', (_how, change) => {
    // A single sine has small steps of its own: whatever jumps stands out.
    let phase = 0;
    const sound = Int16Array.from({ length: milliseconds(400) }, (_, index) => {
      const grown = change ** (index / milliseconds(100));
      phase += (2 * Math.PI * 110 * grown) / sampleRate;
      return Math.round(4000 * grown * Math.sin(phase));
    });
    for (const lost of [100, 120, 140, 160, 180, 200, 220, 240]) {
      const around = [milliseconds(lost - 20), milliseconds(lost + 60)] as const;
      const own = largestStep(sound.subarray(...around));
      expect(largestStep(withGap(sound, lost, 20).subarray(...around)), `at ${lost} ms`).toBeLessThan(1.8 * own);
    }
  });

  it('makes no click at either end', () => {
    const sound = vowel(113, sampleRate, 200);
    expect(largestStep(withGap(sound, 100, 40))).toBeLessThanOrEqual(1.25 * largestStep(sound));
  });

  it('fades from 10 ms on and is silent after 60', () => {
    const heard = withGap(vowel(100, sampleRate, 300), 100, 100);
    const levelAt = (from: number): number => levelOf(heard.subarray(milliseconds(from), milliseconds(from + 10)));
    const full = levelAt(90);
    expect(levelAt(100)).toBeCloseTo(full, 0);
    const shares = [20, 30, 40, 50].map((age) => 10 ** ((levelAt(100 + age) - full) / 20));
    [0.7, 0.5, 0.3, 0.1].forEach((share, index) => expect(shares[index]).toBeCloseTo(share, 1));
    expect(heard.subarray(milliseconds(160), milliseconds(200)).every((sample) => sample === 0)).toBe(true);
    expect(levelAt(210)).toBeCloseTo(full, 0);
  });
});
