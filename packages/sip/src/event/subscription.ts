import { onAbort } from '../abort.ts';
import type { AbortSource, Timer } from '../context.ts';
import type { UserAgentCore } from '../dialog/contract.ts';
import type { EventPackage } from './event-package.ts';
import { Running } from './run-machine.ts';
import { StateQueue } from './state-queue.ts';
import type { SubscriberUsage, UsageOptions } from './subscriber-usage.ts';
import { type AttemptUser, type SubscribeTarget, SubscriptionAttempt } from './subscription-attempt.ts';
import { sequelOf, type SubscriptionEnd, type TryEnd } from './subscription-end.ts';
import {
  subscriptionMachine,
  type SubscriptionAction,
  type SubscriptionEvent,
  type SubscriptionPhase,
} from './subscription-machine.ts';

/** States that are kept for whoever iterates slowly. */
const maximumWaitingStates = 16;

/** A subscription that has stood for so long, in milliseconds, was no failure. */
const soundAge = 60_000;
/** The longest time between two tries, in milliseconds, where nobody has said how long. */
const longestRest = 300_000;

/** What to subscribe to. */
export interface SubscribeOptions<State> extends SubscribeTarget {
  /** One of those that the subscriber was made with. */
  readonly package: EventPackage<State>;
  /** Seconds to ask for at a time; without it what the package says. 0 fetches the state once. */
  readonly expires?: number | undefined;
  /** The `id` of Event. */
  readonly id?: string | undefined;
  /** Unsubscribes when it aborts. */
  readonly signal?: AbortSource | undefined;
}

/**
 * - `waiting`: the SUBSCRIBE is out, and no NOTIFY has come
 * - `pending`: the notifier has not decided yet
 * - `active`
 * - `resting`: it broke off, and is tried again after a while
 * - `leaving`: the end was asked for, the last NOTIFY has not come
 * - `ended`
 */
export type SubscriptionStatus = 'waiting' | 'pending' | 'active' | 'resting' | 'leaving' | 'ended';

/**
 * A subscription (RFC 6665). Iterating it gives the states as they come, by one reader; leaving the loop unsubscribes.
 * It is refreshed, and subscribed to anew when the notifier or the network lets it down after it has once stood.
 */
export class Subscription<State> implements AsyncIterable<State>, AttemptUser<State> {
  /** Resolves when all is over. */
  readonly ended: Promise<SubscriptionEnd>;
  readonly #core: UserAgentCore;
  readonly #options: SubscribeOptions<State>;
  readonly #forget: (subscription: Subscription<State>) => void;
  readonly #machine: Running<SubscriptionPhase, SubscriptionEvent, SubscriptionAction>;
  readonly #queue = new StateQueue<State>(maximumWaitingStates);
  readonly #resolve: (end: SubscriptionEnd) => void;
  #endAbort: () => void = () => undefined;
  #attempt: SubscriptionAttempt<State> | undefined = undefined;
  #timer: Timer | undefined = undefined;
  #latest: State | undefined = undefined;
  /** When the first NOTIFY of this try came. */
  #standsSince: number | undefined = undefined;
  #everStood = false;
  /** How many tries have failed one after the other. */
  #failures = 0;
  /** What the event that runs is about. */
  #news: State | undefined = undefined;
  #rest = 0;
  #end: SubscriptionEnd = { kind: 'unsubscribed' };

