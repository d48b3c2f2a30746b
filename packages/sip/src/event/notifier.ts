import type { Caller, Capability, UserAgentCore } from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import { Accept, accepts } from '../message/headers/accept.ts';
import { Event } from '../message/headers/event.ts';
import { Expires } from '../message/headers/expires.ts';
import type { SipRequest } from '../message/message.ts';
import { SipUri } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { EventPackage, Published } from './event-package.ts';
import { defaultNotifierLimits } from './notifier-contract.ts';
import type { Authorization, Grant, NotifierLimits, NotifierOptions, NotifierStats } from './notifier-contract.ts';
import {
  NotifierSubscription,
  type SubscriptionKeeper,
  type SubscriptionParts,
  type TerminationReason,
} from './notifier-subscription.ts';

/** Seconds until somebody who was turned away for want of room may ask again. */
const retryAfter = 60;
/** RFC 6665 4.2.1.1: no interval of an hour is too brief. */
const highestMinimum = 3600;

/** Tells others of the state of resources, by one event package (RFC 6665 4.2); to be installed into a user agent. */
export class Notifier<State> implements Capability, SubscriptionKeeper<State> {
  readonly name: string;
  readonly methods: readonly string[] = ['SUBSCRIBE'];
  readonly events: readonly string[];
  readonly package: EventPackage<State>;
  readonly #core: UserAgentCore;
  readonly #options: NotifierOptions<State>;
  readonly #limits: NotifierLimits;
  readonly #minimum: number;
  readonly #maximum: number;
  readonly #published = new Map<string, Published<State>>();
  /** What is told of resources once somebody watches them. */
  readonly #untold = new Map<string, () => State>();
  readonly #subscriptions = new Set<NotifierSubscription<State>>();
  readonly #byResource = new Map<string, Set<NotifierSubscription<State>>>();
  /** How many subscriptions each watcher has. */
  readonly #byWatcher = new Map<string, number>();
  /** What waits for the last subscription to be gone. */
  readonly #closing: (() => void)[] = [];

  constructor(core: UserAgentCore, options: NotifierOptions<State>) {
    this.#core = core;
    this.#options = options;
    this.package = options.package;
    this.name = `notifier of ${options.package.name}`;
    this.events = [options.package.name];
    this.#limits = { ...defaultNotifierLimits, ...options.limits };
    this.#minimum = Math.min(options.minimumExpires ?? 60, highestMinimum);
    this.#maximum = options.maximumExpires ?? 7200;
  }

  get context(): UserAgentCore['context'] {
    return this.#core.context;
  }

