import { describe, expect, test } from 'vitest';
import { VirtualClock } from './virtual-clock.ts';

describe('VirtualClock', () => {
  test('runs what is due in the order of time, and at the same time in the order of asking', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    for (const [time, name] of [
      [20, 'c'],
      [10, 'a'],
      [20, 'd'],
      [10, 'b'],
      [5, 'first'],
    ] as const) {
      clock.after(time, () => seen.push(`${name}@${clock.now()}`));
    }
    clock.advance(19);
    expect(seen).toEqual(['first@5', 'a@10', 'b@10']);
    expect(clock.now()).toBe(19);
    clock.advance(1);
    expect(seen.slice(3)).toEqual(['c@20', 'd@20']);
  });

  test('keeps order among thousands of entries', () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    for (let index = 0; index < 5000; index += 1) {
      const time = (index * 7919) % 1009;
      clock.after(time, () => seen.push(time));
    }
    expect(clock.runToEnd()).toBe(true);
    expect(seen).toHaveLength(5000);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
  });

  test('a cancelled action does not run, and cancelling twice counts once', () => {
    const clock = new VirtualClock();
    const timer = clock.after(10, () => {
      throw new Error('cancelled');
    });
    clock.after(10, () => undefined);
    timer.cancel();
    timer.cancel();
    expect(clock.pending).toBe(1);
    clock.advance(10);
    timer.cancel();
    expect(clock.pending).toBe(0);
  });

  test('what an action arms for now runs in the same advance, after what was due already', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(10, () => {
      clock.after(0, () => seen.push('armed'));
      seen.push('first');
    });
    clock.after(10, () => seen.push('second'));
    clock.advance(10);
    expect(seen).toEqual(['first', 'second', 'armed']);
  });

  test('the date is in whole milliseconds', () => {
    const clock = new VirtualClock(1000);
    clock.advance(0.75);
    expect([clock.now(), clock.date()]).toEqual([0.75, 1000]);
  });

  test('the date goes with the time', () => {
    const clock = new VirtualClock(1000);
    clock.advance(250);
    expect(clock.date()).toBe(1250);
  });

  test('runUntil stops at the condition, at the limit and at the end', () => {
    const clock = new VirtualClock();
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      if (ticks < 10) clock.after(100, tick);
    };
    tick();
    expect(clock.runUntil(() => ticks === 3)).toBe(true);
    expect(clock.now()).toBe(200);
    expect(clock.runUntil(() => ticks === 9, 350)).toBe(false);
    expect(clock.now()).toBe(500);
    expect(clock.runUntil(() => false)).toBe(false);
    expect(ticks).toBe(10);
  });

  test('play lets promises settle between actions', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const wait = (time: number): Promise<void> =>
      new Promise((resolve) => {
        clock.after(time, resolve);
      });
    const walk = async (): Promise<void> => {
      for (let step = 0; step < 3; step += 1) {
        await wait(10);
        seen.push(clock.now());
      }
    };
    const walked = walk();
    await clock.play(30);
    await walked;
    expect(seen).toEqual([10, 20, 30]);
  });

  test('playUntil stops where a promise has made the condition true, and at the limit', async () => {
    const clock = new VirtualClock();
    let isDone = false;
    clock.after(10, () => void Promise.resolve().then(() => (isDone = true)));
    clock.after(20, () => undefined);
    clock.after(90, () => undefined);
    expect(await clock.playUntil(() => isDone, 1_000)).toBe(true);
    expect(clock.now()).toBe(10);
    expect(await clock.playUntil(() => false, 50)).toBe(false);
    expect([clock.now(), clock.pending]).toEqual([20, 1]);
  });
});
