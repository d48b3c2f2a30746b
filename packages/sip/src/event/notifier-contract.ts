import type { Caller } from '../dialog/contract.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipRequest } from '../message/message.ts';
import type { Uri } from '../message/uri.ts';
import type { EventPackage } from './event-package.ts';

/** Somebody asks to be told of something. */
export interface SubscriptionRequest {
  /** What is asked for: the Request-URI; within a dialog, the contact of this side. */
  readonly target: Uri;
  /** Who asks, as far as it is known; whoever subscribed, where a request within his dialog does not prove anything new. */
  readonly watcher: Caller;
  readonly request: SipRequest;
  /** What is watched already, where a SUBSCRIBE renews it: its target does not say. */
  readonly resource?: string | undefined;
}

/** What a watcher is to see. */
export interface Grant<State> {
  /** What {@link Notifier.publish} calls it. */
  readonly resource: string;
  /** What of its state is for this watcher; without it all. Undefined once there is nothing, nor will be: it ends. */
  readonly view?: ((state: State) => State | undefined) | undefined;
}

/** What a notifier is to say to it. */
export type Authorization<State> =
  | ({ readonly kind: 'accept' } & Grant<State>)
  /**
   * It takes a while to decide: the watcher is told so, and no state. `decision` grants or rejects; when it throws, the
   * watcher is told that nobody could decide (RFC 6665 4.2.1.3).
   */
  | ({ readonly kind: 'pending'; readonly decision: Promise<boolean> } & Grant<State>)
  /** 403 or 603 for who may not, 404 for what is not there, 401 with the challenges for who has to prove who he is. */
  | {
      readonly kind: 'reject';
      readonly status: number;
      readonly reason?: string;
      readonly headers?: readonly HeaderInit[];
    };

/** What a notifier keeps at most. */
export interface NotifierLimits {
  /** Subscriptions in all; a further SUBSCRIBE gets 503 with Retry-After. */
  readonly subscriptions: number;
  /** Subscriptions of one watcher, by the address of record that he gives; likewise. */
  readonly subscriptionsPerWatcher: number;
}

/** What holds where nothing else is said; docs/limits.md says why. */
export const defaultNotifierLimits: NotifierLimits = { subscriptions: 1000, subscriptionsPerWatcher: 20 };

/** The package of a notifier, who may subscribe, and what there is to be told (RFC 6665 4.2). */
export interface NotifierOptions<State> {
  readonly package: EventPackage<State>;
  /**
   * Decides on each SUBSCRIBE, the refreshing ones, too. A promise is for what machines decide, as the check of a password:
   * the SUBSCRIBE has no answer before it (RFC 6665 4.2.1.1). Where it throws the answer is 500.
   */
  authorize(request: SubscriptionRequest): Authorization<State> | Promise<Authorization<State>>;
  /**
   * The state of a resource that nothing was published of. It is asked when somebody begins to watch, and what it says counts
   * as published for as long as somebody does; so nothing is kept of what nobody watches.
   */
  readonly stateOf?: ((resource: string) => State | undefined) | undefined;
  /** Seconds; a SUBSCRIBE that asks for less, but not for 0, gets 423. 60 if not given, 3600 at most (RFC 6665 4.2.1.1). */
  readonly minimumExpires?: number | undefined;
  /** Seconds; what asks for more gets this. 7200 if not given. */
  readonly maximumExpires?: number | undefined;
  readonly limits?: Partial<NotifierLimits> | undefined;
}

/** What a notifier holds; all zeros when it has stopped, or has nothing to tell and nobody to tell it to. */
export interface NotifierStats {
  readonly subscriptions: number;
  readonly resources: number;
}
