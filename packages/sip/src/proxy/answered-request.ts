import type { SipResponse } from '../message/message.ts';
import type { ProxyClientTransactionUser, ProxyServerTransaction } from './layers.ts';
import { passedOn } from './passed-on.ts';

/**
 * What is left of a request that was answered. To an INVITE further 2xx may come for half a minute: each of them goes on
 * (RFC 3261 16.7 step 5), and nothing else does. It holds no more than that takes, for there are tens of thousands.
 */
export class AnsweredRequest implements ProxyClientTransactionUser {
  readonly #transaction: ProxyServerTransaction;
  readonly #removeHeaders: readonly string[] | undefined;

  readonly #vias: readonly string[] | undefined;

  /** With the Via values of the request, where who has answered it has changed them. */
  constructor(
    transaction: ProxyServerTransaction,
    removeHeaders: readonly string[] | undefined,
    vias: readonly string[] | undefined,
  ) {
    this.#transaction = transaction;
    this.#removeHeaders = removeHeaders;
    this.#vias = vias;
  }

  response(response: SipResponse): void {
    if (response.status < 200 || response.status >= 300) return;
    const message = passedOn(response, response.furtherVia, this.#transaction.flow, {
      removeHeaders: this.#removeHeaders,
      vias: this.#vias,
    });
    if (message !== undefined) this.#transaction.respond(message);
  }

  failed(): void {
    // The caller has his answer.
  }
}
