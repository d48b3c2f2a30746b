import { Contact, NameAddr, SipRequest } from '@switchhook/sip';
import type { HeaderInit, SipMessage, SipResponse } from '@switchhook/sip';

/** One side of a dialog (RFC 3261 12.1), made from the message that began it. */
export class DialogSide {
  #local: string;
  readonly #remote: string;
  readonly #callId: string;
  readonly #target: string;
  readonly #routes: readonly string[];
  #cseq: number;

  private constructor(began: SipMessage, local: string, remote: string, routes: readonly string[], cseq: number) {
    const contacts = began.get(Contact);
    this.#target = contacts instanceof NameAddr ? contacts.uri.toString() : '';
    this.#local = local;
    this.#remote = remote;
    this.#callId = began.callId;
    this.#routes = routes;
    this.#cseq = cseq;
  }

  /** The side that sent the request (12.1.2). */
  static ofCaller(response: SipResponse): DialogSide {
    const routes = response.rawAll('Record-Route').toReversed();
    return new DialogSide(response, response.raw('From') ?? '', response.raw('To') ?? '', routes, response.cseqNumber);
  }

  /** The side that answered it with a tag of its own (12.1.1). */
  static ofCalled(request: SipRequest, tag: string): DialogSide {
    const local = `${request.raw('To') ?? ''};tag=${tag}`;
    return new DialogSide(request, local, request.raw('From') ?? '', request.rawAll('Record-Route'), 0);
  }

  /** Says from now on that it is somebody else, whose tag it keeps. */
  claims(uri: string): void {
    this.#local = `<${uri}>;tag=${/;tag=([^;]+)/.exec(this.#local)?.[1] ?? ''}`;
  }

  /** The next request of this side; an ACK is for the INVITE that went last. */
  request(method: string, via: string, headers: readonly HeaderInit[] = []): SipRequest {
    if (method !== 'ACK') this.#cseq += 1;
    return SipRequest.create({
      method,
      requestUri: this.#target,
      headers: [
        ['Via', via],
        ...this.#routes.map((route): HeaderInit => ['Route', route]),
        ['Max-Forwards', '70'],
        ['From', this.#local],
        ['To', this.#remote],
        ['Call-ID', this.#callId],
        ['CSeq', `${String(this.#cseq)} ${method}`],
        ...headers,
      ],
    });
  }
}
