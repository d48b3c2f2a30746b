import { cutOff } from '../checker/cut-off.ts';
import type { Finding } from '../checker/finding.ts';
import { printFinding, printReport } from '../checker/print-report.ts';
import type { SaidMessage } from '../conversation/conversation.ts';
import type { PlayedFlow } from '../stage/played.ts';

/** What became of one message of a flow. */
export interface MessageVerdict {
  /** Its number in the flow, such as `F10`. */
  readonly number: string;
  /** What it is, and between whom: `INVITE(hold) from bob to proxy`. */
  readonly title: string;
  /** What was said; undefined when it was not. */
  readonly said: SaidMessage | undefined;
  /** Every `must` that is broken, as a text; empty when the message is right, or may be left out. */
  readonly problems: readonly string[];
}

/** What became of a flow, for test suites: compare `problems` with an empty list, and a runner shows what is wrong. */
export interface FlowVerdict {
  /** True when there are no problems. */
  readonly passed: boolean;
  /**
   * Every `must` that is broken, why the flow was not played to its end, and what somebody still held: each as a text that names
   * the message, the rule, where it is written, what was expected and what was found. Of the messages that a flow did not come to it
   * is the first alone.
   */
  readonly problems: readonly string[];
  /** What need not be followed and was not. */
  readonly advice: readonly string[];
  /** Every message of the flow, in its order. */
  readonly messages: readonly MessageVerdict[];
  /** The ladder, what is wrong, what was tolerated, and how much was looked at. */
  readonly text: string;
  /** All of it: for `writeReport`, or to look closer. */
  readonly played: PlayedFlow;
}

/** What a play, or a recording, comes to. */
export function verdictOf(played: PlayedFlow): FlowVerdict {
  const { report, error, leftOvers } = played;
  const { flow, failures, advice, matched } = report;
  const unsaid = cutOff(report, error);
  const problems = [
    ...failures.filter((finding) => !unsaid.has(finding)).map(printFinding),
    ...(error === undefined ? [] : [`${flow.id} was not played to its end: ${error.message}`]),
    ...leftOvers.map((what) => `${flow.id} left over: ${what}`),
  ];
  return {
    passed: problems.length === 0,
    problems,
    advice: advice.map(printFinding),
    messages: flow.messages.map(({ f, ladderLabel, from, to }) => ({
      number: f,
      title: `${ladderLabel} from ${from} to ${to}`,
      said: matched.get(f),
      problems: failures.filter(({ message }: Finding) => message === f).map(printFinding),
    })),
    text: printReport(report, { error }),
    played,
  };
}
