import type { Binding, CallPlan, Stage } from '@switchhook/sip';
import type { Group } from '../config/configuration.ts';
import type { Call, Leg } from './call.ts';
import { ringWithin, targetsOf } from './phones.ts';
import type { Phones } from './phones.ts';
import { ring } from './ring.ts';

/** What a call to a group needs to know of its members. */
export interface Members extends Phones {
  isSubscriber(user: string, domain: string): boolean;
  bindings(user: string, domain: string): readonly Binding[];
}

/** Rings the members of a group: all together, or one after the other. Who calls it is not rung himself. */
export function groupCall(call: Call, leg: Leg, group: Group, members: Members): CallPlan {
  const stages = stagesOf(call, group, members);
  return stages.length === 0 ? { kind: 'reject', status: 480 } : ring(call, leg, stages);
}

function stagesOf({ caller }: Call, group: Group, members: Members): Stage[] {
  const isCaller = (user: string): boolean =>
    caller.kind === 'subscriber' && caller.user === user && caller.domain === group.domain;
  const stages = group.members
    .filter((member) => !isCaller(member) && members.isSubscriber(member, group.domain))
    .map((member) => targetsOf(members.bindings(member, group.domain), members))
    .filter((targets) => targets.length > 0);
  if (group.ring === 'in-turn') return stages.map((targets) => ({ targets, ringTime: group.ringTime, ringWithin }));
  const targets = stages.flat();
  return targets.length === 0 ? [] : [{ targets }];
}
