import { describe, expect, it } from 'vitest';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from './g711.ts';

/**
 * A law as G.711's tables 1 and 2 lay it out: segments of a number of intervals of one width, from zero upwards, on a
 * scale of the 16 bits that samples have here.
 */
interface Segment {
  readonly intervals: number;
  readonly width: number;
}

const aLawSegments: readonly Segment[] = [
  { intervals: 32, width: 16 },
  ...[32, 64, 128, 256, 512, 1024].map((width) => ({ intervals: 16, width })),
];

/** The first interval of mu-law is half as wide as its segment's: zero stands in its middle. */
const muLawSegments: readonly Segment[] = [
  { intervals: 1, width: 4 },
  { intervals: 15, width: 8 },
  ...[16, 32, 64, 128, 256, 512, 1024].map((width) => ({ intervals: 16, width })),
];

/** For each code of positive values: where its interval begins, and the value it is decoded to. */
function intervalsOf(segments: readonly Segment[]): { from: number; value: number }[] {
  const intervals: { from: number; value: number }[] = [];
  let from = 0;
  for (const { intervals: count, width } of segments) {
    for (let index = 0; index < count; index += 1) {
      intervals.push({ from, value: from + width / 2 });
      from += width;
    }
  }
  return intervals;
}

const aLaw = intervalsOf(aLawSegments);
const muLaw = intervalsOf(muLawSegments).map((interval, code) => (code === 0 ? { from: 0, value: 0 } : interval));

const everySample = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);

describe.each([
  { name: 'mu-law', intervals: muLaw, turned: 0x7f, encode: encodeMuLaw, decode: decodeMuLaw },
  { name: 'A-law', intervals: aLaw, turned: 0x55, encode: encodeALaw, decode: decodeALaw },
])('$name', ({ intervals, turned, encode, decode }) => {
  it('has 128 intervals on each side of zero', () => {
    expect(intervals).toHaveLength(128);
  });

  it('encodes each of the 65,536 samples by the decision values of G.711', () => {
    const expected = Uint8Array.from(everySample, (sample) => {
      const magnitude = sample < 0 ? -1 - sample : sample;
      const code = intervals.findLastIndex(({ from }) => from <= magnitude);
      return ((sample < 0 ? 0 : 0x80) | code) ^ turned;
    });
    expect(encode(everySample)).toEqual(expected);
  });

  it('decodes each byte to the middle of its interval', () => {
    const expected = Int16Array.from(everyByte, (byte) => {
      const code = byte ^ turned;
      const value = intervals[code & 0x7f]?.value ?? NaN;
      return (code & 0x80) === 0 ? -value : value;
    });
    expect(decode(everyByte)).toEqual(expected);
  });

  it('keeps every byte over decoding and encoding, but for the two zeros', () => {
    const again = encode(decode(everyByte));
    const changed = [...everyByte].filter((byte) => again[byte] !== byte);
    expect(changed.map((byte) => decode(Uint8Array.of(byte))[0])).toEqual(changed.map(() => 0));
  });

  it('errs by half an interval at most', () => {
    const decoded = decode(encode(everySample));
    const tooFar = everySample.filter((sample, index) => {
      const magnitude = Math.abs(sample);
      // Intervals double with each segment; those of mu-law begin 132 below theirs. What is louder than the last one is clipped.
      const halfInterval = Math.max(8, (magnitude + 132) / 32);
      return magnitude <= 32_124 && Math.abs((decoded[index] ?? NaN) - sample) > halfInterval;
    });
    expect([...tooFar]).toEqual([]);
  });
});

it('knows the bytes that everybody knows', () => {
  expect(encodeMuLaw(Int16Array.of(0, -1, 32_767, -32_768))).toEqual(Uint8Array.of(0xff, 0x7f, 0x80, 0x00));
  expect(encodeALaw(Int16Array.of(0, -1, 32_767, -32_768))).toEqual(Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a));
  expect(decodeMuLaw(Uint8Array.of(0x00, 0x80, 0xff))).toEqual(Int16Array.of(-32_124, 32_124, 0));
  expect(decodeALaw(Uint8Array.of(0x2a, 0xaa, 0xd5))).toEqual(Int16Array.of(-32_256, 32_256, 8));
});
