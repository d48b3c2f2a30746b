import { SipUri, TelUri } from '@switchhook/sip';
import type { CallPlan, FollowingPlan, HistoryInfo, Parameters, RingPlan } from '@switchhook/sip';
import type { Account } from '../subscribers/account.ts';
import { addressOfRecord } from '../subscribers/subscriber.ts';
import type { Call, Leg } from './call.ts';
import { forward } from './forwarding.ts';
import type { RouteLeg } from './forwarding.ts';
import type { Forwarding } from './services.ts';

/**
 * What comes of it that a phone answers 300, 301 or 302 (RFC 3261 16.5): its subscriber has the call forwarded there, as if
 * he had set it so, with all that goes for forwarding. Of several addresses the next one is tried when the one before has
 * not taken the call. Where he wants callers to be told instead, they are told what his phone has answered. A phone of somebody else, at a place where he may be, redirects nobody.
 */
export function deflection(
  call: Call,
  leg: Leg,
  account: Account,
  by: Forwarding['by'],
  routeLeg: RouteLeg,
): NonNullable<RingPlan['onRedirect']> {
  const owner = addressOfRecord(account.user, account.domain);
  return (target, contacts) => {
    const places = contacts.flatMap(({ uri, parameters }) =>
      uri instanceof SipUri || uri instanceof TelUri ? [{ to: uri, made: { target: madeBy(parameters) } }] : [],
    );
    if (target.owner !== owner || places.length === 0) return undefined;
    if (by === 'redirect' && leg.account === undefined) {
      return () => {
        call.count?.('redirected');
        return { kind: 'redirect', contacts };
      };
    }
    const plans = places.map(
      (place, index): FollowingPlan =>
        () =>
          forward(
            call,
            leg,
            account,
            by,
            { ...place, cause, tried: [{ target, status: cause.status }], others: index },
            routeLeg,
          ),
    );
    return inTurn(plans);
  };
}

/** How a phone says that it came to a contact; who says nothing alone knows (RFC 7044 10.4). */
function madeBy(parameters: Parameters): HistoryInfo['target'] {
  for (const kind of ['mp', 'rc'] as const) {
    const index = parameters.get(kind);
    if (index !== undefined && /^\d+(\.\d+)*$/.test(index)) return { kind, index };
  }
  return undefined;
}

const cause = { diversion: 'deflection', status: 302 } as const;

/** One plan after the other, until one of them has somebody take the call or ends it. */
function inTurn([first, ...others]: readonly FollowingPlan[]): FollowingPlan | undefined {
  const next = others.length === 0 ? undefined : inTurn(others);
  return first === undefined || next === undefined ? first : () => orElse(first(), next);
}

function orElse(plan: CallPlan, next: FollowingPlan): CallPlan {
  if (plan.kind === 'reject') return next();
  if (plan.kind !== 'ring') return plan;
  const after = (following: FollowingPlan | undefined): FollowingPlan =>
    following === undefined ? next : (tried) => orElse(following(tried), next);
  return {
    ...plan,
    onBusy: after(plan.onBusy),
    onNoAnswer: after(plan.onNoAnswer),
    onUnavailable: after(plan.onUnavailable),
  };
}
