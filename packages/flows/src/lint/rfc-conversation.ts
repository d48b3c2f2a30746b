import { saidMessage } from '../conversation/conversation.ts';
import type { Conversation, Participant } from '../conversation/conversation.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { printedMessage } from '../oracle/printed-messages.ts';

/** Changes the text of one message as the RFC prints it, line ends and all. */
export type Mend = (text: string, f: string) => string;

/**
 * The example messages of a flow as RFC 5359 prints them, made a conversation: Content-Length is counted, for the RFC
 * leaves it out. Nobody listens, for the RFC has no sound.
 */
export function printedConversation(flow: FlowDescription, mend: Mend = (text) => text): Conversation {
  const messages = flow.messages.map(({ f, n, from, to }) => {
    const text = mend(printedMessage(flow.id, f), f);
    const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
    const counted = head.replace(/^(Content-Length|l): *\.\.\.$/im, `$1: ${body.length}`);
    return saidMessage({ time: n * 10, from, to, protocol: 'TLS', text: `${counted.trimEnd()}\r\n\r\n${body}` });
  });
  return { participants: participantsOf(flow), messages, rtp: undefined, heard: undefined, end: 10_000 };
}

/** Who takes part under the names that the RFC gives them. */
function participantsOf(flow: FlowDescription): Participant[] {
  const homes = { bob: 'sips:bob@biloxi.example.com' };
  const elements = flow.elements.map(({ id, host, aor, aorOf }): Participant => {
    const addressOfRecord = aor ?? (aorOf === 'bob' ? homes.bob : undefined);
    return {
      element: id,
      hosts: host === undefined ? [] : [host],
      ...(addressOfRecord !== undefined && { addressOfRecord }),
    };
  });
  const isThere = elements.some(({ element }) => element === 'bob');
  return isThere ? elements : [...elements, { element: 'bob', hosts: [], addressOfRecord: homes.bob }];
}
