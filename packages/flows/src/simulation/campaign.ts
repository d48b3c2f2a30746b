import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Breakdown, EnduranceOptions } from './endurance.ts';

/** What a thread is asked for. */
export interface CampaignShare {
  readonly flow: string;
  readonly options: EnduranceOptions;
  readonly seeds: readonly number[];
}

/** Stories of one flow. */
export interface CampaignPart {
  readonly flow: string;
  /** How they are; the seed is that of the first. */
  readonly options: EnduranceOptions;
  readonly count: number;
}

/** Which stories a campaign plays, on how many threads, and who is told. */
export interface CampaignOptions {
  readonly parts: readonly CampaignPart[];
  /** Threads; as many as there are processors without it. */
  readonly threads?: number;
  /** Is told of every story that went wrong, once it has been made as short as can be. */
  readonly onBreakdown?: (breakdown: Breakdown) => void;
  /** Is told how many stories have been played. */
  readonly onProgress?: (played: number) => void;
}

/** So many stories are handed out at a time: a moment's work, so that all threads are done at about the same time. */
const shareSize = 25;

/** Plays all stories on all processors. Resolves with those that went wrong; rejects when a thread breaks down. */
export async function runCampaign(campaign: CampaignOptions): Promise<readonly Breakdown[]> {
  const { parts, threads = availableParallelism(), onBreakdown, onProgress } = campaign;
  const breakdowns: Breakdown[] = [];
  const shares = sharesOf(parts);
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
  const all = parts.reduce((sum, { count }) => sum + Math.ceil(count / shareSize), 0);
  await Promise.all(Array.from({ length: Math.min(threads, all) }, runner));
  return breakdowns;
}

function* sharesOf(parts: readonly CampaignPart[]): Generator<CampaignShare, void, void> {
  for (const { flow, options, count } of parts) {
    const { seed = 1 } = options;
    for (let start = 0; start < count; start += shareSize) {
      const length = Math.min(shareSize, count - start);
      yield { flow, options, seeds: Array.from({ length }, (_, index) => seed + start + index) };
    }
  }
}

/** Megabytes for what is new: most of a story's is gone before such a space is full, and is never looked at. */
const youngGeneration = 256;

/** The file beside this one, in whichever form this one is: as it is written, or as it was built. */
function startWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const file = new URL(isSource ? 'campaign-worker.ts' : 'campaign-worker.js', import.meta.url);
  return new Worker(file, {
    resourceLimits: { maxYoungGenerationSizeMb: youngGeneration },
    ...(isSource && { execArgv: ['--conditions=source'] }),
  });
}

function ask(worker: Worker, share: CampaignShare): Promise<readonly Breakdown[]> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      const place = `${share.flow}, seeds ${String(share.seeds[0])} to ${String(share.seeds.at(-1))}`;
      reject(new Error(`${place}: ${cause.message}`, { cause }));
    };
    worker.once('error', fail);
    worker.once('message', (found: readonly Breakdown[]) => {
      worker.off('error', fail);
      resolve(found);
    });
    worker.postMessage(share);
  });
}
