import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { FlowScript } from '../flow/flow-script.ts';
import type { Breakdown, EnduranceOptions } from './endurance.ts';

/** What a thread is asked for. */
export interface CampaignShare {
  readonly flow: string;
  readonly options: EnduranceOptions;
  readonly seeds: readonly number[];
}

export interface CampaignOptions {
  readonly scripts: readonly Pick<FlowScript, 'flow'>[];
  /** How its stories are; the seed is that of the first. */
  readonly options: EnduranceOptions;
  /** Stories of each flow. */
  readonly count: number;
  /** Threads; as many as there are processors without it. */
  readonly threads?: number;
  /** Is told of every story that went wrong, once it has been made as short as can be. */
  readonly onBreakdown?: (breakdown: Breakdown) => void;
  /** Is told how many stories have been played. */
  readonly onProgress?: (played: number) => void;
}

/** So many stories are handed out at a time: a moment's work, so that all threads are done at about the same time. */
const shareSize = 25;

/**
 * Plays so many stories of each flow, on all processors. Resolves with those that went wrong; rejects
 * when a thread breaks down.
 */
export async function runCampaign(campaign: CampaignOptions): Promise<readonly Breakdown[]> {
  const { scripts, count, threads = availableParallelism(), onBreakdown, onProgress } = campaign;
  const breakdowns: Breakdown[] = [];
  const shares = sharesOf(campaign);
  let played = 0;
  const runner = async (): Promise<void> => {
    const worker = startWorker();
    try {
      for (const share of shares) {
        const found = await ask(worker, share);
        breakdowns.push(...found);
        for (const breakdown of found) onBreakdown?.(breakdown);
        played += share.seeds.length;
        onProgress?.(played);
      }
    } finally {
      await worker.terminate();
    }
  };
  const all = Math.ceil(count / shareSize) * scripts.length;
  await Promise.all(Array.from({ length: Math.min(threads, all) }, runner));
  return breakdowns;
}

function* sharesOf({ scripts, options, count }: CampaignOptions): Generator<CampaignShare, void, void> {
  const { seed = 1 } = options;
  for (const { flow } of scripts) {
    for (let start = 0; start < count; start += shareSize) {
      const length = Math.min(shareSize, count - start);
      yield { flow, options, seeds: Array.from({ length }, (_, index) => seed + start + index) };
    }
  }
}

/** The file beside this one, in whichever form this one is: as it is written, or as it was built. */
function startWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const file = new URL(isSource ? 'campaign-worker.ts' : 'campaign-worker.js', import.meta.url);
  return new Worker(file, isSource ? { execArgv: ['--conditions=source'] } : {});
}

function ask(worker: Worker, share: CampaignShare): Promise<readonly Breakdown[]> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (found: readonly Breakdown[]) => {
      worker.off('error', reject);
      resolve(found);
    });
    worker.postMessage(share);
  });
}
