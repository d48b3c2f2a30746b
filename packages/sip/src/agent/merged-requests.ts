import type { ServerTransaction } from '../transaction/server-transaction.ts';

/** Tells a request that a fork has brought twice, over two ways (RFC 3261 8.2.2.2). */
export class MergedRequests {
  readonly #ongoing = new Map<string, ServerTransaction>();

  get size(): number {
    return this.#ongoing.size;
  }

  /** Remembers the request while its transaction lasts. False when another transaction has the same request. */
  take(transaction: ServerTransaction): boolean {
    const { callId, fromTag = '', cseqNumber, method } = transaction.request;
    const key = `${callId}\n${fromTag}\n${String(cseqNumber)} ${method}`;
    if (this.#ongoing.has(key)) return false;
    this.#ongoing.set(key, transaction);
    transaction.onEnd(() => this.#ongoing.delete(key));
    return true;
  }
}
