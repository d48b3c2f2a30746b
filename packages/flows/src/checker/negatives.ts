import { Join, Replaces, SipRequest, SyntaxFault } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';
import { readDialogInformation } from '../conversation/dialog-information.ts';
import { isOldHold, sessionDescriptionOf } from '../conversation/session-description.ts';
import type { FlowNegative, Strength } from '../oracle/flow-schema.ts';
import type { Binding } from './binding.ts';
import type { Examination } from './examination.ts';
import { isRequest, isResponse } from './hops.ts';
import type { Hops, SaidRequest } from './hops.ts';
import { strengthOfOldHold } from './strangers.ts';

/** What a checker of negatives looks at. `tolerated` are messages of which a tolerance says that they mean nothing. */
interface Evidence {
  readonly binding: Binding;
  readonly hops: Hops;
  readonly tolerated: ReadonlySet<SaidMessage>;
}

/** Holds the conversation against what must not be. */
export function checkNegatives(evidence: Evidence, examination: Examination): void {
  for (const negative of evidence.binding.flow.negative) {
    const check = negative.mustNot === undefined ? inWords[negative.id] : checks[negative.mustNot];
    for (const { found, said, strength } of check?.(negative, evidence) ?? []) {
      examination.forbid(negative, found, said, strength);
    }
  }
}

interface Offence {
  readonly found: string;
  readonly said: SaidMessage | undefined;
  /** A `must` without it. */
  readonly strength?: Strength;
}

type NegativeCheck = (negative: FlowNegative, evidence: Evidence) => Iterable<Offence>;

const checks: Readonly<Record<NonNullable<FlowNegative['mustNot']>, NegativeCheck>> = {
  *receive(negative, evidence) {
    for (const said of inTime(negative, evidence)) {
      if (said.to === negative.element && isMeant(negative, said)) yield { found: summaryOf(said), said };
    }
  },

  *send(negative, evidence) {
    for (const said of inTime(negative, evidence)) {
      if (said.from !== negative.element || !isMeant(negative, said)) continue;
      if (excuses[negative.id]?.(said, evidence) !== true) yield { found: summaryOf(said), said };
    }
  },

  *accept(negative, { binding, hops }) {
    for (const said of binding.messages) {
      if (said.to !== negative.element || !isMeant(negative, said) || !isRequest(said)) continue;
      const final = hops.finalTo(said);
      const status = final?.message.status ?? 0;
      if (final !== undefined && status >= 200 && status < 300 && namesNothing(said, final.time, binding)) {
        yield { found: `${status} to an INVITE that names no dialog of ${said.to}`, said };
      }
    }
  },
};

/** What makes that right which is sent before its time, as the ladder has it. */
const excuses: Readonly<Record<string, (said: SaidMessage, evidence: Evidence) => boolean>> = {
  // Where messages are lost, he may have become free before he was watched.
  'N2.17-1': (said, { binding }) => {
    const notified = binding
      .before(said)
      .filter(({ to, message }) => to === said.from && message instanceof SipRequest && message.method === 'NOTIFY');
    const told = readDialogInformation(notified.at(-1)?.message?.body ?? '');
    return told !== undefined && told.dialogs.every(({ state }) => state === 'terminated');
  },
};

