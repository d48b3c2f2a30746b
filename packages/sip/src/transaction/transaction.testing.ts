import type { SipContext } from '../context.ts';
import { MalformedMessage, parseMessage, SipRequest, type SipResponse } from '../message/message.ts';
import type { Flow, TransportError, TransportErrorCode } from '../transport/contract.ts';
import { FixedRandom, ManualClock } from '../transport/manual-clock.testing.ts';
import { portableHashes } from '../auth/portable-hashes.ts';
import type { ClientTransaction } from './client-transaction.ts';
import type { ClientTransactionUser, MessageReceiver, TransactionTransport, TransactionUser } from './contract.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { TransactionLayer, type TransactionOptions } from './transaction-layer.ts';

const silence = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export function parsed(text: string): SipRequest | SipResponse {
  const message = parseMessage(text);
  if (message instanceof MalformedMessage) throw new Error(message.fault.reason);
  return message;
}

function asRequest(message: SipRequest | SipResponse): SipRequest {
  if (message instanceof SipRequest) return message;
  throw new Error('not a request');
}

/** `INVITE` for a request, `180` for a response. */
function nameOf(text: string): string {
  const message = parsed(text);
  return message instanceof SipRequest ? message.method : String(message.status);
}

export class FakeFlow implements Flow {
  readonly id: number;
  readonly protocol: 'UDP' | 'TCP';
  readonly reliable: boolean;
  readonly secure = false;
  readonly local = { address: '192.0.2.1', port: 5060 };
  readonly remote = { address: '192.0.2.2', port: 5060 };
  readonly peer = undefined;
  readonly outgoing = true;
  readonly sentBy = '192.0.2.1:5060';
  closed = false;
  /** When set, every message fails with it. */
  failure: TransportErrorCode | undefined = undefined;
  readonly texts: string[] = [];
  readonly #log: (line: string) => void;
  readonly #listeners = new Set<(error: TransportError) => void>();

  constructor(protocol: 'UDP' | 'TCP', id: number, log: (line: string) => void) {
    this.protocol = protocol;
    this.reliable = protocol === 'TCP';
    this.id = id;
    this.#log = log;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  send(text: string, onError?: (error: TransportError) => void): void {
    this.texts.push(text);
    this.#log(`send ${nameOf(text)}`);
    if (this.failure !== undefined) onError?.({ code: this.failure, message: 'as the test wants' });
  }

  onClose(listener: (error: TransportError) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(code: TransportErrorCode): void {
    this.closed = true;
    for (const listener of this.#listeners) listener({ code, message: 'as the test wants' });
    this.#listeners.clear();
  }

  keepAlive(): void {
    throw new Error('not for transactions');
  }

  acceptAlias(): void {
    throw new Error('not for transactions');
  }
}

/**
 * A transaction layer between a transport and a user that write down what happens, in order, with the time in front
 * when that is not zero.
 */
export class Bench implements TransactionTransport, TransactionUser, ClientTransactionUser {
  readonly clock = new ManualClock();
  readonly layer: TransactionLayer;
  readonly flow: FakeFlow;
  readonly servers: ServerTransaction[] = [];
  /** Called with each new request, where a test answers at once. */
  onRequest: ((transaction: ServerTransaction) => void) | undefined = undefined;
  /** As a test wants it. */
  goesFirst: NonNullable<TransactionUser['goesFirst']> = () => false;
  log: string[] = [];
  #receiver: MessageReceiver | undefined = undefined;
  readonly #write = (line: string): void => {
    this.log.push(this.clock.now() === 0 ? line : `${String(this.clock.now())} ${line}`);
  };

  private constructor(protocol: 'UDP' | 'TCP', options: TransactionOptions) {
    const context: SipContext = { clock: this.clock, random: new FixedRandom(), hashes: portableHashes, log: silence };
    this.layer = new TransactionLayer(context, this, options);
    this.flow = new FakeFlow(protocol, 1, this.#write);
  }

  static async started(protocol: 'UDP' | 'TCP' = 'UDP', options: TransactionOptions = {}): Promise<Bench> {
    const bench = new Bench(protocol, options);
    await bench.layer.start(bench);
    return bench;
  }

  /** What was written since the last time. */
  take(): string[] {
    return this.log.splice(0);
  }

  /** A message comes from the network. */
  comes(text: string, flow: Flow = this.flow): void {
    const message = parsed(text);
    if (message instanceof SipRequest) this.#receiver?.request(message, flow);
    else this.#receiver?.response(message, flow);
  }

  /** The server transaction that a request began. */
  server(index = 0): ServerTransaction {
    const transaction = this.servers[index];
    if (transaction === undefined) throw new Error('no request came');
    return transaction;
  }

  start(receiver: MessageReceiver): Promise<void> {
    this.#receiver = receiver;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#receiver = undefined;
    return Promise.resolve();
  }

  flowTo(): Flow {
    return this.flow;
  }

  sendResponse(response: SipResponse, flow: Flow, onError?: (error: TransportError) => void): void {
    flow.send(response.text, onError);
  }

  request(transaction: ServerTransaction): void {
    this.servers.push(transaction);
    this.#write(`user ${transaction.request.method}`);
    transaction.onEnd((outcome) => {
      this.#write(`end ${outcome}`);
    });
    this.onRequest?.(transaction);
  }

  cancel(transaction: ServerTransaction, cancel: SipRequest): void {
    const reason = cancel.raw('Reason');
    this.#write(`user cancel ${transaction.request.method}${reason === undefined ? '' : ` for ${reason}`}`);
  }

  ack(request: SipRequest): void {
    this.#write(`user ${request.method}`);
  }

  strayResponse(response: SipResponse): void {
    this.#write(`stray ${String(response.status)}`);
  }

  transportError(error: TransportError): void {
    this.#write(`user ${error.code}`);
  }

  response(response: SipResponse): void {
    this.#write(`user ${String(response.status)}`);
  }

  failed(error: TransportError): void {
    this.#write(`failed ${error.code}`);
  }

  ended(): void {
    this.#write('ended');
  }
}

export interface RequestDetails {
  readonly branch?: string;
  readonly cseq?: number;
  readonly sentBy?: string;
  readonly toTag?: string;
  readonly more?: readonly string[];
}

export function requestText(method: string, details: RequestDetails = {}): string {
  const { branch = 'z9hG4bK1', cseq = 1, sentBy = '192.0.2.2', toTag, more = [] } = details;
  return [
    `${method} sip:bob@example.com SIP/2.0`,
    `Via: SIP/2.0/UDP ${sentBy}${branch === '' ? '' : `;branch=${branch}`}`,
    'Max-Forwards: 70',
    'From: <sip:alice@example.com>;tag=a',
    `To: <sip:bob@example.com>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    'Call-ID: call',
    `CSeq: ${String(cseq)} ${method}`,
    ...more,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

/** A request as a proxy hands it down: the Via of the hop before is in it, this side's is not. */
export function ownRequest(method: string, details: RequestDetails = {}): SipRequest {
  return asRequest(parsed(requestText(method, { branch: 'z9hG4bKbefore', sentBy: '198.51.100.7', ...details })));
}

/** What far ends have got, longer than the transactions keep it. */
const requests = new WeakMap<ClientTransaction, SipRequest>();

/** The far end's response to the request that a client transaction sent. */
export function responseText(transaction: ClientTransaction, status: number, toTag = 'b'): string {
  const request = requests.get(transaction) ?? transaction.request;
  requests.set(transaction, request);
  return request.createResponse(status, { toTag }).text;
}
