import { SeededRandom, VirtualClock } from '@switchhook/sim';
import { expect, test } from 'vitest';
import { maximumMembers, RtcpSchedule } from './rtcp-schedule.ts';

interface Run {
  readonly clock: VirtualClock;
  readonly schedule: RtcpSchedule;
  /** Milliseconds at which a report went out. */
  readonly times: number[];
}

function run(seed: number, size = 100, sends = true): Run {
  const clock = new VirtualClock();
  const times: number[] = [];
  const schedule = new RtcpSchedule(
    clock,
    new SeededRandom(seed),
    size,
    () => sends,
    () => {
      times.push(clock.now());
      return size;
    },
  );
  schedule.start();
  return { clock, schedule, times };
}

const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, index) => time - (times[index] ?? 0));
const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;

test('two members report every five seconds on average, at random moments, the first one sooner', () => {
  const { clock, schedule, times } = run(1);
  clock.after(0, () => schedule.heardMedia(7));
  for (let time = 0; time < 1_000_000; time += 1_000) clock.after(time, () => schedule.heardMedia(7));
  clock.advance(1_000_000);
  expect(times[0]).toBeLessThan(3_750 / 1.2);
  // Reconsideration shortens the mean by design to about the minimum (RFC 3550 6.3.1).
  expect(mean(gaps(times))).toBeGreaterThan(4_000);
  expect(mean(gaps(times))).toBeLessThan(6_000);
  expect(Math.max(...gaps(times)) - Math.min(...gaps(times))).toBeGreaterThan(2_000);
  expect(Math.min(...gaps(times))).toBeGreaterThan(2_000);
  schedule.stop();
  expect(clock.pending).toBe(0);
});

test('no more than 5 % of the bandwidth is used, however many there are and however long their reports', () => {
  const { clock, schedule, times } = run(2, 1_000);
  for (let time = 0; time < 600_000; time += 1_000) {
    clock.after(time, () => {
      for (let ssrc = 1; ssrc <= 20; ssrc += 1) schedule.heardReport(ssrc, 1_000);
      schedule.heardMedia(1);
    });
  }
  clock.advance(600_000);
  // 500 octets a second, a quarter of it for the two that send, 1,028 octets each.
  expect(mean(gaps(times))).toBeGreaterThan(12_000);
  schedule.stop();
});

test('a flood of sources that lie is counted up to a limit, and forgotten when they are silent', () => {
  const { clock, schedule } = run(3);
  for (let ssrc = 1; ssrc <= 10_000; ssrc += 1) schedule.heardReport(ssrc, 100);
  expect(schedule.memberCount).toBe(maximumMembers + 1);
  clock.advance(600_000);
  expect(schedule.memberCount).toBe(1);
  schedule.stop();
});

test('a source that says goodbye counts no more', () => {
  const { clock, schedule, times } = run(4);
  for (let ssrc = 1; ssrc <= 50; ssrc += 1) schedule.heardReport(ssrc, 2_000);
  clock.advance(20_000);
  const before = times.length;
  expect(before).toBeLessThanOrEqual(1);
  for (let ssrc = 2; ssrc <= 50; ssrc += 1) schedule.heardGoodbye(ssrc, 100);
  expect(schedule.memberCount).toBe(2);
  clock.advance(30_000);
  expect(times.length - before).toBeGreaterThan(3);
  schedule.stop();
});
