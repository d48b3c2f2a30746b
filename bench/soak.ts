/**
 * `npm run bench:soak`: no growth after a million transactions. Calls pass the core
 * (transport layer, transaction layer, proxy) under a virtual clock, a hundred a second of its time, so that some
 * thousand are always remembered; after each tenth the garbage is collected and the heap is measured. Exits with 1
 * when the second half holds more than the first, or when anything is left at the end.
 *
 * Option: --transactions N (1000000).
 */
import { parseArgs } from 'node:util';
import { Soak } from './soak-run.ts';

const { values: options } = parseArgs({ options: { transactions: { type: 'string', default: '1000000' } } });
const transactions = Number(options.transactions);
if (globalThis.gc === undefined) throw new Error('run it with --expose-gc');
const collect = globalThis.gc;

const soak = new Soak();
await soak.start();
const started = performance.now();
const heaps: number[] = [];
for (let tenth = 1; tenth <= 10; tenth += 1) {
  while (soak.transactions < (transactions * tenth) / 10) soak.call();
  collect();
  const heap = process.memoryUsage().heapUsed / 1_048_576;
  heaps.push(heap);
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(
    `${soak.transactions} transactions, ${seconds} s: heap ${heap.toFixed(1)} MB, ${soak.remembered} remembered`,
  );
}
// The first tenth fills what is remembered; from then on nothing may grow.
const [early, late] = [heaps.slice(1, 5), heaps.slice(5)];
const growth = Math.max(...late) - Math.max(...early);
const left = await soak.finish();
console.log(
  `growth of the second half over the first: ${growth.toFixed(2)} MB; left at the end: ${JSON.stringify(left)}`,
);
if (growth > 1 || Object.values(left).some((count) => count !== 0)) process.exitCode = 1;
