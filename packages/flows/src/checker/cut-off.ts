import { FlowInterruption } from '../stage/played.ts';
import type { Finding, Report } from './finding.ts';

/** Whether it is that a message was not said at all. */
export function isMissing({ rule, said }: Finding): boolean {
  return rule === 'message' && said === undefined;
}

/**
 * What is missing only because a flow ended before its time, which `error` says: all that comes in the flow after the last message that was
 * said, but the first, which is what it ended for want of; that as well where somebody has interrupted it.
 */
export function cutOff({ flow, matched, failures }: Report, error: Error | undefined): ReadonlySet<Finding> {
  if (error === undefined) return new Set();
  const numbers = flow.messages.map(({ f }) => f);
  const last = numbers.findLastIndex((f) => matched.has(f));
  const missing = failures.filter((finding) => isMissing(finding) && numbers.indexOf(finding.message ?? '') > last);
  return new Set(error instanceof FlowInterruption ? missing : missing.slice(1));
}
