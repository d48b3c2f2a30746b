import type { HeaderInit } from '../message/header.ts';
import type { SipResponse } from '../message/message.ts';
import { chooseBest, otherChallenges } from './best-response.ts';
import type { FinalOutcome } from './best-response.ts';
import type { RejectPlan } from './call-plan.ts';
import type { RequestContext } from './request-context.ts';

/** The response of a branch, which the caller gets. */
export interface ChosenResponse {
  readonly kind: 'chosen';
  readonly status: number;
  readonly answer: SipResponse;
  /** Of the other branches, to go into it. */
  readonly challenges: readonly HeaderInit[];
}

/**
 * What the caller is told when nobody took the request (RFC 3261 16.7 step 6): the best of what the branches came to, or
 * what the proxy says for itself. Undefined where its transaction ends in silence.
 */
export function finalResponse(
  outcomes: readonly FinalOutcome[],
  { isInvite, routed, scheme, source }: RequestContext,
  isCancelled: boolean,
): ChosenResponse | RejectPlan | undefined {
  // A 408 to another method than INVITE helps nobody (RFC 4320 4.2).
  const candidates = isInvite ? outcomes : outcomes.filter(({ status }) => status !== 408);
  if (candidates.length === 0 && outcomes.length > 0) return undefined;
  // Whoever has given up hears so, and not what was found before he did: a choice that 16.7 leaves, but for a 6xx.
  const ended = isCancelled ? candidates.filter(({ status }) => status === 487 || status >= 600) : [];
  const best = chooseBest(ended) ?? chooseBest(candidates) ?? { status: 480, answer: undefined };
  const { answer } = best;
  let { status } = best;
  if (isCancelled && answer === undefined) status = 487;
  else if (status === 503) status = 500;
  // To the caller, a binding whose flow failed is one that cannot be had (RFC 5626 section 7).
  else if (status === 430 && routed.flow === undefined) status = 480;
  if (answer !== undefined && status === best.status) {
    return { kind: 'chosen', status, answer, challenges: otherChallenges(best, candidates) };
  }
  const isDowngrade = scheme === 'sips' && status === 480;
  const warning: HeaderInit = ['Warning', `380 ${source.sentBy} "SIPS Not Allowed"`];
  const headers = isDowngrade ? [warning] : [];
  const reason = ownReasons.get(status);
  return { kind: 'reject', status, headers, ...(reason !== undefined && { reason }) };
}

/** Of what nobody sent: the domain of the Request-URI leads nowhere (RFC 3261 21.4.5), or to where nothing is sent. */
const ownReasons = new Map([
  [403, 'Address Out Of Reach'],
  [404, 'Domain Not Known'],
]);
