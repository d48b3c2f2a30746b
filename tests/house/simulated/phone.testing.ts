import { DigestClient, NameAddr, SipRequest, SipUri, TransactionLayer, TransportLayer } from '@switchhook/sip';
import type {
  Clock,
  Destination,
  Flow,
  HeaderInit,
  PeerIdentity,
  ServerTransaction,
  SipContext,
  SipResponse,
  TransactionUser,
  TransportProtocol,
} from '@switchhook/sip';
import { simulatedContext } from '@switchhook/sim';
import type { Nat } from '@switchhook/sim';
import { Call } from './call.testing.ts';
import type { Inhabitant, Town } from './town.testing.ts';

export interface PhoneOptions {
  readonly domain: string;
  readonly address: string;
  readonly protocol?: TransportProtocol;
  /** The servers that its requests outside a dialog go to: the next one when one does not answer. */
  readonly outbound: readonly Destination[];
  /** Values of Route in requests outside a dialog. */
  readonly routes?: readonly string[];
  readonly nat?: Nat;
  readonly identity?: PeerIdentity;
}

/** What a phone puts into a request of its own choosing. */
export interface RequestFields {
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly headers?: readonly HeaderInit[];
}

/** A user agent over the real transactions: registers, calls, answers challenges, keeps to RFC 3261 13 and 15. */
export class SimulatedPhone implements TransactionUser, Inhabitant {
  readonly name: string;
  readonly clock: Clock;
  readonly transports: TransportLayer;
  readonly transactions: TransactionLayer;
  readonly calls: Call[] = [];
  /** Final outcomes of its requests: `INVITE 200`, `BYE timeout`. */
  readonly outcomes: string[] = [];
  readonly responses: SipResponse[] = [];
  /** Requests that came, CANCEL and ACK included. */
  readonly requests: SipRequest[] = [];
  /** What it does when it is called. */
  onCall: (call: Call) => void = () => undefined;
  contact: string;
  readonly #town: Town;
  readonly #context: SipContext;
  readonly #options: PhoneOptions;
  readonly #protocol: TransportProtocol;
  readonly #digest: DigestClient;
  readonly #registration: string;
  #sequence = 0;

  constructor(town: Town, name: string, options: PhoneOptions) {
    const { address, protocol = 'UDP', identity } = options;
    this.name = name;
    this.clock = town.clock;
    this.#town = town;
    this.#options = options;
    this.#protocol = protocol;
    this.#context = simulatedContext(`${name} ${String(town.seed)}`, town.clock);
    const host = town.network.host(name, [address], options.nat);
    const transport = host.transport(protocol, {
      listening: protocol === 'UDP',
      ...(identity === undefined ? {} : { identity }),
    });
    this.transports = new TransportLayer(this.#context, { transports: [transport] });
    this.transactions = new TransactionLayer(this.#context, this.transports);
    this.#digest = new DigestClient(this.#context, () => ({ username: name, password: `${name}-secret` }));
    this.#registration = this.#context.random.token();
    this.contact = contactOf(name, address, protocol);
  }

  get addressOfRecord(): string {
    return `sip:${this.name}@${this.#options.domain}`;
  }

  async start(): Promise<void> {
    await this.transactions.start(this);
  }

  stop(): Promise<void> {
    return this.transactions.stop();
  }

  leftOvers(): readonly string[] {
    const { clientTransactions, serverTransactions, timers } = this.transactions.stats();
    const calls = this.calls.filter(({ state }) => state !== 'ended').length;
    return Object.entries({ calls, clientTransactions, serverTransactions, timers })
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${String(count)} ${what}`);
  }

  /** Without header fields of its own it binds its contact. */
  register(
    headers: readonly HeaderInit[] = [
      ['Contact', this.contact],
      ['Expires', '3600'],
    ],
  ): void {
    this.ask(
      this.make('REGISTER', `sip:${this.#options.domain}`, {
        to: `<${this.addressOfRecord}>`,
        callId: this.#registration,
        headers,
      }),
    );
  }

