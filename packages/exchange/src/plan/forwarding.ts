import { NameAddr, SipUri } from '@switchhook/sip';
import type { CallPlan, Target } from '@switchhook/sip';
import type { Destination } from '../settings/destination.ts';
import { addressOfRecord } from '../subscribers/subscriber.ts';
import type { Account, Call, Leg } from './call.ts';
import { divert, historyHeaders } from './history.ts';
import type { DiversionCause } from './history.ts';
import type { Forwarding } from './services.ts';

/** How often a call may be sent on, counting those who did it before it came here. */
const maximumDiversions = 10;

/** Where somebody sends a call on to, and why. */
export interface Onward {
  readonly to: Destination;
  readonly cause: DiversionCause;
  /** Phones of his that were tried before. */
  readonly tried?: readonly Target[];
  /** Places that he has sent it to before, those phones included. */
  readonly others?: number;
}

/** Finds out where a leg leads: how a service hands a call back to routing. */
export type RouteLeg = (leg: Leg) => CallPlan;

/**
 * Whether a call has come back to somebody who has sent it on before: here, or by way of another domain that tells so
 * (RFC 7044, RFC 5806). Such a call ends with 482 before anybody rings again.
 */
export function hasComeBack(call: Call, { chain }: Leg, account: Account): boolean {
  if (!call.diverts) return false;
  const diverters = chain?.diverters ?? call.diverters;
  return diverters.length > 0 && diverters.includes(addressOfRecord(account.user, account.domain));
}

/**
 * Sends a call on from a subscriber to where he wants it: the exchange places it, or where he wants that, the caller is
 * told to (RFC 3261 8.3). A caller who was sent to him by another has not chosen to call him, and is never told so.
 */
export function forward(
  call: Call,
  leg: Leg,
  account: Account,
  by: Forwarding['by'],
  { to, cause, tried = [], others = tried.length }: Onward,
  routeLeg: RouteLeg,
): CallPlan {
  const uri = call.secure && to instanceof SipUri ? to.with({ scheme: 'sips' }) : to;
  const chain = divert(call, leg, account, cause, tried, uri, others);
  if (chain.diverters.length > maximumDiversions) {
    call.count?.('forwarded too often');
    call.note?.(`it was sent on ${String(maximumDiversions)} times already, and ends`);
    return { kind: 'reject', status: 483 };
  }
  if (by === 'redirect' && leg.account === undefined) {
    call.count?.('redirected');
    call.note?.(`${account.user} has the caller told to call ${uri.toString()} himself`);
    return { kind: 'redirect', contacts: [NameAddr.of({ uri })], headers: historyHeaders(chain).headers.slice(0, 1) };
  }
  call.count?.('forwarded');
  call.note?.(`${account.user} forwards it to ${uri.toString()}`);
  const plan = routeLeg({ uri, account, chain });
  return plan.kind === 'ring' ? { ...plan, provisional: { status: 181 } } : plan;
}
