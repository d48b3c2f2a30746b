import { testContext } from '../auth/auth-context.testing.ts';
import type {
  Capability,
  DialogEnd,
  DialogSetUser,
  DialogUsage,
  NewRequest,
  RequestFailure,
  RequestUser,
  UserAgentCore,
} from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import type { DialogSet } from '../dialog/dialog-set.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import { parseMessage, SipRequest, SipResponse } from '../message/message.ts';
import type { ResponseOptions } from '../message/message.ts';
import type { SipUri } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Destination, TransportProtocol } from '../transport/contract.ts';
import { defaultPort } from '../transport/default-port.ts';
import type { ResolutionError, Resolver } from '../transport/resolver.ts';
import { MemoryTransport } from './memory-transport.testing.ts';
import type { MemoryFlow } from './memory-transport.testing.ts';
import { UserAgent } from './user-agent.ts';
import type { UserAgentOptions } from './user-agent-options.ts';

export interface AgentBenchOptions extends Partial<Omit<UserAgentOptions, 'transports' | 'resolver'>> {
  readonly protocols?: readonly TransportProtocol[];
  /** False for transports that only connect out. */
  readonly listens?: boolean;
}

/** Alice's user agent at 192.0.2.1, and in the test's hands all that it sends and hears. */
export class AgentBench implements Resolver {
  readonly context = testContext();
  readonly clock = this.context.clock;
  readonly agent: UserAgent;
  /** All that was sent, in its order. */
  readonly sent: (SipRequest | SipResponse)[] = [];
  readonly unreachable = new Set<string>();
  readonly names = new Map<string, readonly string[]>();
  /** Where requests were said to have failed, and for how long. */
  readonly failed: string[] = [];
  /** What a lookup waits for. */
  lookup: Promise<unknown> | undefined = undefined;
  readonly #transports: readonly MemoryTransport[];
  #branches = 0;

  constructor({ protocols = ['UDP', 'TCP', 'TLS'], listens = true, ...options }: AgentBenchOptions = {}) {
    this.#transports = protocols.map((protocol) => new MemoryTransport(this, protocol, listens));
    this.agent = new UserAgent(this.context, {
      address: 'Alice <sip:alice@example.com>',
      transports: this.#transports,
      resolver: this,
      credentials: () => ({ username: 'alice', password: 'secret' }),
      ...options,
    });
  }

  static async started(options: AgentBenchOptions = {}): Promise<AgentBench> {
    const bench = new AgentBench(options);
    await bench.agent.start();
    return bench;
  }

  resolve(uri: SipUri): readonly Destination[] | ResolutionError | Promise<readonly Destination[] | ResolutionError> {
    const found = this.#find(uri);
    return this.lookup === undefined ? found : this.lookup.then(() => found);
  }

  markFailed({ address }: Destination, milliseconds?: number): void {
    this.failed.push(milliseconds === undefined ? address : `${address} ${String(milliseconds)}`);
  }

  /** The requests that were sent, ACK and CANCEL included. */
  get requests(): SipRequest[] {
    return this.sent.filter((message) => message instanceof SipRequest);
  }

  get responses(): SipResponse[] {
    return this.sent.filter((message) => message instanceof SipResponse);
  }

  /** The request that was sent last. */
  get last(): SipRequest {
    const request = this.requests.at(-1);
    if (request === undefined) throw new Error('no request was sent');
    return request;
  }

  /** The flow that a message went over. */
  flowOf(protocol: TransportProtocol, address: string): MemoryFlow {
    const flow = this.#transport(protocol).flows.findLast(({ remote }) => remote.address === address);
    if (flow === undefined) throw new Error(`no ${protocol} flow to ${address}`);
    return flow;
  }

  methods(): string[] {
    return this.requests.map(({ method }) => method);
  }

  /** The far end answers a request. */
  answer(request: SipRequest, status: number, options: ResponseOptions = {}): void {
    this.hear(request.createResponse(status, { toTag: 'far', ...options }).text, request.topVia.protocol);
  }

  /** A message comes, over a flow or from 192.0.2.9. */
  hear(text: string, protocol = 'UDP', from?: MemoryFlow): MemoryFlow {
    const transport = this.#transport(protocol);
    const flow = from ?? transport.flows.at(-1) ?? transport.open({ address: '192.0.2.9', port: 5060 }, false);
    transport.receiver?.message(text, flow);
    return flow;
  }

