import type { Timer } from '../context.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { defaultTimers } from '../transaction/timers.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type {
  DialogHost,
  DialogSetUser,
  OutgoingRequest,
  RequestFailure,
  RequestUser,
  SendOptions,
} from './contract.ts';
import { Dialog } from './dialog.ts';
import type { DialogTable } from './dialog-table.ts';

/** How long a NOTIFY may be under way after the final response that it overtook, or that was forked (RFC 6665 4.1.2.4). */
const patience = 64 * defaultTimers.T1;

/**
 * The dialogs that one request of this side makes: one for each branch of a fork (RFC 3261 12.1.2, 13.2.2). A final
 * failure, or the end of waiting for further 2xx, ends those that are still early.
 */
export class DialogSet implements RequestUser {
  readonly callId: string;
  readonly localTag: string;
  readonly #host: DialogHost;
  readonly #table: DialogTable;
  readonly #user: DialogSetUser;
  readonly #dialogs = new Map<string, Dialog>();
  #outgoing: OutgoingRequest | undefined = undefined;
  #timer: Timer | undefined = undefined;
  #open = true;
  /** The user knows how it ended. */
  #isAnswered = false;

  constructor(host: DialogHost, table: DialogTable, request: SipRequest, user: DialogSetUser) {
    this.callId = request.callId;
    this.localTag = request.fromTag ?? '';
    this.#host = host;
    this.#table = table;
    this.#user = user;
  }

  /** Sends the request; once. For the user agent. */
  send(request: SipRequest, options: SendOptions): void {
    this.#table.addSet(this);
    this.#outgoing = this.#host.sender.send(request, this, options);
  }

  /** Ends it before anything is sent. The user hears of it later. For the user agent. */
  refuse(failure: RequestFailure): void {
    this.#timer = this.#host.context.clock.after(0, () => {
      this.failed(failure);
      this.close();
    });
  }

  /** The request as it was sent last; undefined before {@link send}. */
  get request(): SipRequest | undefined {
    return this.#outgoing?.request;
  }

  /** Those that were made so far, by the tag of the far end. */
  get dialogs(): ReadonlyMap<string, Dialog> {
    return this.#dialogs;
  }

  /** Gives an INVITE up; see {@link OutgoingRequest.cancel}. */
  cancel(headers: readonly HeaderInit[] = []): void {
    this.#outgoing?.cancel(headers);
  }

  /** The dialog that a response belongs to; undefined for one that makes none. */
  dialogOf(response: SipResponse): Dialog | undefined {
    return this.#dialogs.get(response.toTag ?? '');
  }

  /** Makes the dialog of a request that came before any response of its sender: a NOTIFY (RFC 6665 4.4.1). */
  accept(transaction: ServerTransaction): Dialog | SyntaxFault {
    const own = this.request;
    if (own === undefined) return new SyntaxFault('no request was sent', 0, 481);
    const dialog = Dialog.ofNotification(this.#host, this.#table, own, transaction);
    if (dialog instanceof Dialog) this.#dialogs.set(dialog.remoteTag, dialog);
    return dialog;
  }

  /** Lets no further dialog in. Those that stand go on, but for the early ones. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#timer?.cancel();
    this.#table.removeSet(this);
    this.#endEarly(undefined);
    this.#user.ended?.();
  }

  /** The user agent stops: the user hears that no answer will come. For the dialog table. */
  stop(): void {
    if (!this.#isAnswered) this.failed({ code: 'stopped', status: 503, message: 'the user agent was stopped' });
    this.close();
  }

  response(response: SipResponse): void {
    const { status } = response;
    if (status >= 200) this.#isAnswered = true;
    if (status > 100 && status < 300) this.#establish(response);
    this.#user.response(response, this);
    if (status >= 300) this.#endEarly(response);
  }

  failed(failure: RequestFailure): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#user.failed(failure);
    this.#endEarly(undefined);
  }

  resent(): void {
    this.#endEarly(undefined);
  }

  ended(): void {
    if (!this.#open) return;
    const isInvite = this.request?.method === 'INVITE';
    if (isInvite || this.#user.request === undefined) this.close();
    else this.#timer = this.#host.context.clock.after(patience, () => this.close());
  }

  /** For the user agent: a request that may make a dialog. */
  take(transaction: ServerTransaction): boolean {
    return this.#user.request?.(transaction, this) ?? false;
  }

  #establish(response: SipResponse): void {
    const own = this.request;
    const known = this.dialogOf(response);
    // A subscription's dialog is made by its first NOTIFY, and so are its routes (RFC 6665 4.4.1).
    if (own === undefined || own.method !== 'INVITE') return;
    if (known !== undefined) {
      known.established(response);
      return;
    }
    const dialog = Dialog.ofResponse(this.#host, this.#table, own, response, this.#outgoing?.flow);
    if (dialog instanceof Dialog) this.#dialogs.set(dialog.remoteTag, dialog);
  }

  #endEarly(response: SipResponse | undefined): void {
    for (const [tag, dialog] of [...this.#dialogs]) {
      if (dialog.state !== 'early') continue;
      this.#dialogs.delete(tag);
      dialog.end(response === undefined ? { kind: 'abandoned' } : { kind: 'refused', response });
    }
  }
}
