import type { Timer } from '../context.ts';
import type { DialogSetUser, NewRequest, RequestFailure, UserAgentCore } from '../dialog/contract.ts';
import type { DialogSet } from '../dialog/dialog-set.ts';
import { SyntaxFault } from '../message/fault.ts';
import { MinExpires } from '../message/headers/min-expires.ts';
import type { SipResponse } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { isOfEvent } from './event-match.ts';
import {
  subscribeHeaders,
  SubscriberUsage,
  timerN,
  type UsageEnd,
  type UsageOptions,
  type UsageUser,
} from './subscriber-usage.ts';
import type { TryEnd } from './subscription-end.ts';

/** How many notifiers a SUBSCRIBE may fork to. */
const maximumForks = 16;

/** What wants to subscribe. */
export interface AttemptUser<State> {
  notified(usage: SubscriberUsage<State>, state: State | undefined): void;
  /** Nothing of it stands, and nothing will. */
  attemptEnded(end: TryEnd, attempt: SubscriptionAttempt<State>): void;
}

/** Whom a SUBSCRIBE is for, and what else it says. */
export type SubscribeTarget = Pick<NewRequest, 'target' | 'to' | 'from' | 'route'>;

/**
 * One SUBSCRIBE outside of a dialog, and the subscriptions that it makes: each NOTIFY from another notifier makes one
 * until Timer N fires (RFC 6665 4.1.2.4, 4.1.4, 4.4.1).
 */
export class SubscriptionAttempt<State> implements DialogSetUser, UsageUser<State> {
  readonly #core: UserAgentCore;
  readonly #target: SubscribeTarget;
  readonly #user: AttemptUser<State>;
  readonly #usages = new Set<SubscriberUsage<State>>();
  #options: UsageOptions<State>;
  #set: DialogSet | undefined = undefined;
  #timerN: Timer | undefined = undefined;
  /** The 2xx, for the subscription of that notifier. */
  #accepted: SipResponse | undefined = undefined;
  /** How many have sent a NOTIFY. */
  #notifiers = 0;
  #leaving = false;
  #tooBrief = false;
  #ended = false;

  constructor(core: UserAgentCore, target: SubscribeTarget, options: UsageOptions<State>, user: AttemptUser<State>) {
    this.#core = core;
    this.#target = target;
    this.#options = options;
    this.#user = user;
  }

  /** What stands, oldest first. */
  get usages(): ReadonlySet<SubscriberUsage<State>> {
    return this.#usages;
  }

  start(): void {
    this.#timerN?.cancel();
    this.#timerN = this.#core.context.clock.after(timerN, () => {
      this.#windowClosed({ kind: 'unanswered' });
    });
    this.#set = this.#core.requestDialogs(
      { ...this.#target, method: 'SUBSCRIBE', headers: subscribeHeaders(this.#options, this.#options.expires) },
      this,
    );
  }

  /** Gives it up: what stands is told, and what comes yet is told when it comes. */
  unsubscribe(): void {
    this.#leaving = true;
    for (const usage of [...this.#usages]) usage.unsubscribe();
  }

  /** Ends it without a message and without a word. */
  stop(): void {
    this.#ended = true;
    this.#closeWindow();
    for (const usage of this.#usages) usage.stop();
    this.#usages.clear();
  }

  response(response: SipResponse, set: DialogSet): void {
    const { status } = response;
    if (status < 200 || this.#ended || set !== this.#set) return;
    if (status < 300) {
      this.#accepted = response;
      for (const usage of this.#usages) if (usage.dialog.remoteTag === response.toTag) usage.accepted(response);
    } else if (!this.#isTooBrief(response)) this.#windowClosed({ kind: 'response', response });
  }

  failed(failure: RequestFailure): void {
    if (!this.#ended) this.#windowClosed({ kind: 'failure', failure });
  }

  request(transaction: ServerTransaction, set: DialogSet): boolean {
    const { request } = transaction;
    if (this.#ended || request.method !== 'NOTIFY' || !isOfEvent(request, this.#options.event)) return false;
    const most = this.#options.package.merge === undefined ? 1 : maximumForks;
    if (this.#notifiers >= most) return false;
    const dialog = set.accept(transaction);
    if (dialog instanceof SyntaxFault) {
      transaction.refuse(dialog.status, { reason: dialog.reason });
      return true;
    }
    this.#notifiers += 1;
    const usage = new SubscriberUsage(this.#core.context, dialog, this.#options, this);
    this.#usages.add(usage);
    usage.start();
    usage.request(transaction);
    if (this.#accepted?.toTag === dialog.remoteTag) usage.accepted(this.#accepted);
    if (this.#leaving) usage.unsubscribe();
    return true;
  }

  notified(usage: SubscriberUsage<State>, state: State | undefined): void {
    this.#user.notified(usage, state);
  }

  usageEnded(usage: SubscriberUsage<State>, end: UsageEnd): void {
    this.#usages.delete(usage);
    if (this.#usages.size === 0) this.#over(end);
  }

  /** RFC 6665 4.2.1.1: a 423 says how long it has to be; it is asked for once more, with that. */
  #isTooBrief(response: SipResponse): boolean {
    const minimum = response.get(MinExpires);
    const isLonger = typeof minimum === 'number' && minimum > this.#options.expires;
    if (response.status !== 423 || !isLonger || this.#tooBrief) return false;
    this.#tooBrief = true;
    this.#set?.close();
    this.#options = { ...this.#options, expires: minimum };
    this.start();
    return true;
  }

  /** No further NOTIFY makes a subscription. */
  #windowClosed(end: TryEnd): void {
    this.#closeWindow();
    if (this.#usages.size === 0) this.#over(end);
  }

  #closeWindow(): void {
    this.#timerN?.cancel();
    this.#set?.close();
  }

  #over(end: TryEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#closeWindow();
    this.#user.attemptEnded(end, this);
  }
}
