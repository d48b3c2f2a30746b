import type { FinalOutcome } from './best-response.ts';
import type { FollowingPlan, RingPlan } from './call-plan.ts';

/** How the attempt on one target ended. */
export interface BranchOutcome extends FinalOutcome {
  /** A 180 to 189 came before. */
  readonly rang: boolean;
  /** It was given up because its stage's ring time, or timer C, ran out. */
  readonly timedOut: boolean;
}

/** Why nobody took a call, as far as a plan can go on from it. */
export type CallOutcome = 'no-answer' | 'busy' | 'unavailable';

/** Statuses that say: the callee cannot be had there now. */
const unavailable = new Set([404, 408, 410, 430, 480, 500, 502, 503, 504]);

/**
 * How a call ended that nobody took. Undefined when a plan must not go on: somebody declined for all (6xx), or an
 * answer tells the caller to ask again in another way.
 */
export function outcomeOf(branches: readonly BranchOutcome[]): CallOutcome | undefined {
  let outcome: CallOutcome = 'unavailable';
  for (const { status, rang, timedOut } of branches) {
    if (status === 486) {
      if (outcome === 'unavailable') outcome = 'busy';
    } else if (rang && (timedOut || status === 408 || status === 480)) {
      outcome = 'no-answer';
    } else if (!timedOut && !unavailable.has(status)) {
      return undefined;
    }
  }
  return outcome;
}

/** The plan that follows, if any. */
export function nextPlan(plan: RingPlan, outcome: CallOutcome | undefined): FollowingPlan | undefined {
  switch (outcome) {
    case undefined:
      return undefined;
    case 'busy':
      return plan.onBusy;
    case 'no-answer':
      return plan.onNoAnswer;
    case 'unavailable':
      return plan.onUnavailable;
  }
}