  /** Says what the state of a resource is from now on, to all who watch it and all who will. */
  publish(resource: string, state: State): void {
    this.#untold.delete(resource);
    const published = { state, at: this.context.clock.now() };
    this.#published.set(resource, published);
    for (const subscription of this.#of(resource)) subscription.change(published);
  }

  /**
   * The same where it takes work to say what the state is: `state` is asked at once where somebody watches, and otherwise
   * when somebody begins to, for what is so then.
   */
  publishOnDemand(resource: string, state: () => State): void {
    if (this.#of(resource).length > 0) {
      this.publish(resource, state());
      return;
    }
    this.#published.delete(resource);
    this.#untold.set(resource, state);
  }

  /** The resource is no more: who watches it is told so. */
  withdraw(resource: string): void {
    this.#untold.delete(resource);
    this.#published.delete(resource);
    for (const subscription of this.#of(resource)) subscription.end('noresource');
  }

  /** The last that there is to tell of a resource: who watches it hears it together with the end (RFC 3515 2.4.7). */
  conclude(resource: string, state: State): void {
    this.#untold.delete(resource);
    this.#published.delete(resource);
    const published = { state, at: this.context.clock.now() };
    for (const subscription of this.#of(resource)) subscription.conclude(published);
  }

  /** Ends the subscriptions to a resource, with its state as it is. `retryAfter` is in seconds. */
  terminate(resource: string, reason: TerminationReason, retryAfter?: number): void {
    for (const subscription of this.#of(resource)) subscription.end(reason, retryAfter);
  }

  /**
   * A subscription that nobody sent a SUBSCRIBE for, as a REFER makes it (RFC 3515 2.4.4), on its own dialog or that of
   * a call. It lasts for `expires` seconds, and is told the state at once.
   */
  accept(dialog: Dialog, parts: SubscriptionParts<State>, expires: number): NotifierSubscription<State> {
    const subscription = this.#add(dialog, parts, expires);
    subscription.grant();
    return subscription;
  }

  request(transaction: ServerTransaction): boolean {
    return this.#isMine(transaction.request) && this.#subscribe(transaction, undefined);
  }

  /** RFC 6665 4.5.2: a subscription may share the dialog of a call, or of another subscription. */
  requestWithin(transaction: ServerTransaction): boolean {
    const dialog = this.#core.dialogs.ofRequest(transaction.request);
    return dialog !== undefined && this.#isMine(transaction.request) && this.#subscribe(transaction, dialog);
  }

  published(resource: string): Published<State> | undefined {
    const untold = this.#untold.get(resource);
    if (untold !== undefined) this.publish(resource, untold());
    const published = this.#published.get(resource);
    if (published !== undefined) return published;
    const state = this.#options.stateOf?.(resource);
    if (state === undefined) return undefined;
    const now = { state, at: this.context.clock.now() };
    if (this.isWatched(resource)) this.#published.set(resource, now);
    return now;
  }

  /** What was published last of a resource, if that is still kept. */
  latest(resource: string): Published<State> | undefined {
    return this.#published.get(resource);
  }

  isWatched(resource: string): boolean {
    return this.#byResource.has(resource);
  }

  resubscribed(transaction: ServerTransaction, subscription: NotifierSubscription<State>): void {
    const expires = this.#expires(transaction);
    if (expires === undefined) return;
    this.#authorize(
      transaction,
      subscription,
      (authorization) => {
        this.#renew(transaction, subscription, expires, authorization);
      },
      () => {
        subscription.end('rejected');
      },
    );
  }

  gone(subscription: NotifierSubscription<State>): void {
    this.#subscriptions.delete(subscription);
    this.#leave(subscription);
    this.#count(subscription.watcher, -1);
    if (this.#subscriptions.size === 0) for (const closed of this.#closing.splice(0)) closed();
  }

  /**
   * Ends every subscription, so that watchers come back to whoever is there then (RFC 6665 4.4.2); resolves when they
   * have answered, or have had time to.
   */
  async close(): Promise<void> {
    for (const subscription of [...this.#subscriptions]) subscription.end('deactivated');
    if (this.#subscriptions.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#closing.push(resolve);
    });
  }

  stop(): void {
    for (const subscription of [...this.#subscriptions]) subscription.stop();
    this.#published.clear();
    this.#untold.clear();
  }

  stats(): NotifierStats {
    return { subscriptions: this.#subscriptions.size, resources: this.#published.size + this.#untold.size };
  }

  #isMine(request: SipRequest): boolean {
    const event = request.get(Event);
    return event !== undefined && !(event instanceof SyntaxFault) && event.type === this.package.name;
  }

  #of(resource: string): NotifierSubscription<State>[] {
    return [...(this.#byResource.get(resource) ?? [])];
  }

  #show(subscription: NotifierSubscription<State>, grant: Grant<State>): void {
    const moves = grant.resource !== subscription.resource;
    if (moves) this.#leave(subscription);
    subscription.show(grant);
    if (moves) this.#join(subscription);
  }

  #join(subscription: NotifierSubscription<State>): void {
    const { resource } = subscription;
    const watching = this.#byResource.get(resource);
    if (watching === undefined) this.#byResource.set(resource, new Set([subscription]));
    else watching.add(subscription);
  }

  #leave(subscription: NotifierSubscription<State>): void {
    const { resource } = subscription;
    const watching = this.#byResource.get(resource);
    watching?.delete(subscription);
    if (watching?.size !== 0) return;
    this.#byResource.delete(resource);
    if (this.#options.stateOf !== undefined) this.#published.delete(resource);
  }

  #add(dialog: Dialog, parts: SubscriptionParts<State>, expires: number): NotifierSubscription<State> {
    const subscription = new NotifierSubscription(dialog, parts, this);
    this.#subscriptions.add(subscription);
    this.#join(subscription);
    this.#count(subscription.watcher, 1);
    subscription.lasts(expires);
    return subscription;
  }

  /** RFC 6665 4.2.1.1. Always true: it was for this package, and is answered. */
  #subscribe(transaction: ServerTransaction, shared: Dialog | undefined): true {
    const expires = this.#expires(transaction);
    if (expires === undefined || !this.#isAcceptable(transaction)) return true;
    this.#authorize(transaction, undefined, (authorization) => {
      this.#begin(transaction, shared, expires, authorization);
    });
    return true;
  }

  #begin(
    transaction: ServerTransaction,
    shared: Dialog | undefined,
    expires: number,
    authorization: Exclude<Authorization<State>, { kind: 'reject' }>,
  ): void {
    const { request } = transaction;
    const watcher = this.#core.callerOf(request, transaction.flow);
    if (!this.#hasRoom(watcherOf(watcher))) {
      transaction.refuse(503, { headers: [['Retry-After', String(retryAfter)]] });
      return;
    }
    const dialog = shared ?? this.#core.acceptDialog(transaction);
    if (dialog instanceof SyntaxFault) {
      transaction.refuse(dialog.status, { reason: dialog.reason });
      return;
    }
    if (dialog.state === 'terminated') {
      transaction.refuse(481);
      return;
    }
    const event = { type: this.package.name, id: idOf(request) };
    const subscription = this.#add(
      dialog,
      {
        event,
        resource: authorization.resource,
        view: authorization.view,
        watcher: watcherOf(watcher),
        caller: watcher,
      },
      expires,
    );
    dialog.respond(transaction, 200, {
      headers: [...expiresHeader(expires), ...this.#core.capabilityHeaders(['Allow', 'Supported', 'Allow-Events'])],
    });
    if (expires === 0) subscription.unsubscribe(authorization.kind === 'accept');
    else if (authorization.kind === 'accept') subscription.grant();
    else subscription.hold();
    if (authorization.kind === 'pending') this.#await(subscription, authorization.decision);
  }

  /** RFC 6665 4.2.1.4. It may have ended while the policy was asked. */
  #renew(
    transaction: ServerTransaction,
    subscription: NotifierSubscription<State>,
    expires: number,
    authorization: Exclude<Authorization<State>, { kind: 'reject' }>,
  ): void {
    const dialog = this.#core.dialogs.ofRequest(transaction.request);
    if (dialog === undefined || !subscription.stands) {
      transaction.refuse(481);
      return;
    }
    dialog.respond(transaction, 200, { headers: expiresHeader(expires) });
    this.#show(subscription, authorization);
    subscription.lasts(expires);
    if (expires === 0) subscription.unsubscribe(false);
    else if (authorization.kind === 'accept' && subscription.state === 'pending') subscription.grant();
    else subscription.refresh();
    if (authorization.kind === 'pending') this.#await(subscription, authorization.decision);
  }

  #await(subscription: NotifierSubscription<State>, decision: Promise<boolean>): void {
    decision.then(
      (granted) => {
        if (granted) subscription.grant();
        else subscription.end('rejected');
      },
      () => {
        subscription.end('giveup');
      },
    );
  }

