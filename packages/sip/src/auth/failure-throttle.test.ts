import { describe, expect, test } from 'vitest';

import { ManualClock } from '../transport/manual-clock.testing.ts';
import { FailureThrottle } from './failure-throttle.ts';

function fail(throttle: FailureThrottle, source: string, username: string, times: number): void {
  for (let i = 0; i < times; i++) throttle.failed(source, username);
}

describe('FailureThrottle', () => {
  test('lets a few failures pass, then doubles the delay up to its maximum', () => {
    const throttle = new FailureThrottle(new ManualClock(), { freeFailures: 2, delay: 100, maximumDelay: 350 });
    fail(throttle, 'a', 'alice', 2);
    expect(throttle.blockedFor('a', 'alice')).toBe(0);
    const delays = [1, 2, 3, 4].map(() => {
      throttle.failed('a', 'alice');
      return throttle.blockedFor('a', 'alice');
    });
    expect(delays).toEqual([100, 200, 350, 350]);
  });

  test('blocks for the delay and no longer', () => {
    const clock = new ManualClock();
    const throttle = new FailureThrottle(clock, { freeFailures: 0, delay: 100 });
    throttle.failed('a', 'alice');
    clock.advance(99);
    expect(throttle.blockedFor('a', 'alice')).toBe(1);
    clock.advance(1);
    expect(throttle.blockedFor('a', 'alice')).toBe(0);
  });

  test('does not touch the owner at another address', () => {
    const throttle = new FailureThrottle(new ManualClock(), { freeFailures: 1, freeFailuresOfSource: 1 });
    fail(throttle, 'guesser', 'alice', 100);
    expect(throttle.blockedFor('guesser', 'alice')).toBeGreaterThan(0);
    expect(throttle.blockedFor('home', 'alice')).toBe(0);
  });

  test('blocks a source that tries many names, except for those who had proved themselves there', () => {
    const throttle = new FailureThrottle(new ManualClock(), { freeFailuresOfSource: 3 });
    throttle.succeeded('office', 'bob');
    for (const name of ['a', 'b', 'c', 'd']) throttle.failed('office', name);
    expect(throttle.blockedFor('office', 'e')).toBeGreaterThan(0);
    expect(throttle.blockedFor('office', 'bob')).toBe(0);
  });

  test('has the limits of docs/limits.md where nothing else is said', () => {
    const clock = new ManualClock();
    const throttle = new FailureThrottle(clock);
    fail(throttle, 'a', 'alice', 5);
    expect(throttle.blockedFor('a', 'alice')).toBe(0);
    for (let name = 5; name < 50; name += 1) throttle.failed('a', `name ${String(name)}`);
    expect(throttle.blockedFor('a', 'bob')).toBe(0);
    throttle.failed('a', 'carol');
    expect(throttle.blockedFor('a', 'bob')).toBe(1_000);
    clock.advance(900_001);
    throttle.failed('a', 'carol');
    expect(throttle.blockedFor('a', 'bob')).toBe(0);
    for (let source = 0; source < 20_100; source += 1) throttle.failed(`source ${String(source)}`, 'alice');
    expect(throttle.stats()).toEqual({ usernames: 20_000, sources: 20_000 });
  });

  test('a success clears the failures of that name', () => {
    const throttle = new FailureThrottle(new ManualClock(), { freeFailures: 1 });
    fail(throttle, 'a', 'alice', 2);
    throttle.succeeded('a', 'alice');
    throttle.failed('a', 'alice');
    expect(throttle.blockedFor('a', 'alice')).toBe(0);
  });

  test('forgets with time', () => {
    const clock = new ManualClock();
    const throttle = new FailureThrottle(clock, { freeFailures: 1, forgetAfter: 1_000 });
    throttle.failed('a', 'alice');
    clock.advance(1_001);
    throttle.failed('a', 'alice');
    expect(throttle.blockedFor('a', 'alice')).toBe(0);
  });

  test('does not forget while it blocks', () => {
    const clock = new ManualClock();
    const throttle = new FailureThrottle(clock, { freeFailures: 0, delay: 2_000, forgetAfter: 1_000 });
    throttle.failed('a', 'alice');
    clock.advance(1_500);
    expect(throttle.blockedFor('a', 'alice')).toBe(500);
  });

  test('remembers a bounded number', () => {
    const throttle = new FailureThrottle(new ManualClock(), { limit: 10 });
    for (let i = 0; i < 50; i++) throttle.failed(`source ${String(i)}`, `name ${String(i)}`);
    expect(throttle.stats()).toEqual({ usernames: 10, sources: 10 });
  });

  test('of a long name its beginning: who makes his names long is slowed down, and fills no memory with them', () => {
    const throttle = new FailureThrottle(new ManualClock(), { freeFailures: 1 });
    const long = 'x'.repeat(128);
    throttle.failed('a', `${long}1`);
    throttle.failed('a', `${long}2`);
    expect(throttle.blockedFor('a', `${long}3`)).toBeGreaterThan(0);
    expect(throttle.stats()).toEqual({ usernames: 1, sources: 1 });
    expect(throttle.blockedFor('a', long.slice(1))).toBe(0);
  });
});
