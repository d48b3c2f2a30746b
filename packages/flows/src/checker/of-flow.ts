import type { FlowDescription } from '../oracle/flow-schema.ts';

/** What a flow itself says of one of its parts, found out once: it is asked for in every conversation. */
export function ofFlow<Part extends object, Found>(
  find: (flow: FlowDescription, part: Part) => Found,
): (flow: FlowDescription, part: Part) => Found {
  const known = new WeakMap<FlowDescription, Map<Part, Found>>();
  return (flow, part) => {
    let found = known.get(flow);
    if (found === undefined) {
      found = new Map();
      known.set(flow, found);
    }
    const before = found.get(part);
    if (before !== undefined) return before;
    const answer = find(flow, part);
    found.set(part, answer);
    return answer;
  };
}
