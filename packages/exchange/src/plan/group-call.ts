import type { CallPlan, Stage, Target } from '@switchhook/sip';
import type { Group } from '../config/configuration.ts';
import type { Call, Leg } from './call.ts';
import { ringWithin } from './phones.ts';
import { ring } from './ring.ts';

/** What a call to a group needs to know of its members. */
export interface Members {
  /** The phones of a member, as far as he takes calls of the group now. */
  targetsOf(user: string, domain: string): readonly Target[];
  /** When his last call ended, in milliseconds of any clock; 0 when he has had none. */
  idleSince(user: string, domain: string): number;
}

/**
 * Rings the members of a group: all together, one after the other, or whoever has had no call for the longest time first.
 * Who calls it is not rung himself, and a member's own forwarding is not followed, nor what his phone redirects to: the call
 * is the group's.
 */
export function groupCall(call: Call, leg: Leg, group: Group, members: Members): CallPlan {
  call.count?.('rung as a group');
  const stages = stagesOf(call, group, members);
  if (stages.length === 0) {
    call.note?.(`no member of ${group.user} has a telephone that takes this call`);
    return { kind: 'reject', status: 480 };
  }
  call.note?.(`the members of ${group.user} ring, ${group.ring}`);
  return { ...ring(call, leg, stages), onRedirect: () => undefined };
}

function stagesOf({ caller }: Call, group: Group, members: Members): Stage[] {
  const { domain, ringTime } = group;
  const isCaller = (user: string): boolean =>
    caller.kind === 'subscriber' && caller.user === user && caller.domain === domain;
  const found = inOrder(group, members)
    .filter((member) => !isCaller(member))
    .map((member) => members.targetsOf(member, domain))
    .filter((targets) => targets.length > 0);
  if (group.ring !== 'together') return found.map((targets) => ({ targets, ringTime, ringWithin }));
  const targets = found.flat();
  return targets.length === 0 ? [] : [{ targets }];
}

function inOrder({ ring: order, members, domain }: Group, world: Members): readonly string[] {
  if (order !== 'longest-idle') return members;
  const idle = new Map(members.map((member) => [member, world.idleSince(member, domain)]));
  return members.toSorted((one, other) => (idle.get(one) ?? 0) - (idle.get(other) ?? 0));
}
