import { readFileSync } from 'node:fs';
import { systemContext, TcpTransport, TlsTransport, UdpTransport } from '@switchhook/node';
import type { TlsSettings } from '@switchhook/node';
import { WebSocketTransport } from '@switchhook/node/web-socket';
import { DigestClient, SipRequest, TransportLayer } from '@switchhook/sip';
import type {
  Flow,
  HeaderInit,
  Log,
  SipContext,
  SipResponse,
  Transport,
  TransportProtocol,
  TransportUser,
} from '@switchhook/sip';
import { DialogSide } from './dialog.testing.ts';
import type { Exchange } from './exchange.ts';

const nothing = (): void => undefined;
export const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

export interface PhoneOptions {
  readonly user: string;
  readonly password?: string;
  /** In From and in the REGISTER. */
  readonly domain?: string;
  readonly protocol?: TransportProtocol;
  /** Where it is; a listener of the exchange on the same address serves it. */
  readonly address?: '127.0.0.1' | '::1';
  /** By default it trusts the development CA and has no certificate. */
  readonly tls?: TlsSettings;
}

/** What a phone sends besides what every request has. */
export interface RequestOptions {
  readonly to?: string;
  readonly from?: string;
  readonly callId?: string;
  readonly headers?: readonly HeaderInit[];
  /** Gives the challenge back instead of answering it. */
  readonly unanswered?: boolean;
}

/** An INVITE of a phone, in progress. */
export interface OutgoingCall {
  readonly final: Promise<SipResponse>;
  readonly provisional: readonly number[];
  /** Resolves with the first response of that status. */
  saw(status: number): Promise<number>;
  cancel(): void;
}

/** A request that came to a phone. */
export interface Arrived {
  readonly request: SipRequest;
  readonly flow: Flow;
}

/**
 * A phone that does what the test says, over a real socket. It has no transactions: on loopback nothing is lost, and
 * what the exchange repeats is told by its branch.
 */
export class ScriptedPhone implements TransportUser {
  readonly acks: SipRequest[] = [];
  /** The requests that it sent and that are answered. */
  readonly sent: SipRequest[] = [];
  readonly #context: SipContext = systemContext(silent);
  readonly #options: Required<Omit<PhoneOptions, 'tls'>>;
  readonly #transport: Transport;
  readonly #transports: TransportLayer;
  readonly #digest: DigestClient;
  readonly #responses = new Map<string, (response: SipResponse) => void>();
  readonly #seen = new Set<string>();
  readonly #arrived: Arrived[] = [];
  readonly #waiting: ((arrived: Arrived) => void)[] = [];
  readonly #invites = new Map<string, Arrived>();
  #cancelled: (() => void) | undefined;
  #flow: Flow | undefined;
  #cseq = 0;

  private constructor(options: PhoneOptions, exchange: Exchange) {
    const { user, password = `${user}-secret`, address = '127.0.0.1', domain = address, protocol = 'UDP' } = options;
    this.#options = { user, password, domain, protocol, address };
    this.#transport = transportOf(this.#context, this.#options, options.tls ?? developmentTls(exchange));
    this.#transports = new TransportLayer(this.#context, { transports: [this.#transport] });
    this.#digest = new DigestClient(this.#context, () => ({ username: user, password }));
  }

