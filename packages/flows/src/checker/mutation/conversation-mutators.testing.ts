import type { FlowDescription, FlowMessage } from '../../oracle/flow-schema.ts';
import type { Draft, DraftConversation } from '../../synthetic-conversation.testing.ts';
import { causeOf, isOpenEdge } from '../order.ts';
import { header, valueOf } from './mutator.testing.ts';

/** One way to break a rule that is about more than one message. */
export interface ConversationMutation {
  readonly rule: string;
  readonly change: string;
  /** The message at which it has to be named; undefined for none. */
  readonly message: string | undefined;
  readonly revise: (conversation: DraftConversation) => void;
}

/** Every way to break a rule of a flow that is about its messages together: what is there, in which order, and what is heard. */
export function conversationMutations(flow: FlowDescription): readonly ConversationMutation[] {
  return [...presence(flow), ...order(flow), ...ends(flow), ...strays(flow), ...media(flow), ...mixes(flow)];
}

function presence(flow: FlowDescription): ConversationMutation[] {
  return flow.messages.filter(isNeeded(flow)).map(({ f }) => {
    const gone = withConsequences(f, flow);
    return {
      rule: 'message',
      change: 'it is not there, nor is what follows from it',
      message: f,
      revise: (conversation) => {
        conversation.drafts = conversation.drafts.filter((draft) => !gone.has(draft.f));
      },
    };
  });
}

/** Optional ones, provisional ones and those about the way of a transfer need not be (T1, T2, T5). */
function isNeeded(flow: FlowDescription) {
  return ({ optional, kind, status, expect, answers }: FlowMessage): boolean => {
    const isAnswerToOptional = expect.sipfrag?.class === 1 || isTold(answers, flow);
    return !optional && !isAnswerToOptional && (kind === 'request' || (status ?? 0) >= 200);
  };
}

function isTold(f: string | undefined, flow: FlowDescription): boolean {
  return flow.messages.find((each) => each.f === f)?.expect.sipfrag?.class === 1;
}

function withConsequences(f: string, { messages }: FlowDescription): ReadonlySet<string> {
  const gone = new Set([f]);
  for (const { f: each, answers, forwards, acks, cancels } of messages) {
    if ([answers, forwards, acks, cancels].some((cause) => cause !== undefined && gone.has(cause))) gone.add(each);
  }
  return gone;
}

function order(flow: FlowDescription): ConversationMutation[] {
  return flow.messages.flatMap((message) =>
    message.after
      .filter((cause) => !isOpenEdge(flow.id, message.f, cause))
      .map((cause) => ({
        // Before the provisional response it breaks the rule of a CANCEL itself.
        rule: message.cancels !== undefined && isProvisional(cause, flow) ? 'R-CANCEL' : 'order',
        change: 'it comes before its cause',
        message: message.f,
        revise: ({ drafts }: DraftConversation) => {
          const [late, early] = [draftOf(message.f, drafts), draftOf(causeOf(flow, message, cause), drafts)];
          late.time = early.time - 1;
        },
      })),
  );
}

function isProvisional(f: string, flow: FlowDescription): boolean {
  const status = flow.messages.find((each) => each.f === f)?.status ?? 0;
  return status > 100 && status < 200;
}

/** After a BYE its sender says nothing more. */
function ends(flow: FlowDescription): ConversationMutation[] {
  return flow.messages.flatMap(({ f, expect, dialog }) => {
    const key = expect.closes !== undefined ? 'closes' : expect.endsUsage !== undefined ? 'endsUsage' : undefined;
    if (key === undefined || dialog === null) return [];
    const methods = key === 'closes' ? ['INVITE', 'UPDATE', 'INFO', 'PRACK'] : ['INVITE', 'UPDATE', 'BYE'];
    return methods.map((method) => ({
      rule: key,
      change: `${method} after the BYE`,
      message: f,
      revise: ({ drafts }: DraftConversation) => void drafts.push(again(draftOf(f, drafts), method, 3)),
    }));
  });
}