  /** What a SUBSCRIBE gets of the time that it asks for; undefined where it was refused for it. */
  #expires(transaction: ServerTransaction): number | undefined {
    const asked = transaction.request.get(Expires) ?? this.package.defaultExpires;
    if (asked instanceof SyntaxFault) transaction.refuse(400, { reason: asked.reason });
    else if (asked > 0 && asked < this.#minimum) {
      transaction.refuse(423, { headers: [['Min-Expires', String(this.#minimum)]] });
    } else return Math.min(asked, this.#maximum);
    return undefined;
  }

  /** RFC 6665 4.1.2.1: 406 for who cannot read what the package says. */
  #isAcceptable(transaction: ServerTransaction): boolean {
    const { request } = transaction;
    if (!request.has(Accept) || accepts(request, this.package.contentType)) return true;
    transaction.refuse(406, { headers: [['Accept', this.package.contentType]] });
    return false;
  }

  /** Asks the policy, and goes on with what it says unless that is no. */
  #authorize(
    transaction: ServerTransaction,
    renewed: NotifierSubscription<State> | undefined,
    goOn: (authorization: Exclude<Authorization<State>, { kind: 'reject' }>) => void,
    rejected: () => void = () => undefined,
  ): void {
    const { request, flow } = transaction;
    const { requestUri: target } = request;
    if (target instanceof SyntaxFault) {
      transaction.refuse(target.status, { reason: target.reason });
      return;
    }
    const decide = (authorization: Authorization<State>): void => {
      if (authorization.kind === 'reject') {
        const { status, reason, headers = [] } = authorization;
        transaction.refuse(status, { headers, ...(reason !== undefined && { reason }) });
        // Who is asked to prove who he is has not been turned away.
        if (status !== 401) rejected();
      } else if (transaction.state !== 'terminated') goOn(authorization);
    };
    const caller = this.#core.callerOf(request, flow);
    const watcher = caller.asserted ? caller : (renewed?.caller ?? caller);
    const authorization = this.#options.authorize({ target, watcher, request, resource: renewed?.resource });
    if (!(authorization instanceof Promise)) decide(authorization);
    else {
      authorization.then(decide, () => {
        transaction.refuse(500);
      });
    }
  }

  #hasRoom(watcher: string): boolean {
    if (this.#subscriptions.size >= this.#limits.subscriptions) return false;
    return (this.#byWatcher.get(watcher) ?? 0) < this.#limits.subscriptionsPerWatcher;
  }

  #count(watcher: string, more: 1 | -1): void {
    const count = (this.#byWatcher.get(watcher) ?? 0) + more;
    if (count === 0) this.#byWatcher.delete(watcher);
    else this.#byWatcher.set(watcher, count);
  }
}

function expiresHeader(expires: number): HeaderInit[] {
  return [['Expires', String(expires)]];
}

function idOf(request: SipRequest): string | undefined {
  const event = request.get(Event);
  return event instanceof SyntaxFault ? undefined : event?.id;
}

function watcherOf({ address: { uri } }: Caller): string {
  return uri instanceof SipUri ? uri.addressOfRecord : uri.toString();
}
