import type { SipRequest } from '../message/message.ts';
import type { TransactionShare } from '../transaction/contract.ts';
import type { Flow } from '../transport/contract.ts';
import { sourceNetwork } from '../transport/ip-address.ts';
import type { ProxyPolicy } from './call-plan.ts';
import type { ProxySettings } from './environment.ts';

/** What somebody has under way. */
interface Holding {
  /** Requests without a final response. */
  requests: number;
  /** Their transactions, which are kept for half a minute after it. */
  transactions: number;
}

/** On whose behalf a request goes on, as far as that is known. */
export interface Requester {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** It belongs to a dialog that was let through before. */
  readonly isWithin: boolean;
  /** Who has proved himself. */
  readonly account: string | undefined;
}

type Settings = Pick<ProxySettings, 'maximumContexts' | 'maximumContextsPerSource' | 'maximumTransactions'>;
type Policy = Pick<ProxyPolicy, 'isEmergency' | 'isSharedSource'>;

/**
 * Gives each source its share of what the proxy keeps, so that one that has filled its own takes nothing from others. A
 * source is an account; of strangers it is the network they come from, and because a datagram may name any, all strangers
 * together have a share, too. What goes on within dialogs counts apart, by network, and so do calls for help: a flood of
 * something else from the same place does not stop them.
 */
export class Shares {
  readonly #settings: Settings;
  readonly #policy: Policy;
  readonly #sources = new Map<string, Share>();
  readonly #strangers: Holding = { requests: 0, transactions: 0 };

  constructor(settings: Settings, policy: Policy) {
    this.#settings = settings;
    this.#policy = policy;
  }

  /** Sources that have something under way. */
  get size(): number {
    return this.#sources.size;
  }

  /** Counts a request against the share of who has sent it; undefined when that is full. */
  take(requester: Requester): Share | undefined {
    const { account, flow, isWithin } = requester;
    const isStranger = account === undefined && !isWithin;
    const { address } = flow.remote;
    const isShared = account === undefined && this.#policy.isSharedSource?.(address) === true;
    const key = this.#keyOf(requester);
    const known = this.#sources.get(key);
    if (!isShared && ((known !== undefined && this.#isFull(known)) || (isStranger && this.#isFullOfStrangers()))) {
      return undefined;
    }
    const share =
      known ?? new Share(isStranger && !isShared ? this.#strangers : undefined, () => this.#sources.delete(key));
    if (known === undefined) this.#sources.set(key, share);
    share.take();
    return share;
  }

  /** A newline is in neither address nor account. */
  #keyOf({ account, flow, isWithin, request }: Requester): string {
    const source = account ?? sourceNetwork(flow.remote.address);
    if (isWithin) return `within\n${source}`;
    return request.method === 'INVITE' && this.#policy.isEmergency?.(request) === true ? `help\n${source}` : source;
  }

  #isFull({ requests, transactions }: Holding): boolean {
    const { maximumContextsPerSource, maximumTransactions } = this.#settings;
    return requests >= maximumContextsPerSource || transactions >= maximumTransactions / 2;
  }

  #isFullOfStrangers(): boolean {
    const { requests, transactions } = this.#strangers;
    const { maximumContexts, maximumTransactions } = this.#settings;
    return requests >= maximumContexts / 2 || transactions >= (3 * maximumTransactions) / 4;
  }
}

/** What one source has under way. */
export class Share implements Holding, TransactionShare {
  requests = 0;
  transactions = 0;
  readonly #all: Holding | undefined;
  readonly #empty: () => void;

  constructor(all: Holding | undefined, empty: () => void) {
    this.#all = all;
    this.#empty = empty;
  }

  take(): void {
    this.#count(1, 1);
  }

  answered(): void {
    this.#count(-1, 0);
  }

  ended(): void {
    this.#count(0, -1);
  }

  #count(requests: number, transactions: number): void {
    this.requests += requests;
    this.transactions += transactions;
    if (this.#all !== undefined) {
      this.#all.requests += requests;
      this.#all.transactions += transactions;
    }
    if (this.requests === 0 && this.transactions === 0) this.#empty();
  }
}