  call(uri: string, headers: readonly HeaderInit[] = []): Call {
    const request = this.make('INVITE', uri, { headers: [...this.#preloaded(), ...headers] });
    const call = new Call(this, request.callId);
    this.calls.push(call);
    this.invite(call, request);
    return call;
  }

  /** Sends the INVITE of a call, or one within it. */
  invite(call: Call, request: SipRequest): void {
    this.#send(
      request,
      this.#hopsOf(request),
      (response, sent) => {
        if (response.status < 200) return;
        call.sequence = Math.max(call.sequence, sent.cseqNumber);
        call.status = response.status;
        call.answer = response;
        if (response.status < 300) call.answered(response);
        else if (call.dialog === undefined) call.state = 'ended';
      },
      call,
    );
  }

  /** Sends a request; its outcome goes to `outcomes`. */
  ask(request: SipRequest): void {
    this.#send(request, this.#hopsOf(request));
  }

  /** Loses the connection to its server; the next request opens another one. */
  reconnect(): void {
    const [server] = this.#options.outbound;
    if (server !== undefined) this.#flow(server).close('closed');
  }

  acknowledge(ack: SipRequest): void {
    const [destination] = this.#hopsOf(ack);
    if (destination !== undefined) this.transactions.send(ack, this.#flow(destination));
  }

  make(method: string, requestUri: string, { from, to, callId, cseq, headers = [] }: RequestFields = {}): SipRequest {
    if (cseq === undefined) this.#sequence += 1;
    return SipRequest.create({
      method,
      requestUri,
      headers: [
        ['Max-Forwards', '70'],
        ['From', from ?? `<${this.addressOfRecord}>;tag=${this.#context.random.token()}`],
        ['To', to ?? `<${requestUri}>`],
        ['Call-ID', callId ?? this.#context.random.token()],
        ['CSeq', `${String(cseq ?? this.#sequence)} ${method}`],
        ...(method === 'INVITE' || method === 'SUBSCRIBE' ? [['Contact', this.contact] as const] : []),
        ...headers,
      ],
    });
  }

  responseTo(request: SipRequest, status: number, headers: readonly HeaderInit[] = []): SipResponse {
    return request.createResponse(status, {
      toTag: this.name,
      headers: [['Contact', this.contact], ...headers],
      recordRoute: status < 300,
    });
  }

  cancel(transaction: ServerTransaction, cancel: SipRequest): void {
    this.requests.push(cancel);
    const call = this.calls.find(({ ringing }) => ringing === transaction);
    call?.refuse(487);
  }

  ack(request: SipRequest): void {
    this.requests.push(request);
    this.#callOf(request)?.acknowledged(request);
  }

  strayResponse(response: SipResponse): void {
    this.outcomes.push(`stray ${String(response.status)}`);
  }

  request(transaction: ServerTransaction): void {
    const { request } = transaction;
    const known = this.#callOf(request);
    this.requests.push(request);
    if (request.method === 'INVITE') {
      const call = known ?? new Call(this, request.callId);
      if (known === undefined) this.calls.push(call);
      call.ringing = transaction;
      if (request.toTag === undefined) this.onCall(call);
      else call.accept();
    } else if (request.method === 'BYE') {
      transaction.respond(this.responseTo(request, known === undefined ? 481 : 200));
      if (known !== undefined) known.state = 'ended';
    } else {
      transaction.respond(this.responseTo(request, 200));
    }
  }

  #callOf({ callId }: SipRequest): Call | undefined {
    return this.calls.find((call) => call.callId === callId);
  }

  /** Sends to the first of the destinations that answers; a challenge is answered, once for each realm. */
  #send(
    request: SipRequest,
    destinations: readonly Destination[],
    heard: (response: SipResponse, sent: SipRequest) => void = () => undefined,
    call?: Call,
  ): void {
    const [destination, ...others] = destinations;
    if (destination === undefined) throw new Error(`nowhere to send ${request.method} to`);
    let concluded = false;
    const transaction = this.transactions.request(request, this.#flow(destination), {
      response: (response) => {
        const { status } = response;
        const again = status === 401 || status === 407 ? this.#digest.answer(request, response) : undefined;
        if (again instanceof SipRequest) {
          this.#sequence = Math.max(this.#sequence, again.cseqNumber);
          this.#send(again, destinations, heard, call);
          return;
        }
        this.responses.push(response);
        if (status >= 200 && !concluded) this.outcomes.push(`${request.method} ${String(status)}`);
        concluded ||= status >= 200;
        heard(response, request);
      },
      failed: ({ code }) => {
        this.outcomes.push(`${request.method} ${code}`);
        if (others.length > 0) this.#send(request, others, heard, call);
        else if (call?.dialog === undefined && call !== undefined) call.state = 'ended';
      },
    });
    if (call !== undefined) call.giveUp = (headers) => transaction.cancel(headers);
  }

  #preloaded(): HeaderInit[] {
    return (this.#options.routes ?? []).map((route) => ['Route', route]);
  }

  /** RFC 3261 8.1.2: within a dialog where its route says, else to the outbound servers. */
  #hopsOf(request: SipRequest): readonly Destination[] {
    if (request.toTag === undefined) return this.#options.outbound;
    const top = NameAddr.parse(request.rawAll('Route')[0] ?? `<${request.requestUriText}>`);
    if (!(top instanceof NameAddr) || !(top.uri instanceof SipUri)) return [];
    const [first] = this.#options.outbound;
    // A WebSocket leads to one server, whatever a URI says.
    if ((this.#protocol === 'WS' || this.#protocol === 'WSS') && first !== undefined) return [first];
    const found = this.#town.resolve(top.uri);
    return 'code' in found ? [] : found;
  }

  #flow(destination: Destination): Flow {
    const flow = this.transports.flowTo(destination);
    if ('send' in flow) return flow;
    throw new Error(flow.message);
  }
}

/** On connections it names a port where nobody listens: the connection itself has to serve. */
function contactOf(name: string, address: string, protocol: TransportProtocol): string {
  const host = address.includes(':') ? `[${address}]` : address;
  if (protocol === 'UDP') return `<sip:${name}@${host}>`;
  if (protocol === 'WS' || protocol === 'WSS') return `<sip:${name}@${name}.invalid;transport=ws>`;
  return `<sip:${name}@${host}:9;transport=${protocol.toLowerCase()}>`;
}
