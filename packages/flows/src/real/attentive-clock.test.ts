import { VirtualClock } from '@switchhook/sim';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AttentiveClock } from './attentive-clock.ts';

describe('an attentive clock', () => {
  let machine: VirtualClock;
  let clock: AttentiveClock;
  let begin: number;

  beforeEach(() => {
    machine = new VirtualClock();
    clock = new AttentiveClock({
      now: () => machine.now() + held,
      date: () => machine.date(),
      after: (milliseconds, action) => machine.after(milliseconds, action),
    });
    clock.start();
    begin = clock.now();
  });

  afterEach(() => {
    held = 0;
    clock.stop();
    expect(machine.pending).toBe(0);
  });

  /** Milliseconds in which the machine let nobody do anything. */
  let held = 0;

  test('goes as the clock of a machine that has nothing else to do', () => {
    machine.advance(1_000);
    expect(clock.now() - begin).toBe(1_000);
  });

  test('stands still while it cannot look', () => {
    held += 5_000;
    expect(clock.now() - begin).toBe(40);
    for (let turn = 0; turn < 10; turn += 1) {
      held += 230;
      machine.advance(20);
    }
    expect(clock.now() - begin).toBe(440);
  });

  test('tells what is to be done by its own time, once, and not when that is called off', () => {
    const told: number[] = [];
    clock.after(100, () => told.push(clock.now() - begin));
    const other = clock.after(100, () => told.push(-1));
    held += 5_000;
    machine.advance(50);
    expect(told).toEqual([]);
    other.cancel();
    machine.advance(200);
    // It asks again when a hundred milliseconds have passed on the machine: a tick late, for the first counted double.
    expect(told).toEqual([120]);
  });

  test('lets what still waits when it is stopped have its end, as the other clock would', () => {
    let isTold = false;
    clock.after(60_000, () => (isTold = true));
    machine.advance(1_000);
    clock.stop();
    machine.advance(59_000);
    expect(isTold).toBe(true);
    expect(machine.pending).toBe(0);
  });
});
