import type { Caller, Capability, NewRequest, RequestFailure, UserAgentCore } from '../dialog/contract.ts';
import { BodyPart } from '../message/body/body-part.ts';
import { bestOf } from '../message/body/multipart.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { decodeUtf8, encodeUtf8 } from '../message/utf8.ts';
import { SipUri } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';

/** A MESSAGE that came (RFC 3428). */
export interface InstantMessage {
  readonly caller: Caller;
  /** The media type, in lower case and without parameters. */
  readonly contentType: string;
  /** What a person reads: the body as UTF-8, or of several parts the best that can be read. */
  readonly text: string;
  readonly request: SipRequest;
}

/** Who reads the messages that come, and of which types (RFC 3428 7). */
export interface InstantMessagesOptions {
  /**
   * Who reads them. The status that it returns is the answer: 200 where it returns none, 202 for one that is passed on,
   * 486 or 603 for one that is not wanted.
   */
  readonly onMessage: (message: InstantMessage) => number | undefined;
  /** Media types that can be read, in lower case; `text/plain` without it. */
  readonly accepts?: readonly string[] | undefined;
}

/** What a message has beside its text (RFC 3428 4). */
export interface MessageOptions extends Pick<NewRequest, 'to' | 'from' | 'route'> {
  /** `text/plain;charset=UTF-8` without it. */
  readonly contentType?: string | undefined;
  readonly headers?: readonly HeaderInit[] | undefined;
}

/** Messages that wait for the one before them, to all addresses together. */
const maximumWaiting = 100;

const overflow: RequestFailure = { code: 'overflow', status: 503, message: 'too many messages wait' };
const stopped: RequestFailure = { code: 'stopped', status: 503, message: 'the user agent was stopped' };

interface Waiting {
  readonly request: NewRequest;
  readonly done: (outcome: SipResponse | RequestFailure) => void;
}

/** Instant messages in pager mode (RFC 3428): sends them one at a time to each address, and takes those that come. */
export class InstantMessages implements Capability {
  readonly name = 'instant messages';
  readonly methods = ['MESSAGE'];
  readonly accepts: readonly string[];
  readonly #core: UserAgentCore;
  readonly #onMessage: InstantMessagesOptions['onMessage'];
  /** For each address that has a message under way those that wait behind it. */
  readonly #queues = new Map<string, Waiting[]>();
  #waiting = 0;

  constructor(core: UserAgentCore, { onMessage, accepts = ['text/plain'] }: InstantMessagesOptions) {
    this.accepts = accepts;
    this.#core = core;
    this.#onMessage = onMessage;
  }

  /**
   * Sends a text. Resolves with the final response, or why there is none. A second message to the same address waits
   * until the first is answered (RFC 3428 8), so they arrive in their order. One of more than 1,300 bytes with its header
   * fields goes to `sips:` addresses alone (RFC 3428 8); to others it fails with `too-large`.
   */
  send(
    target: NewRequest['target'],
    text: string,
    options: MessageOptions = {},
  ): Promise<SipResponse | RequestFailure> {
    const { contentType = 'text/plain;charset=UTF-8', ...rest } = options;
    const body = encodeUtf8(text);
    const request: NewRequest = { ...rest, method: 'MESSAGE', target, contentType, body, mustFitDatagram: true };
    const { promise, resolve } = Promise.withResolvers<SipResponse | RequestFailure>();
    const key = addressKey(target);
    const queue = this.#queues.get(key);
    const entry = { request, done: resolve };
    if (queue === undefined) {
      this.#queues.set(key, []);
      this.#transmit(key, entry);
    } else if (this.#waiting >= maximumWaiting) {
      resolve(overflow);
    } else {
      this.#waiting += 1;
      queue.push(entry);
    }
    return promise;
  }

  request(transaction: ServerTransaction): boolean {
    return this.#take(transaction, this.#core.context.random.token());
  }

  /** Within a dialog it is the same, and does nothing to the dialog (RFC 3428 4). */
  requestWithin(transaction: ServerTransaction): boolean {
    return this.#take(transaction, transaction.request.toTag);
  }

  stop(): void {
    const queues = [...this.#queues.values()];
    this.#queues.clear();
    this.#waiting = 0;
    for (const queue of queues) for (const { done } of queue) done(stopped);
  }

  #take(transaction: ServerTransaction, toTag: string | undefined): boolean {
    const { request, flow } = transaction;
    const body = BodyPart.of(request);
    const part = bestOf(body, (each) => each.mediaType !== undefined && this.accepts.includes(each.mediaType)) ?? body;
    const status = this.#onMessage({
      caller: this.#core.callerOf(request, flow),
      contentType: part.mediaType ?? 'text/plain',
      text: decodeUtf8(part.content),
      request,
    });
    transaction.respond(request.createResponse(status ?? 200, { toTag }));
    return true;
  }

  #transmit(key: string, { request, done }: Waiting): void {
    const settle = (outcome: SipResponse | RequestFailure): void => {
      done(outcome);
      this.#next(key);
    };
    this.#core.request(request, {
      response: (response) => {
        if (response.status >= 200) settle(response);
      },
      failed: settle,
    });
  }

  #next(key: string): void {
    const queue = this.#queues.get(key);
    const next = queue?.shift();
    if (next === undefined) {
      this.#queues.delete(key);
      return;
    }
    this.#waiting -= 1;
    this.#transmit(key, next);
  }
}

function addressKey(target: NewRequest['target']): string {
  const uri = typeof target === 'string' ? SipUri.parse(target) : target;
  return uri instanceof SipUri ? uri.addressOfRecord : String(target);
}
