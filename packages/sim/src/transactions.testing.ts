import {
  SipRequest,
  type SipResponse,
  TransactionLayer,
  TransportLayer,
  type ClientTransaction,
  type ClientTransactionUser,
  type Destination,
  type Flow,
  type ServerTransaction,
  type TransactionUser,
  type TransportError,
} from '@switchhook/sip';
import { simulatedContext, type SimulatedContext } from './context.ts';
import type { SimulatedHost } from './network.ts';
import type { VirtualClock } from './virtual-clock.ts';

const T1 = 500;
const T2 = 4000;

/** What the caller of one request saw. */
export class Outcome implements ClientTransactionUser {
  readonly finals: SipResponse[] = [];
  readonly failures: TransportError[] = [];
  ends = 0;
  provisionalAfterFinal = 0;
  readonly #onSuccess: (response: SipResponse, transaction: ClientTransaction) => void;

  constructor(onSuccess: (response: SipResponse, transaction: ClientTransaction) => void) {
    this.#onSuccess = onSuccess;
  }

  response(response: SipResponse, transaction: ClientTransaction): void {
    if (response.status >= 200) this.finals.push(response);
    else if (this.finals.length > 0) this.provisionalAfterFinal += 1;
    if (response.status >= 200 && response.status < 300) this.#onSuccess(response, transaction);
  }

  failed(error: TransportError): void {
    this.failures.push(error);
  }

  ended(): void {
    this.ends += 1;
  }
}

/** An element that asks and answers at random: transactions over transports over a simulated host. */
export class Element implements TransactionUser {
  readonly context: SimulatedContext;
  readonly transactions: TransactionLayer;
  readonly transports: TransportLayer;
  /** How often each request came up, by its Call-ID. */
  readonly requests = new Map<string, number>();
  readonly outcomes: Outcome[] = [];
  /** INVITEs answered with a 2xx that wait for their ACK, by Call-ID. */
  readonly #unacknowledged = new Set<string>();

  constructor(seed: string, clock: VirtualClock, host: SimulatedHost, protocol: 'UDP' | 'TCP') {
    this.context = simulatedContext(seed, clock);
    this.transports = new TransportLayer(this.context, { transports: [host.transport(protocol)] });
    this.transactions = new TransactionLayer(this.context, this.transports);
  }

  /** Sends a request, and cancels it after a while when it is told to. */
  ask(method: string, callId: string, destination: Destination, cancelAfter?: number): void {
    const flow = this.#flow(destination);
    const request = SipRequest.create({ method, requestUri: 'sip:bob@example.com', headers: headers(method, callId) });
    const outcome = new Outcome(() => {
      if (method === 'INVITE') this.transactions.send(acknowledgement(callId), flow);
    });
    this.outcomes.push(outcome);
    const transaction = this.transactions.request(request, flow, outcome);
    if (cancelAfter === undefined) return;
    this.context.clock.after(cancelAfter, () => {
      transaction.cancel();
    });
  }

  request(transaction: ServerTransaction): void {
    const { callId, method } = transaction.request;
    this.requests.set(callId, (this.requests.get(callId) ?? 0) + 1);
    const { clock, random } = this.context;
    if (random.fraction() < 0.5) this.#respond(transaction, method === 'INVITE' ? 180 : 100);
    clock.after(random.fraction() * 10_000, () => {
      this.#respond(transaction, random.fraction() < 0.5 ? 200 : 404);
    });
  }

  cancel(transaction: ServerTransaction): void {
    this.#respond(transaction, 487);
  }

  ack(request: SipRequest): void {
    this.#unacknowledged.delete(request.callId);
  }

  strayResponse(): void {
    return undefined;
  }

  #respond(transaction: ServerTransaction, status: number): void {
    if (transaction.finalSent) return;
    const response = transaction.request.createResponse(status, { toTag: `to-${transaction.request.callId}` });
    transaction.respond(response);
    if (transaction.request.method !== 'INVITE' || status !== 200) return;
    this.#unacknowledged.add(transaction.request.callId);
    this.#repeat(transaction, response, T1);
  }

  /** RFC 3261 13.3.1.4: a 2xx is repeated by the user agent until its ACK comes. */
  #repeat(transaction: ServerTransaction, response: SipResponse, interval: number): void {
    this.context.clock.after(interval, () => {
      if (transaction.state === 'terminated' || !this.#unacknowledged.has(transaction.request.callId)) return;
      transaction.respond(response);
      this.#repeat(transaction, response, Math.min(2 * interval, T2));
    });
  }

  #flow(destination: Destination): Flow {
    const flow = this.transports.flowTo(destination);
    if ('code' in flow) throw new Error(flow.message);
    return flow;
  }
}

/** As they come from the hop before, whose Via they bring. */
function headers(method: string, callId: string, toTag = ''): [string, string][] {
  return [
    ['Via', `SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK${callId}`],
    ['Max-Forwards', '70'],
    ['From', '<sip:alice@example.com>;tag=a'],
    ['To', `<sip:bob@example.com>${toTag}`],
    ['Call-ID', callId],
    ['CSeq', `1 ${method}`],
  ];
}

function acknowledgement(callId: string): SipRequest {
  return SipRequest.create({
    method: 'ACK',
    requestUri: 'sip:bob@example.com',
    headers: headers('ACK', callId, `;tag=to-${callId}`),
  });
}
