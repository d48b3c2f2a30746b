import { printable } from '@switchhook/sip';
import { drawReport } from '../ladder/flow-ladder.ts';
import { openStreams, sessionDescriptionOf } from '../conversation/session-description.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { readOracle } from '../oracle/oracle.ts';
import { cutOff } from './cut-off.ts';
import { examined } from './examined.ts';
import type { Finding, Report, Tolerated } from './finding.ts';

/**
 * A report as people read it: the ladder with what is right and what is wrong, then what `printConclusion` says.
 */
export function printReport(report: Report, options: ConclusionOptions = {}): string {
  return `${printTitle(report.flow)}\n${drawReport(report)}\n${printConclusion(report, options)}`;
}

/** What stands above a ladder. */
export function printTitle({ id, title }: FlowDescription): string {
  return `RFC 5359 ${id} ${title}\n`;
}

/** What is known where a conclusion is printed. */
export interface ConclusionOptions {
  /** Failures that have been told already. */
  readonly told?: ReadonlySet<Finding>;
  /** Why the flow ended before its time: then of all that was still to be said only the first message is told, if any. */
  readonly error?: Error | undefined;
}

/**
 * What stands below a ladder: for each failure the flow, the message, the rule, what the rule says and where, what was
 * expected and what was found; advice; each tolerance with how often it was needed and what it allows; and last the verdict, with
 * what was looked at.
 */
export function printConclusion(report: Report, { told = new Set(), error }: ConclusionOptions = {}): string {
  const { failures, advice, tolerated } = report;
  const unsaid = cutOff(report, error);
  const left = failures.filter((finding) => !told.has(finding) && !unsaid.has(finding));
  const parts = left.map(printFinding);
  if (told.size > 0 && left.length > 0) parts.unshift('What else is not as it should be:');
  if (advice.length > 0) parts.push('Not followed, though it need not be:', ...advice.map(printFinding));
  if (tolerated.length > 0) parts.push(printTolerated(tolerated));
  parts.push(printExamined(report, unsaid.size));
  return `${parts.join('\n\n')}\n`;
}

function printExamined(report: Report, unsaid: number): string {
  const { messages, rules, media, negatives, statements } = examined(report);
  const { flow, failures } = report;
  const count = countOf(failures.length - unsaid, 'failure');
  const rest = unsaid === 0 ? '' : `, and ${countOf(unsaid, 'message')} more that it did not come to`;
  const verdict = failures.length === 0 ? 'As it should be' : `${count}${rest}`;
  const parts = [
    `${messages} of ${countOf(flow.messages.length, 'message')}`,
    countOf(rules, 'rule'),
    countOf(media, 'state of sound', 'states of sound'),
    ...printStreams(report),
    countOf(negatives, 'prohibition'),
    countOf(statements.length, 'statement of the RFC', 'statements of the RFC'),
  ];
  return `${verdict}. Looked at: ${parts.join(', ')}.`;
}

/** In how many descriptions there was another stream beside the sound; nothing where there was none. */
function printStreams({ matched }: Report): readonly string[] {
  const descriptions = [...matched.values()].flatMap(({ message }) =>
    message === undefined ? [] : (sessionDescriptionOf(message) ?? []),
  );
  const withTwo = descriptions.filter((description) => openStreams(description) > 1).length;
  return withTwo === 0 ? [] : [`two streams in ${withTwo} of ${countOf(descriptions.length, 'session description')}`];
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

function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** One finding, on some lines. */
export function printFinding({
  flow,
  message,
  rule,
  key,
  strength,
  expected,
  found,
  sentence,
  reference,
  coverage,
}: Finding): string {
  const place = message === undefined ? flow : `${flow} ${message}`;
  // A rule for a kind of message looks at many things.
  const isKind = rule.startsWith('R-') && key !== rule;
  const statements = coverage.length === 0 ? '' : `; coverage ${coverage.join(', ')}`;
  const places = new Set([reference, `RFC 5359 ${flow}`]);
  return [
    `${place} ${rule}${isKind ? `, ${key}` : ''} (${strength}): ${sentence}`,
    `  ${[...places].join('; ')}${statements}`,
    `  expected: ${printable(expected)}`,
    `  found:    ${printable(found)}`,
  ].join('\n');
}
