import { SwitchhookError } from '../error.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import { SipRequest } from '../message/message.ts';
import type { SipMessage, SipResponse } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { Parameters } from '../message/parameters.ts';
import { SipUri } from '../message/uri.ts';
import type { Uri } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Flow } from '../transport/contract.ts';
import type { Acknowledgement, DialogEnd, DialogHost, DialogUsage, OutgoingRequest, RequestUser } from './contract.ts';
import { contactOf, extensionsOf, partsOfRequest, partsOfResponse } from './dialog-parts.ts';
import type { DialogParts } from './dialog-parts.ts';
import { DialogRequest } from './dialog-request.ts';
import { responseEffect } from './response-effect.ts';
import { recordedRoutes } from './route-set.ts';
import { SequenceNumbers } from './sequence-numbers.ts';
import { isTargetRefresh, makesDialogs } from './methods.ts';

/** RFC 3261 12: early until a 2xx, then confirmed. */
export type DialogState = 'early' | 'confirmed' | 'terminated';

/** What {@link Dialog.send} and {@link Dialog.acknowledge} put into a request. */
export interface DialogRequestOptions {
  readonly headers?: readonly HeaderInit[] | undefined;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
}

/** What a response within a dialog has beside its status. */
export interface DialogResponseOptions extends DialogRequestOptions {
  readonly reason?: string | undefined;
}

/** Who keeps the dialogs. */
export interface DialogKeeper {
  add(dialog: Dialog): void;
  remove(dialog: Dialog): void;
}

