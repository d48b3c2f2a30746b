import type { RequestFailure } from '../dialog/contract.ts';
import { SyntaxFault } from '../message/fault.ts';
import { RetryAfter } from '../message/headers/retry-after.ts';
import type { SipResponse } from '../message/message.ts';
import type { UsageEnd } from './subscriber-usage.ts';

/** How a subscription is over for good. */
export type SubscriptionEnd =
  /** This side has given it up. */
  | { readonly kind: 'unsubscribed' }
  /** It was to fetch the state, and has. */
  | { readonly kind: 'fetched' }
  /** The SUBSCRIBE was refused. `retryAfter` is in seconds. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly reason: string;
      readonly retryAfter: number | undefined;
    }
  /** The SUBSCRIBE had no final response. */
  | { readonly kind: 'failed'; readonly failure: RequestFailure }
  /** It was accepted, but nobody sent a NOTIFY in time (Timer N, RFC 6665 4.1.2.4). */
  | { readonly kind: 'unanswered' }
  /** The notifier ended it, and asking again is of no use (RFC 6665 4.1.3). */
  | { readonly kind: 'terminated'; readonly reason: 'rejected' | 'noresource' | 'invariant' }
  /** The user agent stopped. */
  | { readonly kind: 'stopped' };

/** What came of one try: it stood and ended, or it never stood. */
export type TryEnd =
  | UsageEnd
  | { readonly kind: 'response'; readonly response: SipResponse }
  | { readonly kind: 'failure'; readonly failure: RequestFailure };

/** What is to be done then: subscribe anew, or let it be. */
export type Sequel =
  /** At once, or after `seconds`; after a growing while where nobody has said how long. */
  | { readonly kind: 'again'; readonly seconds: number | undefined; readonly atOnce: boolean }
  | { readonly kind: 'over'; readonly end: SubscriptionEnd };

const atOnce: Sequel = { kind: 'again', seconds: undefined, atOnce: true };
const later = (seconds: number | undefined): Sequel => ({ kind: 'again', seconds, atOnce: false });
const over = (reason: 'rejected' | 'noresource' | 'invariant'): Sequel => ({
  kind: 'over',
  end: { kind: 'terminated', reason },
});

/** What the reasons of Subscription-State ask for, `retryAfter` in seconds (RFC 6665 4.1.3). */
const reasons: Readonly<Partial<Record<string, (retryAfter: number | undefined) => Sequel>>> = {
  deactivated: () => atOnce,
  probation: later,
  rejected: () => over('rejected'),
  timeout: () => atOnce,
  giveup: later,
  noresource: () => over('noresource'),
  invariant: () => over('invariant'),
};

/** Responses that say something of the moment only; another SUBSCRIBE may fare better. */
const passing: ReadonlySet<number> = new Set([408, 429, 480, 481, 486, 491, 500, 502, 503, 504]);

/** `stood`: somebody has sent a NOTIFY before, so what fails now may come back. */
export function sequelOf(end: TryEnd, stood: boolean): Sequel {
  switch (end.kind) {
    case 'notifier': {
      const known = Object.hasOwn(reasons, end.reason ?? '') ? reasons[end.reason ?? ''] : undefined;
      return known === undefined ? later(end.retryAfter) : known(end.retryAfter);
    }
    case 'expired':
      return atOnce;
    case 'dialog':
      if (end.reason.kind === 'stopped') return { kind: 'over', end: { kind: 'stopped' } };
      return end.reason.kind === 'refused' ? sequelOfResponse(end.reason.response, stood) : atOnce;
    case 'unanswered':
      return stood ? later(undefined) : { kind: 'over', end: { kind: 'unanswered' } };
    case 'failure':
      if (end.failure.code === 'stopped') return { kind: 'over', end: { kind: 'stopped' } };
      return stood ? later(undefined) : { kind: 'over', end: { kind: 'failed', failure: end.failure } };
    case 'refused':
      return end.response === undefined ? later(undefined) : sequelOfResponse(end.response, stood);
    case 'response':
      return sequelOfResponse(end.response, stood);
  }
}

function sequelOfResponse(response: SipResponse, stood: boolean): Sequel {
  const { status, reason } = response;
  const after = response.get(RetryAfter);
  const retryAfter = after === undefined || after instanceof SyntaxFault ? undefined : after.seconds;
  if (!stood || !passing.has(status)) return { kind: 'over', end: { kind: 'refused', status, reason, retryAfter } };
  return status === 481 ? atOnce : later(retryAfter);
}
