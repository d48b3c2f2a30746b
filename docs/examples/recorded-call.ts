import { flow } from '@switchhook/flows';
import type { Recording } from '@switchhook/flows';

/**
 * A call as somebody saw it pass: who took part, and each message with its time. Yours comes from the log of your devices, or from
 * a capture of the network between them; this one is of a call that is played.
 */
export async function recordedCall(): Promise<Recording> {
  const { played } = await flow('2.1', { protocol: 'UDP' });
  const { messages, participants } = played.conversation;
  return {
    participants: Object.fromEntries(participants.map(({ element, ...participant }) => [element, participant])),
    messages: messages.map(({ time, from, to, protocol, text }) => ({ time, from, to, protocol, text })),
  };
}
