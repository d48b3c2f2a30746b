import { findFlow, runCampaign } from '@switchhook/flows';
import type { Breakdown, EnduranceOptions, FlowScript } from '@switchhook/flows';
import { exitCodes } from '../command.ts';
import type { Terminal } from '../command.ts';
import { printProse } from '../prose.ts';
import { typed } from '../typed-command.ts';

/** Milliseconds after which it is told again how far it has come. */
const tellEvery = 5_000;

/** Plays so many stories of each flow; what goes wrong prints the command that shows the shortest story of it. */
export async function playCampaign(
  scripts: readonly FlowScript[],
  count: number,
  options: EnduranceOptions,
  terminal: Terminal,
): Promise<number> {
  const begin = performance.now();
  let toldAt = begin;
  let wrong = 0;
  const onBreakdown = ({ problems, parameters }: Breakdown): void => {
    wrong += 1;
    terminal.print(`${problems.join('\n')}\n  ${typed(parameters)}\n`);
  };
  const onProgress = (played: number): void => {
    const now = performance.now();
    if (now - toldAt < tellEvery) return;
    toldAt = now;
    const seconds = Math.round((now - begin) / 1_000);
    terminal.complain(`${played} of ${count * scripts.length} stories, ${wrong} wrong, ${seconds} s\n`);
  };
  const breakdowns = await runCampaign({
    parts: scripts.map(({ flow }) => ({ flow, options, count })),
    onBreakdown,
    onProgress,
  });
  for (const { flow } of scripts) {
    const right = count - breakdowns.filter((each) => each.flow === flow).length;
    printProse(`${flow} ${findFlow(flow)?.title ?? ''}: ${right} of ${count} came to a right end\n`, terminal);
  }
  terminal.print(`It took ${((performance.now() - begin) / 1_000).toFixed(1)} s.\n`);
  return breakdowns.length === 0 ? exitCodes.done : exitCodes.failed;
}
