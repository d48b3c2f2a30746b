import type { Conversation, SaidMessage } from '../conversation/conversation.ts';
import type { FlowDescription, FlowMessage } from '../oracle/flow-schema.ts';
import { Binding } from './binding.ts';
import { Examination } from './examination.ts';
import type { Exhibit, RuleCheck } from './examination.ts';
import type { Finding, Report } from './finding.ts';
import { Hops, isRequest } from './hops.ts';
import { hasPurposeOf, match } from './matching.ts';
import { checkMedia } from './media.ts';
import { checkNegatives, summaryOf } from './negatives.ts';
import { causesOf, checkOrder } from './order.ts';
import { branchOf, withoutRepetitions } from './repetitions.ts';
import { expectationChecks, ruleChecks } from './rules.ts';
import { sentenceOfAbsence } from './sentences.ts';
import { toleranceFor, toleranceForAbsence } from './tolerances.ts';

/**
 * Holds a conversation against a flow of RFC 5359: every message, what each must and should be, the partial order, the
 * media, and what must not happen. Neither side needs to know who took part: a phone of this house, or anybody's.
 */
export function checkFlow(flow: FlowDescription, conversation: Conversation): Report {
  const { messages, repetitions, hops, matched, rest, binding, examination } = read(flow, conversation);
  for (const { said, isRegular } of repetitions) {
    if (isRegular) examination.tolerate('T21', undefined, said);
    else
      examination.object('repetition', {
        expected: 'no repetition that is not asked for',
        found: summaryOf(said),
        said,
      });
  }
  checkPresence(binding, hops, examination);
  for (const expected of flow.messages) examine(expected, binding, hops, examination);
  checkOrder(binding, examination);
  const media = checkMedia(binding, examination);
  const tolerated = new Set<Conversation['messages'][number]>();
  for (const said of rest) {
    // What does not read means nothing, so that it is nothing to tolerate.
    if (said.fault !== undefined && said.message !== undefined) {
      examination.object('malformed', { expected: 'a message that reads', found: said.fault.reason, said });
    }
    const tolerance = toleranceFor(said, binding, hops);
    if (tolerance === undefined) {
      const found = `${summaryOf(said)} from ${said.from} to ${said.to}`;
      examination.object('unexpected', { expected: 'nothing more', found, said });
    } else {
      tolerated.add(said);
      examination.tolerate(tolerance, undefined, said);
    }
  }
  checkNegatives({ binding, hops, tolerated }, examination);
  const failures = examination.findings.filter(({ strength }) => strength === 'must');
  return {
    flow,
    passed: failures.length === 0,
    failures,
    // What one may do is no advice.
    advice: examination.findings.filter(({ strength }) => strength === 'should'),
    tolerated: examination.tolerated,
    matched,
    media,
    messages,
  };
}

interface EndOptions {
  /** Whether everybody has done what he does in the flow. */
  readonly isPlayedToItsEnd: boolean;
  /** What was said after the conversation: a network that loses much holds things up. */
  readonly later?: (() => readonly SaidMessage[]) | undefined;
}

/**
 * Holds a conversation against what a network that loses, doubles and reorders excuses nobody from: messages that can be read,
 * who hears whom, what must not happen, and where it was played to its end, that what people did was said. Answers with what was
 * found.
 */
export function checkEnd(
  flow: FlowDescription,
  conversation: Conversation,
  { isPlayedToItsEnd, later = () => [] }: EndOptions,
): readonly Finding[] {
  const { messages, hops, matched, rest, binding, examination } = read(flow, conversation);
  for (const expected of flow.messages) {
    const said = matched.get(expected.f);
    if (said !== undefined) checkReadable(expected, said, examination);
  }
  if (isPlayedToItsEnd) checkDeeds(later, binding, hops, examination);
  // An ACK that never came begins no sound: who waits for it sends to no stranger before.
  checkMedia(binding, examination, (f) => isPlayedToItsEnd || hasBegun(matched.get(f), messages));
  const tolerated =
    flow.negative.length === 0 ? [] : rest.filter((said) => toleranceFor(said, binding, hops) !== undefined);
  checkNegatives({ binding, hops, tolerated: new Set(tolerated) }, examination);
  return examination.findings.filter(({ strength }) => strength === 'must');
}

/**
 * Whether a message has come that begins sound. An ACK under the branch of its INVITE does not: it acknowledges a refusal (RFC 3261
 * 17.1.1.3), however much else of it is as the flow has it.
 */
function hasBegun(said: SaidMessage | undefined, messages: readonly SaidMessage[]): boolean {
  if (said?.arrived === undefined) return false;
  if (!isRequest(said) || said.message.method !== 'ACK') return true;
  const branch = branchOf(said.message);
  return !messages.some(
    (each) =>
      isRequest(each) &&
      each.from === said.from &&
      each.to === said.to &&
      each.message.method === 'INVITE' &&
      branchOf(each.message) === branch,
  );
}

/** Finds out which message is which. */
function read(flow: FlowDescription, conversation: Conversation) {
  const { messages, repetitions } = withoutRepetitions(conversation.messages);
  const hops = new Hops(messages);
  const { matched, rest } = match(flow, messages, hops);
  const binding = new Binding(flow, conversation, messages, matched);
  return { messages, repetitions, hops, matched, rest, binding, examination: new Examination(flow) };
}

