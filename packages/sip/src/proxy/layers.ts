import type { HeaderInit } from '../message/header.ts';
import type { ResponseOptions, SipRequest, SipResponse } from '../message/message.ts';
import type { TransactionShare, TransactionWork } from '../transaction/contract.ts';
import type { Destination, Flow, TransportError } from '../transport/contract.ts';

/**
 * What the proxy asks of the layers beneath. The transaction and transport layers fit these shapes; tests of the
 * proxy's decisions bring smaller ones.
 */
export interface ProxyServerTransaction {
  /** What is being done about the request. The proxy puts it there, and takes it away when it is done. */
  work: TransactionWork | undefined;
  /** Whose part of what is kept it counts against. */
  readonly share: TransactionShare | undefined;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly finalSent: boolean;
  respond(response: SipResponse): void;
  /** Fails the request once and forgets it: nothing is kept for it or repeated. */
  refuse(status: number, options: Pick<ResponseOptions, 'reason' | 'headers'>): void;
  /** Counts this against a part of what is kept, until it ends. */
  chargeTo(share: TransactionShare): void;
  /** Runs once when the transaction has ended. */
  onEnd(listener: () => void): void;
  /** Lets go of the request, of which nobody will ask any more. Further 2xx may follow. */
  release(): void;
}

/** One branch of a proxy, as far as the proxy sees its transaction. */
export interface ProxyClientTransaction {
  /** Sends a CANCEL as soon as RFC 3261 9.1 lets it. */
  cancel(headers?: readonly HeaderInit[]): void;
  /** After a 2xx: has another user hear of those that may follow, and lets go of the request. */
  handTo(user: ProxyClientTransactionUser): void;
}

/** Never called from within `ProxyTransactions.request`; `failed` at most once, and nothing after it. */
export interface ProxyClientTransactionUser {
  response(response: SipResponse, transaction: ProxyClientTransaction): void;
  failed(error: TransportError, transaction: ProxyClientTransaction): void;
  ended?(transaction: ProxyClientTransaction): void;
}

/** As much of the transaction layer as a proxy needs (RFC 3261 16); another one can be handed in. */
export interface ProxyTransactions {
  request(
    request: SipRequest,
    flow: Flow,
    user: ProxyClientTransactionUser,
    options: { readonly branch: string },
  ): ProxyClientTransaction;
  /** Sends an ACK to a 2xx: no transaction, a Via on top. `onError` hears when it could not be sent. */
  send(request: SipRequest, flow: Flow, onError?: () => void): void;
}

/** As much of the transport layer as a proxy needs; another one can be handed in. */
export interface ProxyTransports {
  flowTo(destination: Destination): Flow | TransportError;
  /** The open flow of that number. */
  flow(id: number): Flow | undefined;
  /** Whether this host and port name one of our listeners. */
  isOurs(host: string, port: number | undefined): boolean;
  /** RFC 3261 18.2.2. */
  sendResponse(response: SipResponse, flow: Flow): void;
}
