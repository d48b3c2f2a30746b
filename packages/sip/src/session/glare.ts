import type { RandomSource } from '../context.ts';
import { SyntaxFault } from '../message/fault.ts';
import { RetryAfter } from '../message/headers/retry-after.ts';
import type { SipResponse } from '../message/message.ts';

/** Milliseconds; a refusal that names a longer time is final (RFC 3261 14.2 names up to ten seconds). */
const longestWait = 10_000;

/**
 * Milliseconds until a re-INVITE or UPDATE goes once more that met one of the far end: after a 491 by the timers of RFC
 * 3261 14.1, in which who has made the Call-ID waits longer; after a 500 as its Retry-After says. Undefined for a response
 * that means something else.
 */
export function retryDelay(response: SipResponse, role: 'caller' | 'callee', random: RandomSource): number | undefined {
  const { status } = response;
  if (status === 491) {
    const [least, steps] = role === 'caller' ? [2_100, 190] : [0, 200];
    return least + 10 * Math.floor(random.fraction() * (steps + 1));
  }
  const retryAfter = response.get(RetryAfter);
  if (status !== 500 || retryAfter === undefined || retryAfter instanceof SyntaxFault) return undefined;
  const wait = retryAfter.seconds * 1_000;
  return wait <= longestWait ? wait : undefined;
}

/** Seconds that somebody is told to wait whose INVITE or UPDATE came while another was being answered (RFC 3261 14.2). */
export function busyWait(random: RandomSource): number {
  return Math.floor(random.fraction() * 11);
}
