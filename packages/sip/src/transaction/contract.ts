import type { HeaderInit } from '../message/header.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Destination, Flow, TransportError } from '../transport/contract.ts';
import type { ClientTransaction } from './client-transaction.ts';
import type { ServerTransaction } from './server-transaction.ts';

/** What comes up from the transport layer. */
export interface MessageReceiver {
  request(request: SipRequest, flow: Flow): void;
  response(response: SipResponse, flow: Flow): void;
}

/** What the transactions need of the transport layer beneath them. */
export interface TransactionTransport {
  start(user: MessageReceiver): Promise<void>;
  stop(): Promise<void>;
  flowTo(destination: Destination): Flow | TransportError;
  /** RFC 3261 18.2.2. A failure that is known at once or later reaches `onError`. */
  sendResponse(response: SipResponse, flow: Flow, onError?: (error: TransportError) => void): void;
}

/** The core above: a proxy or a user agent. */
export interface TransactionUser {
  /** A new request, never ACK and never CANCEL. It may be answered at once or later. */
  request(transaction: ServerTransaction): void;
  /**
   * The far end cancels this INVITE, which has no final response yet (RFC 3261 9.2). The CANCEL itself is answered
   * already; the INVITE is to be answered with 487. `cancel` is for what it says: its Reason (RFC 3326).
   */
  cancel(transaction: ServerTransaction, cancel: SipRequest): void;
  /** An ACK that is no transaction's business: one for a 2xx. */
  ack(request: SipRequest, flow: Flow): void;
  /** A response that belongs to no client transaction. RFC 6026 7.3: never forwarded. */
  strayResponse(response: SipResponse, flow: Flow): void;
  /** Whether a response has gone astray, and is as good as lost: no transaction hears of it. None without it. */
  hasGoneAstray?(response: SipResponse): boolean;
  /** Whether a request outside of dialogs is let in for as long as those within dialogs are, as a call for help is. */
  goesFirst?(request: SipRequest): boolean;
  /** A response could not be sent. To an INVITE its transaction goes on all the same (RFC 6026 7.1). */
  transportError?(error: TransportError, transaction: ServerTransaction): void;
  /** The layer has stopped, and every transaction with it: nothing more comes. */
  stopped?(): void;
}

/** What a user does about a request, as far as its CANCEL ends it. */
export interface TransactionWork {
  cancel(headers: readonly HeaderInit[]): void;
}

/** What a request counts against. */
export interface TransactionShare {
  /** Nothing more is done about it. For the user to say. */
  answered(): void;
  /** Its transaction is gone. */
  ended(): void;
}

/** Who sent a request, and wants to know what became of it. */
export interface ClientTransactionUser {
  /**
   * A response, with this side's Via still on it. Provisional ones first, then one final one; to an INVITE more
   * 2xx may follow, from other branches of a fork or again from the same (RFC 6026 7.2).
   */
  response(response: SipResponse, transaction: ClientTransaction): void;
  /** There will be no final response. Called at most once, never after a final response nor from within a call. */
  failed(error: TransportError, transaction: ClientTransaction): void;
  /** The transaction is gone. */
  ended?(transaction: ClientTransaction): void;
}

/** Why a server transaction ended; all but `done` mean that the client may not have learnt the outcome. */
export type ServerTransactionEnd = 'done' | 'no-ack' | 'expired' | 'transport' | 'stopped';

/** What the layer has done since it started. */
export interface TransactionCounters {
  /** Transactions begun. */
  clientRequests: number;
  serverRequests: number;
  /** Messages sent again by a timer, and for a request that came again. */
  retransmissions: number;
  /** Requests and ACKs that came again. */
  repeatedRequests: number;
  /** Timers B, F and H, and server transactions that expired. */
  timeouts: number;
  transportErrors: number;
  /** Requests answered with 503, and own requests not sent, for the limits. */
  refused: number;
  strayResponses: number;
  /** Responses of the user that RFC 4320 or the transaction's state forbids to send. */
  suppressedResponses: number;
}
