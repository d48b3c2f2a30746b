import type { Target } from './call-plan.ts';

/** Those of `targets` that are not among the tried ones yet (RFC 3261 16.5), `room` at most. */
export function newTargets(targets: readonly Target[], tried: readonly Target[], room: number): readonly Target[] {
  const found: Target[] = [];
  for (const target of targets) {
    if (found.length < room && !isAmong(tried, target) && !isAmong(found, target)) found.push(target);
  }
  return found;
}

/** The same address may stand for two phones behind two NATs: then the ways to them differ. */
function isAmong(targets: readonly Target[], { uri, flow, destination, route }: Target): boolean {
  return targets.some(
    (each) =>
      each.flow === flow &&
      each.destination?.address === destination?.address &&
      each.destination?.port === destination?.port &&
      String(each.route ?? '') === String(route ?? '') &&
      each.uri.equals(uri),
  );
}