  static async start(exchange: Exchange, options: PhoneOptions): Promise<ScriptedPhone> {
    const phone = new ScriptedPhone(options, exchange);
    await phone.#transports.start(phone);
    const { protocol, address } = phone.#options;
    // The system may give out for UDP what the exchange has for TCP, where a contact would lead back to it.
    if (exchange.listeners.some(({ port }) => port === phone.#transport.local?.port)) {
      await phone.stop();
      return ScriptedPhone.start(exchange, options);
    }
    const listener = exchange.listeners.find((each) => each.protocol === protocol && each.address === address);
    if (listener === undefined) throw new Error(`the exchange does not listen on ${protocol} ${address}`);
    const flow = phone.#transports.flowTo({ ...listener, serverName: address });
    if (!('send' in flow)) throw new Error(flow.message);
    phone.#flow = flow;
    return phone;
  }

  stop(): Promise<void> {
    return this.#transports.stop();
  }

  /** Resolves with why its connection ended. */
  disconnected(): Promise<string> {
    return new Promise((resolve) => void this.#standingFlow().onClose(({ code }) => resolve(code)));
  }

  get uri(): string {
    return `sip:${this.#options.user}@${printHost(this.#options.domain)}`;
  }

  /** On connections it names a port where nobody listens: the connection itself has to serve. */
  get contact(): string {
    const { protocol, user, address } = this.#options;
    const local = this.#transport.local;
    if (protocol === 'UDP') return `<sip:${user}@${printHost(address)}:${String(local?.port)}>`;
    if (protocol === 'WS' || protocol === 'WSS') return `<sip:${user}@phone.invalid;transport=ws>`;
    return `<sip:${user}@${printHost(address)}:9;transport=${protocol.toLowerCase()}>`;
  }

  register(expires = 60, options: RequestOptions = {}): Promise<SipResponse> {
    const headers: HeaderInit[] = [['Contact', this.contact], ['Expires', String(expires)], ...(options.headers ?? [])];
    return this.send('REGISTER', `sip:${printHost(this.#options.domain)}`, { to: this.uri, ...options, headers });
  }

  /** A request outside any dialog; a challenge is answered once. */
  async send(method: string, uri: string, options: RequestOptions = {}): Promise<SipResponse> {
    const request = this.#make(method, uri, options);
    const response = await this.#exchange(request);
    if (options.unanswered === true || (response.status !== 401 && response.status !== 407)) return response;
    const answer = this.#digest.answer(request, response);
    return answer instanceof SipRequest ? this.#exchange(this.#renewed(answer)) : response;
  }

  /** A call; a challenge is answered once. */
  invite(uri: string, options: RequestOptions = {}): OutgoingCall {
    const headers: HeaderInit[] = [['Contact', this.contact], ...(options.headers ?? [])];
    const provisional: number[] = [];
    const sights = new Map<number, PromiseWithResolvers<number>>();
    const sight = (status: number): PromiseWithResolvers<number> => {
      const known = sights.get(status) ?? Promise.withResolvers<number>();
      sights.set(status, known);
      return known;
    };
    const final = Promise.withResolvers<SipResponse>();
    let current = this.#make('INVITE', uri, { ...options, headers });
    const attempt = (again: boolean): void => {
      this.#send(current, (response) => {
        const { status } = response;
        sight(status).resolve(status);
        if (status < 200) {
          provisional.push(status);
          return;
        }
        if (status >= 300) this.#hopByHop(current, 'ACK', response.raw('To'));
        const answer = again && status === 407 ? this.#digest.answer(current, response) : undefined;
        if (answer instanceof SipRequest) {
          current = this.#renewed(answer);
          attempt(false);
        } else final.resolve(response);
      });
    };
    attempt(options.unanswered !== true);
    const cancel = (): void => this.#hopByHop(current, 'CANCEL', current.raw('To'));
    return { final: final.promise, provisional, saw: (status) => sight(status).promise, cancel };
  }

