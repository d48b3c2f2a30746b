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
/** A thread has so many of them: with one alone it would wait for the next, a twentieth of its time where all processors are busy. */
const sharesAhead = 2;

/** Plays all stories on all processors. Resolves with those that went wrong; rejects when a thread breaks down. */
export async function runCampaign(campaign: CampaignOptions): Promise<readonly Breakdown[]> {
  const { parts, threads = availableParallelism(), onBreakdown, onProgress } = campaign;
  const breakdowns: Breakdown[] = [];
  const shares = sharesOf(parts);
  let played = 0;
  const hand = async (thread: CampaignThread): Promise<void> => {
    for (const share of shares) {
      const found = await thread.play(share);
      breakdowns.push(...found);
      for (const breakdown of found) onBreakdown?.(breakdown);
      played += share.seeds.length;
      onProgress?.(played);
    }
  };
  const runner = async (): Promise<void> => {
    const thread = new CampaignThread(startWorker());
    try {
      await Promise.all(Array.from({ length: sharesAhead }, () => hand(thread)));
    } finally {
      await thread.stop();
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

/** A share that a thread has, and who waits for it. */
interface Handed {
  readonly share: CampaignShare;
  readonly done: PromiseWithResolvers<readonly Breakdown[]>;
}

/** A thread that plays one share after the other, in the order in which it gets them. */
class CampaignThread {
  readonly #worker: Worker;
  readonly #handed: Handed[] = [];

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (found: readonly Breakdown[]) => this.#handed.shift()?.done.resolve(found));
    worker.on('error', (cause: Error) => {
      const seeds = this.#handed[0]?.share.seeds ?? [];
      const place = `${String(this.#handed[0]?.share.flow)}, seeds ${String(seeds[0])} to ${String(seeds.at(-1))}`;
      const error = new Error(`${place}: ${cause.message}`, { cause });
      for (const { done } of this.#handed.splice(0)) done.reject(error);
    });
  }

  /** Rejects when the thread breaks down. */
  play(share: CampaignShare): Promise<readonly Breakdown[]> {
    const done = Promise.withResolvers<readonly Breakdown[]>();
    this.#handed.push({ share, done });
    this.#worker.postMessage(share);
    return done.promise;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
