import type { RingPlan, Stage, Target, Uri } from '@switchhook/sip';
import type { Call, Leg } from './call.ts';
import { diversionHeaders, historyInResponses, phoneEntry, withHistory } from './history.ts';
import type { Chain } from './history.ts';

/** Rings stages of phones at the place of a leg, whose requests tell how the call came there. */
export function ring(call: Call, { chain }: Leg, stages: readonly Stage[]): RingPlan {
  const { removeHeaders, headers } = call.trim;
  if (chain === undefined) return { kind: 'ring', stages, removeHeaders, headers };
  let before = 0;
  const told = stages.map((stage) => {
    const targets = toldHistory(chain, stage.targets, undefined, before);
    before += targets.length;
    return { ...stage, targets };
  });
  return { kind: 'ring', stages: told, removeHeaders, headers, history: historyInResponses(call) };
}

/** Sends a call on to an address as it stands. */
export function ringAt(call: Call, leg: Leg): RingPlan {
  const { uri, chain } = leg;
  if (chain === undefined) return { kind: 'ring', stages: [{ targets: [{ uri }] }], ...call.trim };
  const targets = toldHistory(chain, [{ uri }], uri);
  return { kind: 'ring', stages: [{ targets }], ...call.trim, history: historyInResponses(call) };
}

/**
 * Targets whose requests tell how the call came to them. `place` is the address that the last entry of the history names
 * already; `before` says how many other targets that address has had.
 */
export function toldHistory(chain: Chain, targets: readonly Target[], place?: Uri, before = 0): Target[] {
  const diversions = diversionHeaders(chain);
  return targets.map((target, at) => {
    const own = place?.equals(target.uri) === true ? [] : [phoneEntry(chain, target.uri, before + at)];
    return withHistory({ ...target, headers: [...(target.headers ?? []), ...diversions] }, chain.entries, own);
  });
}
