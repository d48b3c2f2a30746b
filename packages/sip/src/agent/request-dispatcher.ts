import type { UserAgentCore } from '../dialog/contract.ts';
import { makesDialogs } from '../dialog/methods.ts';
import { checkRequest } from '../message/check.ts';
import type { HeaderInit } from '../message/header.ts';
import { Via } from '../message/headers/via.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { TransactionUser } from '../transaction/contract.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Capabilities } from './capabilities.ts';
import { MergedRequests } from './merged-requests.ts';
import { inspectContent, inspectMethod, inspectTarget } from './request-inspection.ts';
import type { Refused } from './request-inspection.ts';

/** Seconds until somebody who was turned away for want of room may ask again. */
const retryAfter = 10;

/** Hands each request that comes to its one taker, and answers what nobody takes (RFC 3261 8.2, 12.2.2). */
export class RequestDispatcher implements TransactionUser {
  readonly #core: UserAgentCore;
  readonly #capabilities: Capabilities;
  readonly #maximumDialogs: number;
  readonly #merged = new MergedRequests();

  constructor(core: UserAgentCore, capabilities: Capabilities, maximumDialogs: number) {
    this.#core = core;
    this.#capabilities = capabilities;
    this.#maximumDialogs = maximumDialogs;
  }

  request(transaction: ServerTransaction): void {
    const { request } = transaction;
    const fault = checkRequest(request);
    if (fault !== undefined) transaction.refuse(fault.status, { reason: fault.reason });
    else if (request.toTag === undefined) this.#outside(transaction);
    else this.#within(transaction);
  }

  cancel(transaction: ServerTransaction, cancel: SipRequest): void {
    const { request } = transaction;
    const dialog = this.#core.dialogs.ofRequest(request);
    if (dialog !== undefined) dialog.cancel(transaction, cancel);
    else for (const capability of this.#capabilities.takers('INVITE')) capability.cancel?.(transaction, cancel);
  }

  ack(request: SipRequest): void {
    this.#core.dialogs.ofRequest(request)?.ack(request);
  }

  /** A 2xx whose transaction is long over (RFC 6026 7.2): nothing is left that it could mean something to. */
  strayResponse(): void {
    return undefined;
  }

  /** One with more Vias than that of this side was for a proxy (RFC 3261 8.1.3.3). */
  hasGoneAstray(response: SipResponse): boolean {
    return response.rawAll(Via).length > 1;
  }

  #outside(transaction: ServerTransaction): void {
    const { request } = transaction;
    const refused =
      inspectMethod(request, this.#capabilities) ??
      inspectTarget(transaction, (uri) => this.#core.isOurs(uri)) ??
      this.#loop(request) ??
      (this.#merged.take(transaction) ? undefined : { status: 482, reason: 'Merged Request' }) ??
      inspectContent(request, this.#capabilities) ??
      this.#lackOfRoom(request);
    if (refused !== undefined) refuse(transaction, refused);
    else this.#offer(transaction);
  }

  #within(transaction: ServerTransaction): void {
    const { request } = transaction;
    const { dialogs } = this.#core;
    const dialog = dialogs.ofRequest(request);
    const set = dialog === undefined ? dialogs.setOf(request) : undefined;
    if (dialog === undefined && set === undefined) {
      const takers = this.#capabilities.takers(request.method);
      if (!takers.some((capability) => capability.requestAfter?.(transaction) === true)) {
        refuse(transaction, { status: 481 });
      }
      return;
    }
    if (dialog?.takeSequence(transaction) === false) return;
    const refused = inspectMethod(request, this.#capabilities) ?? inspectContent(request, this.#capabilities);
    if (refused !== undefined) refuse(transaction, refused);
    else if (dialog?.request(transaction) !== true && set?.take(transaction) !== true) this.#offerWithin(transaction);
  }

  #offer(transaction: ServerTransaction): void {
    for (const capability of this.#capabilities.takers(transaction.request.method)) {
      if (capability.request(transaction)) return;
    }
    // Methods that mean something within a dialog only, as BYE.
    refuse(transaction, { status: 481 });
  }

  #offerWithin(transaction: ServerTransaction): void {
    for (const capability of this.#capabilities.takers(transaction.request.method)) {
      if (capability.requestWithin?.(transaction) === true) return;
    }
    refuse(transaction, { status: 481 });
  }

  /** Nobody is to ring himself because of whom he was referred, redirected or forwarded to. To watch oneself is no loop. */
  #loop(request: SipRequest): Refused | undefined {
    return request.method === 'INVITE' && this.#core.dialogs.hasSent(request) ? { status: 482 } : undefined;
  }

  #lackOfRoom({ method }: SipRequest): Refused | undefined {
    if (!makesDialogs(method) || this.#core.dialogs.size < this.#maximumDialogs) return undefined;
    const headers: HeaderInit[] = [['Retry-After', String(retryAfter)]];
    return { status: 503, headers };
  }
}

/** Without keeping anything: the same request again gets the same answer. */
function refuse(transaction: ServerTransaction, { status, reason, headers = [] }: Refused): void {
  transaction.refuse(status, { headers, ...(reason !== undefined && { reason }) });
}
