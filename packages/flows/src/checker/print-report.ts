import { printable } from '@switchhook/sip';
import { drawReport } from '../ladder/flow-ladder.ts';
import { readOracle } from '../oracle/oracle.ts';
import type { Finding, Report, Tolerated } from './finding.ts';

/**
 * A report as people read it: for each failure the flow, the message, the rule, what the rule says and where, what was
 * expected and what was found; then the ladder with the places marked. Advice and tolerances are listed behind it, each tolerance
 * with how often it was needed and what it allows.
 */
export function printReport(report: Report): string {
  const { flow, failures, advice, tolerated, matched } = report;
  const parts = [
    `RFC 5359 ${flow.id} ${flow.title}: ${failures.length === 0 ? 'as it should be' : countOf(failures.length)}`,
  ];
  parts.push(...failures.map(printFinding), drawReport(report).trimEnd());
  if (advice.length > 0) parts.push('Not followed, though it need not be:', ...advice.map(printFinding));
  if (tolerated.length > 0) parts.push(printTolerated(tolerated));
  parts.push(`${matched.size} of ${flow.messages.length} messages of the flow were said.`);
  return `${parts.join('\n\n')}\n`;
}

/** What differs from the flow as it is printed, and may. */
function printTolerated(tolerated: readonly Tolerated[]): string {
  const counts = new Map<string, number>();
  for (const { tolerance } of tolerated) counts.set(tolerance, (counts.get(tolerance) ?? 0) + 1);
  const lines = readOracle().tolerances.flatMap(({ id, title, text }) => {
    const count = counts.get(id);
    return count === undefined ? [] : [`  ${title} (${id}, ${count === 1 ? 'once' : `${count} times`}): ${text}`];
  });
  return ['Tolerated, though the flow does not print it so:', ...lines].join('\n');
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
