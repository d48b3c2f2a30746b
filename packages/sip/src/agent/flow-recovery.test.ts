import { expect, test } from 'vitest';
import { ManualClock } from '../transport/manual-clock.testing.ts';
import { FlowRecovery } from './flow-recovery.ts';

test('a request whose flow has failed goes again at once, then every two seconds, for half a minute (docs/limits.md)', async () => {
  const clock = new ManualClock();
  const recovery = new FlowRecovery(clock, () => Promise.resolve(undefined));
  const tries: number[] = [];
  let begun = true;
  const fail = (): void => {
    begun = recovery.begin(undefined, () => {
      tries.push(clock.now());
      fail();
    });
  };
  fail();
  for (let second = 0; second <= 60; second++) {
    await Promise.resolve();
    clock.advance(second === 0 ? 0 : 1_000);
  }
  expect(begun).toBe(false);
  expect(tries).toEqual([0, ...Array.from({ length: 15 }, (_, index) => 2_000 * (index + 1))]);
});