  /** A request comes from bob at 192.0.2.9. */
  receive(method: string, parts: ReceivedParts = {}): SipRequest {
    const { uri = 'sip:alice@192.0.2.1', callId = 'from-bob', cseq = 1, toTag, fromTag = 'bob', headers = [] } = parts;
    this.#branches += 1;
    const branch = parts.branch ?? `z9hG4bK-${String(this.#branches)}`;
    const protocol = parts.protocol ?? 'UDP';
    const body = parts.body ?? '';
    const text = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/${protocol} 192.0.2.9:5060;branch=${branch}`,
      'Max-Forwards: 70',
      `From: Bob <sip:bob@example.com>;tag=${fromTag}`,
      `To: <sip:alice@example.com>${toTag === undefined ? '' : `;tag=${toTag}`}`,
      `Call-ID: ${callId}`,
      `CSeq: ${String(cseq)} ${method}`,
      ...(parts.contact === '' ? [] : [`Contact: ${parts.contact ?? '<sip:bob@192.0.2.9>'}`]),
      ...headers,
      `Content-Length: ${String(body.length)}`,
      '',
      body,
    ].join('\r\n');
    const transport = this.#transport(protocol);
    const flow =
      transport.flows.find(({ remote, closed }) => !closed && remote.address === '192.0.2.9') ??
      transport.open({ address: '192.0.2.9', port: 5060 }, false);
    transport.receiver?.message(text, flow);
    const message = parseMessage(text);
    if (!(message instanceof SipRequest)) throw new Error(`not a request: ${text}`);
    return message;
  }

  /** Stops, and returns what is left. */
  async leftAfterStop(): Promise<string[]> {
    await this.agent.stop();
    const held = this.#held('after stop');
    return this.clock.pending > 0 ? [...held, `${String(this.clock.pending)} timers`] : held;
  }

  /** Lets all timers run out, stops, and returns what is left: nothing. */
  async leftOvers(): Promise<string[]> {
    this.clock.advance(200_000);
    const before = this.#held('at rest');
    await this.agent.stop();
    const flows = this.#transports.flatMap(({ flows }) => flows).filter(({ watchers }) => watchers > 0).length;
    const held = [...before, ...this.#held('after stop')];
    if (flows > 0) held.push(`${String(flows)} watched flows`);
    if (this.clock.pending > 0) held.push(`${String(this.clock.pending)} timers`);
    return held;
  }

  #held(when: string): string[] {
    return Object.entries(this.agent.stats())
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${when}: ${String(count)} ${what}`);
  }

  #transport(protocol: string): MemoryTransport {
    const transport = this.#transports.find((each) => each.protocol === protocol);
    if (transport === undefined) throw new Error(`no ${protocol}`);
    return transport;
  }

  #find(uri: SipUri): readonly Destination[] | ResolutionError {
    const protocol: TransportProtocol =
      uri.scheme === 'sips' || uri.transport === 'tls' ? 'TLS' : uri.transport === 'tcp' ? 'TCP' : 'UDP';
    const port = uri.port ?? defaultPort(protocol);
    const addresses = uri.isNumericHost ? [uri.host] : this.names.get(uri.host);
    if (addresses === undefined) return { code: 'no-records', temporary: false, message: `nobody knows ${uri.host}` };
    return addresses.map((address) => ({ protocol, address, port }));
  }
}

export interface ReceivedParts {
  readonly uri?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly toTag?: string | undefined;
  readonly fromTag?: string;
  readonly branch?: string;
  readonly protocol?: TransportProtocol;
  /** Empty for none. */
  readonly contact?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** Takes down what becomes of a request. */
export class Listener implements RequestUser {
  readonly responses: SipResponse[] = [];
  readonly failures: RequestFailure[] = [];
  readonly cseqs: number[] = [];
  ends = 0;

  get statuses(): number[] {
    return this.responses.map(({ status }) => status);
  }

  response(response: SipResponse): void {
    this.responses.push(response);
  }

  failed(failure: RequestFailure): void {
    this.failures.push(failure);
  }

  resent(request: SipRequest): void {
    this.cseqs.push(request.cseqNumber);
  }

