import type { Flow, Proxy, ServerTransaction, SipRequest, SipResponse, TransactionUser } from '@switchhook/sip';
import type { CallLog } from './calls/call-log.ts';
import { WatchedInvite } from './calls/watched-invite.ts';

/** Stands between the transaction layer and the proxy, and lets the call log look on. */
export class CallRouter implements TransactionUser {
  readonly #proxy: Proxy;
  readonly #calls: CallLog;
  /** The proxy knows an INVITE by its watched transaction, the transaction layer by its own. */
  readonly #watched = new WeakMap<ServerTransaction, WatchedInvite>();

  constructor(proxy: Proxy, calls: CallLog) {
    this.#proxy = proxy;
    this.#calls = calls;
  }

  request(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (request.method === 'INVITE' && request.toTag === undefined) {
      const watched = new WatchedInvite(transaction, this.#calls);
      this.#watched.set(transaction, watched);
      this.#proxy.request(watched);
      return;
    }
    if (request.method === 'BYE') this.#calls.hungUp(request);
    this.#proxy.request(transaction);
  }

  cancel(transaction: ServerTransaction): void {
    this.#proxy.cancel(this.#watched.get(transaction) ?? transaction);
  }

  ack(request: SipRequest, flow: Flow): void {
    this.#proxy.ack(request, flow);
  }

  strayResponse(response: SipResponse, flow: Flow): void {
    this.#proxy.strayResponse(response, flow);
  }
}
