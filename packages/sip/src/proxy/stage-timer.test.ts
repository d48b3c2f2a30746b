import { expect, test } from 'vitest';
import { ManualClock } from '../transport/manual-clock.testing.ts';
import { StageTimer } from './stage-timer.ts';

/** A timer whose stage has begun, its clock, and when its time was up. */
function begun(ringWithin: number | undefined, ringTime: number | undefined) {
  const clock = new ManualClock();
  const ends: number[] = [];
  const timer = new StageTimer(clock, () => ends.push(clock.now()));
  timer.begin({
    targets: [],
    ...(ringWithin !== undefined && { ringWithin }),
    ...(ringTime !== undefined && { ringTime }),
  });
  return { clock, timer, ends };
}

test('a stage that does not ring ends after the time for that', () => {
  const { clock, ends } = begun(8_000, 20_000);
  clock.advance(60_000);
  expect(ends).toEqual([8_000]);
  expect(clock.pending).toBe(0);
});

test.each([
  [20_000, 23_000],
  [5_000, 8_000],
  [1_000, 4_000],
])('one that rings after 3 s ends %d ms later, and further ringing changes nothing', (ringTime, end) => {
  const { clock, timer, ends } = begun(8_000, ringTime);
  clock.advance(3_000);
  timer.rings();
  clock.advance(500);
  timer.rings();
  clock.advance(60_000);
  expect(ends).toEqual([end]);
  expect(clock.pending).toBe(0);
});

test('one without a ring time rings as long as it likes, and one without a time to begin waits for that', () => {
  const endless = begun(8_000, undefined);
  endless.timer.rings();
  expect(endless.clock.pending).toBe(0);
  const patient = begun(undefined, 1_000);
  patient.clock.advance(60_000);
  patient.timer.rings();
  patient.clock.advance(60_000);
  expect([endless.ends, patient.ends]).toEqual([[], [61_000]]);
});

test('nothing is left of one that was stopped, and the next one has its own time', () => {
  const { clock, timer, ends } = begun(8_000, 20_000);
  clock.advance(1_000);
  timer.rings();
  timer.stop();
  expect(clock.pending).toBe(0);
  timer.rings();
  timer.begin({ targets: [], ringWithin: 2_000, ringTime: 20_000 });
  clock.advance(60_000);
  expect(ends).toEqual([3_000]);
});