  ended(): void {
    this.ends += 1;
  }
}

/** A usage that takes what it is told to. */
export class TestUsage implements DialogUsage {
  readonly kind = 'invite';
  readonly dialog: Dialog;
  readonly requests: ServerTransaction[] = [];
  readonly acks: SipRequest[] = [];
  readonly cancels: SipRequest[] = [];
  readonly ends: DialogEnd[] = [];
  takes = true;

  constructor(dialog: Dialog) {
    this.dialog = dialog;
    dialog.addUsage(this);
  }

  request(transaction: ServerTransaction): boolean {
    if (!this.takes) return false;
    this.requests.push(transaction);
    return true;
  }

  ack(request: SipRequest): void {
    this.acks.push(request);
  }

  cancel(_transaction: ServerTransaction, cancel: SipRequest): void {
    this.cancels.push(cancel);
  }

  dialogEnded(reason: DialogEnd): void {
    this.ends.push(reason);
  }
}

/** Dialogs of both roles, each with one usage, and nothing done by itself. */
export class TestCalls implements Capability {
  readonly name = 'calls';
  readonly methods = ['INVITE', 'BYE', 'INFO', 'UPDATE', 'SUBSCRIBE', 'NOTIFY'];
  readonly accepts = ['application/sdp'];
  readonly extensions = ['100rel', 'replaces'];
  readonly events = ['dialog'];
  /** INVITEs that came. */
  readonly invites: ServerTransaction[] = [];
  readonly cancels: SipRequest[] = [];
  readonly usages: TestUsage[] = [];
  readonly listener = new Listener();
  readiness: () => number = () => 200;
  readonly #core: UserAgentCore;
  readonly #setUser: DialogSetUser = {
    response: (response, set) => {
      this.listener.response(response);
      const dialog = set.dialogOf(response);
      if (dialog !== undefined) this.use(dialog);
    },
    failed: (failure) => {
      this.listener.failed(failure);
    },
    ended: () => {
      this.listener.ended();
    },
  };

  constructor(core: UserAgentCore) {
    this.#core = core;
    core.install(this);
  }

  get usage(): TestUsage {
    const usage = this.usages.at(-1);
    if (usage === undefined) throw new Error('there is no dialog');
    return usage;
  }

  invite(request: Partial<NewRequest> = {}): DialogSet {
    return this.#core.requestDialogs({ method: 'INVITE', target: 'sip:bob@192.0.2.9', ...request }, this.#setUser);
  }

  /** The dialogs of a SUBSCRIBE are made by the NOTIFYs that come. */
  subscribe(): DialogSet {
    return this.#core.requestDialogs(
      { method: 'SUBSCRIBE', target: 'sip:bob@192.0.2.9', headers: [['Event', 'dialog']] },
      {
        ...this.#setUser,
        request: (transaction, set) => {
          const dialog = set.accept(transaction);
          return !(dialog instanceof SyntaxFault) && this.use(dialog).request(transaction);
        },
      },
    );
  }

  use(dialog: Dialog): TestUsage {
    const known = this.usages.find((usage) => usage.dialog === dialog);
    if (known !== undefined) return known;
    const usage = new TestUsage(dialog);
    this.usages.push(usage);
    return usage;
  }

  request(transaction: ServerTransaction): boolean {
    if (transaction.request.method === 'BYE') return false;
    this.invites.push(transaction);
    return true;
  }

  cancel(_transaction: ServerTransaction, cancel: SipRequest): void {
    this.cancels.push(cancel);
  }

  /** Makes the dialog of the last INVITE that came, and answers it. */
  accept(status: number): Dialog {
    const transaction = this.invites.at(-1);
    if (transaction === undefined) throw new Error('no INVITE came');
    const known = this.usages.find(({ dialog }) => dialog.callId === transaction.request.callId)?.dialog;
    const dialog = known ?? this.#core.acceptDialog(transaction);
    if (dialog instanceof SyntaxFault) throw new Error(dialog.reason);
    this.use(dialog);
    dialog.respond(transaction, status);
    return dialog;
  }
}

/** A challenge of a realm, as a header field. */
export function challenge(field: 'WWW-Authenticate' | 'Proxy-Authenticate', realm: string, nonce: string): HeaderInit {
  return [field, `Digest realm="${realm}", nonce="${nonce}", algorithm=MD5, qop="auth"`];
}