/** What nobody asked for. */
function strays(flow: FlowDescription): ConversationMutation[] {
  return flow.messages.flatMap((message): ConversationMutation[] => {
    const { f, kind, method, inDialog } = message;
    const more: ConversationMutation[] = [
      {
        rule: 'repetition',
        change: 'it is said twice over a connection',
        message: undefined,
        revise: ({ drafts }) => {
          const draft = draftOf(f, drafts);
          drafts.push({ ...draft, f: `${f}'`, time: draft.time + 2 });
        },
      },
    ];
    // An ACK, and a 2xx that it answers, are repeated end to end whatever the transport is (RFC 3261 13.3.1.4).
    const isRepeated = method === 'ACK' || (kind === 'response' && method === 'INVITE' && isSuccess(message));
    return [
      ...(isRepeated ? [] : more),
      ...(kind === 'request' && inDialog && method !== 'ACK'
        ? [
            {
              rule: 'unexpected',
              change: 'a REFER that the flow does not have',
              message: undefined,
              revise: ({ drafts }: DraftConversation) => void drafts.push(again(draftOf(f, drafts), 'REFER', 3)),
            },
          ]
        : []),
    ];
  });
}

function isSuccess({ status }: FlowMessage): boolean {
  return status !== null && status >= 200 && status < 300;
}

function media(flow: FlowDescription): ConversationMutation[] {
  return Object.entries(flow.media).flatMap(([f, state]) =>
    state.flows.flatMap(({ from, to, rtp }): ConversationMutation[] => {
      if (rtp === 'any') return [];
      const isPath = (path: { from: string; to: string }): boolean => path.from === from && path.to === to;
      const isSound = (sound: { at: string; source: string }): boolean => sound.at === to && sound.source === from;
      const change = (what: string, revise: (conversation: DraftConversation, now: Span) => void) => ({
        rule: 'media',
        change: what,
        message: f,
        revise: (conversation: DraftConversation) => revise(conversation, spanOf(f, conversation)),
      });
      if (rtp) {
        return [
          change('no RTP goes from then on', (conversation, now) => {
            conversation.rtp = conversation.rtp.filter((each) => !isPath(each) || each.end < now.start);
          }),
          // Where there is a mixer, what it hears is looked at by itself.
          ...(state.mix === undefined
            ? [
                change('nothing is heard from then on', (conversation, now) => {
                  conversation.heard = conversation.heard.filter((each) => !isSound(each) || each.end < now.start);
                }),
              ]
            : []),
        ];
      }
      return [
        change('RTP goes all the same', ({ rtp: paths }, now) => void paths.push({ from, to, ...now, packets: 25 })),
        change(
          'something is heard all the same',
          ({ heard }, now) => void heard.push({ at: to, source: from, ...now }),
        ),
      ];
    }),
  );
}

function mixes(flow: FlowDescription): ConversationMutation[] {
  return Object.entries(flow.media).flatMap(([f, { mix }]) =>
    Object.entries(mix?.hears ?? {}).flatMap(([at, sources]): ConversationMutation[] => [
      {
        rule: 'mix',
        change: 'somebody hears himself',
        message: f,
        revise: (conversation) => void conversation.heard.push({ at, source: at, ...spanOf(f, conversation) }),
      },
      ...sources.map((source) => ({
        rule: 'mix',
        change: 'somebody is not heard',
        message: f,
        revise: (conversation: DraftConversation) => {
          const now = spanOf(f, conversation);
          conversation.heard = conversation.heard.filter(
            (each) => each.at !== at || each.source !== source || !within(each, now),
          );
        },
      })),
    ]),
  );
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The middle of the silence or the sound that is written after a message. */
function spanOf(f: string, { drafts }: DraftConversation): Span {
  const { time } = draftOf(f, drafts);
  return { start: time + 450, end: time + 900 };
}

function within({ start, end }: Span, span: Span): boolean {
  return start < span.end && end > span.start;
}

export function draftOf(f: string, drafts: readonly Draft[]): Draft {
  const draft = drafts.find((each) => each.f === f);
  if (draft === undefined) throw new Error(`no ${f}`);
  return draft;
}

/** Another request in the same dialog, right after one. */
export function again(draft: Draft, method: string, after: number): Draft {
  const copy: Draft = {
    ...draft,
    f: `${draft.f}'`,
    time: draft.time + after,
    startLine: draft.startLine.replace(/^\S+/, method),
    body: '',
    headers: draft.headers.filter(([name]) => name !== 'Content-Type'),
  };
  header(copy, 'CSeq', () => `500 ${method}`);
  header(copy, 'Via', () => `${valueOf(draft, 'Via')}x`);
  return copy;
}
