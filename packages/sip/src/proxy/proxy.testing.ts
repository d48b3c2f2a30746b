import { portableHashes } from '../auth/portable-hashes.ts';
import type { Log, SipContext } from '../context.ts';
import type { HeaderInit } from '../message/header.ts';
import type { TransactionShare } from '../transaction/contract.ts';
import { parseMessage, SipRequest } from '../message/message.ts';
import type { ResponseOptions, SipResponse } from '../message/message.ts';
import { SipUri } from '../message/uri.ts';
import type { Destination, Flow, SocketAddress, TransportError, TransportProtocol } from '../transport/contract.ts';
import { FixedRandom, ManualClock } from '../transport/manual-clock.testing.ts';
import type { ResolutionError, Resolver } from '../transport/resolver.ts';
import type { CallPlan, ProxyPolicy, RingPlan, RoutingFacts, Sender, Target } from './call-plan.ts';
import type { ProxyOptions } from './environment.ts';
import type {
  ProxyClientTransaction,
  ProxyClientTransactionUser,
  ProxyServerTransaction,
  ProxyTransactions,
  ProxyTransports,
} from './layers.ts';
import { Proxy } from './proxy.ts';

const silent = (): void => undefined;
const silentLog: Log = { debug: silent, info: silent, warn: silent, error: silent };

