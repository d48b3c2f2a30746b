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

const methods: ReadonlySet<string> = new Set(knownMethods);

/** Counts messages by method or status: those that come, those of ours that go, but not what timers repeat. */
export class MessageMeter {
  readonly #incoming = new Map<string, number>();
  readonly #outgoing = new Map<string, number>();

  counts(direction: 'in' | 'out'): ReadonlyMap<string, number> {
    return direction === 'in' ? this.#incoming : this.#outgoing;
  }

  incoming(message: SipRequest | SipResponse): void {
    count(this.#incoming, message);
  }

  outgoing(message: SipRequest | SipResponse): void {
    count(this.#outgoing, message);
  }
}

/** What strangers invent counts as `other`, so that the counters stay few. */
function count(counts: Map<string, number>, message: SipRequest | SipResponse): void {
  const kind = 'status' in message ? String(message.status) : methods.has(message.method) ? message.method : 'other';
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
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
