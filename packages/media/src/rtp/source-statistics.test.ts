import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SourceStatistics } from './source-statistics.ts';

const header = (sequenceNumber: number, timestamp = 0): Parameters<SourceStatistics['update']>[0] => ({
  marker: false,
  payloadType: 0,
  sequenceNumber: sequenceNumber & 0xffff,
  timestamp: timestamp >>> 0,
  ssrc: 1,
});

function fed(numbers: readonly number[]): SourceStatistics {
  const statistics = new SourceStatistics(header(numbers[0] ?? 0), 8_000);
  for (const number of numbers) statistics.update(header(number), 160, 0, true);
  return statistics;
}

test('counts what is expected and lost around the end of the numbers', () => {
  const statistics = fed([65_534, 65_535, 1, 2, 5]);
  expect(statistics.expected).toBe(8);
  expect(statistics.lost).toBe(3);
  expect(statistics.report()).toEqual({ fractionLost: 96, cumulativeLost: 3, highestSequence: 65_541, jitter: 0 });
});

test('the fraction lost is that since the report before; duplicates make it no less than nothing', () => {
  const statistics = fed([1, 2, 4]);
  expect(statistics.report().fractionLost).toBe(64);
  for (const number of [5, 6]) statistics.update(header(number), 160, 0, true);
  expect(statistics.report().fractionLost).toBe(0);
  for (const number of [6, 6, 6]) statistics.update(header(number), 160, 0, true);
  expect(statistics.report()).toMatchObject({ fractionLost: 0, cumulativeLost: -2 });
  expect(statistics.lost).toBe(0);
});

test('a number far away is not believed once, but twice in a row', () => {
  const statistics = fed([100, 101]);
  expect(statistics.update(header(40_000), 160, 0, true)).toBe(false);
  expect(statistics.update(header(102), 160, 0, true)).toBe(true);
  expect(statistics.update(header(30_000), 160, 0, true)).toBe(false);
  expect(statistics.update(header(30_001), 160, 0, true)).toBe(true);
  expect(statistics.expected).toBe(1);
  expect(statistics.received).toBe(1);
});

test('jitter is that of RFC 3550 A.8: none on a regular way, a sixteenth of each difference else', () => {
  const statistics = new SourceStatistics(header(0), 8_000);
  statistics.update(header(0, 0), 160, 1_000, true);
  statistics.update(header(1, 160), 160, 1_020, true);
  expect(statistics.jitter).toBe(0);
  statistics.update(header(2, 320), 160, 1_056, true);
  expect(statistics.jitter).toBe(1);
  statistics.update(header(3, 480), 160, 1_060, true);
  expect(statistics.jitter).toBeCloseTo(1 + (16 - 1) / 16);
  // A digit's packets all have the time of its beginning.
  statistics.update(header(4, 480), 160, 1_500, false);
  expect(statistics.jitter).toBeCloseTo(1 + (16 - 1) / 16);
});

test('what is reported fits its fields, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1 }), (numbers) => {
      const { fractionLost, cumulativeLost, highestSequence } = fed(numbers).report();
      expect(fractionLost).toBeGreaterThanOrEqual(0);
      expect(fractionLost).toBeLessThanOrEqual(255);
      expect(Math.abs(cumulativeLost)).toBeLessThanOrEqual(0x80_0000);
      expect(highestSequence).toBeLessThan(2 ** 32);
    }),
  );
});
