import { expect, test } from 'vitest';
import { pickupAgainstAnswer, twoPickups } from '../../packages/phone/src/services/pickup-races.testing.ts';
import { SilentMedia } from '@switchhook/phone/browser';

/** How many interleavings of each race are tried; `SEEDS=10000` for a night. */
const seeds = Number(process.env['SEEDS'] ?? 3_000);

test.each([
  ['pickup against answer', pickupAgainstAnswer],
  ['two pickups', twoPickups],
])(`%s, ${String(seeds)} times: exactly one has the call, and the other is told`, async (_, race) => {
  for (let seed = 0; seed < seeds; seed += 1) {
    const { wrong } = await race(seed, (context) => new SilentMedia(context));
    expect([seed, wrong]).toEqual([seed, []]);
  }
});
