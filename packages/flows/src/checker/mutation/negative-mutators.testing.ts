import type { FlowDescription } from '../../oracle/flow-schema.ts';
import { Mutation } from '../mutation.testing.ts';
import type { ConversationMutation } from './conversation-mutators.testing.ts';
import { again, draftOf } from './conversation-mutators.testing.ts';

type Case = readonly [rule: string, change: string, revise: (mutation: Mutation) => void];

/** Every way to do what a flow rules out. */
export function negativeMutations({ id }: FlowDescription): readonly ConversationMutation[] {
  return cases
    .filter(([rule]) => rule.startsWith(`N${id}-`))
    .map(([rule, change, revise]) => ({
      rule,
      change,
      message: undefined,
      revise: (conversation) => {
        revise(new Mutation(id, conversation));
      },
    }));
}

const swapTags = (value: string): string =>
  value.replace('to-tag', 'x-tag').replace('from-tag', 'to-tag').replace('x-tag', 'from-tag');

/** A message of the flow once more, between others. */
const astray =
  (f: string, after: number, from: string, to: string) =>
  (m: Mutation): void =>
    void m.repeat(f, after, (copy) => ([copy.from, copy.to] = [from, to]));

/** A response once more, with another status. */
const answered =
  (f: string, after: number, status: string) =>
  (m: Mutation): void =>
    void m.repeat(f, after, (copy) => (copy.startLine = `SIP/2.0 ${status}`));

const cases: readonly Case[] = [
  [
    'N2.1-1',
    'a hold by 0.0.0.0',
    (m) => {
      m.replaceInBody('F10', 'c=IN IP4 192.0.2.9', 'c=IN IP4 0.0.0.0');
    },
  ],
  [
    'N2.1-1',
    'a hold by ::',
    (m) => {
      m.replaceInBody('F10', 'c=IN IP4 192.0.2.9', 'c=IN IP6 ::');
    },
  ],
  ['N2.2-1', 'Alice hears of the consultation', astray('F16', 2, 'proxy', 'alice')],
  ['N2.3-1', 'the music server hangs up', astray('F22', 100, 'music-server', 'alice')],
  [
    'N2.6-1',
    'a 200 to a Replaces with tags the other way round',
    (m) => {
      m.header('F7', 'Replaces', swapTags);
    },
  ],
  [
    'N2.6-1',
    'a 200 to a Replaces of an unknown call',
    (m) => {
      m.header('F7', 'Replaces', (value) => `x${value}`);
    },
  ],
  ['N2.8-1', 'Alice hears the 486', answered('F6', 1, '486 Busy Here')],
  ['N2.9-1', 'Alice hears the 487', answered('F10', 1, '487 Request Terminated')],
  [
    'N2.9-2',
    'Alice cancels',
    (m) => {
      const { drafts } = m.conversation;
      const cancel = again(draftOf('F1', drafts), 'CANCEL', 60);
      const number = /^\d+/.exec(draftOf('F1', drafts).headers.find(([name]) => name === 'CSeq')?.[1] ?? '')?.[0] ?? '';
      cancel.headers = cancel.headers.map(([name, value]) => {
        if (name === 'Via') return [name, value.slice(0, -1)];
        return name === 'CSeq' ? [name, `${number} CANCEL`] : [name, value];
      });
      drafts.push(cancel);
    },
  ],
  [
    'N2.10-1',
    'RTP goes from Alice to Carol',
    (m) => void m.conversation.rtp.push({ from: 'alice', to: 'carol', start: 1_500, end: 2_000, packets: 9 }),
  ],
  ['N2.10-1', 'Alice calls Carol', astray('F5', 4, 'alice', 'carol')],
  ['N2.10-1', 'Carol calls Alice', astray('F5', 4, 'carol', 'alice')],
  [
    'N2.11-1',
    'a 200 to a Join of an unknown call',
    (m) => {
      m.header('F5', 'Join', () => 'nothing;to-tag=a;from-tag=b');
    },
  ],
  ['N2.12-1', 'Alice hears a 480', answered('F5', 90, '480 Temporarily Unavailable')],
  ['N2.12-1', 'Alice hears a 486', answered('F5', 90, '486 Busy Here')],
  ['N2.12-1', 'Alice hears a 487', answered('F5', 90, '487 Request Terminated')],
  [
    'N2.12-2',
    'another place is tried after the 200',
    (m) => {
      m.move('F13', m.draft('F19').time + 50);
    },
  ],
  ['N2.13-1', 'the call reaches Bob', astray('F7', 5, 'alice', 'bob')],
  [
    'N2.13-2',
    'a refusal of somebody who has not proved who he is',
    (m) => {
      m.header('F7', 'Proxy-Authorization', () => undefined);
    },
  ],
  ['N2.14-1', 'the call reaches Bob', astray('F4', 5, 'proxy', 'bob')],
  ['N2.15-1', 'the park server hangs up', astray('F23', 100, 'park-server', 'alice')],
  ['N2.16-1', 'a 200 to early-only after Bob has answered', answered('F2', 15, '200 OK')],
  ['N2.16-2', 'Bob hangs up a call that he has not answered', astray('F14', 10, 'bob', 'alice')],
  [
    'N2.17-1',
    'Alice calls before Bob is free',
    (m) => {
      m.move('F10', m.draft('F4').time + 3);
    },
  ],
  [
    'N2.17-2',
    'the call ends with the subscription',
    (m) => void m.conversation.drafts.push(again(m.draft('F13'), 'BYE', 1_400)),
  ],
  [
    'N2.18-1',
    'a NOTIFY all the same',
    (m) => void m.repeat('F2', 10, (copy) => (copy.startLine = 'NOTIFY sips:pc.biloxi.example.com SIP/2.0')),
  ],
];