/** Everything that is drawn appears. What is missing only because its cause is, goes without saying, or with its excuse. */
function checkPresence(binding: Binding, hops: Hops, examination: Examination): void {
  const missing = new Set<string>();
  const excuses = new Map<string, string>();
  for (const message of binding.flow.messages) {
    if (binding.matched.has(message.f)) continue;
    missing.add(message.f);
    const causes = causesOf(message).filter((f) => missing.has(f));
    const tolerance =
      causes.length === 0
        ? toleranceForAbsence(message, binding, hops)
        : causes.map((f) => excuses.get(f)).find((excuse) => excuse !== undefined);
    if (tolerance !== undefined) {
      excuses.set(message.f, tolerance);
      examination.tolerate(tolerance, message);
    } else if (causes.length === 0) complainOfAbsence(message, binding, hops, examination);
  }
}

/** Each request by which somebody does something was sent, whether it came or not, and said what it is for. */
function checkDeeds(later: () => readonly SaidMessage[], binding: Binding, hops: Hops, examination: Examination): void {
  for (const message of binding.flow.messages.filter(isDeed)) {
    const said = binding.matched.get(message.f);
    if (said !== undefined && isRequest(said) && hasPurposeOf(message, said)) continue;
    if (isLate(message, later, binding) || isHungUp(message, binding)) continue;
    if (said === undefined) complainOfAbsence(message, binding, hops, examination);
    else {
      const expected = `${message.ladderLabel} from ${message.from} to ${message.to}`;
      examination.complain('message', message, said, { key: 'message', expected, found: 'one for something else' });
    }
  }
}

/** Whether a request was sent after all, in the dialog that it belongs to. */
function isLate(expected: FlowMessage, later: () => readonly SaidMessage[], binding: Binding): boolean {
  const { from, to, method } = expected;
  const callId = binding.dialogOf(expected)?.callId;
  return later()
    .filter(isRequest)
    .filter((said) => said.from === from && said.to === to)
    .some((said) => said.message.method === method && said.message.callId === callId && hasPurposeOf(expected, said));
}

/** Whether the far end was quicker to end the session that a BYE ends (RFC 3261 15). */
function isHungUp(expected: FlowMessage, binding: Binding): boolean {
  const callId = binding.dialogOf(expected)?.callId;
  return (
    expected.method === 'BYE' &&
    binding.messages.some((said) => isRequest(said) && said.message.method === 'BYE' && said.message.callId === callId)
  );
}

/**
 * Whether a message of the flow is somebody's own doing, which no loss undoes. What forwards or acknowledges follows from what came;
 * of NOTIFYs only the last is owed, as the others may be overtaken by what happens (T5, T20).
 */
function isDeed({ kind, method, optional, forwards, acks, expect }: FlowMessage): boolean {
  if (kind !== 'request' || optional || forwards !== undefined || acks !== undefined) return false;
  return method !== 'NOTIFY' || expect.subscriptionState?.state === 'terminated';
}

function complainOfAbsence(message: FlowMessage, binding: Binding, hops: Hops, examination: Examination): void {
  const { answers, ladderLabel, from, to } = message;
  const expected = `${ladderLabel} from ${from} to ${to}`;
  const request = answers === undefined ? undefined : binding.matched.get(answers);
  const final = request !== undefined && isRequest(request) ? hops.finalTo(request) : undefined;
  if (final === undefined || (message.status ?? 0) < 200) {
    const sentence = sentenceOfAbsence(message);
    examination.complain('message', message, undefined, { key: 'message', expected, found: 'none', sentence });
  } else examination.complain('status', message, final, { key: 'status', expected, found: summaryOf(final) });
}

/** The keys of which a message of a flow says something, and `scheme`, which holds for all. */
function checksOf({ expect }: FlowMessage): readonly (readonly [string, RuleCheck])[] {
  return Object.entries(expectationChecks).filter(([key]) => key === 'scheme' || key in expect);
}

function examine(expected: FlowMessage, binding: Binding, hops: Hops, examination: Examination): void {
  const said = binding.matched.get(expected.f);
  if (said?.message === undefined) return;
  checkReadable(expected, said, examination);
  const exhibit: Exhibit = {
    flow: binding.flow,
    expected,
    said,
    message: said.message,
    binding,
    hops,
    tolerate: (tolerance) => examination.tolerate(tolerance, expected, said),
  };
  for (const rule of expected.rules) {
    for (const complaint of ruleChecks[rule](exhibit)) examination.complain(rule, expected, said, complaint);
  }
  for (const [key, check] of checksOf(expected)) {
    for (const complaint of check(exhibit)) {
      examination.complain(complaint.key.startsWith(key) ? complaint.key : key, expected, said, complaint);
    }
  }
}

function checkReadable(expected: FlowMessage, said: SaidMessage, examination: Examination): void {
  if (said.fault === undefined) return;
  const found = said.fault.reason;
  examination.complain('malformed', expected, said, { key: 'malformed', expected: 'a message that reads', found });
}
