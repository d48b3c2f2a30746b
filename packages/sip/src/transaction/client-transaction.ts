import { SwitchhookError } from '../error.ts';
import type { HeaderInit } from '../message/header.ts';
import { SipRequest, type SipResponse } from '../message/message.ts';
import type { Flow, TransportError } from '../transport/contract.ts';
import type { ClientTransactionUser } from './contract.ts';
import { acknowledgement } from './derived-requests.ts';
import { inviteClient, type InviteClientAction, type InviteClientState } from './invite-client.ts';
import { nonInviteClient, type NonInviteClientAction, type NonInviteClientState } from './non-invite-client.ts';
import { Transaction } from './transaction.ts';
import type { TransactionHost } from './transaction-host.ts';
import type { Keyed } from './transaction-table.ts';

/** The states of a client transaction, by the names of RFC 3261 17.1 and RFC 6026. */
export type ClientTransactionState = InviteClientState | NonInviteClientState;

/** What a client transaction is made of. */
export interface ClientTransactionParts {
  readonly method: string;
  /** The request as it goes out, this side's Via on top. */
  readonly text: string;
  readonly branch: string;
  readonly flow: Flow;
  readonly user: ClientTransactionUser;
}

/** A request on its way, until its last response can no longer come (RFC 3261 17.1). */
export class ClientTransaction
  extends Transaction<ClientTransactionState, InviteClientAction | NonInviteClientAction>
  implements Keyed<ClientTransaction>
{
  readonly method: string;
  /** The branch; responses are told apart by it and by the method in CSeq (RFC 3261 17.1.3). */
  readonly key: string;
  hash = 0;
  sibling: ClientTransaction | undefined = undefined;
  /** As it goes out; empty when it was let go of. */
  #text: string;
  #user: ClientTransactionUser | undefined;
  #request: SipRequest | undefined = undefined;
  #response: SipResponse | undefined = undefined;
  #ack: SipRequest | undefined = undefined;
  #cancelHeaders: readonly HeaderInit[] | undefined = undefined;
  #cancelHeld = false;
  #sent = false;
  /** The user has a final response, or knows that none will come. */
  #concluded = false;

  constructor(host: TransactionHost, parts: ClientTransactionParts) {
    const isInvite = parts.method === 'INVITE';
    super(host, parts.flow, isInvite ? inviteClient : nonInviteClient, 'initial');
    this.method = parts.method;
    this.key = parts.branch;
    this.#text = parts.text;
    this.#user = parts.user;
  }

  /** The request as it went out. Throws after {@link handTo}. */
  get request(): SipRequest {
    if (this.#text === '') throw new SwitchhookError('released', 'the transaction has let go of its request');
    this.#request ??= SipRequest.fromOwnText(this.#text);
    return this.#request;
  }

  /**
   * Asks the far end to stop working on an INVITE, as soon as RFC 3261 9.1 lets a CANCEL go. Does nothing to other
   * methods, which are not to be cancelled, nor after a final response, nor a second time.
   */
  cancel(headers: readonly HeaderInit[] = []): void {
    if (this.#cancelHeaders !== undefined) return;
    this.#cancelHeaders = headers;
    this.run('cancel');
  }

  /**
   * After a 2xx: has another user hear of those that may follow, to an INVITE, and lets go of the request, which is not
   * sent, acknowledged or cancelled any more. The transaction stays for half a minute.
   */
  handTo(user: ClientTransactionUser): void {
    if (this.state !== (this.method === 'INVITE' ? 'accepted' : 'completed')) return;
    this.#text = '';
    this.#request = undefined;
    if (this.method === 'INVITE') this.#user = user;
  }

  /** Sends the request. For the layer. */
  begin(): void {
    this.run('request');
  }

  /** Takes a response that matches. For the layer. */
  receive(response: SipResponse): void {
    const { status } = response;
    this.#response = response;
    this.run(status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure');
    this.#response = undefined;
  }

  /** Ends it at once, without another message. For the layer. */
  stop(error: TransportError): void {
    if (this.state === 'terminated') return;
    this.#fail(error);
    this.end();
  }

  protected perform(action: InviteClientAction | NonInviteClientAction): void {
    const { durations } = this;
    switch (action) {
      case 'sendRequest':
        if (this.#sent) this.host.counters.retransmissions += 1;
        this.#sent = true;
        this.flow.send(this.#text, this.onError);
        break;
      case 'sendAck':
        this.#sendAck();
        break;
      case 'sendCancel':
        this.host.sendCancel(this, this.#cancelHeaders ?? []);
        break;
      case 'holdCancel':
        this.#cancelHeld = true;
        break;
      case 'releaseCancel':
        if (this.#cancelHeld) this.run('cancel');
        break;
      case 'responseToUser':
        this.#deliver();
        break;
      case 'timeoutToUser':
        this.host.counters.timeouts += 1;
        this.#fail({ code: 'timeout', message: `no final response to ${this.method}` });
        break;
      case 'transportErrorToUser':
        this.host.counters.transportErrors += 1;
        if (this.error !== undefined) this.#fail(this.error);
        break;
      case 'stopTimers':
        this.stopTimers();
        break;
      case 'startTimerA':
        if (!this.flow.reliable) this.repeatAfter(durations.T1, 'timerA');
        break;
      case 'doubleTimerA':
        this.repeatAfterTwice('timerA', Infinity);
        break;
      case 'startTimerB':
        this.limitTo(durations.transaction, 'timerB');
        break;
      case 'startTimerCancel':
        this.limitTo(durations.transaction, 'timerCancel');
        break;
      case 'startTimerD':
        this.forgetAfter(durations.D, 'timerD');
        break;
      case 'startTimerM':
        this.host.clientSettled(this);
        this.forgetAfter(durations.transaction, 'timerM');
        break;
      case 'startTimerE':
        if (!this.flow.reliable) this.repeatAfter(durations.T1, 'timerE');
        break;
      case 'doubleTimerE':
        this.repeatAfterTwice('timerE', durations.T2);
        break;
      case 'slowTimerE':
        this.repeatAfter(durations.T2, 'timerE');
        break;
      case 'startTimerF':
        this.limitTo(durations.transaction, 'timerF');
        break;
      case 'startTimerK':
        this.host.clientSettled(this);
        this.forgetAfter(durations.K, 'timerK');
        break;
    }
  }

  protected ended(): void {
    this.host.clientEnded(this);
    this.#user?.ended?.(this);
  }

  #deliver(): void {
    const response = this.#response;
    if (response === undefined) return;
    const user = this.#user;
    if (response.status >= 200) {
      this.#concluded = true;
      const mayFollow = this.method === 'INVITE' && response.status < 300;
      // Nothing more will be told but the end, and that not to everybody: what a user keeps is his own.
      if (!mayFollow && user?.ended === undefined) this.#user = undefined;
    }
    user?.response(response, this);
  }

  #fail(error: TransportError): void {
    if (this.#concluded) return;
    this.#concluded = true;
    this.#user?.failed(error, this);
  }

  /** Responses that come again carry the same To, so the same ACK answers them. */
  #sendAck(): void {
    const to = this.#response?.raw('To');
    if (to === undefined) return;
    if (this.#ack === undefined || this.#ack.raw('To') !== to) this.#ack = acknowledgement(this.request, to);
    else this.host.counters.retransmissions += 1;
    this.host.standing(this.flow).send(this.#ack.text, this.onError);
  }
}
