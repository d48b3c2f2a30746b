import { describe, expect, it } from 'vitest';
import { pcmu } from '../codec/pcm.ts';
import { likenessOf } from './likeness.ts';
import { melody } from './melody.ts';

function over(sound: Int16Array): Int16Array {
  return pcmu.createDecoder().decode(pcmu.createEncoder().encode(sound)) ?? new Int16Array();
}

describe.each([8000, 16_000])('at %d samples a second', (sampleRate) => {
  const played = melody(1, 4, sampleRate);
  const seconds = (count: number): number => Math.round(count * sampleRate);

  it('finds what came over a path, and how much later', () => {
    const heard = new Int16Array(seconds(4));
    heard.set(over(played).subarray(0, seconds(3.877)), seconds(0.123));
    const { share, delay } = likenessOf(played, heard, sampleRate);
    expect(delay).toBeCloseTo(123, 0);
    // The first window is half silence.
    expect(share).toBeCloseTo(0.95, 5);
  });

  it('finds it where its beginning was missed, and louder or softer than it was', () => {
    const heard = played.subarray(seconds(0.5), seconds(2.5)).map((sample) => sample >> 2);
    expect(likenessOf(played, heard, sampleRate)).toEqual({ share: 1, delay: expect.closeTo(-500, 0) as number });
  });

  it('finds what was played on both sides of an interruption', () => {
    const heard = Int16Array.of(
      ...played.subarray(0, seconds(1)),
      ...new Int16Array(seconds(1)),
      ...played.subarray(seconds(3), seconds(4)),
    );
    expect(likenessOf(played, heard, sampleRate)).toEqual({ share: expect.closeTo(2 / 3, 5) as number, delay: 0 });
  });

  it('finds nothing of it in another melody, in silence, and in less than a second', () => {
    const nothing = { share: 0, delay: undefined };
    expect(likenessOf(played, melody(2, 2, sampleRate), sampleRate)).toEqual(nothing);
    expect(likenessOf(played, new Int16Array(seconds(2)), sampleRate)).toEqual(nothing);
    expect(likenessOf(played, played.subarray(0, seconds(0.9)), sampleRate)).toEqual(nothing);
  });
});
