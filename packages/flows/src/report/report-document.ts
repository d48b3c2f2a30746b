import { strengthOf } from '../checker/examination.ts';
import { examined } from '../checker/examined.ts';
import type { Finding, Report } from '../checker/finding.ts';
import { sentenceOf } from '../checker/sentences.ts';
import type { SaidMessage } from '../conversation/conversation.ts';
import { meaningOf } from '../explain/purpose.ts';
import { faultsOf } from '../lint/lint-rfc.ts';
import { readOracle } from '../oracle/oracle.ts';
import type { FlowMessage } from '../oracle/flow-schema.ts';
import { printedMessage } from '../oracle/printed-messages.ts';
import type { PlayedFlow } from '../stage/played.ts';
import { differencesOf } from './differences.ts';
import type { PrintedFault } from './differences.ts';
import type { FindingDocument, FlowDocument, MessageDocument, ReportDocument } from './report-schema.ts';

/** A play that a report tells of. */
export interface ReportedPlay {
  readonly played: PlayedFlow;
  /** Where it was played, in words: `TLS on sockets of this machine`. */
  readonly stage: string;
  /** How long it took. */
  readonly milliseconds: number;
}

/** All that a report tells. `made` is when it is made. */
export function reportDocument(plays: readonly ReportedPlay[], made: Date): ReportDocument {
  const flows = plays.map(flowDocument);
  return {
    format: 'switchhook-flow-report',
    version: 1,
    made: made.toISOString(),
    passed: flows.every(({ passed }) => passed),
    flows,
  };
}

function flowDocument({ played, stage, milliseconds }: ReportedPlay): FlowDocument {
  const { report, conversation, error, leftOvers } = played;
  const { flow, failures, advice } = report;
  const { statements, ...counts } = examined(report);
  const begin = report.messages[0]?.time ?? 0;
  const said = (message: SaidMessage) => saidDocument(message, begin);
  const findings = [...failures, ...advice];
  const isOfMedia = ({ rule, message }: Finding): boolean =>
    message !== undefined && (rule === 'media' || rule === 'mix');
  const isNegative = ({ rule }: Finding): boolean => flow.negative.some(({ id }) => id === rule);
  const broken = new Set(failures.flatMap(({ coverage }) => coverage));
  const held = new Set(statements);
  const name = `${flow.id}-${flow.slug}`;
  return {
    section: flow.id,
    title: flow.title,
    summary: flow.summary,
    passed: report.passed && error === undefined && leftOvers.length === 0,
    stage,
    seconds: milliseconds / 1_000,
    error: error?.message ?? null,
    leftOvers: [...leftOvers],
    elements: flow.elements.map(({ id, name: title, role }) => {
      const participant = conversation.participants.find(({ element }) => element === id);
      const { addressOfRecord = null, hosts = [] } = participant ?? {};
      return { name: id, title, role, addressOfRecord, hosts: [...hosts] };
    }),
    examined: counts,
    messages: flow.messages.map((message) => {
      const about = findings.filter((finding) => finding.message === message.f && !isOfMedia(finding));
      return messageDocument(message, report, about, begin);
    }),
    media: Object.entries(flow.media).flatMap(([after, { label, flows }]) => {
      const sent = report.media.get(after);
      if (sent === undefined) return [];
      const about = findings.filter((finding) => isOfMedia(finding) && finding.message === after);
      return [
        {
          after,
          label,
          expected: flows.map(({ from, to, rtp }) => ({ from, to, rtp })),
          sent: sent.map(({ from, to }) => ({ from, to })),
          findings: about.map(findingDocument),
        },
      ];
    }),
    negatives: flow.negative.map(({ id, statement }) => ({
      id,
      statement,
      findings: findings.filter(({ rule }) => rule === id).map(findingDocument),
    })),
    findings: findings.filter((finding) => finding.message === undefined && !isNegative(finding)).map(findingDocument),
    others: othersOf(report).map(({ message, tolerance }) => ({ ...said(message), tolerance })),
    tolerances: timesOf(report),
    statements: readOracle()
      .coverage.filter(({ id }) => flow.coverage.includes(id) || held.has(id) || broken.has(id))
      .map(({ id, level, statement }) => ({
        id,
        level,
        statement,
        verdict: broken.has(id) ? ('broken' as const) : held.has(id) ? ('held' as const) : ('not shown' as const),
      })),
    files: { page: `${name}.html`, ladder: `${name}.svg`, capture: `${name}.pcapng` },
  };
}

