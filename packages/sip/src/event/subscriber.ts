import type { Capability, UserAgentCore } from '../dialog/contract.ts';
import { SwitchhookError } from '../error.ts';
import { SyntaxFault } from '../message/fault.ts';
import { Event } from '../message/headers/event.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { EventPackage } from './event-package.ts';
import { type SubscribeOptions, Subscription } from './subscription.ts';

/** What a subscriber can read, whatever its state is. */
export type AnyPackage = Pick<EventPackage<unknown>, 'name' | 'contentType'>;

/** What a subscriber holds; zero when every subscription has ended. */
export interface SubscriberStats {
  readonly subscriptions: number;
}

/** Something that was subscribed to, whatever it tells. */
type AnySubscription = Pick<Subscription<unknown>, 'stop' | 'unsubscribe'>;

/** Subscribes to what others tell (RFC 6665 4.1); to be installed into a user agent. */
export class Subscriber implements Capability {
  readonly name = 'subscriber';
  readonly methods: readonly string[] = ['NOTIFY'];
  /** The bodies that its packages read. */
  readonly accepts: readonly string[];
  readonly #core: UserAgentCore;
  readonly #packages: readonly AnyPackage[];
  readonly #subscriptions = new Set<AnySubscription>();

  /** `packages` are those that {@link subscribe} may be asked for. */
  constructor(core: UserAgentCore, packages: readonly AnyPackage[]) {
    this.#core = core;
    this.#packages = packages;
    this.accepts = packages.map(({ contentType }) => contentType);
  }

  /** Subscribes. What comes of it, the subscription tells; this throws only for a package that was not installed, and where the agent does not run. */
  subscribe<State>(options: SubscribeOptions<State>): Subscription<State> {
    if (!this.#packages.some(({ name }) => name === options.package.name)) {
      throw new SwitchhookError('unknown-package', `the subscriber was made without ${options.package.name}`);
    }
    const subscription = new Subscription(this.#core, options, (ended) => this.#subscriptions.delete(ended));
    this.#subscriptions.add(subscription);
    try {
      subscription.start();
    } catch (error) {
      this.#subscriptions.delete(subscription);
      throw error;
    }
    return subscription;
  }

  /** A NOTIFY makes no dialog. */
  request(): boolean {
    return false;
  }

  /** A NOTIFY of no subscription: 489 where nobody here could read it, else 481 (RFC 6665 4.1.3). */
  requestWithin(transaction: ServerTransaction): boolean {
    const event = transaction.request.get(Event);
    const type = event === undefined || event instanceof SyntaxFault ? undefined : event.type;
    if (this.#packages.some(({ name }) => name === type)) return false;
    transaction.refuse(489, { headers: this.#core.capabilityHeaders(['Allow-Events']) });
    return true;
  }

  /** Unsubscribes from everything; resolves when the notifiers have confirmed it, or have had time to. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#subscriptions, (subscription) => subscription.unsubscribe()));
  }

  stop(): void {
    for (const subscription of [...this.#subscriptions]) subscription.stop();
  }

  stats(): SubscriberStats {
    return { subscriptions: this.#subscriptions.size };
  }
}
