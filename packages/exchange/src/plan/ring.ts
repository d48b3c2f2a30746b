import type { RingPlan, Stage, Target } from '@switchhook/sip';
import type { Call, Leg } from './call.ts';
import { historyHeaders, phoneEntry } from './history.ts';

/** Rings stages of phones at the place of a leg, with what the requests tell of how the call came there. */
export function ring({ trim }: Call, { chain }: Leg, stages: readonly Stage[]): RingPlan {
  if (chain === undefined) return { kind: 'ring', stages, ...trim };
  const { headers, trailingHeaders } = historyHeaders(chain);
  let at = 0;
  const entered = (target: Target): Target => {
    const trailing = [phoneEntry(chain, target.uri, at)];
    at += 1;
    return { ...target, trailingHeaders: trailing };
  };
  return {
    kind: 'ring',
    stages: stages.map((stage) => ({ ...stage, targets: stage.targets.map(entered) })),
    ...trim,
    headers: [...(trim.headers ?? []), ...headers],
    trailingHeaders,
  };
}

/** Sends a call on to an address as it stands: the last entry of its history names it already. */
export function ringAt({ trim }: Call, { uri, chain }: Leg): RingPlan {
  const stages = [{ targets: [{ uri }] }];
  if (chain === undefined) return { kind: 'ring', stages, ...trim };
  const { headers, trailingHeaders } = historyHeaders(chain);
  return { kind: 'ring', stages, ...trim, headers: [...(trim.headers ?? []), ...headers], trailingHeaders };
}
