import { parentPort } from 'node:worker_threads';
import { flowScripts } from '../flow/flow-scripts.ts';
import type { CampaignShare } from './campaign.ts';
import { endure } from './endurance.ts';

/** A thread of a campaign: plays what it is asked for, and answers with what went wrong. */
parentPort?.on('message', ({ flow, options, seeds }: CampaignShare) => {
  const script = flowScripts.find((each) => each.flow === flow);
  if (script === undefined) throw new RangeError(`there is no script for ${flow}`);
  void endure(script, seeds, options).then((found) => parentPort?.postMessage(found));
});
