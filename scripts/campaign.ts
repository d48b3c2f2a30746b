/**
 * Plays what the flows have to stand: 10,000 bad networks for each, and 1,000 crashes of each element of each on networks as
 * bad, on all processors.
 *
 *   npm run campaign
 *   npm run campaign -- --first 501 --seeds 500 --crashes 50 --flows 2.1,2.15
 *
 * `--first` is the first seed, so that a part can be played now and the rest later. Whatever goes wrong is told at once, with
 * the command that shows it again; the exit code is 1 then.
 */
import { parseArgs } from 'node:util';
import { badNetwork, flowScripts, readOracle, runCampaign } from '@switchhook/flows';
import type { CampaignPart } from '@switchhook/flows';

const { values } = parseArgs({
  options: {
    first: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '10000' },
    crashes: { type: 'string', default: '1000' },
    flows: { type: 'string' },
  },
});
/** Milliseconds after which it is told again how far it has come. */
const tellEvery = 10_000;

const wanted = values.flows?.split(',') ?? flowScripts.map(({ flow }) => flow);
const seed = Number(values.first);
const flows = readOracle().flows.filter(({ id }) => wanted.includes(id));
const parts: readonly CampaignPart[] = [
  ...flows.flatMap(({ id, elements }) =>
    elements.map((each) => ({
      flow: id,
      options: { ...badNetwork, seed, crashing: each.id },
      count: Number(values.crashes),
    })),
  ),
  ...flows.map(({ id }) => ({ flow: id, options: { ...badNetwork, seed }, count: Number(values.seeds) })),
].filter(({ count }) => count > 0);
const all = parts.reduce((sum, { count }) => sum + count, 0);

const begin = performance.now();
const seconds = (): string => ((performance.now() - begin) / 1_000).toFixed(1);
let toldAt = begin;
let wrong = 0;
process.stdout.write(`${all} stories: ${flows.length} flows, from seed ${seed} on\n`);
await runCampaign({
  parts,
  onBreakdown: ({ problems, parameters }) => {
    wrong += 1;
    process.stdout.write(`${problems.join('\n')}\n  npm run switchhook -- ${parameters}\n`);
  },
  onProgress: (played) => {
    if (performance.now() - toldAt < tellEvery) return;
    toldAt = performance.now();
    process.stderr.write(`${played} of ${all} stories, ${wrong} wrong, ${seconds()} s\n`);
  },
});
const crashes = parts.filter(({ options }) => options.crashing !== undefined).length;
const word = crashes === 0 ? '' : ` and ${crashes} elements that crashed`;
process.stdout.write(`${all} stories of ${flows.length} flows${word}: ${wrong} wrong, ${seconds()} s\n`);
process.exitCode = wrong === 0 ? 0 : 1;
