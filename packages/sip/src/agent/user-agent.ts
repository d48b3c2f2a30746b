import { DigestClient } from '../auth/digest-client.ts';
import type { SipContext } from '../context.ts';
import type {
  Caller,
  Capability,
  DialogSetUser,
  NewRequest,
  OutgoingRequest,
  RequestFailure,
  RequestUser,
  UserAgentCore,
} from '../dialog/contract.ts';
import { Dialog } from '../dialog/dialog.ts';
import { DialogSet } from '../dialog/dialog-set.ts';
import { DialogTable } from '../dialog/dialog-table.ts';
import { SequenceNumbers } from '../dialog/sequence-numbers.ts';
import { SwitchhookError } from '../error.ts';
import type { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import { From } from '../message/headers/from.ts';
import { PAssertedIdentity } from '../message/headers/p-asserted-identity.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { Parameters } from '../message/parameters.ts';
import { NameAddr } from '../message/name-addr.ts';
import { isSecure, SipUri } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Flow } from '../transport/contract.ts';
import { TransportLayer } from '../transport/transport-layer.ts';
import { Capabilities } from './capabilities.ts';
import type { CapabilityHeader } from './capabilities.ts';
import { newRequest } from './new-request.ts';
import { OptionsCapability } from './options-capability.ts';
import { ContactUser, ownContact } from './own-contact.ts';
import { Registration } from './registration.ts';
import type { RegistrationOptions } from './registration-options.ts';
import { RequestDispatcher } from './request-dispatcher.ts';
import { UserAgentSender } from './request-sender.ts';
import { defaultUserAgentLimits } from './user-agent-options.ts';
import type { UserAgentLimits, UserAgentOptions } from './user-agent-options.ts';

/** What a user agent holds; all zeros after `stop()`, and when everything has come to its end. */
export interface UserAgentStats {
  readonly dialogs: number;
  /** Requests that may still make dialogs. */
  readonly dialogSets: number;
  /** Own requests under way. */
  readonly requests: number;
  readonly clientTransactions: number;
  readonly serverTransactions: number;
  readonly timers: number;
}

/**
 * A user agent (RFC 3261 8, 12): sends requests and answers them, and keeps the dialogs that come of it. What it can do
 * is what is installed; OPTIONS it answers by itself.
 */
export class UserAgent implements UserAgentCore {
  readonly context: SipContext;
  readonly address: NameAddr;
  readonly dialogs = new DialogTable();
  readonly sender: UserAgentSender;
  readonly #options: UserAgentOptions;
  readonly #limits: UserAgentLimits;
  readonly #capabilities = new Capabilities();
  readonly #dispatcher: RequestDispatcher;
  readonly #transports: TransportLayer;
  readonly #transactions: TransactionLayer;
  readonly #contactUser: ContactUser;
  #registration: Registration | undefined = undefined;
  #running = false;

