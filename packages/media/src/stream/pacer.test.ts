import { VirtualClock } from '@switchhook/sim';
import type { Clock, Timer } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { defaultFrameTime, Pacer } from './pacer.ts';

/** Timers that go off late by what `lateness` says, as those of a busy machine do. */
class LateClock implements Clock {
  readonly inner = new VirtualClock();
  lateness = (): number => 0;
  armed = 0;

  now(): number {
    return this.inner.now();
  }

  date(): number {
    return this.inner.date();
  }

  after(milliseconds: number, action: () => void): Timer {
    this.armed += 1;
    return this.inner.after(Math.max(0, milliseconds) + this.lateness(), action);
  }
}

interface Watched {
  readonly times: number[];
  readonly skipped: number[];
  tick(now: number, skipped: number): void;
}

function watched(clock: Clock): Watched {
  const times: number[] = [];
  const skipped: number[] = [];
  return {
    times,
    skipped,
    tick(_, left) {
      times.push(clock.now());
      skipped.push(left);
    },
  };
}

test('ticks every 20 ms and does not drift, though every timer is late', () => {
  const clock = new LateClock();
  const pacer = new Pacer(clock);
  const one = watched(clock);
  let turn = 0;
  clock.lateness = () => (turn++ * 7) % 11;
  pacer.add(one);
  clock.inner.advance(60_000);
  const start = one.times[0] ?? 0;
  expect(one.times.length).toBeGreaterThan(2_999);
  const lateness = one.times.map((time, index) => time - start - index * defaultFrameTime);
  expect(Math.max(...lateness)).toBeLessThanOrEqual(11);
  expect(Math.min(...lateness)).toBeGreaterThanOrEqual(-11);
});

test('one timer serves all, spread over the frame, and none is left when all are gone', () => {
  const clock = new LateClock();
  const pacer = new Pacer(clock);
  const all = Array.from({ length: 100 }, () => watched(clock));
  for (const each of all) pacer.add(each);
  expect(clock.inner.pending).toBe(1);
  clock.armed = 0;
  clock.inner.advance(1_000);
  expect(clock.armed).toBeLessThanOrEqual(4 * 51);
  expect(new Set(all.map(({ times }) => (times[0] ?? 0) % defaultFrameTime)).size).toBe(4);
  for (const { times } of all) expect(times.length).toBeGreaterThanOrEqual(49);
  for (const each of all) pacer.remove(each);
  expect(pacer.size).toBe(0);
  expect(clock.inner.pending).toBe(0);
});

test('a single stream wakes the machine no more often than it has to', () => {
  const clock = new LateClock();
  const pacer = new Pacer(clock);
  pacer.add(watched(clock));
  clock.inner.advance(10_000);
  expect(clock.armed).toBeLessThanOrEqual(502);
});

test('makes up for a short sleep at once; after a long one it goes on from now and says what was left out', () => {
  const clock = new LateClock();
  const pacer = new Pacer(clock);
  const one = watched(clock);
  pacer.add(one);
  clock.inner.advance(100);
  const before = one.times.length;
  clock.lateness = () => 75;
  clock.inner.advance(20);
  clock.lateness = () => 0;
  clock.inner.advance(99);
  expect(one.times.length - before).toBe(5);
  expect(one.skipped.every((each) => each === 0)).toBe(true);
  clock.lateness = () => 2_000;
  clock.inner.advance(20);
  clock.lateness = () => 0;
  clock.inner.advance(2_080);
  expect(pacer.skipped).toBeGreaterThan(90);
  const elapsed = 2_319 / defaultFrameTime;
  expect(Math.abs(one.times.length + pacer.skipped - elapsed)).toBeLessThanOrEqual(1);
  expect(one.skipped.reduce((sum, each) => sum + each, 0)).toBe(pacer.skipped);
});

test('one may leave, and another come, within a tick', () => {
  const clock = new LateClock();
  const pacer = new Pacer(clock);
  const late = watched(clock);
  const leaver = {
    tick() {
      pacer.remove(leaver);
      pacer.add(late);
    },
  };
  pacer.add(leaver);
  clock.inner.advance(100);
  expect(late.times.length).toBeGreaterThan(3);
  pacer.remove(late);
  expect(clock.inner.pending).toBe(0);
});

test('one that throws is heard of, and the others go on', () => {
  const clock = new LateClock();
  const pacer = new Pacer(clock);
  const broken = {
    tick(): void {
      throw new Error('no sound');
    },
  };
  const others = Array.from({ length: 8 }, () => watched(clock));
  pacer.add(others[0] ?? broken);
  pacer.add(broken);
  for (const each of others.slice(1)) pacer.add(each);
  for (let step = 0; step < 100; step += 1) {
    try {
      clock.inner.advance(10);
    } catch (error) {
      expect(error).toEqual(new Error('no sound'));
    }
  }
  expect(others.filter(({ times }) => times.length > 20).length).toBeGreaterThanOrEqual(6);
  pacer.remove(broken);
});
