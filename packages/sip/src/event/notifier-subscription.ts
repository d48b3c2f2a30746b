import type { SipContext, Timer } from '../context.ts';
import type { Caller, DialogUsage } from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { responseEffect } from '../dialog/response-effect.ts';
import { SyntaxFault } from '../message/fault.ts';
import { headerField } from '../message/header.ts';
import { Event } from '../message/headers/event.ts';
import { RetryAfter } from '../message/headers/retry-after.ts';
import { SubscriptionState } from '../message/headers/subscription-state.ts';
import type { SipResponse } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { type EventKey, isOfEvent } from './event-match.ts';
import type { EventPackage, Published, StateWriter } from './event-package.ts';
import { notificationPace, type PaceAction, type PaceEvent, type PaceState } from './notification-pace.ts';
import { notifierMachine, type NotifierAction, type NotifierEvent, type NotifierState } from './notifier-machine.ts';
import { Running } from './run-machine.ts';

/** Why a notifier ends a subscription, as the NOTIFY says it (RFC 6665 4.1.3). */
export type TerminationReason =
  'deactivated' | 'probation' | 'rejected' | 'timeout' | 'giveup' | 'noresource' | 'invariant';

/** What a subscription needs of its notifier. */
export interface SubscriptionKeeper<State> {
  readonly context: SipContext;
  readonly package: EventPackage<State>;
  /** What there is to tell of a resource. */
  published(resource: string): Published<State> | undefined;
  /** A SUBSCRIBE within the dialog, for this subscription. */
  resubscribed(transaction: ServerTransaction, subscription: NotifierSubscription<State>): void;
  gone(subscription: NotifierSubscription<State>): void;
}

/** One who watches: what, for how long, and what of it he may see. */
export interface SubscriptionParts<State> {
  readonly event: EventKey;
  readonly resource: string;
  /** What of the state is for this watcher; undefined once there is nothing, nor will be. Without it all. */
  readonly view?: ((state: State) => State | undefined) | undefined;
  /** Who subscribed: an address of record. */
  readonly watcher: string;
  /** The same as it was known then; undefined where nobody sent a SUBSCRIBE. */
  readonly caller?: Caller | undefined;
}

/** One subscription in its dialog, seen from the notifier (RFC 6665 4.2). */
export class NotifierSubscription<State> implements DialogUsage {
  readonly kind = 'subscription';
  readonly watcher: string;
  readonly caller: Caller | undefined;
  readonly #dialog: Dialog;
  readonly #event: EventKey;
  readonly #keeper: SubscriptionKeeper<State>;
  readonly #writer: StateWriter<State>;
  readonly #machine: Running<NotifierState, NotifierEvent, NotifierAction>;
  readonly #pace: Running<PaceState, PaceEvent, PaceAction>;
  #resource: string;
  #view: SubscriptionParts<State>['view'];
  #granted = false;
  #expiresAt = 0;
  #expiryTimer: Timer | undefined = undefined;
  #restTimer: Timer | undefined = undefined;
  #sentAt = 0;
  /** How long a NOTIFY that was refused wants to be put off, in milliseconds. */
  #putOff = 0;
  /** What was published and not told yet. */
  #waiting: Published<State> | undefined = undefined;
  /** Whether the next NOTIFY tells all, and goes out even if there is nothing to tell. */
  #whole = true;
  #reason: TerminationReason = 'timeout';
  #retryAfter: number | undefined = undefined;

