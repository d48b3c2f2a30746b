import type { SipContext } from '../context.ts';
import { KeyedHash } from '../keyed-hash.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { ownCopy } from '../message/own-copy.ts';
import type { Flow, TransportError } from '../transport/contract.ts';
import { ClientTransaction } from './client-transaction.ts';
import type { ClientTransactionUser, TransactionCounters, TransactionTransport, TransactionUser } from './contract.ts';
import { DelayLines } from './delay-line.ts';
import { cancellation } from './derived-requests.ts';
import { FlowWatch } from './flow-watch.ts';
import { ServerTransaction } from './server-transaction.ts';
import { defaultTimers, timerDurations, type TimerDurations, type TimerValues } from './timers.ts';
import type { TransactionEvent } from './transaction.ts';
import type { TransactionHost } from './transaction-host.ts';
import { acknowledges, magicCookie, sameToTag, serverTransactionKey, withVia } from './transaction-key.ts';
import { TransactionTable } from './transaction-table.ts';

/** How many transactions there may be at a time; further requests get 503. */
export interface TransactionLimits {
  readonly serverTransactions: number;
  readonly clientTransactions: number;
}

/** The timers of transactions (RFC 3261 appendix A), and how many there may be. */
export interface TransactionOptions {
  readonly timers?: TimerValues;
  readonly limits?: Partial<TransactionLimits>;
}

/** The gauges are zero when every transaction has ended, and after `stop()`. */
export interface TransactionStats {
  readonly clientTransactions: number;
  readonly serverTransactions: number;
  readonly timers: number;
  readonly watchedFlows: number;
  readonly counters: Readonly<TransactionCounters>;
}

const defaultLimits: TransactionLimits = { serverTransactions: 200_000, clientTransactions: 200_000 };
/** No honest client gives one branch to more methods than these. */
const maximumSiblings = 8;
/** By how much the limits are higher for requests within dialogs, which go on when nothing new is let in, and for what goes first. */
const headroom = 1.25;
/** Seconds until somebody who was turned away may ask again: at least these, and as many more at random. */
const retryAfter = 5;
/** The user of a CANCEL: whatever comes of it, the INVITE's own response is what counts (RFC 3261 9.1). */
const nobody: ClientTransactionUser = { response: () => undefined, failed: () => undefined };
/** Until there is something to be hashed. */
const unkeyed = new KeyedHash(new Uint8Array(0));
const stopped: TransportError = { code: 'stopped', message: 'the transaction layer was stopped' };
const overflow: TransportError = { code: 'overflow', message: 'too many client transactions' };

/** Keeps the transactions between the transports and the core above (RFC 3261 17). */
export class TransactionLayer implements TransactionHost {
  readonly transport: TransactionTransport;
  readonly lines: DelayLines<TransactionEvent>;
  readonly counters: TransactionCounters = {
    clientRequests: 0,
    serverRequests: 0,
    retransmissions: 0,
    repeatedRequests: 0,
    timeouts: 0,
    transportErrors: 0,
    refused: 0,
    strayResponses: 0,
    suppressedResponses: 0,
  };
  statelessTag = '';
  readonly #context: SipContext;
  readonly #limits: TransactionLimits;
  readonly #reliable: TimerDurations;
  readonly #unreliable: TimerDurations;
  #clients = new TransactionTable<ClientTransaction>(unkeyed);
  #servers = new TransactionTable<ServerTransaction>(unkeyed);
  readonly #flows = new FlowWatch();
  #user: TransactionUser | undefined = undefined;

  constructor(context: SipContext, transport: TransactionTransport, options: TransactionOptions = {}) {
    const timers = options.timers ?? defaultTimers;
    this.transport = transport;
    this.lines = new DelayLines(context.clock);
    this.#context = context;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#reliable = timerDurations(timers, true);
    this.#unreliable = timerDurations(timers, false);
  }

