import type { RandomSource, SipContext } from '../context.ts';
import { ManualClock } from '../transport/manual-clock.testing.ts';
import { portableHashes } from './portable-hashes.ts';

/** Counts instead of guessing, so that every run is the same. */
export function countingRandom(): RandomSource {
  let count = 0;
  return {
    token: () => `t${String(++count)}`,
    fraction: () => 0.5,
    bytes: (length) => new Uint8Array(length).fill(++count),
  };
}

const silent = (): void => undefined;

/** A context of the core for tests, on a clock that is moved by hand. */
export function testContext(): SipContext & { readonly clock: ManualClock } {
  return {
    clock: new ManualClock(),
    random: countingRandom(),
    hashes: portableHashes,
    log: { debug: silent, info: silent, warn: silent, error: silent },
  };
}