/** Negatives that are words alone. */
const inWords: Readonly<Record<string, NegativeCheck>> = {
  *'N2.1-1'(_, { binding }) {
    for (const said of binding.messages) {
      const description = said.message === undefined ? undefined : sessionDescriptionOf(said.message);
      if (description === undefined || !isOldHold(description)) continue;
      yield { found: 'c=0.0.0.0', said, strength: strengthOfOldHold(said, binding) };
    }
  },

  *'N2.10-1'(_, { binding }) {
    const isPair = (from: string, to: string): boolean => [from, to].sort().join() === 'alice,carol';
    for (const said of binding.messages.filter(isRequest)) {
      if (isPair(said.from, said.to) && said.message.method === 'INVITE') yield { found: summaryOf(said), said };
    }
    const path = binding.conversation.rtp?.find(({ from, to }) => isPair(from, to));
    if (path !== undefined) yield { found: `RTP from ${path.from} to ${path.to}`, said: undefined };
  },

  *'N2.12-2'(_, { binding, hops }) {
    const branches = binding.messages
      .filter(isRequest)
      .filter(({ from, message }) => from === 'proxy' && message.method === 'INVITE');
    const answers = branches
      .map((branch) => hops.finalTo(branch))
      .filter((final) => (final?.message.status ?? 0) === 200);
    const [first] = answers;
    if (first === undefined) return;
    for (const answer of answers.slice(1)) yield { found: `a second 200, from ${answer?.from ?? ''}`, said: answer };
    for (const branch of branches) {
      if (branch.time > (first.arrived ?? first.time) && branch.to !== 'alice') {
        yield { found: `an INVITE to ${branch.to} after the 200`, said: branch };
      }
    }
  },

  *'N2.13-2'(_, { binding, hops }) {
    for (const said of binding.messages.filter(isRequest)) {
      const final = hops.finalTo(said);
      if (final?.message.status !== 403 || said.to !== 'proxy' || said.message.has('Proxy-Authorization')) continue;
      yield { found: '403 to a request without credentials', said: final };
    }
  },

  *'N2.17-2'(_, { binding }) {
    const unsubscribed = binding.matched.get('F16');
    const callId = binding.dialog('alice-bob')?.callId;
    if (unsubscribed === undefined) return;
    for (const said of binding.messages.filter(isRequest)) {
      if (said.time < unsubscribed.time || said.message.callId !== callId || said.message.method !== 'BYE') continue;
      yield { found: summaryOf(said), said };
    }
  },
};

function* inTime({ after, until }: FlowNegative, { binding, tolerated }: Evidence): Iterable<SaidMessage> {
  const start = after === undefined ? undefined : binding.matched.get(after);
  const end = until === undefined ? undefined : binding.matched.get(until);
  if (after !== undefined && start === undefined) return;
  for (const said of binding.messages) {
    if (tolerated.has(said) || said === start) continue;
    if (start !== undefined && said.time <= start.time) continue;
    if (until !== undefined && (end === undefined ? false : said === end || said.time >= end.time)) continue;
    yield said;
  }
}

function isMeant({ what }: FlowNegative, said: SaidMessage): boolean {
  if (what === undefined) return false;
  if (what.kind === 'request')
    return isRequest(said) && (what.method === undefined || said.message.method === what.method);
  if (!isResponse(said)) return false;
  const { status } = said.message;
  return what.status === undefined ? what.statusIn?.includes(status) === true : what.status === status;
}

/** An INVITE with Replaces or Join that fits no dialog of its recipient, or one that is confirmed though only early ones are meant. */
function namesNothing({ message, to }: SaidRequest, accepted: number, binding: Binding): boolean {
  const replaces = message.get(Replaces);
  const join = message.get(Join);
  const named = replaces ?? join;
  if (named === undefined) return false;
  if (named instanceof SyntaxFault) return true;
  const dialog = binding.messages.find(
    ({ message: other, from, to: receiver }) =>
      other?.callId === named.callId &&
      (from === to || receiver === to) &&
      [other.fromTag, other.toTag].includes(named.toTag) &&
      [other.fromTag, other.toTag].includes(named.fromTag) &&
      ownTagOf(other, from === to) === named.toTag,
  );
  if (dialog === undefined) return true;
  if (!('earlyOnly' in named) || named.earlyOnly !== true) return false;
  return binding.messages.some(
    ({ message: other, from, to: receiver, time, arrived = time }) =>
      arrived <= accepted &&
      other?.callId === named.callId &&
      (from === to || receiver === to) &&
      other.cseqMethod === 'INVITE' &&
      'status' in other &&
      other.status >= 200 &&
      other.status < 300,
  );
}

/** The tag of the one who sent or received it. */
function ownTagOf(message: NonNullable<SaidMessage['message']>, hasSent: boolean): string | undefined {
  return hasSent === message instanceof SipRequest ? message.fromTag : message.toTag;
}

export function summaryOf({ message }: SaidMessage): string {
  if (message === undefined) return 'what is no message';
  return message instanceof SipRequest ? message.method : `${message.status} to ${message.cseqMethod}`;
}
