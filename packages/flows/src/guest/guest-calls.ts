import { From, NameAddr, SipRequest, SipUri, To } from '@switchhook/sip';
import type { SipMessage } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';

/** A call of somebody as the others see it. */
export interface GuestCall {
  readonly callId: string;
  readonly direction: 'incoming' | 'outgoing';
  /** The user part of the far end's address. */
  readonly remoteUser: string;
  /** The Call-ID of the call whose place it takes (RFC 3891). */
  readonly replaces: string | undefined;
  state: 'calling' | 'ringing' | 'connected' | 'ended';
  /** The status of the final response that refused it. */
  refusal: number | undefined;
}

/** The calls of one who takes part, read from the messages that go to him and come from him; the oldest first. */
export function callsOf(element: string, messages: readonly SaidMessage[]): readonly GuestCall[] {
  const calls = new Map<string, GuestCall>();
  for (const { from, to, message } of messages) {
    if (message === undefined || (from !== element && to !== element)) continue;
    const call = calls.get(message.callId);
    if (message instanceof SipRequest) {
      if (message.method === 'INVITE' && message.toTag === undefined) {
        const direction = from === element ? 'outgoing' : 'incoming';
        const remoteUser = userOf(message, direction === 'outgoing' ? To : From);
        calls.set(message.callId, {
          callId: message.callId,
          direction,
          remoteUser,
          replaces: message.raw('Replaces')?.split(';')[0]?.trim(),
          state: 'calling',
          refusal: undefined,
        });
      }
      if (message.method === 'BYE' && call !== undefined) call.state = 'ended';
      continue;
    }
    if (call === undefined || message.cseqMethod !== 'INVITE' || call.state === 'ended' || call.state === 'connected')
      continue;
    const { status } = message;
    if (status >= 300) {
      call.state = 'ended';
      call.refusal = status;
    } else if (status >= 200) call.state = 'connected';
    else if (status > 100) call.state = 'ringing';
  }
  return [...calls.values()];
}

function userOf(message: SipMessage, header: typeof From): string {
  const address = message.get(header);
  return address instanceof NameAddr && address.uri instanceof SipUri ? (address.uri.user ?? '') : '';
}

/** The user part of an address. */
export function userIn(address: string): string {
  const uri = SipUri.parse(address);
  return uri instanceof SipUri ? (uri.user ?? '') : '';
}
