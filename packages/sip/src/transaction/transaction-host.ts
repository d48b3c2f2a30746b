import type { HeaderInit } from '../message/header.ts';
import type { SipRequest } from '../message/message.ts';
import type { Flow, TransportError } from '../transport/contract.ts';
import type { ClientTransaction } from './client-transaction.ts';
import type { TransactionCounters, TransactionTransport } from './contract.ts';
import type { DelayLines } from './delay-line.ts';
import type { ServerTransaction } from './server-transaction.ts';
import type { TimerDurations } from './timers.ts';
import type { TransactionEvent } from './transaction.ts';

/** What the transactions of one layer share, and whom they turn to. */
export interface TransactionHost {
  readonly transport: TransactionTransport;
  readonly lines: DelayLines<TransactionEvent>;
  readonly counters: TransactionCounters;
  /** The To tag of answers for which nothing is kept. An ACK with it acknowledges nothing (RFC 3261 8.2.7). */
  readonly statelessTag: string;
  durations(reliable: boolean): TimerDurations;
  /** The flow, or when it has ended another one to the same place: for the ACK and the CANCEL of what went over it. */
  standing(flow: Flow): Flow;
  /** Sends the CANCEL of an INVITE as a client transaction of its own. */
  sendCancel(transaction: ClientTransaction, headers: readonly HeaderInit[]): void;
  /** Nothing is sent of it any more, nor waited for: the end of its flow means nothing to it. */
  clientSettled(transaction: ClientTransaction): void;
  clientEnded(transaction: ClientTransaction): void;
  serverRequest(transaction: ServerTransaction): void;
  serverAck(transaction: ServerTransaction, ack: SipRequest): void;
  serverTransportError(transaction: ServerTransaction, error: TransportError): void;
  serverEnded(transaction: ServerTransaction): void;
}