function messageDocument(
  message: FlowMessage,
  report: Report,
  findings: readonly Finding[],
  begin: number,
): MessageDocument {
  const { f, from, to, ladderLabel, expect, rules, errata = [] } = message;
  const { flow } = report;
  const said = report.matched.get(f);
  const isWrong = findings.some(({ strength }) => strength === 'must');
  const printed = printedMessage(flow.id, f);
  const tolerances = report.tolerated.filter((each) => each.message === message).map(({ tolerance }) => tolerance);
  return {
    number: f,
    from,
    to,
    label: ladderLabel,
    meaning: meaningOf(flow, message).join(' '),
    printed,
    said: said === undefined ? null : saidDocument(said, begin),
    verdict:
      said === undefined ? (isWrong || tolerances.length === 0 ? 'missing' : 'left out') : isWrong ? 'wrong' : 'right',
    rules: [...rules, ...Object.keys(expect)].map((rule) => {
      return { rule, strength: strengthOf(message, rule), ...sentenceOf(rule) };
    }),
    findings: findings.map(findingDocument),
    tolerances: [...new Set(tolerances)],
    errata,
    differences: said === undefined ? [] : differences(printed, said, findings, printedFaultsOf(flow.id, f, errata)),
  };
}

function differences(
  printed: string,
  { text }: SaidMessage,
  findings: readonly Finding[],
  printedFaults: readonly PrintedFault[],
): MessageDocument['differences'] {
  const faults = findings.map(({ key, strength, sentence, expected, found }) => ({
    key,
    kind: strength === 'must' ? ('wrong' as const) : ('advice' as const),
    why: `${sentence} Expected: ${expected}; found: ${found}.`,
  }));
  return differencesOf(printed, text, faults, printedFaults).map((difference) => {
    const { printed: before = null, said: after = null, why = null, tolerance = null, errata } = difference;
    return { ...difference, printed: before, said: after, why, tolerance, errata: [...errata] };
  });
}

/** What is wrong with a printed message: the errata of the flow, with the rules that the message breaks by them. */
function printedFaultsOf(section: string, f: string, ids: readonly string[]): readonly PrintedFault[] {
  const { errata, flows } = readOracle();
  const flow = flows.find(({ id }) => id === section);
  const found = flow === undefined ? [] : faultsOf(flow);
  return ids.map((id) => {
    const keys = found
      // That a message does not read is about no part of it: the words of the erratum name that.
      .filter(({ finding, erratum }) => finding.message === f && erratum?.id === id && finding.rule !== 'malformed')
      .map(({ finding }) => finding.key);
    return { id, keys, words: errata.find((each) => each.id === id)?.shows ?? '' };
  });
}

function saidDocument({ time, from, to, protocol, text }: SaidMessage, begin: number) {
  return { time: (time - begin) / 1_000, from, to, protocol, text };
}

function findingDocument(finding: Finding): FindingDocument {
  const { message = null, rule, key, strength, expected, found, sentence, reference, coverage } = finding;
  return { message, rule, key, strength, expected, found, sentence, reference, statements: [...coverage] };
}

/** What belongs to no message of the flow, with what allows it. */
function othersOf({ messages, matched, tolerated }: Report): { message: SaidMessage; tolerance: string | null }[] {
  const ofFlow = new Set(matched.values());
  return messages
    .filter((message) => !ofFlow.has(message))
    .map((message) => {
      const tolerance = tolerated.find(({ said }) => said === message)?.tolerance ?? null;
      return { message, tolerance };
    });
}

function timesOf({ tolerated }: Report): FlowDocument['tolerances'] {
  const times = new Map<string, number>();
  for (const { tolerance } of tolerated) times.set(tolerance, (times.get(tolerance) ?? 0) + 1);
  return readOracle().tolerances.flatMap(({ id }) => {
    const count = times.get(id);
    return count === undefined ? [] : [{ id, times: count }];
  });
}
