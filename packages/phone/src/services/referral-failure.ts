import type { ReferralOutcome } from '@switchhook/sip';
import { failureOfRequest, failureOfResponse, failureOfStatus } from '../failure.ts';
import type { Failure } from '../failure.ts';

/** What kept somebody from doing what he was referred to; undefined where nothing is known to have. */
export function failureOfReferral(outcome: ReferralOutcome): Failure | undefined {
  switch (outcome.kind) {
    case 'succeeded':
    case 'unknown':
      return undefined;
    case 'failed':
      return failureOfStatus(outcome);
    case 'refused':
      return failureOfResponse(outcome.response);
    case 'unreachable':
      return failureOfRequest(outcome.failure);
  }
}