  /** A request in a dialog, or in the one that a 2xx to this phone made; ACK has no answer. */
  inDialog(method: 'ACK', dialog: SipResponse | DialogSide): undefined;
  inDialog(method: string, dialog: SipResponse | DialogSide, headers?: readonly HeaderInit[]): Promise<SipResponse>;
  inDialog(
    method: string,
    dialog: SipResponse | DialogSide,
    headers: readonly HeaderInit[] = [],
  ): Promise<SipResponse> | undefined {
    const side = dialog instanceof DialogSide ? dialog : DialogSide.ofCaller(dialog);
    const request = side.request(method, this.#via(), [['Contact', this.contact], ...headers]);
    if (method !== 'ACK') return this.#exchange(request);
    this.#standingFlow().send(request.text);
    return undefined;
  }

  /** The same, and a challenge is answered once. */
  async proving(method: string, side: DialogSide, headers: readonly HeaderInit[] = []): Promise<SipResponse> {
    const request = side.request(method, this.#via(), [['Contact', this.contact], ...headers]);
    const response = await this.#exchange(request);
    const answer = response.status === 407 ? this.#digest.answer(request, response) : undefined;
    return answer instanceof SipRequest ? this.#exchange(this.#renewed(answer)) : response;
  }

  /** This side of the dialog that its 2xx to a request made. */
  called({ request }: Arrived): DialogSide {
    return DialogSide.ofCalled(request, this.#tag);
  }

  /** The next request that comes, or came and was not taken yet. */
  next(): Promise<Arrived> {
    const arrived = this.#arrived.shift();
    return arrived === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(arrived);
  }

  answer({ request, flow }: Arrived, status: number, contact = this.contact): void {
    const headers: HeaderInit[] = [['Contact', contact]];
    const options = { toTag: this.#tag, recordRoute: status < 300, headers };
    this.#transports.sendResponse(request.createResponse(status, options), flow);
  }

  /** Resolves when an INVITE that this phone has not answered is cancelled. */
  cancelled(): Promise<void> {
    return new Promise((resolve) => {
      this.#cancelled = resolve;
    });
  }

  request(request: SipRequest, flow: Flow): void {
    const { method, callId } = request;
    const arrived = { request, flow };
    const key = `${method} ${request.topVia.branch ?? ''}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (method === 'ACK') this.acks.push(request);
    else if (method === 'CANCEL') {
      const invite = this.#invites.get(callId);
      this.answer(arrived, 200);
      if (invite !== undefined) this.answer(invite, 487);
      this.#cancelled?.();
    } else {
      if (method === 'INVITE') this.#invites.set(callId, arrived);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#arrived.push(arrived);
      else waiting(arrived);
    }
  }

  response(response: SipResponse): void {
    if (response.cseqMethod !== 'CANCEL') this.#responses.get(response.topVia.branch ?? '')?.(response);
  }

  get #tag(): string {
    return `${this.#options.user}-tag`;
  }

  #make(method: string, uri: string, options: RequestOptions): SipRequest {
    this.#cseq += 1;
    return SipRequest.create({
      method,
      requestUri: uri,
      headers: [
        ['Via', this.#via()],
        ['Max-Forwards', '70'],
        ['From', `<${options.from ?? this.uri}>;tag=${this.#context.random.token()}`],
        ['To', `<${options.to ?? uri}>`],
        ['Call-ID', options.callId ?? this.#context.random.token()],
        ['CSeq', `${String(this.#cseq)} ${method}`],
        ...(options.headers ?? []),
      ],
    });
  }

  /** The same request as another transaction. */
  #renewed(request: SipRequest): SipRequest {
    const edit = request.edit();
    edit.set('Via', this.#via());
    return edit.toMessage();
  }

  #via(): string {
    const { protocol, sentBy } = this.#standingFlow();
    return `SIP/2.0/${protocol} ${sentBy};branch=z9hG4bK${this.#context.random.token()};rport`;
  }

  #send(request: SipRequest, heard: (response: SipResponse) => void): void {
    this.#responses.set(request.topVia.branch ?? '', heard);
    this.sent.push(request);
    this.#standingFlow().send(request.text);
  }

  /** ACK to a failure, or CANCEL: to the same hop, with the Via of the INVITE (RFC 3261 17.1.1.3, 9.1). */
  #hopByHop(invite: SipRequest, method: 'ACK' | 'CANCEL', to: string | undefined): void {
    const { requestUriText, callId, cseqNumber } = invite;
    const copied = (['Via', 'From'] as const).map((name): HeaderInit => [name, invite.raw(name) ?? '']);
    const request = SipRequest.create({
      method,
      requestUri: requestUriText,
      headers: [
        ...copied,
        ['Max-Forwards', '70'],
        ['To', to ?? ''],
        ['Call-ID', callId],
        ['CSeq', `${String(cseqNumber)} ${method}`],
      ],
    });
    this.#standingFlow().send(request.text);
  }

  #exchange(request: SipRequest): Promise<SipResponse> {
    return new Promise((resolve) => {
      this.#send(request, (response) => {
        if (response.status >= 200) resolve(response);
      });
    });
  }

  #standingFlow(): Flow {
    if (this.#flow === undefined) throw new Error('the phone was not started');
    return this.#flow;
  }
}

function developmentTls({ developmentCaFile }: Exchange): TlsSettings {
  return { authorities: developmentCaFile === undefined ? [] : [readFileSync(developmentCaFile, 'utf8')] };
}

function transportOf(
  context: SipContext,
  { protocol, address }: Pick<Required<PhoneOptions>, 'protocol' | 'address'>,
  tls: TlsSettings,
): Transport {
  switch (protocol) {
    case 'UDP':
      return new UdpTransport(context, { address, port: 0 });
    case 'TCP':
      return new TcpTransport(context, {});
    case 'TLS':
      return new TlsTransport(context, { tls });
    case 'WS':
      return new WebSocketTransport(context, {});
    case 'WSS':
      return new WebSocketTransport(context, { tls });
  }
}

function printHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
