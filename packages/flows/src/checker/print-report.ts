import { printable } from '@switchhook/sip';
import { drawReport } from '../ladder/flow-ladder.ts';
import type { Finding, Report } from './finding.ts';

/**
 * A report as people read it: for each failure the flow, the message, the rule, what the rule says and where, what was
 * expected and what was found; then the ladder with the places marked. Advice and tolerances are listed behind it.
 */
export function printReport(report: Report): string {
  const { flow, failures, advice, tolerated, matched } = report;
  const parts = [
    `RFC 5359 ${flow.id} ${flow.title}: ${failures.length === 0 ? 'as it should be' : countOf(failures.length)}`,
  ];
  parts.push(...failures.map(printFinding), drawReport(report));
  if (advice.length > 0) parts.push('Not followed, though it need not be:', ...advice.map(printFinding));
  const counts = new Map<string, number>();
  for (const { tolerance } of tolerated) counts.set(tolerance, (counts.get(tolerance) ?? 0) + 1);
  if (counts.size > 0) {
    const list = [...counts].map(([id, count]) => (count === 1 ? id : `${id} (${count} times)`)).join(', ');
    parts.push(`Tolerated: ${list}.`);
  }
  parts.push(`${matched.size} of ${flow.messages.length} messages of the flow were said.`);
  return `${parts.join('\n\n')}\n`;
}

function countOf(failures: number): string {
  return failures === 1 ? '1 failure' : `${failures} failures`;
}

/** One finding, on some lines. */
export function printFinding({
  flow,
  message,
  rule,
  strength,
  expected,
  found,
  sentence,
  reference,
  coverage,
}: Finding): string {
  const place = message === undefined ? flow : `${flow} ${message}`;
  const statements = coverage.length === 0 ? '' : `; coverage ${coverage.join(', ')}`;
  return [
    `${place} ${rule} (${strength}): ${sentence}`,
    `  ${reference}; RFC 5359 ${flow}${statements}`,
    `  expected: ${printable(expected)}`,
    `  found:    ${printable(found)}`,
  ].join('\n');
}
