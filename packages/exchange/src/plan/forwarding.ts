import { NameAddr, SipUri } from '@switchhook/sip';
import type { Attempt, CallPlan, HistoryInfo } from '@switchhook/sip';
import type { Destination } from '../settings/destination.ts';
import type { Account } from '../subscribers/account.ts';
import { addressOfRecord } from '../subscribers/subscriber.ts';
import type { Call, Leg } from './call.ts';
import { chainOf, diversionHeaders, divert, toldHistoryAt } from './history.ts';
import type { Chain, DiversionCause } from './history.ts';
import type { Forwarding } from './services.ts';

/** How often a call may be sent on, counting those who did it before it came here. */
const maximumDiversions = 10;

/** Where somebody sends a call on to, and why. */
export interface Onward {
  readonly to: Destination;
  readonly cause: DiversionCause;
  /** Phones of his that were tried before. */
  readonly tried?: readonly Attempt[];
  /** Places that he has sent it to before, beside those phones. */
  readonly others?: number;
  /** How History-Info says that the place was found, where that is not his own doing (RFC 7044 10.4). */
  readonly made?: { readonly target: HistoryInfo['target'] };
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
  { to, cause, tried = [], others, made }: Onward,
  routeLeg: RouteLeg,
): CallPlan {
  const uri = call.secure && to instanceof SipUri ? to.with({ scheme: 'sips' }) : to;
  const chain = divert(call, leg, account, cause, tried, uri, others, made);
  if (chain.diverters.length > maximumDiversions) {
    call.count?.('forwarded too often');
    call.note?.(`it was sent on ${String(maximumDiversions)} times already, and ends`);
    return { kind: 'reject', status: 483 };
  }
  if (by === 'redirect' && leg.account === undefined) {
    call.count?.('redirected');
    call.note?.(`${account.user} has the caller told to call ${uri.toString()} himself`);
    return redirection(call, leg, uri, chain);
  }
  call.count?.('forwarded');
  call.note?.(`${account.user} forwards it to ${uri.toString()}`);
  const plan = routeLeg({ uri, account, chain });
  if (plan.kind !== 'ring') return plan;
  const told = toldHistoryAt(call, chainOf(call, leg));
  return { ...plan, provisional: { status: 181, ...(told.length > 0 && { headers: told }) } };
}

/**
 * Tells the caller where to call: what the place was made from (RFC 7044 8), the history as it was here for who keeps one (9.4), and who
 * sends him there.
 */
function redirection(call: Call, leg: Leg, uri: Destination, chain: Chain): CallPlan {
  const here = chainOf(call, leg);
  const contact = NameAddr.of({ uri, parameters: [['mp', here.index]] });
  return {
    kind: 'redirect',
    contacts: [contact],
    headers: [...diversionHeaders(chain).slice(0, 1), ...toldHistoryAt(call, here)],
  };
}
