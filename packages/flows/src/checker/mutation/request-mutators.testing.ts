import type { FlowDescription, FlowMessage } from '../../oracle/flow-schema.ts';
import type { Draft } from '../../synthetic-conversation.testing.ts';
import {
  add,
  elsewhere,
  header,
  otherUri,
  ofRule,
  startLine,
  tagged,
  untagged,
  valueOf,
  without,
  withoutAll,
} from './mutator.testing.ts';
import type { Mutator, Scene } from './mutator.testing.ts';

const isAck = ({ method }: FlowMessage): boolean => method === 'ACK';

const isRepeated = ({ ackKind, cancels }: FlowMessage): boolean => ackKind === 'non-2xx' || cancels !== undefined;

const isOwn = (message: FlowMessage): boolean => message.forwards === undefined && !isRepeated(message);

const isRetry = ({ expect }: FlowMessage): boolean =>
  expect.cseqNumber !== undefined && expect.cseqNumber !== 'new' && 'greaterThan' in expect.cseqNumber;

/** R-REQ, R-NEW, R-INDIALOG: what requests have. */
export const requestMutators: readonly Mutator[] = [
  {
    change: 'no Max-Forwards',
    rule: ofRule('R-REQ'),
    at: 'hop',
    revise: (draft) => header(draft, 'Max-Forwards', without),
  },
  {
    change: 'no tag in From',
    rule: ofRule('R-REQ'),
    at: 'origin',
    revise: (draft) => header(draft, 'From', untagged),
  },
  {
    change: 'a branch of RFC 2543',
    rule: ofRule('R-REQ', (message) => !isRepeated(message)),
    at: 'hop',
    revise: (draft) => header(draft, 'Via', (via) => via.replace('z9hG4bK-', 'old-')),
  },
  {
    change: 'the branch of an earlier request',
    rule: ofRule('R-REQ', (message) => !isRepeated(message) && message.acks === undefined),
    at: 'hop',
    revise: (draft, scene) => {
      const other = earlierRequest(scene, () => true);
      return other !== undefined && header(draft, 'Via', () => valueOf(other, 'Via'));
    },
  },
  ...(['From', 'To', 'Call-ID', 'CSeq'] as const).map((name): Mutator => ({
    change: `no ${name}`,
    rule: ({ rules, status }) => {
      // A 487 that does not say what it answers may answer the CANCEL as well.
      const isClear = status !== 487 || name !== 'CSeq';
      return isClear && (rules.includes('R-REQ') || rules.includes('R-RESP')) ? 'malformed' : undefined;
    },
    at: 'hop',
    revise: (draft) => header(draft, name, without),
  })),
  {
    change: 'a CSeq of another method',
    rule: ({ rules }) => (rules.includes('R-REQ') ? 'malformed' : undefined),
    at: 'hop',
    revise: (draft) => header(draft, 'CSeq', (value) => value.replace(/\S+$/, 'OPTIONS')),
  },
  {
    change: 'a tag in To',
    rule: ofRule('R-NEW'),
    at: 'origin',
    revise: (draft) => header(draft, 'To', (to) => `${to};tag=early`),
  },
  {
    change: 'no Contact',
    rule: ofRule('R-NEW'),
    at: 'origin',
    revise: (draft) => withoutAll(draft, 'Contact'),
  },
  {
    change: 'the Call-ID of an earlier call',
    rule: ofRule('R-NEW', (message) => !isRetry(message)),
    at: 'origin',
    revise: (draft, scene) => {
      const other = earlierRequest(scene, (each) => each.creates !== undefined && !wasRefused(each, scene.flow));
      return other !== undefined && header(draft, 'Call-ID', () => valueOf(other, 'Call-ID'));
    },
  },
  {
    change: 'the From tag of an earlier call',
    rule: ofRule('R-NEW', (message) => !isRetry(message)),
    at: 'origin',
    revise: (draft, scene) => {
      const other = earlierRequest(scene, (each) => each.creates !== undefined && !wasRefused(each, scene.flow));
      const tag = /;tag=.*/.exec(valueOf(other, 'From'))?.[0];
      return tag !== undefined && header(draft, 'From', (from) => from.replace(/;tag=.*/, tag));
    },
  },
  {
    change: 'another From tag than the dialog has',
    rule: ofRule('R-INDIALOG'),
    at: 'origin',
    revise: (draft) => header(draft, 'From', tagged),
  },
  {
    change: 'another To tag than the dialog has',
    rule: ofRule('R-INDIALOG'),
    at: 'origin',
    revise: (draft) => header(draft, 'To', tagged),
  },
  {
    change: 'another Call-ID than the dialog has',
    rule: ofRule('R-INDIALOG'),
    at: 'origin',
    revise: (draft) => header(draft, 'Call-ID', () => 'other'),
  },
  {
    change: 'another Request-URI than the remote target',
    rule: ofRule('R-INDIALOG'),
    at: 'origin',
    revise: (draft) => startLine(draft, () => elsewhere),
  },
  {
    change: 'a Route that the dialog does not have',
    rule: ofRule('R-INDIALOG', isOwn),
    at: 'hop',
    revise: (draft) => add(draft, 'Route', '<sips:elsewhere.example.org;lr>'),
  },
  {
    change: 'no Route where the dialog has one',
    rule: ofRule('R-INDIALOG', (message) => isOwn(message) && message.expect.route !== undefined),
    at: 'hop',
    revise: (draft) => withoutAll(draft, 'Route'),
  },
  {
    change: 'a CSeq number that does not go up',
    rule: ofRule('R-INDIALOG', (message) => !isAck(message)),
    at: 'origin',
    revise: (draft, scene) => {
      const isBefore = (each: FlowMessage): boolean => !isAck(each) && each.cancels === undefined;
      const other = earlierRequest(
        scene,
        (each, said) =>
          isBefore(each) && each.to === scene.message.to && valueOf(said, 'Call-ID') === valueOf(draft, 'Call-ID'),
      );
      const number = valueOf(other, 'CSeq').split(' ')[0] ?? '';
      return other !== undefined && header(draft, 'CSeq', (value) => value.replace(/^\d+/, number));
    },
  },
];

