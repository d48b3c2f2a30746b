import { knownMethods } from '@switchhook/sip';
import type {
  Destination,
  Flow,
  ProxyClientTransaction,
  ProxyClientTransactionUser,
  ProxyTransactions,
  SipRequest,
  SipResponse,
  TransactionTransport,
  TransportError,
  TransportUser,
} from '@switchhook/sip';
import type { CallLog } from './calls/call-log.ts';

/** How many there were of something. */
interface Count {
  number: number;
}

/** Messages of one direction by method or status. Each of them is counted, so that costs one look-up, or none. */
class KindCounts {
  readonly #methods = new Map<string, Count>(knownMethods.map((method) => [method, { number: 0 }]));
  /** What strangers invent, all together, so that the counters stay few. */
  readonly #other: Count = { number: 0 };
  readonly #statuses = new Float64Array(700);

  add(message: SipRequest | SipResponse): void {
    if ('status' in message) this.#statuses[message.status] = (this.#statuses[message.status] ?? 0) + 1;
    else (this.#methods.get(message.method) ?? this.#other).number += 1;
  }

  all(): ReadonlyMap<string, number> {
    const statuses = Array.from(this.#statuses, (count, status) => [String(status), count] as const);
    const methods = Array.from(this.#methods, ([method, { number }]) => [method, number] as const);
    return new Map([...methods, ['other', this.#other.number] as const, ...statuses].filter(([, count]) => count > 0));
  }
}

/** Counts messages by method or status: those that come, those of ours that go, but not what timers repeat. */
export class MessageMeter {
  readonly #incoming = new KindCounts();
  readonly #outgoing = new KindCounts();

  counts(direction: 'in' | 'out'): ReadonlyMap<string, number> {
    return direction === 'in' ? this.#incoming.all() : this.#outgoing.all();
  }

  incoming(message: SipRequest | SipResponse): void {
    this.#incoming.add(message);
  }

  outgoing(message: SipRequest | SipResponse): void {
    this.#outgoing.add(message);
  }
}

/** What the exchange learns from the messages that pass: how many there are, and how calls go. */
export class TrafficObserver {
  readonly #meter: MessageMeter;
  readonly #calls: CallLog;

  constructor(meter: MessageMeter, calls: CallLog) {
    this.#meter = meter;
    this.#calls = calls;
  }

  incoming(message: SipRequest | SipResponse): void {
    this.#meter.incoming(message);
    if ('method' in message && message.method === 'BYE') this.#calls.hungUp(message);
  }

  outgoing(message: SipRequest | SipResponse): void {
    this.#meter.outgoing(message);
    if (!('status' in message) || message.status < 200 || message.cseqMethod !== 'INVITE') return;
    this.#calls.responded(message, message.status);
  }
}

/** The transport layer, as the transaction layer sees it, with the observer in between. */
export class ObservedTransport implements TransactionTransport {
  readonly #transport: TransactionTransport;
  readonly #observer: TrafficObserver;

  constructor(transport: TransactionTransport, observer: TrafficObserver) {
    this.#transport = transport;
    this.#observer = observer;
  }

  start(user: TransportUser): Promise<void> {
    return this.#transport.start({
      request: (request, flow) => {
        this.#observer.incoming(request);
        user.request(request, flow);
      },
      response: (response, flow) => {
        this.#observer.incoming(response);
        user.response(response, flow);
      },
    });
  }

  stop(): Promise<void> {
    return this.#transport.stop();
  }

  flowTo(destination: Destination): Flow | TransportError {
    return this.#transport.flowTo(destination);
  }

  sendResponse(response: SipResponse, flow: Flow, onError?: (error: TransportError) => void): void {
    this.#observer.outgoing(response);
    this.#transport.sendResponse(response, flow, onError);
  }
}

/** The transaction layer, as the proxy sees it, with the observer in between. */
export class ObservedTransactions implements ProxyTransactions {
  readonly #transactions: ProxyTransactions;
  readonly #observer: TrafficObserver;

  constructor(transactions: ProxyTransactions, observer: TrafficObserver) {
    this.#transactions = transactions;
    this.#observer = observer;
  }

  request(
    request: SipRequest,
    flow: Flow,
    user: ProxyClientTransactionUser,
    options: { readonly branch: string },
  ): ProxyClientTransaction {
    this.#observer.outgoing(request);
    return this.#transactions.request(request, flow, user, options);
  }

  send(request: SipRequest, flow: Flow, onError?: () => void): void {
    this.#observer.outgoing(request);
    this.#transactions.send(request, flow, onError);
  }
}
