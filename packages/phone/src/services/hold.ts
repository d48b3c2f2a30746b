import type { InviteSession, ModificationOutcome } from '@switchhook/sip';
import { failureOfRequest, failureOfResponse } from '../failure.ts';
import type { Failure } from '../failure.ts';
import { endOfSession } from '../session-end.ts';

/**
 * Puts the far end of a session on hold (RFC 5359 2.1): it is told not to send, and nothing is sent to it. Undefined when
 * it is done; after a failure all is as it was.
 */
export async function hold(session: InviteSession): Promise<Failure | undefined> {
  return failureOf(await session.hold('inactive'));
}

/** Puts it on hold, and lets somebody else answer for this side meanwhile (RFC 7088). */
export async function holdElsewhere(
  session: InviteSession,
  answer: (offer: string) => Promise<string | undefined>,
): Promise<Failure | undefined> {
  return failureOf(await session.holdElsewhere(answer));
}

/** Takes it from hold. Where the far end holds, too, that side stays as it is. */
export async function resume(session: InviteSession): Promise<Failure | undefined> {
  return failureOf(await session.resume());
}

function failureOf(outcome: ModificationOutcome): Failure | undefined {
  switch (outcome.kind) {
    case 'done':
      return undefined;
    case 'refused':
      return failureOfResponse(outcome.response);
    case 'failed':
      return failureOfRequest(outcome.failure);
    case 'no-media':
      return { kind: 'sound', detail: outcome.message };
    case 'superseded':
      return { kind: 'cancelled' };
    case 'ended': {
      const end = outcome.end.kind === 'replaced' ? undefined : endOfSession(outcome.end);
      return end?.kind === 'lost' ? end.failure : { kind: 'ended' };
    }
  }
}