/** A relation between two user agents (RFC 3261 12), from either side. It ends with the last of its usages (RFC 5057). */
export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  /** Empty for a far end of RFC 2543 that gives no tag (RFC 3261 12.1.1). */
  readonly remoteTag: string;
  /** Without its tag. */
  readonly localAddress: NameAddr;
  /** Without its tag. */
  readonly remoteAddress: NameAddr;
  /** Every hop is secure: the dialog began with a `sips:` URI. */
  readonly secure: boolean;
  /** What it came over, or was opened over. */
  readonly flow: Flow | undefined;
  /** What the Contact of this side says beside its address: feature tags (RFC 3840), like `+sip.rendering="no"`. */
  contactParameters = Parameters.EMPTY;
  /** What the URI in it says to this side alone (RFC 5627 4.2): which of its conferences it names. */
  contactUriParameters = Parameters.EMPTY;
  readonly #host: DialogHost;
  readonly #keeper: DialogKeeper;
  readonly #usages = new Set<DialogUsage>();
  readonly #sequence: SequenceNumbers;
  #remoteContact: NameAddr;
  #remoteExtensions: readonly string[];
  #routeSet: readonly NameAddr[];
  #state: DialogState;
  #remoteSequence: number | undefined;

  private constructor(host: DialogHost, keeper: DialogKeeper, parts: DialogParts) {
    this.#host = host;
    this.#keeper = keeper;
    this.callId = parts.callId;
    this.localTag = parts.localTag;
    this.remoteTag = parts.remoteTag;
    this.localAddress = parts.localAddress;
    this.remoteAddress = parts.remoteAddress;
    this.secure = parts.secure;
    this.flow = parts.flow;
    this.#remoteContact = parts.remoteContact;
    this.#remoteExtensions = parts.remoteExtensions;
    this.#routeSet = parts.routeSet;
    this.#state = parts.state;
    this.#sequence = new SequenceNumbers(parts.localSequence);
    this.#remoteSequence = parts.remoteSequence;
    keeper.add(this);
  }

  /**
   * The client's side, by a response from 101 to 299 to its request (RFC 3261 12.1.2). `flow` is what the response came
   * over. A fault where the response makes no dialog: a provisional one without To tag, or routes that do not read.
   */
  static ofResponse(
    host: DialogHost,
    keeper: DialogKeeper,
    request: SipRequest,
    response: SipResponse,
    flow: Flow | undefined,
  ): Dialog | SyntaxFault {
    const parts = partsOfResponse(request, response, flow);
    return parts instanceof SyntaxFault ? parts : new Dialog(host, keeper, parts);
  }

  /**
   * The server's side, by a request that makes a dialog (RFC 3261 12.1.1), with a tag of this side. A fault where its
   * Contact is missing or it does not read: answer with its status.
   */
  static ofRequest(host: DialogHost, keeper: DialogKeeper, transaction: ServerTransaction): Dialog | SyntaxFault {
    const localTag = host.context.random.token();
    const parts = partsOfRequest(transaction, { localTag, state: 'early', localSequence: 0 });
    return parts instanceof SyntaxFault ? parts : new Dialog(host, keeper, parts);
  }

  /**
   * The client's side, by a request of the far end that came before the response to `own`: a NOTIFY before the 2xx to
   * its SUBSCRIBE (RFC 6665 4.4.1).
   */
  static ofNotification(
    host: DialogHost,
    keeper: DialogKeeper,
    own: SipRequest,
    transaction: ServerTransaction,
  ): Dialog | SyntaxFault {
    const { fromTag: localTag = '', cseqNumber: localSequence } = own;
    const parts = partsOfRequest(transaction, { localTag, state: 'confirmed', localSequence });
    return parts instanceof SyntaxFault ? parts : new Dialog(host, keeper, parts);
  }

  get state(): DialogState {
    return this.#state;
  }

  /** Where requests go to: the far end's Contact. */
  get remoteTarget(): Uri {
    return this.#remoteContact.uri;
  }

  /** The far end's Contact as it said it last: feature tags like `isfocus` and `+sip.rendering` are its parameters. */
  get remoteContact(): NameAddr {
    return this.#remoteContact;
  }

  /** Whether the far end has said last that it supports an extension (RFC 3261 20.37), by its option tag. */
  remoteSupports(extension: string): boolean {
    return this.#remoteExtensions.includes(extension.toLowerCase());
  }

  /** This side's Contact; undefined where nothing has been sent over a flow that is known. */
  get localContact(): NameAddr | undefined {
    const contact = this.flow === undefined ? undefined : NameAddr.parse(this.#contact(this.flow));
    return contact instanceof NameAddr ? contact : undefined;
  }

  /** Frozen once the dialog is confirmed (RFC 3261 12.2). */
  get routeSet(): readonly NameAddr[] {
    return this.#routeSet;
  }

  get usages(): ReadonlySet<DialogUsage> {
    return this.#usages;
  }

  addUsage(usage: DialogUsage): void {
    if (this.#state === 'terminated') throw new SwitchhookError('dialog-terminated', 'the dialog has ended');
    this.#usages.add(usage);
  }

  /** Takes a usage out; with the last one the dialog ends. */
  removeUsage(usage: DialogUsage): void {
    if (this.#usages.delete(usage) && this.#usages.size === 0) this.end({ kind: 'unused' });
  }

  /** Ends it with all its usages. No message is sent. */
  end(reason: DialogEnd): void {
    for (const usage of this.#close()) usage.dialogEnded(reason);
  }

  /**
   * Sends a request within the dialog (RFC 3261 12.2.1). A response that ends the dialog (RFC 5057 5.1) does so after
   * `user` has had it; what ends the usage alone is the usage's own business, see `responseEffect`. A request that another
   * one overtook on its way goes once more.
   */
  send(method: string, user: RequestUser, options: DialogRequestOptions = {}): OutgoingRequest {
    if (this.#state === 'terminated') throw new SwitchhookError('dialog-terminated', 'the dialog has ended');
    return new DialogRequest(user, {
      transmit: (each) => this.#transmit(method, each, options),
      isOvertaken: ({ cseqNumber }) => cseqNumber < this.#sequence.last && this.#state !== 'terminated',
      answered: (response) => {
        if (response.status >= 300 && responseEffect(response.status) === 'dialog') {
          this.end({ kind: 'refused', response });
        }
      },
    });
  }

  /**
   * Sends the ACK to a 2xx (RFC 3261 13.2.2.4) to `invite`, the request as it was sent last, whose credentials it repeats
   * (22.1). Whoever gets that 2xx again repeats it.
   */
  acknowledge(invite: SipRequest, options: DialogRequestOptions = {}): Acknowledgement {
    const headers: HeaderInit[] = [];
    for (const name of ['Authorization', 'Proxy-Authorization']) {
      for (const value of invite.rawAll(name)) headers.push([name, value]);
    }
    const ack = this.#request('ACK', invite.cseqNumber, {
      ...options,
      headers: [...headers, ...(options.headers ?? [])],
    });
    return this.#host.sender.acknowledge(ack, this.#way());
  }

  /**
   * Answers a request within the dialog, or the one that made it, and returns what went out. To a request that makes or
   * refreshes the dialog a response from 101 to 299 has the Contact of this side, and a 2xx takes that of the far end
   * (RFC 3261 12.1.1, 12.2.2; RFC 6141 4.6).
   */
  respond(transaction: ServerTransaction, status: number, options: DialogResponseOptions = {}): SipResponse {
    const response = this.createResponse(transaction, status, options);
    const { request } = transaction;
    if (status >= 200 && status < 300 && !transaction.finalSent) {
      if (this.#state === 'early' && makesDialogs(request.method)) this.#state = 'confirmed';
      if (isTargetRefresh(request.method)) this.#refresh(request);
    }
    transaction.respond(response);
    // A request that is refused makes no dialog (RFC 3261 12.3).
    if (status >= 300 && this.#state === 'early' && request.toTag === undefined) this.#close();
    return response;
  }

  /** The response that {@link respond} would send. */
  createResponse(transaction: ServerTransaction, status: number, options: DialogResponseOptions = {}): SipResponse {
    const { request, flow } = transaction;
    // RFC 5359 2.1 shows it in the response to a re-INVITE, too: whoever has lost the dialog can make it again from there.
    const makesDialog = request.toTag === undefined || request.method === 'INVITE';
    const carriesContact = status > 100 && status < 300 && isTargetRefresh(request.method);
    return request.createResponse(status, {
      reason: options.reason,
      ...(status > 100 && { toTag: this.localTag }),
      recordRoute: makesDialog && status > 100 && status < 300,
      headers: [...(carriesContact ? [['Contact', this.#contact(flow)] as const] : []), ...contentHeaders(options)],
      body: options.body,
    });
  }

  /**
   * A response to the request that made the dialog: an early dialog is confirmed by its 2xx, which has the last word on
   * the route set (RFC 3261 13.2.2.4). For the dialog set.
   */
  established(response: SipResponse): void {
    if (this.#state === 'early') {
      const routes = recordedRoutes(response, 'client');
      if (response.status >= 200 && !(routes instanceof SyntaxFault)) this.#routeSet = routes;
      this.#refresh(response);
    }
    if (response.status >= 200 && this.#state === 'early') this.#state = 'confirmed';
  }

  /**
   * Takes the CSeq number of a request that came within the dialog. A lower one than before is answered with 500, and
   * the answer is false; gaps are in order (RFC 3261 12.2.2). For the user agent.
   */
  takeSequence(transaction: ServerTransaction): boolean {
    const { cseqNumber } = transaction.request;
    if (this.#remoteSequence !== undefined && cseqNumber < this.#remoteSequence) {
      this.respond(transaction, 500, { reason: 'CSeq Out of Order' });
      return false;
    }
    this.#remoteSequence = cseqNumber;
    return true;
  }

  /** Offers a request to the usages, one after the other. True when one has taken it. For the user agent. */
  request(transaction: ServerTransaction): boolean {
    for (const usage of [...this.#usages]) if (usage.request(transaction)) return true;
    return false;
  }

  /** For the user agent. */
  ack(request: SipRequest): void {
    for (const usage of [...this.#usages]) usage.ack?.(request);
  }

  /** For the user agent. */
  cancel(transaction: ServerTransaction, cancel: SipRequest): void {
    for (const usage of [...this.#usages]) usage.cancel?.(transaction, cancel);
  }

  #close(): readonly DialogUsage[] {
    const usages = [...this.#usages];
    this.#usages.clear();
    if (this.#state !== 'terminated') this.#keeper.remove(this);
    this.#state = 'terminated';
    return usages;
  }

  #transmit(method: string, user: RequestUser, options: DialogRequestOptions): OutgoingRequest {
    const refreshes = isTargetRefresh(method);
    return this.#host.sender.send(
      this.#request(method, this.#sequence.next(), options),
      {
        ...user,
        response: (response) => {
          if (refreshes && response.status >= 200 && response.status < 300) this.#refresh(response);
          user.response(response);
        },
      },
      {
        ...this.#way(),
        sequence: this.#sequence,
        recover: (dead) => this.#host.recover?.(dead),
        contact: refreshes ? (flow) => this.#contact(flow) : undefined,
      },
    );
  }

  #way(): { route: readonly NameAddr[]; flow: Flow | undefined; byFlow: boolean } {
    const target = this.remoteTarget;
    const byFlow = this.#routeSet.length === 0 && target instanceof SipUri && target.parameters.has('ob');
    return { route: this.#routeSet, flow: this.flow, byFlow };
  }

  #contact(flow: Flow): string {
    return this.#host.contact(flow, this.secure, this.contactUriParameters) + this.contactParameters.toString();
  }

  #refresh(message: SipMessage): void {
    this.#remoteContact = contactOf(message) ?? this.#remoteContact;
    if (message.has('Supported')) this.#remoteExtensions = extensionsOf(message);
  }

  #request(method: string, sequence: number, options: DialogRequestOptions): SipRequest {
    return SipRequest.create({
      method,
      requestUri: this.remoteTarget,
      headers: [
        ['Max-Forwards', '70'],
        ['From', tagged(this.localAddress, this.localTag)],
        ['To', tagged(this.remoteAddress, this.remoteTag)],
        ['Call-ID', this.callId],
        ['CSeq', `${String(sequence)} ${method}`],
        ...contentHeaders(options),
      ],
      body: options.body,
    });
  }
}

function tagged(address: NameAddr, tag: string): string {
  return tag === '' ? address.toString() : address.with({ parameters: address.parameters.with('tag', tag) }).toString();
}

function contentHeaders({ headers = [], contentType }: DialogRequestOptions): readonly HeaderInit[] {
  return contentType === undefined ? headers : [...headers, ['Content-Type', contentType]];
}
