import { printable, SipRequest } from '@switchhook/sip';
import type { TransportProtocol } from '@switchhook/sip';
import { cutOff, isMissing } from '../checker/cut-off.ts';
import type { Finding, Report } from '../checker/finding.ts';
import { printFinding } from '../checker/print-report.ts';
import type { SaidMessage } from '../conversation/conversation.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import type { FlowMessage } from '../oracle/flow-schema.ts';
import { simulateFlow } from '../simulation/simulate-flow.ts';
import { FlowInterruption } from '../stage/played.ts';

/** What became of one message that a device has to send. */
export interface OwnMessage {
  readonly message: FlowMessage;
  /** Undefined where nothing was said that is it. */
  readonly said: SaidMessage | undefined;
  /** Everything that must be otherwise, in the order of its rules. */
  readonly failures: readonly Finding[];
  /** Whether it is missing and may be, or is missing because of what others have not said. */
  readonly isExcused: boolean;
}

/** What a device that played a part is told of it. */
export interface DeviceVerdict {
  readonly role: string;
  readonly messages: readonly OwnMessage[];
  /** Nothing that it said is wrong, and nothing that it has to say is missing. */
  readonly passed: boolean;
  /** The first thing that is wrong in the order of the flow: what follows may follow from it. */
  readonly first: Finding | undefined;
  /** What others should have said before that, and have not: where the device has said nothing that is wrong, it is not to blame. */
  readonly earlier: Finding | undefined;
  /** What was spoken there. */
  readonly protocol: TransportProtocol | undefined;
}

/** What of a report one part has to answer for; nothing that was still to come when somebody interrupted the flow, as `error` says. */
export function verdictOn(report: Report, role: string, error?: Error): DeviceVerdict {
  const { flow, matched } = report;
  const unsaid = error instanceof FlowInterruption ? cutOff(report, error) : new Set<Finding>();
  const failures = report.failures.filter((finding) => !unsaid.has(finding));
  const messages = flow.messages
    .filter(({ from }) => from === role)
    .map((message): OwnMessage => {
      const own = failures.filter((finding) => finding.message === message.f && isBy(finding, role, message));
      const said = matched.get(message.f);
      return { message, said, failures: own, isExcused: said === undefined && own.length === 0 };
    });
  const others = failures.filter(({ message, said }) => message === undefined && said?.from === role);
  const first = messages.flatMap((each) => each.failures)[0] ?? others[0];
  const earlier = first === undefined || !isMissing(first) ? undefined : failures.find(isMissing);
  const spoken = messages.find(({ said }) => said !== undefined)?.said ?? report.messages[0];
  return {
    role,
    messages,
    passed: first === undefined,
    first,
    earlier: earlier === first ? undefined : earlier,
    protocol: spoken?.protocol,
  };
}

/** What a verdict tells of what is wrong: the first, with all else that is wrong in the same message. */
export function toldBy({ first, earlier, messages }: DeviceVerdict): readonly Finding[] {
  if (first === undefined || earlier !== undefined) return [];
  return messages.find(({ failures }) => failures.includes(first))?.failures ?? [first];
}

/** A finding about media after a message is about who does not send: it has words of its own. */
function isBy({ rule, said, expected }: Finding, role: string, { from }: FlowMessage): boolean {
  if (rule === 'media' || rule === 'mix') return expected.includes(`from ${role} `) || expected.startsWith(`${role} `);
  return said === undefined ? from === role : said.from === role;
}

/** The bytes of a message as the phones of this house say it over that protocol; undefined where they do not. */
async function asItIsSaidHere(
  section: string,
  f: string,
  protocol: TransportProtocol | undefined,
): Promise<string | undefined> {
  const script = flowScripts.find(({ flow }) => flow === section);
  return script && (await simulateFlow(script, { protocol })).report.matched.get(f)?.text;
}

/**
 * A verdict as people read it: each message of the device, and the first that is wrong with what would have been right; `error`
 * is why the flow was not played to its end.
 */
export async function printVerdict(verdict: DeviceVerdict, error?: Error): Promise<string> {
  const { role, messages, passed, first, earlier, protocol } = verdict;
  const right = messages.filter(({ said, failures }) => said !== undefined && failures.length === 0).length;
  const soFar = error === undefined ? 'as it should be' : 'nothing wrong as far as it came';
  const head = passed ? soFar : 'not as it should be';
  const lines = [`${role}: ${head}; ${right} of its ${messages.length} messages are right.`];
  if (error !== undefined) lines.push(`The flow ended before its time: ${asSentence(printable(error.message))}`);
  const widest = Math.max(...messages.map((each) => labelOf(each).length));
  for (const each of messages) {
    const verdict = markOf(each, error !== undefined && each.failures[0] !== first);
    lines.push(`  ${labelOf(each).padEnd(widest)}  ${verdict}`);
  }
  if (first === undefined) return `${lines.join('\n')}\n`;
  if (earlier !== undefined) {
    const { message = '', expected } = earlier;
    lines.push('', `The flow did not come to what is missing of ${role}: before that, ${message} is, ${expected}.`);
    return `${lines.join('\n')}\n`;
  }
  lines.push('', 'What is wrong first:', ...toldBy(verdict).map(printFinding));
  const bytes = first.message === undefined ? undefined : await asItIsSaidHere(first.flow, first.message, protocol);
  if (first.said !== undefined) lines.push('', 'What the device said:', ...indented(first.said.text));
  if (bytes !== undefined) lines.push('', 'What would have been right, as it is said here:', ...indented(bytes));
  return `${lines.join('\n')}\n`;
}

function labelOf({ message: { f, ladderLabel, to }, said }: OwnMessage): string {
  return `${f.padEnd(3)} ${said?.message === undefined ? ladderLabel : nameOf(said.message)} to ${to}`;
}

/** What became of it; `isLate` where the flow had ended, so that what is missing could not be said any more. */
function markOf({ said, failures, isExcused }: OwnMessage, isLate: boolean): string {
  if (isLate && failures.every(isMissing)) return said === undefined ? '- not said' : '✓';
  if (failures.length > 0) return `✗ ${[...new Set(failures.map(({ rule }) => rule))].join(', ')}`;
  return isExcused ? '- not said' : '✓';
}

function asSentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

function nameOf(message: NonNullable<SaidMessage['message']>): string {
  return message instanceof SipRequest ? message.method : printable(`${message.status} ${message.reason}`);
}

function indented(text: string): readonly string[] {
  return text
    .trimEnd()
    .split('\r\n')
    .map((line) => `  ${printable(line)}`.trimEnd());
}