  /** For the subscriber. */
  constructor(
    core: UserAgentCore,
    options: SubscribeOptions<State>,
    forget: (subscription: Subscription<State>) => void,
  ) {
    this.#core = core;
    this.#options = options;
    this.#forget = forget;
    let resolve: (end: SubscriptionEnd) => void = () => undefined;
    this.ended = new Promise((settle) => (resolve = settle));
    this.#resolve = resolve;
    this.#machine = new Running(subscriptionMachine, 'initial', (action) => {
      this.#perform(action);
    });
  }

  get status(): SubscriptionStatus {
    const { state } = this.#machine;
    if (state === 'initial' || state === 'trying') return 'waiting';
    if (state !== 'standing') return state;
    return [...(this.#attempt?.usages ?? [])].some((usage) => usage.state === 'active') ? 'active' : 'pending';
  }

  /** The state that came last. */
  get latest(): State | undefined {
    return this.#latest;
  }

  /** For the subscriber. */
  start(): void {
    const { signal } = this.#options;
    this.#endAbort = onAbort(signal, () => {
      void this.unsubscribe();
    });
    if (signal?.aborted !== true) this.#machine.run('start');
  }

  /** Ends it: no state comes any more. Resolves when the notifier has confirmed it, or has had time to. */
  unsubscribe(): Promise<SubscriptionEnd> {
    this.#end = { kind: 'unsubscribed' };
    this.#machine.run('unsubscribe');
    return this.ended;
  }

  /** Ends it without a message. For the subscriber. */
  stop(): void {
    this.#end = { kind: 'stopped' };
    this.#machine.run('stopped');
  }

  [Symbol.asyncIterator](): AsyncIterator<State, undefined> {
    return {
      next: () => this.#queue.next(),
      return: () => {
        void this.unsubscribe();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  notified(usage: SubscriberUsage<State>, state: State | undefined): void {
    this.#news = state === undefined ? undefined : this.#merged(usage, state);
    this.#machine.run('notified');
    this.#news = undefined;
  }

  attemptEnded(end: TryEnd): void {
    this.#attempt = undefined;
    const isFetched = this.#options.expires === 0 && this.#standsSince !== undefined;
    const sequel = isFetched ? ({ kind: 'over', end: { kind: 'fetched' } } as const) : sequelOf(end, this.#everStood);
    const { clock } = this.#core.context;
    const isSound = this.#standsSince !== undefined && clock.now() - this.#standsSince >= soundAge;
    this.#failures = isSound ? 0 : this.#failures;
    this.#standsSince = undefined;
    if (sequel.kind === 'over') {
      if (this.#machine.state !== 'leaving') this.#end = sequel.end;
      this.#machine.run('over');
    } else {
      const least = this.#failures === 0 && (sequel.atOnce || sequel.seconds !== undefined) ? 0 : this.#growingRest();
      this.#failures += 1;
      this.#rest = Math.max((sequel.seconds ?? 0) * 1000, least);
      this.#machine.run('again');
    }
  }

  #growingRest(): number {
    const longest = Math.min(longestRest, 2 ** (this.#failures + 1) * 1000);
    return longest * (0.5 + this.#core.context.random.fraction() / 2);
  }

  #merged(usage: SubscriberUsage<State>, state: State): State {
    const { merge } = this.#options.package;
    const others: State[] = [];
    for (const other of this.#attempt?.usages ?? []) {
      if (other !== usage && other.latest !== undefined) others.push(other.latest);
    }
    return merge === undefined || others.length === 0 ? state : merge([...others, state]);
  }

  #perform(action: SubscriptionAction): void {
    switch (action) {
      case 'subscribe':
        this.#attempt = new SubscriptionAttempt(this.#core, this.#options, this.#usageOptions(), this);
        this.#attempt.start();
        break;
      case 'tell':
        this.#tell();
        break;
      case 'rest':
        this.#timer = this.#core.context.clock.after(this.#rest, () => {
          this.#machine.run('rested');
        });
        break;
      case 'leave':
        this.#queue.close();
        this.#attempt?.unsubscribe();
        break;
      case 'drop':
        this.#attempt?.stop();
        break;
      case 'finish':
        this.#finish();
        break;
    }
  }

  #tell(): void {
    this.#standsSince ??= this.#core.context.clock.now();
    this.#everStood = true;
    if (this.#news === undefined) return;
    this.#latest = this.#news;
    this.#queue.push(this.#news);
  }

  #finish(): void {
    this.#timer?.cancel();
    this.#queue.close();
    this.#endAbort();
    this.#forget(this);
    this.#resolve(this.#end);
  }

  #usageOptions(): UsageOptions<State> {
    const { package: eventPackage, id, expires = eventPackage.defaultExpires } = this.#options;
    return { package: eventPackage, event: { type: eventPackage.name, id }, expires };
  }
}