/** A flow that swallows what it is sent. */
export class FakeFlow implements Flow {
  static #ids = 0;
  readonly id = (FakeFlow.#ids += 1);
  readonly protocol: TransportProtocol;
  readonly remote: SocketAddress;
  readonly local: SocketAddress;
  readonly outgoing: boolean;
  readonly peer = undefined;
  closed = false;
  readonly #listeners = new Set<(error: TransportError) => void>();

  constructor(protocol: TransportProtocol, remote: SocketAddress, outgoing = false) {
    this.protocol = protocol;
    this.remote = remote;
    this.local = { address: remote.address.includes(':') ? '2001:db8::1' : '192.0.2.1', port: ports[protocol] };
    this.outgoing = outgoing;
  }

  get reliable(): boolean {
    return this.protocol !== 'UDP';
  }

  get secure(): boolean {
    return this.protocol === 'TLS' || this.protocol === 'WSS';
  }

  get sentBy(): string {
    const { address, port } = this.local;
    return `${address.includes(':') ? `[${address}]` : address}:${String(port)}`;
  }

  send = silent;
  keepAlive = silent;
  acceptAlias = silent;

  onClose(listener: (error: TransportError) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(code: TransportError['code']): void {
    this.closed = true;
    for (const listener of this.#listeners) listener({ code, message: code });
    this.#listeners.clear();
  }
}

const ports: Readonly<Record<TransportProtocol, number>> = { UDP: 5060, TCP: 5060, TLS: 5061, WS: 8080, WSS: 8443 };

/** One request that the proxy sent. */
export class SentRequest implements ProxyClientTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly branch: string;
  /** The header fields of the CANCEL, once the proxy asked for one. */
  cancelled: readonly HeaderInit[] | undefined = undefined;
  #user: ProxyClientTransactionUser;
  #final = 0;

  constructor(request: SipRequest, flow: Flow, branch: string, user: ProxyClientTransactionUser) {
    this.request = request;
    this.flow = flow;
    this.branch = branch;
    this.#user = user;
  }

  /** Where it went, as `UDP 192.0.2.9:5060`. */
  get to(): string {
    return `${this.flow.protocol} ${this.flow.remote.address}:${String(this.flow.remote.port)}`;
  }

  cancel(headers: readonly HeaderInit[] = []): void {
    this.cancelled ??= headers;
  }

  handTo(user: ProxyClientTransactionUser): void {
    this.#user = user;
  }

  answer(status: number, headers: readonly HeaderInit[] = [], toTag = `to-${this.branch.slice(-4)}`): void {
    this.deliver(this.request.createResponse(status, { toTag, headers, recordRoute: status < 300 }));
  }

  /** As a client transaction does: after a failure nothing more, after a 2xx only another one (RFC 6026 7.2). */
  deliver(response: SipResponse): void {
    const { status } = response;
    if (this.#final >= 300 || (this.#final >= 200 && (status < 200 || status >= 300))) return;
    if (status >= 200) this.#final = status;
    this.#user.response(response, this);
  }

  fail(code: TransportError['code']): void {
    this.#final = 999;
    this.#user.failed({ code, message: code }, this);
  }
}

/** A request that came to the proxy, and what it answered. */
export class ReceivedRequest implements ProxyServerTransaction {
  work: ProxyServerTransaction['work'] = undefined;
  share: TransactionShare | undefined = undefined;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly responses: SipResponse[] = [];
  /** The answer was one that keeps nothing. */
  refused = false;
  /** Nothing of the request is needed any more. */
  released = false;

  constructor(request: SipRequest, flow: Flow) {
    this.request = request;
    this.flow = flow;
  }

  get finalSent(): boolean {
    return this.finals.length > 0;
  }

  get statuses(): number[] {
    return this.responses.map(({ status }) => status);
  }

  get finals(): SipResponse[] {
    return this.responses.filter(({ status }) => status >= 200);
  }

  chargeTo(share: TransactionShare): void {
    this.share = share;
  }

  respond(response: SipResponse): void {
    this.responses.push(response);
  }

  refuse(status: number, options: Pick<ResponseOptions, 'reason' | 'headers'>): void {
    this.refused = true;
    this.responses.push(this.request.createResponse(status, { ...options, toTag: 'stateless' }));
  }

  release(): void {
    this.released = true;
  }

  onEnd(): void {
    // These transactions last as long as the test.
  }
}

export interface ProxyBenchOptions extends ProxyOptions {
  readonly plan?: (request: SipRequest, facts: RoutingFacts) => CallPlan | Promise<CallPlan>;
  readonly resolve?: (uri: SipUri) => readonly Destination[] | ResolutionError | Promise<readonly Destination[]>;
  /** Destinations that nothing can be sent to, as `UDP 192.0.2.9:5060`. */
  readonly unreachable?: readonly string[];
  readonly loopKey?: ProxyPolicy['loopKey'];
  readonly passing?: ProxyPolicy['passing'];
  readonly answered?: ProxyPolicy['answered'];
  readonly ownerOf?: ProxyPolicy['ownerOf'];
  readonly isEmergency?: ProxyPolicy['isEmergency'];
  readonly isSharedSource?: ProxyPolicy['isSharedSource'];
  readonly mayReach?: ProxyPolicy['mayReach'];
  readonly flowOf?: ProxyPolicy['flowOf'];
  readonly isGateway?: ProxyPolicy['isGateway'];
}

/** A proxy for example.com at 192.0.2.1 and 2001:db8::1 between layers that only take notes. */
export class ProxyBench implements ProxyTransactions, ProxyTransports, Resolver, ProxyPolicy {
  readonly clock = new ManualClock();
  readonly context: SipContext = {
    clock: this.clock,
    random: new FixedRandom(),
    hashes: portableHashes,
    log: silentLog,
  };
  readonly sent: SentRequest[] = [];
  /** ACKs to 2xx. */
  readonly acks: { readonly request: SipRequest; readonly flow: Flow; fail(): void }[] = [];
  /** Responses that went past every transaction. */
  readonly stateless: SipResponse[] = [];
  readonly planned: RoutingFacts[] = [];
  /** Addresses that were said to have failed, and for how long. */
  readonly failedDestinations: [address: string, milliseconds: number | undefined][] = [];
  readonly proxy: Proxy;
  readonly loopKey?: NonNullable<ProxyPolicy['loopKey']>;
  readonly passing?: NonNullable<ProxyPolicy['passing']>;
  readonly answered?: NonNullable<ProxyPolicy['answered']>;
  readonly #options: ProxyBenchOptions;
  readonly #flows = new Map<string, FakeFlow>();
  /** Flows that requests came or went by. */
  readonly #standing = new Map<number, Flow>();

  constructor(options: ProxyBenchOptions = {}) {
    this.#options = options;
    if (options.loopKey !== undefined) this.loopKey = options.loopKey;
    if (options.passing !== undefined) this.passing = options.passing;
    if (options.answered !== undefined) this.answered = options.answered;
    this.proxy = new Proxy(this.context, this, this, this, this, options);
  }

  /** Hands a request in, as it would come up from the transaction layer. */
  receive(text: string, flow: Flow = caller): ReceivedRequest {
    this.#standing.set(flow.id, flow);
    const transaction = new ReceivedRequest(parsed(text), flow);
    this.proxy.request(transaction);
    return transaction;
  }

  /** Ends the test; how many timers ran until then. */
  end(): number {
    const { timers } = this.proxy.stats();
    this.proxy.stopped();
    return timers + this.clock.pending;
  }

  /** The request that was sent as number `index`. */
  at(index: number): SentRequest {
    const sent = this.sent[index];
    if (sent === undefined) throw new Error(`only ${String(this.sent.length)} requests were sent`);
    return sent;
  }

  plan(request: SipRequest, _flow: Flow, facts: RoutingFacts): CallPlan | Promise<CallPlan> {
    this.planned.push(facts);
    return this.#options.plan?.(request, facts) ?? { kind: 'reject', status: 404 };
  }

  isOurDomain(host: string): boolean {
    return host === 'example.com';
  }

  isEmergency(request: SipRequest): boolean {
    return this.#options.isEmergency?.(request) ?? false;
  }

  isSharedSource(address: string): boolean {
    return this.#options.isSharedSource?.(address) ?? false;
  }

  mayReach(destination: Destination, sender: Sender): boolean {
    return this.#options.mayReach?.(destination, sender) ?? true;
  }

  isGateway(flow: Flow): boolean {
    return this.#options.isGateway?.(flow) ?? false;
  }

  ownerOf(flow: Flow): string | undefined {
    return this.#options.ownerOf?.(flow);
  }

  flowOf(contact: SipUri, isOwner: (addressOfRecord: string) => boolean): Flow | undefined {
    return this.#options.flowOf?.(contact, isOwner);
  }

  resolve(uri: SipUri): readonly Destination[] | ResolutionError | Promise<readonly Destination[]> {
    if (this.#options.resolve !== undefined) return this.#options.resolve(uri);
    const secure = uri.scheme === 'sips' || uri.transport === 'tls';
    const protocol = secure ? 'TLS' : uri.transport === 'tcp' ? 'TCP' : 'UDP';
    return [{ protocol, address: uri.host, port: uri.port ?? (secure ? 5061 : 5060) }];
  }

  markFailed({ address }: Destination, milliseconds?: number): void {
    this.failedDestinations.push([address, milliseconds]);
  }

  flowTo({ protocol, address, port }: Destination): Flow | TransportError {
    const name = `${protocol} ${address}:${String(port)}`;
    if (this.#options.unreachable?.includes(name) === true) return { code: 'unreachable', message: 'no way' };
    let flow = this.#flows.get(name);
    if (flow === undefined) {
      flow = new FakeFlow(protocol, { address, port }, true);
      this.#flows.set(name, flow);
    }
    return flow;
  }

  flow(id: number): Flow | undefined {
    const flow = this.#standing.get(id);
    return flow?.closed === false ? flow : undefined;
  }

  isOurs(host: string, port = 5060): boolean {
    return (host === '192.0.2.1' || host === '2001:db8::1') && Object.values(ports).includes(port);
  }

  sendResponse(response: SipResponse): void {
    this.stateless.push(response);
  }

  request(
    request: SipRequest,
    flow: Flow,
    user: ProxyClientTransactionUser,
    { branch }: { readonly branch: string },
  ): ProxyClientTransaction {
    const via = `SIP/2.0/${flow.protocol} ${flow.sentBy};branch=z9hG4bK${branch}`;
    this.#standing.set(flow.id, flow);
    const sent = new SentRequest(request.edit().prepend('Via', via).toMessage(), flow, branch, user);
    this.sent.push(sent);
    return sent;
  }

  send(request: SipRequest, flow: Flow, onError: () => void = silent): void {
    this.acks.push({ request, flow, fail: onError });
  }
}

/** Whom a test's requests come from: a phone on UDP at the address that it says. */
export const caller = new FakeFlow('UDP', { address: '192.0.2.100', port: 5060 });

export function parsed(text: string): SipRequest {
  const message = parseMessage(text);
  if (!(message instanceof SipRequest)) throw new Error('not a request');
  return message;
}

export interface RequestParts {
  readonly method?: string;
  readonly uri?: string;
  readonly via?: readonly string[];
  readonly toTag?: string;
  readonly callId?: string;
  /** More header lines. */
  readonly headers?: readonly string[];
  readonly maxForwards?: number | undefined;
  readonly body?: string;
}

/** A request from alice, as text. */
export function requestText(parts: RequestParts = {}): string {
  const { method = 'INVITE', uri = 'sip:bob@example.com', toTag, callId = 'call-1', headers = [], body = '' } = parts;
  const { via = ['SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bKalice1'] } = parts;
  const maxForwards = 'maxForwards' in parts ? parts.maxForwards : 70;
  const lines = [
    `${method} ${uri} SIP/2.0`,
    ...via.map((value) => `Via: ${value}`),
    ...(maxForwards === undefined ? [] : [`Max-Forwards: ${String(maxForwards)}`]),
    'From: Alice <sip:alice@example.com>;tag=alice',
    `To: Bob <sip:bob@example.com>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:alice@192.0.2.100>',
    ...headers,
    `Content-Length: ${String(body.length)}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

export function sip(text: string): SipUri {
  const uri = SipUri.parse(text);
  if (!(uri instanceof SipUri)) throw new Error(`not a SIP URI: ${text}`);
  return uri;
}

export function to(...uris: string[]): Target[] {
  return uris.map((uri) => ({ uri: sip(uri) }));
}

/** Rings the stages given, each a list of URIs. */
export function ring(stages: readonly (readonly string[])[], more: Partial<RingPlan> = {}): RingPlan {
  return { kind: 'ring', stages: stages.map((uris) => ({ targets: to(...uris) })), ...more };
}

/** A bench whose policy has one plan for all. */
export function benchWith(plan: CallPlan, options: ProxyBenchOptions = {}): ProxyBench {
  return new ProxyBench({ plan: () => plan, ...options });
}