/** R-ACK2, R-ACKN, R-CANCEL: requests that belong to an INVITE. */
export const transactionMutators: readonly Mutator[] = [
  {
    change: 'another CSeq number than the INVITE',
    rule: ofRule('R-ACK2'),
    at: 'origin',
    revise: (draft) => header(draft, 'CSeq', (value) => value.replace(/^\d+/, '99')),
  },
  {
    change: 'the branch of the INVITE',
    rule: ofRule('R-ACK2'),
    at: 'hop',
    revise: (draft, { flow, message, earlier }) => {
      const answer = flow.messages.find(({ f }) => f === message.acks);
      return header(draft, 'Via', () => valueOf(earlier.get(answer?.answers ?? ''), 'Via'));
    },
  },
  ...(['R-ACKN', 'R-CANCEL'] as const).flatMap((rule): Mutator[] => [
    {
      change: 'another branch than its request',
      rule: ofRule(rule),
      at: 'hop',
      revise: (draft) => header(draft, 'Via', (via) => via.replace('z9hG4bK-', 'z9hG4bK-x')),
    },
    {
      change: 'another Request-URI than its request',
      rule: ofRule(rule),
      at: 'hop',
      revise: (draft) => startLine(draft, () => elsewhere),
    },
    {
      change: 'another Call-ID than its request',
      rule: ofRule(rule),
      at: 'hop',
      revise: (draft) => header(draft, 'Call-ID', () => 'other'),
    },
    {
      change: 'another CSeq number than its request',
      rule: ofRule(rule),
      at: 'hop',
      revise: (draft) => header(draft, 'CSeq', (value) => value.replace(/^\d+/, '99')),
    },
    {
      change: 'another From than its request',
      rule: ofRule(rule),
      at: 'hop',
      revise: (draft) => header(draft, 'From', otherUri),
    },
    {
      change: 'another From tag than its request',
      rule: ofRule(rule),
      at: 'hop',
      revise: (draft) => header(draft, 'From', tagged),
    },
    {
      change: 'two Vias',
      rule: ofRule(rule),
      at: 'hop',
      revise: (draft) => void draft.headers.unshift(['Via', valueOf(draft, 'Via')]),
    },
  ]),
  {
    change: 'another To tag than the response',
    rule: ofRule('R-ACKN'),
    at: 'hop',
    revise: (draft) => header(draft, 'To', tagged),
  },
  {
    change: 'a Route that the INVITE does not have',
    rule: ofRule('R-ACKN'),
    at: 'hop',
    revise: (draft) => add(draft, 'Route', '<sips:elsewhere.example.org;lr>'),
  },
  {
    change: 'a tag in To',
    rule: ofRule('R-CANCEL'),
    at: 'hop',
    revise: (draft) => header(draft, 'To', (to) => `${to};tag=early`),
  },
];

function wasRefused({ f }: FlowMessage, flow: FlowDescription): boolean {
  return flow.messages.some(({ answers, status }) => answers === f && (status ?? 0) >= 300);
}

/** The newest request of the same sender before this one. */
function earlierRequest(
  { flow, message, earlier }: Scene,
  isMeant: (message: FlowMessage, draft: Draft) => boolean,
): Draft | undefined {
  const place = flow.messages.indexOf(message);
  const found = flow.messages.slice(0, place).findLast((each) => {
    const draft = earlier.get(each.f);
    return each.kind === 'request' && each.from === message.from && draft !== undefined && isMeant(each, draft);
  });
  return found && earlier.get(found.f);
}
