import type { RingPlan, Stage, Target, Uri } from '@switchhook/sip';
import type { Call, Leg } from './call.ts';
import { historyHeaders, phoneEntry } from './history.ts';
import type { Chain } from './history.ts';

/** Rings stages of phones at the place of a leg, whose requests tell how the call came there. */
export function ring({ trim: { removeHeaders, headers } }: Call, { chain }: Leg, stages: readonly Stage[]): RingPlan {
  if (chain === undefined) return { kind: 'ring', stages, removeHeaders, headers };
  let before = 0;
  const told = stages.map((stage) => {
    const targets = withHistory(chain, stage.targets, undefined, before);
    before += targets.length;
    return { ...stage, targets };
  });
  return { kind: 'ring', stages: told, removeHeaders, headers };
}

/** Sends a call on to an address as it stands. */
export function ringAt(call: Call, leg: Leg): RingPlan {
  const { uri, chain } = leg;
  const targets = chain === undefined ? [{ uri }] : withHistory(chain, [{ uri }], uri);
  return { kind: 'ring', stages: [{ targets }], ...call.trim };
}

/**
 * Targets whose requests tell how the call came to them. `place` is the address that the last entry of the history names
 * already; `before` says how many other targets that address has had.
 */
export function withHistory(chain: Chain, targets: readonly Target[], place?: Uri, before = 0): Target[] {
  const { headers, trailingHeaders } = historyHeaders(chain);
  return targets.map((target, at) => ({
    ...target,
    headers: [...(target.headers ?? []), ...headers],
    trailingHeaders:
      place?.equals(target.uri) === true
        ? trailingHeaders
        : [...trailingHeaders, phoneEntry(chain, target.uri, before + at)],
  }));
}
