import { SwitchhookError } from '../error.ts';
import type { ResponseOptions, SipRequest, SipResponse } from '../message/message.ts';
import { ownCopy } from '../message/own-copy.ts';
import type { Flow } from '../transport/contract.ts';
import type { ServerTransactionEnd, TransactionShare, TransactionWork } from './contract.ts';
import { inviteServer, type InviteServerAction, type InviteServerState } from './invite-server.ts';
import { nonInviteServer, type NonInviteServerAction, type NonInviteServerState } from './non-invite-server.ts';
import { Transaction } from './transaction.ts';
import type { TransactionHost } from './transaction-host.ts';
import { tagBesideKey } from './transaction-key.ts';
import type { Keyed } from './transaction-table.ts';

/** The states of a server transaction, by the names of RFC 3261 17.2 and RFC 6026. */
export type ServerTransactionState = InviteServerState | NonInviteServerState;

/** A request that came, until nothing of it can come again (RFC 3261 17.2). */
export class ServerTransaction
  extends Transaction<ServerTransactionState, InviteServerAction | NonInviteServerAction>
  implements Keyed<ServerTransaction>
{
  readonly method: string;
  /** What its requests have in common, see `serverTransactionKey`. */
  readonly key: string;
  hash = 0;
  sibling: ServerTransaction | undefined = undefined;
  /** What the user does about the request, for him alone: he need not look for it when its CANCEL comes. */
  work: TransactionWork | undefined = undefined;
  /** What tells it from others with its key, of a client of RFC 2543. */
  readonly tagBesideKey: string | undefined;
  #request: SipRequest | undefined;
  #finalSent = false;
  /** How many responses went out, repetitions aside. */
  #sent = 0;
  /** What the user hands in, while it is looked at. */
  #response: SipResponse | undefined = undefined;
  #lastResponse: SipResponse | undefined = undefined;
  /** The To tag of the last response, when that need not be kept. */
  #successTag: string | undefined = undefined;
  #ack: SipRequest | undefined = undefined;
  #outcome: ServerTransactionEnd = 'done';
  #share: TransactionShare | undefined = undefined;
  #endListeners: ((outcome: ServerTransactionEnd) => void)[] | undefined = undefined;

  constructor(host: TransactionHost, request: SipRequest, key: string, flow: Flow) {
    super(host, flow, request.method === 'INVITE' ? inviteServer : nonInviteServer, 'initial');
    this.method = request.method;
    this.key = key;
    this.tagBesideKey = tagBesideKey(request);
    this.#request = request;
  }

  /** The request as it was received. Throws after {@link release}. */
  get request(): SipRequest {
    if (this.#request === undefined) throw new SwitchhookError('released', 'the transaction has let go of its request');
    return this.#request;
  }

  /** True when the user has given his final answer. */
  get finalSent(): boolean {
    return this.#finalSent;
  }

  get share(): TransactionShare | undefined {
    return this.#share;
  }

  /** Has a share of what is kept hear when this ends. */
  chargeTo(share: TransactionShare): void {
    this.#share = share;
    if (this.state === 'terminated') share.ended();
  }

  get lastResponse(): SipResponse | undefined {
    return this.#lastResponse;
  }

  /** The To tag of the last response. */
  get answeredTag(): string | undefined {
    return this.#successTag ?? this.#lastResponse?.toTag;
  }

  /**
   * Answers the request. What the state does not allow any more is dropped and counted, and so is what RFC 4320 forbids
   * in answer to a method that is not INVITE: a 408, provisional responses but 100, and an early 100 over UDP.
   */
  respond(response: SipResponse): void {
    const { status } = response;
    const sent = this.#sent;
    this.#response = response;
    if (status >= 300) this.run(status === 408 && this.method !== 'INVITE' ? 'withheld' : 'failure');
    else if (status >= 200) this.run('success');
    else if (this.#allowsProvisional(status)) this.run('provisional');
    if (this.#sent === sent) this.host.counters.suppressedResponses += 1;
    this.#response = undefined;
    if (status < 200) return;
    this.#finalSent = true;
    if (this.state === 'accepted') this.#successTag = response.toTag && ownCopy(response.toTag);
    // For half a minute both are only kept to be repeated or recognized, tens of thousands of them in a busy proxy.
    this.#request?.forget();
    response.forget();
  }

  /**
   * Lets go of the request, and of the response where none is repeated any more. For a user that has given his final
   * answer and will not ask again; further 2xx to an INVITE may follow.
   */
  release(): void {
    if (!this.#finalSent) return;
    this.#request = undefined;
    if (this.state === 'accepted') this.#lastResponse = undefined;
  }

  /**
   * Fails the request once and ends: nothing is kept, and nothing repeated to an address that may be forged
   * (RFC 3261 26.3.2.4). The request that comes again is a new one, and the ACK to this answer acknowledges nothing.
   * But who has heard a 100 no longer repeats his INVITE (17.1.1.2): that refusal is kept like any other.
   */
  refuse(status: number, options: Pick<ResponseOptions, 'reason' | 'headers'> = {}): void {
    this.#response = this.request.createResponse(status, { ...options, toTag: this.host.statelessTag });
    const isWaiting = this.#sent > 0 && this.method === 'INVITE';
    this.run(isWaiting ? 'failure' : 'refusal');
    this.#response = undefined;
    this.#finalSent = true;
  }

  /** Calls back once when the transaction ends, at once when it has. */
  onEnd(listener: (outcome: ServerTransactionEnd) => void): void {
    if (this.state === 'terminated') listener(this.#outcome);
    else if (this.#endListeners === undefined) this.#endListeners = [listener];
    else this.#endListeners.push(listener);
  }

  /** Hands the request to the user. For the layer. */
  begin(): void {
    this.run('request');
  }

  /** The request came again. For the layer. */
  repeated(): void {
    this.run('retransmission');
  }

  /** Takes an ACK that matches. For the layer. */
  acknowledged(ack: SipRequest): void {
    this.#ack = ack;
    this.run('ack');
    this.#ack = undefined;
  }

  /** Ends it at once, without another message. For the layer. */
  stop(): void {
    if (this.state === 'terminated') return;
    this.#outcome = 'stopped';
    this.end();
  }

  protected perform(action: InviteServerAction | NonInviteServerAction): void {
    const { durations, host } = this;
    switch (action) {
      case 'requestToUser':
        host.serverRequest(this);
        break;
      case 'ackToUser':
        if (this.#ack !== undefined) host.serverAck(this, this.#ack);
        break;
      case 'sendResponse':
        if (this.#response !== undefined) this.#send(this.#response);
        break;
      case 'sendTrying':
        this.#send(this.request.createResponse(100));
        break;
      case 'repeatResponse':
        if (this.#lastResponse === undefined) break;
        host.counters.retransmissions += 1;
        host.transport.sendResponse(this.#lastResponse, this.flow, this.onError);
        break;
      case 'missingAckToUser':
        host.counters.timeouts += 1;
        this.#outcome = 'no-ack';
        break;
      case 'expiryToUser':
        host.counters.timeouts += 1;
        this.#outcome = 'expired';
        break;
      case 'transportErrorToUser':
        host.counters.transportErrors += 1;
        if (this.state === 'terminated') this.#outcome = 'transport';
        if (this.error !== undefined) host.serverTransportError(this, this.error);
        break;
      case 'stopTimers':
        this.stopTimers();
        break;
      case 'startTimerTrying':
        // Nearly every user says something at once.
        if (this.#sent === 0 && this.state === 'proceeding') this.repeatAfter(durations.trying, 'timerTrying');
        break;
      case 'startTimerProvisional':
        this.repeatAfter(durations.provisional, 'timerProvisional');
        break;
      case 'startTimerG':
        if (!this.flow.reliable) this.repeatAfter(durations.T1, 'timerG');
        break;
      case 'doubleTimerG':
        this.repeatAfterTwice('timerG', durations.T2);
        break;
      case 'startTimerH':
        this.limitTo(durations.transaction, 'timerH');
        break;
      case 'startTimerI':
        this.forgetAfter(durations.I, 'timerI');
        break;
      case 'startTimerL':
        this.forgetAfter(durations.transaction, 'timerL');
        break;
      case 'startTimerExpiry':
        this.limitTo(durations.transaction, 'timerExpiry');
        break;
      case 'startTimerJ':
        this.forgetAfter(durations.J, 'timerJ');
        break;
    }
  }

  protected ended(): void {
    this.host.serverEnded(this);
    this.#share?.ended();
    const listeners = this.#endListeners;
    this.#endListeners = undefined;
    if (listeners !== undefined) for (const listener of listeners) listener(this.#outcome);
  }

  #send(response: SipResponse): void {
    this.#sent += 1;
    this.#lastResponse = response;
    this.host.transport.sendResponse(response, this.flow, this.onError);
  }

  /** RFC 4320 4.1. Over UDP the time of a 100 comes when the transaction itself says one. */
  #allowsProvisional(status: number): boolean {
    if (this.method === 'INVITE') return true;
    return status === 100 && (this.flow.reliable || this.state === 'proceeding');
  }
}