  constructor(dialog: Dialog, parts: SubscriptionParts<State>, keeper: SubscriptionKeeper<State>) {
    this.#resource = parts.resource;
    this.#view = parts.view;
    this.watcher = parts.watcher;
    this.caller = parts.caller;
    this.#dialog = dialog;
    this.#event = parts.event;
    this.#keeper = keeper;
    this.#writer = keeper.package.writer();
    this.#machine = new Running(notifierMachine, 'respWait', (action) => {
      this.#perform(action);
    });
    this.#pace = new Running(notificationPace, 'idle', (action) => {
      this.#keepPace(action);
    });
    dialog.addUsage(this);
  }

  get resource(): string {
    return this.#resource;
  }

  get state(): NotifierState {
    return this.#machine.state;
  }

  /** Whether it has not ended, nor is about to. */
  get stands(): boolean {
    return this.state !== 'terminated' && this.state !== 'gone';
  }

  /** What it sees from now on may be more or less than before: the policy was asked again. */
  show({ resource, view }: Pick<SubscriptionParts<State>, 'resource' | 'view'>): void {
    if (resource !== this.#resource) this.#waiting = undefined;
    this.#resource = resource;
    this.#view = view;
  }

  /** Lets it see the state, from now on. */
  grant(): void {
    if (!this.stands) return;
    this.#granted = true;
    this.#machine.run('granted');
  }

  /** Keeps it waiting for {@link grant}. */
  hold(): void {
    this.#machine.run('undecided');
  }

  /** How long it lasts from now on, in seconds; 0 ends it with one more NOTIFY. */
  lasts(seconds: number): void {
    this.#expiresAt = this.#now + seconds * 1000;
  }

  refresh(): void {
    this.#machine.run('refreshed');
  }

  /** It was to fetch the state only, or is given up. */
  unsubscribe(granted: boolean): void {
    this.#granted ||= granted;
    this.#reason = 'timeout';
    this.#machine.run('unsubscribed');
  }

  change(published: Published<State>): void {
    if (!this.#granted || !this.stands) return;
    const { coalesce } = this.#keeper.package;
    const waiting = this.#waiting;
    const seen = this.#seen(published);
    if (seen === undefined) {
      this.end('noresource');
      return;
    }
    this.#waiting =
      waiting === undefined || coalesce === undefined
        ? seen
        : { state: coalesce(waiting.state, seen.state), at: seen.at };
    this.#machine.run('changed');
  }

  /** Ends it, and says why. `retryAfter` is in seconds. */
  end(reason: TerminationReason, retryAfter?: number): void {
    if (!this.stands) return;
    this.#reason = reason;
    this.#retryAfter = retryAfter;
    this.#machine.run('ended');
  }

  /** Ends it with the last that there is to tell: there will be nothing more (`noresource`). */
  conclude(published: Published<State>): void {
    this.#waiting = published;
    this.end('noresource');
  }

  request(transaction: ServerTransaction): boolean {
    const { request } = transaction;
    if (request.method !== 'SUBSCRIBE' || !isOfEvent(request, this.#event)) return false;
    if (!this.stands) transaction.refuse(481);
    else this.#keeper.resubscribed(transaction, this);
    return true;
  }

  dialogEnded(): void {
    this.#machine.run('dialogEnded');
  }

  /** Ends it without a message. */
  stop(): void {
    this.#machine.run('dialogEnded');
  }

  get #now(): number {
    return this.#keeper.context.clock.now();
  }

  #perform(action: NotifierAction): void {
    switch (action) {
      case 'startExpiry':
        this.#startExpiry();
        break;
      case 'notifyWhole':
        this.#whole = true;
        this.#pace.run('urge');
        break;
      case 'notifyChange':
        this.#pace.run('want');
        break;
      case 'notifyLast':
        this.#whole = true;
        this.#expiryTimer?.cancel();
        this.#pace.run('urge');
        break;
      case 'drop':
        this.#expiryTimer?.cancel();
        this.#restTimer?.cancel();
        this.#dialog.removeUsage(this);
        this.#keeper.gone(this);
        break;
    }
  }

  #startExpiry(): void {
    this.#expiryTimer?.cancel();
    this.#expiryTimer = this.#keeper.context.clock.after(this.#expiresAt - this.#now, () => {
      this.#reason = 'timeout';
      this.#machine.run('expired');
    });
  }

  #keepPace(action: PaceAction): void {
    switch (action) {
      case 'send':
        this.#notify();
        break;
      case 'rest':
        this.#rest();
        break;
      case 'stopRest':
        this.#restTimer?.cancel();
        break;
    }
  }

  #rest(): void {
    const rest = Math.max(this.#sentAt + this.#keeper.package.minimumInterval - this.#now, this.#putOff);
    this.#putOff = 0;
    this.#restTimer = this.#keeper.context.clock.after(rest, () => {
      this.#pace.run('rested');
    });
  }

  #notify(): void {
    const isLast = this.state === 'terminated';
    const body = this.#body();
    if (body === undefined && !this.#whole) {
      this.#pace.run('nothing');
      return;
    }
    this.#whole = false;
    this.#putOff = 0;
    this.#sentAt = this.#now;
    this.#dialog.send(
      'NOTIFY',
      {
        response: (response) => {
          if (response.status >= 200) this.#answered(response, isLast);
        },
        failed: () => {
          this.#machine.run('notifyFailed');
        },
      },
      {
        headers: [headerField(Event, this.#event), headerField(SubscriptionState, this.#subscriptionState())],
        ...(body !== undefined && { body, contentType: this.#keeper.package.contentType }),
      },
    );
  }

  /** Nobody sees the state who may not; and what was waiting goes with all of it. */
  #body(): string | undefined {
    const published = this.#waiting ?? this.#seen(this.#keeper.published(this.#resource));
    this.#waiting = undefined;
    if (!this.#granted || published === undefined || this.#isRejected) return undefined;
    return this.#writer.write(published, this.#now, this.#whole);
  }

  #seen(published: Published<State> | undefined): Published<State> | undefined {
    if (this.#view === undefined || published === undefined) return published;
    const state = this.#view(published.state);
    return state === undefined ? undefined : { state, at: published.at };
  }

  get #isRejected(): boolean {
    return this.state === 'terminated' && this.#reason === 'rejected';
  }

  #subscriptionState(): SubscriptionState {
    const { state } = this;
    if (state === 'terminated') return { state, reason: this.#reason, retryAfter: this.#retryAfter };
    return { state, expires: Math.max(0, Math.floor((this.#expiresAt - this.#now) / 1000)) };
  }

  /** What is not taken is told whole the next time, for the far end knows it no more than before. */
  #answered(response: SipResponse, isLast: boolean): void {
    const { status } = response;
    if (status >= 300 && responseEffect(status) !== 'transaction') this.#machine.run('notifyFailed');
    else if (isLast) this.#machine.run('lastAnswered');
    else if (status < 300) this.#pace.run('answered');
    else {
      this.#whole = true;
      const after = response.get(RetryAfter);
      if (after === undefined || after instanceof SyntaxFault) this.#pace.run('answered');
      else {
        this.#putOff = after.seconds * 1000;
        this.#pace.run('postponed');
      }
    }
  }
}
