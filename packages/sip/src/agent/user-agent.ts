import { DigestClient } from '../auth/digest-client.ts';
import type { SipContext } from '../context.ts';
import type {
  Caller,
  Capability,
  DialogSetUser,
  NewRequest,
  OutgoingRequest,
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
import type { SipRequest } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { SipUri } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Flow } from '../transport/contract.ts';
import { TransportLayer } from '../transport/transport-layer.ts';
import { Capabilities } from './capabilities.ts';
import type { CapabilityHeader } from './capabilities.ts';
import { newRequest } from './new-request.ts';
import { OptionsCapability } from './options-capability.ts';
import { ownContact } from './own-contact.ts';
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
  /** The user part of the Contact. */
  readonly #contactUser: string;
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
    this.#contactUser = (uri instanceof SipUri ? uri.user : undefined) ?? 'anonymous';
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

  contact(flow: Flow, secure: boolean): string {
    return `<${ownContact({ user: this.#contactUser, flow, secure, outbound: false }).toString()}>`;
  }

  isOurs({ user }: SipUri): boolean {
    return user === undefined || user === this.#contactUser;
  }

  callerOf(request: SipRequest, flow: Flow): Caller {
    const from = request.get(From);
    return { address: from instanceof NameAddr ? from : this.address, asserted: false, flow };
  }

  request(parts: NewRequest, user: RequestUser): OutgoingRequest {
    this.#mustRun();
    const request = newRequest(parts, this.address, this.context.random, this.#product('User-Agent'));
    return this.sender.send(request, user, {
      sequence: new SequenceNumbers(request.cseqNumber),
      route: this.#route(parts),
      redirects: parts.redirects,
    });
  }

  requestDialogs(parts: NewRequest, user: DialogSetUser): DialogSet {
    this.#mustRun();
    const headers = [...this.capabilityHeaders(['Allow', 'Supported']), ...this.#product('User-Agent')];
    const request = newRequest(parts, this.address, this.context.random, headers);
    const secure = request.requestUriText.startsWith('sips:');
    const set = new DialogSet(this, this.dialogs, request, user);
    if (this.dialogs.size >= this.#limits.dialogs) {
      set.refuse({ code: 'overflow', status: 503, message: 'too many dialogs' });
      return set;
    }
    set.send(request, {
      sequence: new SequenceNumbers(request.cseqNumber),
      route: this.#route(parts),
      redirects: parts.redirects,
      contact: (flow) => this.contact(flow, secure),
    });
    return set;
  }

  acceptDialog(transaction: ServerTransaction): Dialog | SyntaxFault {
    return Dialog.ofRequest(this, this.dialogs, transaction);
  }

  #mustRun(): void {
    if (!this.#running) throw new SwitchhookError('not-running', 'the user agent is not started, or stopped');
  }

  #route({ route }: NewRequest): readonly NameAddr[] {
    return route ?? this.#options.route ?? [];
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