  /** Starts the transport layer beneath, too. */
  async start(user: TransactionUser): Promise<void> {
    this.#user = user;
    const secret = this.#context.random.token();
    this.statelessTag = KeyedHash.of(this.#context, secret, 'stateless To tag').token('');
    const hash = KeyedHash.of(this.#context, secret, 'transactions');
    this.#clients = new TransactionTable(hash);
    this.#servers = new TransactionTable(hash);
    await this.transport.start({
      request: (request, flow) => {
        this.#request(request, flow);
      },
      response: (response, flow) => {
        this.#response(response, flow);
      },
    });
  }

  /** Ends every transaction without another message, then the transport layer. */
  async stop(): Promise<void> {
    for (const transaction of this.#clients.snapshot()) transaction.stop(stopped);
    for (const transaction of this.#servers.snapshot()) transaction.stop();
    this.#user?.stopped?.();
    this.#user = undefined;
    this.lines.stop();
    await this.transport.stop();
  }

  stats(): TransactionStats {
    return {
      clientTransactions: this.#clients.size,
      serverTransactions: this.#servers.size,
      timers: this.lines.length,
      watchedFlows: this.#flows.size,
      counters: { ...this.counters },
    };
  }

  /**
   * Sends a request, which has no Via of this side yet, and tells `user` what comes of it, never before this returns.
   * `branch` comes without the magic cookie; without it a random one is drawn.
   */
  request(
    request: SipRequest,
    flow: Flow,
    user: ClientTransactionUser,
    options: { readonly branch?: string } = {},
  ): ClientTransaction {
    const branch = magicCookie + (options.branch ?? this.#context.random.token());
    const text = withVia(request, flow, branch);
    const transaction = new ClientTransaction(this, { method: request.method, text, branch, flow, user });
    if (this.#hasRoom(this.#clients.size, this.#limits.clientTransactions, request)) {
      this.#beginClient(transaction);
    } else {
      this.counters.refused += 1;
      transaction.transportFailed(overflow);
    }
    return transaction;
  }

  /** Sends a request that makes no transaction, the ACK to a 2xx, with a Via on top. */
  send(request: SipRequest, flow: Flow, onError?: (error: TransportError) => void): void {
    flow.send(withVia(request, flow, magicCookie + this.#context.random.token()), onError);
  }

  durations(reliable: boolean): TimerDurations {
    return reliable ? this.#reliable : this.#unreliable;
  }

  /** RFC 3261 9.1 and 17.1.1.3 name the address, port and transport, not the connection. */
  standing(flow: Flow): Flow {
    if (!flow.closed || !flow.outgoing) return flow;
    const { protocol, remote, serverName } = flow;
    const again = this.transport.flowTo({ protocol, ...remote, ...(serverName !== undefined && { serverName }) });
    return 'send' in again ? again : flow;
  }

  sendCancel(transaction: ClientTransaction, headers: readonly HeaderInit[]): void {
    const { key: branch } = transaction;
    const flow = this.standing(transaction.flow);
    const { text } = cancellation(transaction.request, headers);
    this.#beginClient(new ClientTransaction(this, { method: 'CANCEL', text, branch, flow, user: nobody }));
  }

  clientSettled(transaction: ClientTransaction): void {
    if (transaction.flow.reliable) this.#flows.remove(transaction);
  }

  clientEnded(transaction: ClientTransaction): void {
    this.#clients.remove(transaction);
    this.clientSettled(transaction);
  }

  serverRequest(transaction: ServerTransaction): void {
    if (transaction.method === 'CANCEL') this.#cancel(transaction);
    else this.#user?.request(transaction);
  }

  serverAck(transaction: ServerTransaction, ack: SipRequest): void {
    this.#user?.ack(ack, transaction.flow);
  }

  serverTransportError(transaction: ServerTransaction, error: TransportError): void {
    this.#user?.transportError?.(error, transaction);
  }

  serverEnded(transaction: ServerTransaction): void {
    this.#servers.remove(transaction);
  }

  #beginClient(transaction: ClientTransaction): void {
    this.counters.clientRequests += 1;
    this.#clients.add(transaction, this.#clients.first(transaction.key));
    transaction.begin();
    if (transaction.flow.reliable) this.#flows.add(transaction);
  }

  /** RFC 3261 17.1.3. */
  #response(response: SipResponse, flow: Flow): void {
    if (this.#user?.hasGoneAstray?.(response) === true) {
      this.counters.strayResponses += 1;
      return;
    }
    const { branch } = response.topVia;
    let transaction = branch === undefined ? undefined : this.#clients.first(branch);
    while (transaction !== undefined && transaction.method !== response.cseqMethod) transaction = transaction.sibling;
    if (transaction !== undefined) {
      transaction.receive(response);
      return;
    }
    this.counters.strayResponses += 1;
    this.#user?.strayResponse(response, flow);
  }

  /** RFC 3261 17.2.3. */
  #request(request: SipRequest, flow: Flow): void {
    const key = serverTransactionKey(request);
    const first = this.#servers.first(key);
    if (request.method === 'ACK') {
      this.#ack(request, first, flow);
      return;
    }
    const known = sameMethod(first, request);
    if (known !== undefined) {
      this.counters.repeatedRequests += 1;
      known.repeated();
    } else if (
      this.#hasServerRoom(first, request) ||
      (request.method === 'CANCEL' && cancelled(first, request, flow) !== undefined)
    ) {
      this.counters.serverRequests += 1;
      const transaction = new ServerTransaction(this, request, ownCopy(key), flow);
      this.#servers.add(transaction, first);
      transaction.begin();
    } else {
      this.#turnAway(request, flow);
    }
  }

  #ack(ack: SipRequest, first: ServerTransaction | undefined, flow: Flow): void {
    let transaction = first;
    while (transaction !== undefined && !acknowledges(ack, transaction)) transaction = transaction.sibling;
    if (transaction !== undefined) transaction.acknowledged(ack);
    else if (ack.toTag !== this.statelessTag) this.#user?.ack(ack, flow);
  }

  /** Answers a CANCEL; both answers carry the same To tag where that is known (RFC 3261 9.2). */
  #cancel(cancel: ServerTransaction): void {
    const target = cancelled(this.#servers.first(cancel.key), cancel.request, cancel.flow);
    if (target === undefined) {
      cancel.refuse(481);
      return;
    }
    const toTag = target.answeredTag ?? this.#context.random.token();
    cancel.respond(cancel.request.createResponse(200, { toTag }));
    if (target.method === 'INVITE' && !target.finalSent) this.#user?.cancel(target, cancel.request);
  }

  #hasServerRoom(first: ServerTransaction | undefined, request: SipRequest): boolean {
    if (!this.#hasRoom(this.#servers.size, this.#limits.serverTransactions, request)) return false;
    let siblings = 0;
    for (let each = first; each !== undefined; each = each.sibling) siblings += 1;
    return siblings < maximumSiblings;
  }

  /** Looks into the request only when it matters. */
  #hasRoom(size: number, limit: number, request: SipRequest): boolean {
    if (size < limit) return true;
    const goesFirst = request.toTag !== undefined || this.#user?.goesFirst?.(request) === true;
    return goesFirst && size < limit * headroom;
  }

  #turnAway(request: SipRequest, flow: Flow): void {
    this.counters.refused += 1;
    const seconds = retryAfter + Math.floor(this.#context.random.fraction() * retryAfter);
    const headers: HeaderInit[] = [['Retry-After', String(seconds)]];
    this.transport.sendResponse(request.createResponse(503, { toTag: this.statelessTag, headers }), flow);
  }
}

/** The transaction that a request belongs to, among those with its key, of which `first` is the first. */
function sameMethod(first: ServerTransaction | undefined, request: SipRequest): ServerTransaction | undefined {
  let transaction = first;
  while (transaction !== undefined && !(transaction.method === request.method && sameToTag(transaction, request))) {
    transaction = transaction.sibling;
  }
  return transaction;
}

/**
 * What a CANCEL is about: the transaction it would belong to if it had another method (RFC 3261 9.2). It has to come
 * from the hop that the request came from (22.1), for whoever gets the request knows its branch, too.
 */
function cancelled(
  first: ServerTransaction | undefined,
  cancel: SipRequest,
  flow: Flow,
): ServerTransaction | undefined {
  let transaction = first;
  while (transaction !== undefined && !(transaction.method !== 'CANCEL' && sameToTag(transaction, cancel))) {
    transaction = transaction.sibling;
  }
  return transaction?.flow.remote.address === flow.remote.address ? transaction : undefined;
}
