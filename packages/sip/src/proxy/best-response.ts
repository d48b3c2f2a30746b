import type { HeaderInit } from '../message/header.ts';
import type { SipResponse } from '../message/message.ts';

/** One branch's end: what it answered, or the status that stands for its silence. */
export interface FinalOutcome {
  readonly status: number;
  /** As it came, with this proxy's Via on top; undefined for what the proxy found out by itself. */
  readonly answer: SipResponse | undefined;
}

/** Within the 4xx: what tells the caller how to ask again comes first, what says nothing about the callee last. */
const ranks = new Map<number, number>([
  [401, 0],
  [407, 0],
  [415, 1],
  [420, 1],
  [484, 1],
  [408, 5],
  [430, 5],
  [440, 5],
  [481, 5],
  [482, 5],
  [483, 5],
  [487, 6],
]);
const usualRank = 3;

function rank({ status }: FinalOutcome): number {
  if (status >= 600) return 0;
  const inClass = status === 503 ? 9 : status < 500 ? (ranks.get(status) ?? usualRank) : usualRank;
  return Math.floor(status / 100) * 10 + inClass;
}

/**
 * The best of the final responses other than 2xx (RFC 3261 16.7 step 6): a 6xx, else one of the lowest class, within it
 * the most helpful one, among equals the first. Undefined when nothing came.
 */
export function chooseBest<Outcome extends FinalOutcome>(outcomes: readonly Outcome[]): Outcome | undefined {
  let best: Outcome | undefined;
  for (const outcome of outcomes) if (best === undefined || rank(outcome) < rank(best)) best = outcome;
  return best;
}

/** The challenges of all other 401 and 407 responses, to go into the chosen one (RFC 3261 16.7 step 7). */
export function otherChallenges(chosen: FinalOutcome, outcomes: readonly FinalOutcome[]): readonly HeaderInit[] {
  if (chosen.status !== 401 && chosen.status !== 407) return [];
  const challenges: HeaderInit[] = [];
  for (const outcome of outcomes) {
    const { answer, status } = outcome;
    if (outcome === chosen || answer === undefined || (status !== 401 && status !== 407)) continue;
    for (const name of ['WWW-Authenticate', 'Proxy-Authenticate'] as const) {
      for (const value of answer.rawAll(name)) challenges.push([name, value]);
    }
  }
  return challenges;
}
