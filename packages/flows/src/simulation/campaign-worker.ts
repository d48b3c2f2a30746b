import { parentPort } from 'node:worker_threads';
import { flowScripts } from '../flow/flow-scripts.ts';
import type { CampaignShare } from './campaign.ts';
import { endure } from './endurance.ts';

let last = Promise.resolve();

/** A thread of a campaign: plays what it is asked for, one after the other, and answers with what went wrong. */
parentPort?.on('message', (share: CampaignShare) => {
  last = last.then(() => play(share));
});

async function play({ flow, options, seeds }: CampaignShare): Promise<void> {
  const script = flowScripts.find((each) => each.flow === flow);
  if (script === undefined) throw new RangeError(`there is no script for ${flow}`);
  parentPort?.postMessage(await endure(script, seeds, options));
}
