import { knownMethods } from '@switchhook/sip';
import type {
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

/** The transport layer, as the transaction layer sees it, with the meter in between. */
export class MeteredTransport implements TransactionTransport {
  readonly #transport: TransactionTransport;
  readonly #meter: MessageMeter;

  constructor(transport: TransactionTransport, meter: MessageMeter) {
    this.#transport = transport;
    this.#meter = meter;
  }

  start(user: TransportUser): Promise<void> {
    return this.#transport.start({
      request: (request, flow) => {
        this.#meter.incoming(request);
        user.request(request, flow);
      },
      response: (response, flow) => {
        this.#meter.incoming(response);
        user.response(response, flow);
      },
    });
  }

  stop(): Promise<void> {
    return this.#transport.stop();
  }

  sendResponse(response: SipResponse, flow: Flow, onError?: (error: TransportError) => void): void {
    this.#meter.outgoing(response);
    this.#transport.sendResponse(response, flow, onError);
  }
}

/** The transaction layer, as the proxy sees it, with the meter in between. */
export class MeteredTransactions implements ProxyTransactions {
  readonly #transactions: ProxyTransactions;
  readonly #meter: MessageMeter;

  constructor(transactions: ProxyTransactions, meter: MessageMeter) {
    this.#transactions = transactions;
    this.#meter = meter;
  }

  request(
    request: SipRequest,
    flow: Flow,
    user: ProxyClientTransactionUser,
    options: { readonly branch: string },
  ): ProxyClientTransaction {
    this.#meter.outgoing(request);
    return this.#transactions.request(request, flow, user, options);
  }

  send(request: SipRequest, flow: Flow): void {
    this.#meter.outgoing(request);
    this.#transactions.send(request, flow);
  }
}
