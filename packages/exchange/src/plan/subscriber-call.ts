import type { Binding, CallPlan, FollowingPlan, RingPlan, Target } from '@switchhook/sip';
import type { Account, Call, Leg } from './call.ts';
import { forward, hasComeBack } from './forwarding.ts';
import type { RouteLeg } from './forwarding.ts';
import type { DiversionCause } from './history.ts';
import { preferenceStages } from './phones.ts';
import type { Phones } from './phones.ts';
import { ring } from './ring.ts';
import type { Destination } from '../settings/destination.ts';
import type { Services } from './services.ts';

const noTargets: readonly Target[] = [];

/** What happens to a call for a subscriber: what he decided about it, else his phones ring. */
export function subscriberCall(
  call: Call,
  leg: Leg,
  account: Account,
  services: Services | undefined,
  bindings: readonly Binding[],
  phones: Phones,
  routeLeg: RouteLeg,
): CallPlan {
  if (hasComeBack(call, leg, account)) {
    call.note?.(`${account.user} has sent the call on before: a loop`);
    return { kind: 'reject', status: 482 };
  }
  if (services === undefined || !call.diverts) return phonesOrNone(call, leg, preferenceStages(bindings, phones));
  const { forwarding } = services;
  const sendOn = (to: Destination, cause: DiversionCause, tried = noTargets): CallPlan =>
    forward(call, leg, account, forwarding, to, cause, tried, routeLeg);
  const follow = (
    to: Destination | undefined,
    cause: DiversionCause,
    tried: readonly Target[],
  ): FollowingPlan | undefined => (to === undefined ? undefined : () => sendOn(to, cause, tried));

  if (forwarding.always !== undefined) return sendOn(forwarding.always, { diversion: 'unconditional' });
  if (services.doNotDisturb) {
    call.note?.(`${account.user} does not want to be disturbed`);
    if (forwarding.busy !== undefined) return sendOn(forwarding.busy, { diversion: 'do-not-disturb' });
    return { kind: 'reject', status: 486 };
  }
  const ringTime = forwarding.noAnswer === undefined ? undefined : forwarding.ringTime;
  const stages = preferenceStages(bindings, phones, ringTime);
  if (stages.length === 0) {
    call.note?.(`no phone of ${account.user} is registered`);
    if (forwarding.unavailable !== undefined) return sendOn(forwarding.unavailable, { diversion: 'unavailable' });
    return { kind: 'reject', status: 480 };
  }
  const tried = stages.flatMap(({ targets }) => targets);
  return {
    ...ring(call, leg, stages),
    busyEnds: services.busyWhenOneIs,
    onBusy: follow(forwarding.busy, { diversion: 'user-busy', status: 486 }, tried),
    onNoAnswer: follow(forwarding.noAnswer, { diversion: 'no-answer', status: 408 }, tried),
    // A phone that is registered and silent did not answer, to somebody who says no more about it.
    onUnavailable: follow(
      forwarding.unavailable ?? forwarding.noAnswer,
      { diversion: 'unavailable', status: 480 },
      tried,
    ),
  };
}

function phonesOrNone(call: Call, leg: Leg, stages: RingPlan['stages']): CallPlan {
  return stages.length === 0 ? { kind: 'reject', status: 480 } : ring(call, leg, stages);
}
