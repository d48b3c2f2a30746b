import { describe, expect, test } from 'vitest';
import { ManualClock } from '../transport/manual-clock.testing.ts';
import { DelayLines, LineTimer, type TimerOwner } from './delay-line.ts';

class Owner implements TimerOwner<string> {
  readonly seen: string[] = [];
  onTimer: ((event: string) => void) | undefined = undefined;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  timer(event: string): void {
    this.seen.push(`${event}@${String(this.#clock.now())}`);
    this.onTimer?.(event);
  }
}

function setUp(): { clock: ManualClock; lines: DelayLines<string>; owner: Owner; timers: LineTimer<string>[] } {
  const clock = new ManualClock();
  const owner = new Owner(clock);
  const timers = Array.from({ length: 5 }, () => new LineTimer<string>(owner));
  return { clock, lines: new DelayLines(clock), owner, timers };
}

function timerAt(timers: readonly LineTimer<string>[], index: number): LineTimer<string> {
  const timer = timers[index];
  if (timer === undefined) throw new RangeError(String(index));
  return timer;
}

describe('delay lines', () => {
  test('fire each timer at its time, with one timer of the clock a duration', () => {
    const { clock, lines, owner, timers } = setUp();
    for (const [index, timer] of timers.entries()) {
      lines.arm(timer, index < 4 ? 500 : 700, `t${String(index)}`);
      clock.advance(100);
    }
    expect(clock.pending).toBe(2);
    expect(lines.length).toBe(4);
    clock.advance(1000);
    expect(owner.seen).toEqual(['t0@500', 't1@600', 't2@700', 't3@800', 't4@1100']);
    expect([lines.length, clock.pending]).toEqual([0, 0]);
  });

  test('are exact, however close behind each other', () => {
    const { clock, lines, owner, timers } = setUp();
    for (const [index, timer] of timers.entries()) {
      lines.arm(timer, 32_000, `t${String(index)}`);
      clock.advance(1);
    }
    clock.advance(40_000);
    expect(owner.seen).toEqual(['t0@32000', 't1@32001', 't2@32002', 't3@32003', 't4@32004']);
  });

  test('of patient timers wake the clock once for those that come close behind each other, late by a 128th at most', () => {
    const { clock, lines, owner } = setUp();
    for (let index = 0; index < 5; index += 1) {
      lines.armPatiently(owner, 32_000, `t${String(index)}`);
      clock.advance(100);
    }
    clock.advance(40_000);
    expect(owner.seen).toEqual(['t0@32000', 't1@32250', 't2@32250', 't3@32500', 't4@32500']);
  });

  test('of patient timers without any duration wake the clock once in 100 ms', () => {
    const { clock, lines, owner } = setUp();
    for (let index = 0; index < 5; index += 1) {
      lines.armPatiently(owner, 0, `t${String(index)}`);
      clock.advance(40);
    }
    clock.advance(1_000);
    lines.armPatiently(owner, 0, 'at once');
    clock.advance(0);
    expect(owner.seen).toEqual(['t0@0', 't1@100', 't2@100', 't3@200', 't4@200', 'at once@1200']);
  });

  test('of patient timers there may be many at once, and some that others arm in firing', () => {
    const { clock, lines, owner } = setUp();
    const names = Array.from({ length: 600 }, (_, index) => `t${String(index)}`);
    owner.onTimer = (event) => {
      if (event === 't599') lines.armPatiently(owner, 5_000, 'again');
    };
    for (const name of names) lines.armPatiently(owner, 5_000, name);
    expect([lines.length, clock.pending]).toEqual([600, 1]);
    clock.advance(5_000);
    expect(owner.seen).toEqual(names.map((name) => `${name}@5000`));
    expect(lines.length).toBe(1);
    clock.advance(5_000);
    expect(owner.seen.at(-1)).toBe('again@10000');
    expect([lines.length, clock.pending]).toEqual([0, 0]);
  });

  test('of patient timers none fires any more when one of them stops all', () => {
    const { clock, lines, owner } = setUp();
    owner.onTimer = () => {
      lines.stop();
    };
    for (let index = 0; index < 300; index += 1) lines.armPatiently(owner, 5_000, `t${String(index)}`);
    clock.advance(20_000);
    lines.armPatiently(owner, 5_000, 'late');
    expect([owner.seen.length, lines.length, clock.pending]).toEqual([1, 0, 0]);
  });

  test.each([0, 1, 2])('a cancelled timer does not fire and does not shift the others (%i)', (cancelled) => {
    const { clock, lines, owner, timers } = setUp();
    for (let index = 0; index < 3; index += 1) {
      lines.arm(timerAt(timers, index), 500, `t${String(index)}`);
      clock.advance(10);
    }
    timerAt(timers, cancelled).cancel();
    timerAt(timers, cancelled).cancel();
    expect(lines.length).toBe(2);
    clock.advance(1000);
    expect(owner.seen).toEqual(['t0@500', 't1@510', 't2@520'].filter((_, index) => index !== cancelled));
  });

  test('a timer that is armed again fires once, at the new time', () => {
    const { clock, lines, owner, timers } = setUp();
    lines.arm(timerAt(timers, 0), 500, 'first');
    clock.advance(400);
    lines.arm(timerAt(timers, 0), 500, 'again');
    lines.arm(timerAt(timers, 0), 700, 'elsewhere');
    clock.advance(2000);
    expect(owner.seen).toEqual(['elsewhere@1100']);
  });

  test('a timer that is armed while others fire does not delay those that are still to come', () => {
    const { clock, lines, owner, timers } = setUp();
    owner.onTimer = (event) => {
      if (event === 't0') lines.arm(timerAt(timers, 0), 500, 'again');
    };
    lines.arm(timerAt(timers, 0), 500, 't0');
    clock.advance(10);
    lines.arm(timerAt(timers, 1), 500, 't1');
    clock.advance(2000);
    expect(owner.seen).toEqual(['t0@500', 't1@510', 'again@1000']);
  });

  test('stop drops everything, also when it is called by what fires, and nothing can be armed afterwards', () => {
    const { clock, lines, owner, timers } = setUp();
    owner.onTimer = () => {
      lines.stop();
    };
    for (const timer of timers) lines.arm(timer, 500, 't');
    lines.arm(timerAt(timers, 4), 600, 'other');
    clock.advance(500);
    lines.arm(timerAt(timers, 0), 500, 'late');
    expect([lines.length, clock.pending]).toEqual([0, 0]);
    clock.advance(2000);
    expect(owner.seen).toEqual(['t@500']);
  });
});
