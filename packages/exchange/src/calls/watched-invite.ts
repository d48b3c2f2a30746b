import type { Flow, ProxyServerTransaction, SipRequest, SipResponse } from '@switchhook/sip';
import type { CallLog } from './call-log.ts';

/** The server transaction of an INVITE that begins a call, with the call log looking on. */
export class WatchedInvite implements ProxyServerTransaction {
  readonly #transaction: ProxyServerTransaction;
  readonly #calls: CallLog;

  constructor(transaction: ProxyServerTransaction, calls: CallLog) {
    this.#transaction = transaction;
    this.#calls = calls;
  }

  get request(): SipRequest {
    return this.#transaction.request;
  }

  get flow(): Flow {
    return this.#transaction.flow;
  }

  get finalSent(): boolean {
    return this.#transaction.finalSent;
  }

  respond(response: SipResponse): void {
    this.#transaction.respond(response);
    if (response.status >= 200) this.#calls.responded(response.callId, response.status);
  }

  onEnd(listener: () => void): void {
    this.#transaction.onEnd(listener);
  }
}
