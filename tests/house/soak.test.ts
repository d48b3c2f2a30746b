import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Soak } from '../../bench/soak-run.ts';

/** Collects the garbage in a process that was started without --expose-gc. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}

/** At a hundred calls a second: three of a call's four transactions for 64*T1, and the BYE's client for T4. */
const remembered = 10_096;

test('20,000 transactions leave nothing behind, and the heap holds only what may come again', async () => {
  const soak = new Soak();
  await soak.start();
  const heapAfter = (transactions: number): number => {
    while (soak.transactions < transactions) soak.call();
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const first = heapAfter(14_000);
  expect(soak.remembered).toBe(remembered);
  const second = heapAfter(20_000);
  expect(soak.remembered).toBe(remembered);
  // What 6,000 more transactions would hold if they were kept is 12 MB; 2 MB is the compiler's and the test's own.
  expect(second - first).toBeLessThan(2 * 1_048_576);
  const left = await soak.finish();
  expect(Object.entries(left).filter(([, count]) => count !== 0)).toEqual([]);
}, 60_000);
