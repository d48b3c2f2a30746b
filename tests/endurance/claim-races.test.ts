import { describe, expect, test } from 'vitest';
import { playRace, races } from './claim-races.testing.ts';

/** Interleavings of each race; `SEEDS=10000` for a night. */
const seeds = Number(process.env['SEEDS'] ?? 3_000);

describe.each(Object.keys(races).map((name) => [name] as const))('%s', (name) => {
  test(`has exactly one winner, and the losers are told rightly, in ${String(seeds)} interleavings`, async () => {
    const faults: string[] = [];
    const outcomes = new Map<string, number>();
    for (let seed = 1; seed <= seeds && faults.length < 5; seed += 1) {
      const { outcome, fault } = await playRace(name, seed);
      if (fault !== undefined) faults.push(`seed ${String(seed)}: ${outcome}: ${fault}`);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect(faults).toEqual([]);
    // A race that only one can win is none.
    expect(outcomes.size, [...outcomes].join('; ')).toBeGreaterThan(1);
  });
});
