import type { IncomingInviteEnd, InviteFailure, Reason, SessionEnd } from '@switchhook/sip';
import type { CallEnd } from './call-end.ts';
import { failureOfRequest, failureOfResponse } from './failure.ts';
import type { Failure } from './failure.ts';
import type { Party } from './party.ts';

/** How a call ended that was answered. */
export function endOfSession(end: Exclude<SessionEnd, { kind: 'replaced' }>): CallEnd {
  switch (end.kind) {
    case 'local':
    case 'stopped':
      return { kind: 'hung-up', by: 'local' };
    case 'remote':
      return { kind: 'hung-up', by: 'remote' };
    case 'unacknowledged':
    case 'expired':
    case 'abandoned':
      return { kind: 'lost', failure: { kind: 'unreachable', code: 'timeout' } };
    case 'lost':
      return { kind: 'lost', failure: failureOfLoss(end) };
    case 'media':
      return { kind: 'lost', failure: { kind: 'no-common-media', detail: end.refusal.reason } };
  }
}

function failureOfLoss({ response, failure }: Extract<SessionEnd, { kind: 'lost' }>): Failure {
  // The far end has hung up, and its BYE did not get through.
  if (response?.status === 481) return { kind: 'ended', status: 481 };
  if (response !== undefined) return failureOfResponse(response);
  return failure === undefined ? { kind: 'unreachable' } : failureOfRequest(failure);
}

/** How a call of this side ended that nobody answered. */
export function endOfInvite(failure: InviteFailure): CallEnd {
  switch (failure.kind) {
    case 'cancelled':
      return { kind: 'cancelled', by: 'local' };
    case 'refused':
      return { kind: 'failed', failure: failureOfResponse(failure.response) };
    case 'redirected':
      return { kind: 'failed', failure: { kind: 'moved', status: failure.response.status } };
    case 'no-answer':
      return { kind: 'failed', failure: { kind: 'no-answer' } };
    case 'unreachable':
      return { kind: 'failed', failure: failureOfRequest(failure.failure) };
    case 'no-media':
      return { kind: 'failed', failure: { kind: 'sound', detail: failure.message } };
    case 'media':
      return { kind: 'failed', failure: { kind: 'no-common-media', detail: failure.refusal.reason } };
  }
}

/** How a call to this side ended before it was answered. `inquirer` has asked for it while it rang. */
export function endOfIncoming(
  end: Exclude<IncomingInviteEnd, { kind: 'answered' }>,
  inquirer: Party | undefined,
): CallEnd {
  switch (end.kind) {
    case 'cancelled':
      return isAnsweredElsewhere(end.reasons)
        ? { kind: 'answered-elsewhere', by: inquirer }
        : { kind: 'cancelled', by: 'remote' };
    case 'expired':
      return { kind: 'cancelled', by: 'remote' };
    case 'rejected':
      return { kind: 'rejected', status: end.status };
    case 'unacknowledged':
      return { kind: 'lost', failure: { kind: 'unreachable', code: 'timeout' } };
    case 'unreachable':
      return { kind: 'lost', failure: { kind: 'unreachable', code: 'closed' } };
    case 'stopped':
      return { kind: 'failed', failure: { kind: 'ended' } };
  }
}

/** RFC 3326 3: a forking proxy says with its CANCEL that somebody else has answered. */
function isAnsweredElsewhere(reasons: readonly Reason[]): boolean {
  return reasons.some(({ protocol, cause }) => protocol.toUpperCase() === 'SIP' && cause === 200);
}
