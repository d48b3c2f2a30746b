import type { CapturedMessage, MessageRecorder } from '@switchhook/node';
import { From, hostPort, NameAddr, parseMessage, printable, SipMessage, SipRequest, SipUri, To } from '@switchhook/sip';
import type { SyntaxFault } from '@switchhook/sip';
import { drawCall } from './ladder.ts';
import { MessageRing } from './message-ring.ts';

/** Remembers recent messages and draws the ladder of a call from them. Messages are read only when it is switched on. */
export class LadderRecorder implements MessageRecorder {
  readonly #ring = new MessageRing();
  readonly #isOurs: (host: string, port: number | undefined) => boolean;

  /** `isOurs` tells whether a Via is one of this exchange. */
  constructor(isOurs: (host: string, port: number | undefined) => boolean) {
    this.#isOurs = isOurs;
  }

  record({ time, from, to, protocol, text }: CapturedMessage): void {
    const message = parseMessage(text);
    if (!(message instanceof SipMessage)) return;
    const isRequest = message instanceof SipRequest;
    const { host, port } = message.topVia;
    const incoming = this.#isOurs(host, port) !== isRequest;
    const remote = incoming ? from : to;
    this.#ring.add({
      time,
      incoming,
      protocol,
      remote: hostPort(remote.address, remote.port),
      summary: printable(isRequest ? message.method : `${String(message.status)} ${message.reason}`),
      cseqMethod: message.cseqMethod,
      callId: message.callId,
      party: printable(userOf(message.get(incoming === isRequest ? From : To))),
    });
  }

  /** The ladder of the most recent call whose Call-ID begins so. */
  draw(callId: string): string | undefined {
    const messages = this.#ring.ofCall(callId);
    return messages.length === 0 ? undefined : drawCall(messages);
  }
}

function userOf(address: NameAddr | SyntaxFault | undefined): string {
  return address instanceof NameAddr && address.uri instanceof SipUri ? (address.uri.user ?? address.uri.host) : '';
}
