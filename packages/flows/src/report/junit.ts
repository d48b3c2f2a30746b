import { markup, nothing, readable } from './markup.ts';
import type { Markup } from './markup.ts';
import type { FindingDocument, FlowDocument, ReportDocument } from './report-schema.ts';

interface TestCase {
  readonly name: string;
  readonly findings: readonly FindingDocument[];
  /** Why it was not looked at. */
  readonly skipped?: string;
  /** What went wrong that no rule is about. */
  readonly error?: string | undefined;
}

/** The report for machines that know JUnit's form: a suite for each flow, a case for each message, state of sound and negative. */
export function junitReport({ flows }: ReportDocument): string {
  const suites = flows.map((flow) => ({ flow, cases: casesOf(flow) }));
  const all = suites.flatMap(({ cases }) => cases);
  const seconds = flows.reduce((sum, flow) => sum + flow.seconds, 0);
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="RFC 5359" ${counts(all)} time="${seconds.toFixed(3)}">
${suites.map(({ flow, cases }) => suite(flow, cases))}</testsuites>
`.text;
}

function casesOf(flow: FlowDocument): readonly TestCase[] {
  const { messages, media, negatives, findings, error, leftOvers } = flow;
  return [
    ...messages.map(({ number, label, from, to, verdict, tolerances, findings: broken }): TestCase => {
      const name = `${number} ${label} from ${from} to ${to}`;
      if (verdict === 'left out')
        return { name, findings: broken, skipped: `left out, as ${tolerances.join(', ')} allows` };
      const isUnsaid = verdict === 'missing' && broken.length === 0;
      return { name, findings: broken, ...(isUnsaid && { skipped: 'not said, for what it follows from was not' }) };
    }),
    ...media.map(({ after, label, findings: broken }) => ({
      name: `sound after ${after}: ${label}`,
      findings: broken,
    })),
    ...negatives.map(({ id, statement, findings: broken }) => ({ name: `${id} ${statement}`, findings: broken })),
    { name: 'nothing else is said', findings },
    { name: 'it is played to its end', findings: [], error: error ?? undefined },
    { name: 'nobody is left with anything', findings: [], error: leftOvers.join('; ') || undefined },
  ];
}

function broken({ findings }: TestCase): readonly FindingDocument[] {
  return findings.filter(({ strength }) => strength === 'must');
}

function counts(cases: readonly TestCase[]): Markup {
  const failures = cases.filter((each) => broken(each).length > 0).length;
  const errors = cases.filter(({ error }) => error !== undefined).length;
  const skipped = cases.filter((each) => each.skipped !== undefined && broken(each).length === 0).length;
  return markup`tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}"`;
}

/** Servers take what is before the last dot for a package, and what is after it for a class: a section would be cut in two. */
function classOf({ title }: FlowDocument): string {
  return `RFC 5359.${title}`;
}

function suite(flow: FlowDocument, cases: readonly TestCase[]): Markup {
  const { section, title, seconds, stage } = flow;
  return markup`<testsuite name="RFC 5359 ${section} ${title}" ${counts(cases)} time="${seconds.toFixed(3)}">
<properties><property name="stage" value="${stage}"/></properties>
${cases.map((each) => testCase(classOf(flow), each))}</testsuite>
`;
}

function testCase(classname: string, each: TestCase): Markup {
  const failures = broken(each).map(
    ({ rule, sentence, expected, found, reference }) =>
      markup`<failure type="${rule}" message="${rule}: expected ${readable(expected)}; found ${readable(found)}">${sentence} (${reference})</failure>`,
  );
  const error = each.error === undefined ? nothing : markup`<error message="${readable(each.error)}"/>`;
  const skipped =
    each.skipped === undefined || failures.length > 0 ? nothing : markup`<skipped message="${each.skipped}"/>`;
  // Schemas of JUnit's form know one failure a case.
  return markup`<testcase classname="${classname}" name="${each.name}" time="0">${failures.slice(0, 1)}${error}${skipped}${
    failures.length > 1
      ? markup`<system-out>${failures.length} failures; report.json has them all.</system-out>`
      : nothing
  }</testcase>
`;
}