  constructor(context: SipContext, options: UserAgentOptions) {
    this.context = context;
    this.#options = options;
    this.address = addressOf(options.address);
    this.#limits = { ...defaultUserAgentLimits, ...options.limits };
    this.#transports = new TransportLayer(context, {
      transports: options.transports,
      ...(options.messageLimits !== undefined && { limits: options.messageLimits }),
    });
    this.#transactions = new TransactionLayer(context, this.#transports, {
      ...(options.timers !== undefined && { timers: options.timers }),
      limits: { serverTransactions: this.#limits.serverTransactions },
    });
    this.sender = new UserAgentSender({
      context,
      transports: this.#transports,
      transactions: this.#transactions,
      resolver: options.resolver,
      digest: new DigestClient(context, (realm) => options.credentials?.(realm)),
      maximumRequests: this.#limits.requests,
    });
    const { uri } = this.address;
    this.#contactUser = new ContactUser((uri instanceof SipUri ? uri.user : undefined) ?? 'anonymous', context.random);
    this.#dispatcher = new RequestDispatcher(this, this.#capabilities, this.#limits.dialogs);
    this.install(new OptionsCapability(this, this.#capabilities));
  }

  async start(): Promise<void> {
    await this.#transactions.start(this.#dispatcher);
    this.#running = true;
  }

  /** Ends everything without another message; whoever wants to say goodbye does so before. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#registration?.stop();
    this.#registration = undefined;
    for (const capability of this.#capabilities) capability.stop?.();
    this.dialogs.stop();
    await this.#transactions.stop();
    this.sender.stop();
  }

  stats(): UserAgentStats {
    const { clientTransactions, serverTransactions, timers } = this.#transactions.stats();
    return {
      dialogs: this.dialogs.size,
      dialogSets: this.dialogs.sets,
      requests: this.sender.size,
      clientTransactions,
      serverTransactions,
      timers,
    };
  }

  install(capability: Capability): void {
    this.#capabilities.add(capability);
  }

  capabilityHeaders(names: readonly CapabilityHeader[]): HeaderInit[] {
    return names.flatMap((name) => this.#capabilities.header(name));
  }

  contact(flow: Flow, secure: boolean, uriParameters = Parameters.EMPTY): string {
    const features = this.#options.features?.toString() ?? '';
    const own = this.#contactUri(flow, secure);
    const uri =
      uriParameters === Parameters.EMPTY ? own : own.with({ parameters: [...own.parameters, ...uriParameters] });
    return `<${uri.toString()}>${features}`;
  }

  #contactUri(flow: Flow, secure: boolean): SipUri {
    const { contact } = this.#options;
    if (contact !== undefined) return contact.with({ scheme: secure ? 'sips' : 'sip' });
    const registration = this.#registration;
    const gruu = registration?.carries(flow) === true ? registration.publicGruu : undefined;
    // There is one of each scheme, and no call that is less gets a Contact that it cannot follow (RFC 5630 5.1.1.2, 5.1.1.4).
    if (gruu !== undefined) return gruu.with({ scheme: secure ? 'sips' : 'sip' });
    const outbound = registration?.isOutbound(flow) === true || this.#isOneWay(flow);
    const seenAs = outbound ? undefined : registration?.seenAs(flow);
    return ownContact({ user: this.#contactUser, flow, secure, outbound, seenAs });
  }

  /**
   * Registers the address (RFC 3261 10), and keeps it registered until the registration's `end()`, or `stop()`. Asked for
   * again, it is the same registration with the options of the first time, tried again at once if it has failed or ended.
   */
  register(options: RegistrationOptions = {}): Registration {
    this.mustRun();
    this.#registration ??= new Registration({
      core: this,
      user: this.#contactUser,
      route: this.#options.route ?? [],
      headers: this.#product('User-Agent'),
      options,
    });
    this.#registration.begin();
    return this.#registration;
  }

  get registration(): Registration | undefined {
    return this.#registration;
  }

  /** The machine has other addresses now: the registration forms its flows anew, and then calls in progress move there. */
  networkChanged(): void {
    this.#transports.networkChanged();
    this.#registration?.networkChanged();
    void (this.recover(undefined) ?? Promise.resolve()).then(() => {
      if (!this.#running) return;
      for (const capability of this.#capabilities) capability.networkChanged?.();
    });
  }

  recover(dead: Flow | undefined): Promise<void> | undefined {
    return this.#registration?.restore(dead);
  }

  isOurs(uri: SipUri): boolean {
    const { publicGruu, temporaryGruu } = this.#registration ?? {};
    if (uri.user === undefined || this.#contactUser.includes(uri.user)) return true;
    if (publicGruu?.equals(uri) === true || temporaryGruu?.equals(uri) === true) return true;
    return this.#options.isOurUser?.(uri.user) === true;
  }

  /** Whether what comes by a flow was let through by whom this side registers by, or by whoever else it trusts. */
  trusts(flow: Flow): boolean {
    return this.#registration?.carries(flow) === true || this.#options.trusts?.(flow) === true;
  }

  callerOf(request: SipRequest, flow: Flow): Caller {
    const from = request.get(From);
    const asserted = request.get(PAssertedIdentity);
    // Whom this side registers by says who calls (RFC 3325 9.1); anybody else says what he likes.
    if (asserted instanceof NameAddr && this.trusts(flow)) {
      return { address: asserted, asserted: true, flow };
    }
    return { address: from instanceof NameAddr ? from : this.address, asserted: false, flow };
  }

  request(parts: NewRequest, user: RequestUser): OutgoingRequest {
    this.mustRun();
    const request = newRequest(parts, this.address, this.context.random, this.#product('User-Agent'));
    return this.sender.send(request, user, {
      sequence: new SequenceNumbers(request.cseqNumber),
      ...this.#way(parts),
      redirects: parts.redirects,
      mustFitDatagram: parts.mustFitDatagram,
    });
  }

  /** Sends a request that makes no dialog. Resolves with its final response, or why there is none. */
  ask(parts: NewRequest): Promise<SipResponse | RequestFailure> {
    const { promise, resolve } = Promise.withResolvers<SipResponse | RequestFailure>();
    this.request(parts, {
      response: (response) => {
        if (response.status >= 200) resolve(response);
      },
      failed: resolve,
    });
    return promise;
  }

  /** Asks what the far end can do (RFC 3261 11.1). */
  options(target: NewRequest['target']): Promise<SipResponse | RequestFailure> {
    return this.ask({ method: 'OPTIONS', target, headers: this.capabilityHeaders(['Accept', 'Supported']) });
  }

  requestDialogs(parts: NewRequest, user: DialogSetUser): DialogSet {
    this.mustRun();
    const headers = [...this.capabilityHeaders(['Allow', 'Supported', 'Allow-Events']), ...this.#product('User-Agent')];
    const request = newRequest(parts, this.address, this.context.random, headers);
    const way = this.#way(parts);
    // RFC 3261 8.1.1.8.
    const secure = request.requestUriText.startsWith('sips:') || isSecure(way.route[0]?.uri);
    const set = new DialogSet(this, this.dialogs, request, user);
    if (this.dialogs.size >= this.#limits.dialogs) {
      set.refuse({ code: 'overflow', status: 503, message: 'too many dialogs' });
      return set;
    }
    set.send(request, {
      sequence: new SequenceNumbers(request.cseqNumber),
      ...way,
      redirects: parts.redirects,
      contact: (flow) =>
        this.contact(flow, secure, parts.contactUriParameters) + (parts.contactParameters?.toString() ?? ''),
    });
    return set;
  }

  acceptDialog(transaction: ServerTransaction): Dialog | SyntaxFault {
    return Dialog.ofRequest(this, this.dialogs, transaction);
  }

  /** Throws `not-running` before `start()` and after `stop()`. */
  mustRun(): void {
    if (!this.#running) throw new SwitchhookError('not-running', 'the user agent is not started, or stopped');
  }

  /** Outbound proxies that are set, then those that the registrar asks for (RFC 3608 5), each once. */
  #way({ route }: NewRequest): { route: readonly NameAddr[]; flow: Flow | undefined } {
    const flow = this.#registration?.flow;
    if (route !== undefined) return { route, flow };
    const own = this.#options.route ?? [];
    const service = this.#registration?.serviceRoute ?? [];
    const [first] = service;
    const last = own.at(-1);
    const overlaps = first !== undefined && last !== undefined && sameHop(first, last);
    return { route: [...(overlaps ? own.slice(0, -1) : own), ...service], flow };
  }

  /** Whether the far end can reach this side over that connection alone: nothing listens for another. */
  #isOneWay({ reliable, outgoing, protocol }: Flow): boolean {
    const { transports } = this.#options;
    return reliable && outgoing && !transports.some((each) => each.protocol === protocol && each.local !== undefined);
  }

  #product(name: 'User-Agent' | 'Server'): HeaderInit[] {
    const { product } = this.#options;
    return product === undefined ? [] : [[name, product]];
  }
}

function addressOf(address: NameAddr | string): NameAddr {
  const read = typeof address === 'string' ? NameAddr.parse(address) : address;
  if (!(read instanceof NameAddr)) throw new SwitchhookError('invalid-uri', `not an address: ${read.reason}`);
  return read;
}

function sameHop(one: NameAddr, other: NameAddr): boolean {
  return (
    one.uri instanceof SipUri &&
    other.uri instanceof SipUri &&
    one.uri.host === other.uri.host &&
    one.uri.port === other.uri.port
  );
}
