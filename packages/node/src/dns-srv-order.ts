import type { RandomSource } from '@switchhook/sip';
import type { SrvRecord } from './dns.ts';

/** Takes one record by weight out of `rest`, whose records without weight stand first (RFC 2782, "Weight"). */
function takeByWeight(rest: SrvRecord[], random: RandomSource): SrvRecord[] {
  const total = rest.reduce((sum, { weight }) => sum + weight, 0);
  const drawn = Math.floor(random.fraction() * (total + 1));
  let running = 0;
  const chosen = rest.findIndex(({ weight }) => (running += weight) >= drawn);
  return rest.splice(chosen, 1);
}

/** The order in which the servers are to be tried: by priority, and by chance and weight among equals (RFC 2782). */
export function orderByPriorityAndWeight(records: readonly SrvRecord[], random: RandomSource): SrvRecord[] {
  const ordered: SrvRecord[] = [];
  for (const priority of [...new Set(records.map((record) => record.priority))].sort((a, b) => a - b)) {
    const rest = records
      .filter((record) => record.priority === priority)
      .sort((a, b) => Math.sign(a.weight) - Math.sign(b.weight));
    while (rest.length > 0) ordered.push(...takeByWeight(rest, random));
  }
  return ordered;
}
