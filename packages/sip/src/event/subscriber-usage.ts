import type { Clock, SipContext, Timer } from '../context.ts';
import type { DialogEnd, DialogUsage } from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { BodyPart } from '../message/body/body-part.ts';
import { bestOf } from '../message/body/multipart.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import { headerField } from '../message/header.ts';
import { Event } from '../message/headers/event.ts';
import { Expires } from '../message/headers/expires.ts';
import { MinExpires } from '../message/headers/min-expires.ts';
import { RetryAfter } from '../message/headers/retry-after.ts';
import { SubscriptionState } from '../message/headers/subscription-state.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { defaultTimers } from '../transaction/timers.ts';
import { type EventKey, isOfEvent } from './event-match.ts';
import type { EventPackage, Reading, StateReader } from './event-package.ts';
import { Running } from './run-machine.ts';
import {
  subscriberMachine,
  type SubscriberAction,
  type SubscriberEvent,
  type SubscriberState,
} from './subscriber-machine.ts';

/** RFC 6665 4.1.2.4, in milliseconds. */
export const timerN = 64 * defaultTimers.T1;

/** No two SUBSCRIBEs of a subscription go out within this time, in milliseconds, whatever the notifier says. */
const minimumRefreshInterval = 5000;

/** The responses to a SUBSCRIBE within a dialog that end the subscription (RFC 6665 4.1.2.2). */
const endingStatuses: ReadonlySet<number> = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);

/** How one subscription came to its end. */
export type UsageEnd =
  | { readonly kind: 'notifier'; readonly reason: string | undefined; readonly retryAfter: number | undefined }
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'refused'; readonly response: SipResponse | undefined }
  | { readonly kind: 'dialog'; readonly reason: DialogEnd };

/** Who has subscribed. */
export interface UsageUser<State> {
  /** A NOTIFY came, with state or without. */
  notified(usage: SubscriberUsage<State>, state: State | undefined): void;
  usageEnded(usage: SubscriberUsage<State>, end: UsageEnd): void;
}

export interface UsageOptions<State> {
  readonly package: EventPackage<State>;
  readonly event: EventKey;
  /** What every SUBSCRIBE asks for, in seconds; 0 for a fetch. */
  readonly expires: number;
}

/** One subscription in its dialog (RFC 6665 4.1). */
export class SubscriberUsage<State> implements DialogUsage {
  readonly kind = 'subscription';
  readonly dialog: Dialog;
  readonly #context: SipContext;
  readonly #options: UsageOptions<State>;
  readonly #user: UsageUser<State>;
  readonly #reader: StateReader<State>;
  readonly #machine: Running<SubscriberState, SubscriberEvent, SubscriberAction>;
  #latest: State | undefined = undefined;
  #expires: number;
  #expiresAt: number;
  /** Whether a NOTIFY has said how long it lasts, since the last SUBSCRIBE. */
  #toldByNotify = false;
  #subscribedAt: number;
  /** Whether this refresh has met a 423 already. */
  #tooBrief = false;
  /** Counts SUBSCRIBEs: what comes of an earlier one is of no interest. */
  #attempt = 0;
  #timerN: Timer | undefined = undefined;
  #refreshTimer: Timer | undefined = undefined;
  #expiryTimer: Timer | undefined = undefined;
  /** What the event that runs is about. */
  #notify: SubscriptionState | undefined = undefined;
  #news: State | undefined = undefined;
  #response: SipResponse | undefined = undefined;
  #dialogEnd: DialogEnd | undefined = undefined;

  constructor(context: SipContext, dialog: Dialog, options: UsageOptions<State>, user: UsageUser<State>) {
    this.dialog = dialog;
    this.#context = context;
    this.#options = options;
    this.#user = user;
    this.#reader = options.package.reader();
    this.#subscribedAt = context.clock.now();
    this.#expires = options.expires;
    this.#expiresAt = this.#subscribedAt + options.expires * 1000;
    this.#machine = new Running(subscriberMachine, options.expires === 0 ? 'leaving' : 'notifyWait', (action) => {
      this.#perform(action);
    });
  }

  get state(): SubscriberState {
    return this.#machine.state;
  }

  /** What the notifier said last. */
  get latest(): State | undefined {
    return this.#latest;
  }

  get #clock(): Clock {
    return this.#context.clock;
  }

  /** Joins the dialog, and waits for a NOTIFY until Timer N. */
  start(): void {
    this.dialog.addUsage(this);
    this.#startTimerN();
  }

  /** The 2xx to the SUBSCRIBE that made it. */
  accepted(response: SipResponse): void {
    this.#answered('accepted', response);
  }

  unsubscribe(): void {
    this.#machine.run('unsubscribe');
  }

  request(transaction: ServerTransaction): boolean {
    const { request } = transaction;
    if (request.method !== 'NOTIFY' || !isOfEvent(request, this.#options.event)) return false;
    const state = request.get(SubscriptionState);
    if (state === undefined || state instanceof SyntaxFault) {
      const reason = state === undefined ? 'Missing Subscription-State' : state.reason;
      this.dialog.respond(transaction, 400, { reason });
      return true;
    }
    const reading = this.#read(request);
    if (reading instanceof SyntaxFault) {
      const headers: HeaderInit[] = reading.status === 415 ? [['Accept', this.#options.package.contentType]] : [];
      this.dialog.respond(transaction, reading.status, { reason: reading.reason, headers });
    } else {
      this.dialog.respond(transaction, 200);
      if (reading?.kind === 'state') this.#latest = this.#news = reading.state;
    }
    if (!(reading instanceof SyntaxFault) || state.state === 'terminated') this.#notified(state);
    this.#news = undefined;
    if (reading instanceof SyntaxFault || (reading?.kind === 'state' && !reading.complete)) {
      this.#machine.run('stateMissed');
    }
    return true;
  }

  dialogEnded(reason: DialogEnd): void {
    this.#dialogEnd = reason;
    this.#machine.run('dialogEnded');
  }

  /** Ends it without a message and without a word. */
  stop(): void {
    this.#stopTimers();
    this.#attempt += 1;
    this.dialog.removeUsage(this);
  }

  #read(request: SipRequest): Reading<State> | undefined | SyntaxFault {
    if (request.body === '') return undefined;
    const { contentType } = this.#options.package;
    const part = bestOf(BodyPart.of(request), (each) => each.mediaType === contentType);
    return part === undefined ? new SyntaxFault('another type of body', 0, 415) : this.#reader.read(part.content);
  }

  #notified(state: SubscriptionState): void {
    this.#notify = state;
    const { state: word } = state;
    this.#machine.run(
      word === 'terminated' ? 'notifyTerminated' : word === 'pending' ? 'notifyPending' : 'notifyActive',
    );
    this.#notify = undefined;
  }

  #answered(event: SubscriberEvent, response: SipResponse | undefined): void {
    this.#response = response;
    this.#machine.run(event);
    this.#response = undefined;
  }

  #perform(action: SubscriberAction): void {
    switch (action) {
      case 'startTimerN':
        this.#startTimerN();
        break;
      case 'stopTimerN':
        this.#timerN?.cancel();
        break;
      case 'takeNotify':
        this.#takeNotify();
        break;
      case 'takeAnswer':
        this.#takeAnswer();
        break;
      case 'sendSubscribe':
        this.#subscribe(this.#expires);
        break;
      case 'sendUnsubscribe':
        this.#stopTimers();
        this.#subscribe(0);
        break;
      case 'hastenRefresh':
        this.#refreshIn(0);
        break;
      case 'postponeRefresh':
        this.#refreshIn(this.#secondTry());
        break;
      case 'endByNotifier':
        this.#end({ kind: 'notifier', reason: this.#notify?.reason, retryAfter: this.#notify?.retryAfter });
        break;
      case 'endUnanswered':
        this.#end({ kind: 'unanswered' });
        break;
      case 'endRefused':
        this.#end({ kind: 'refused', response: this.#response });
        break;
      case 'endExpired':
        this.#end({ kind: 'expired' });
        break;
      case 'endWithDialog':
        this.#end({ kind: 'dialog', reason: this.#dialogEnd ?? { kind: 'unused' } });
        break;
    }
  }

  #takeNotify(): void {
    const expires = this.#notify?.expires;
    if (this.state === 'pending' || this.state === 'active') {
      if (expires !== undefined) this.#toldByNotify = true;
      this.#lastsFor(expires ?? (this.#expiresAt - this.#clock.now()) / 1000);
    }
    this.#user.notified(this, this.#news);
  }

  /** The time that a response grants; it is never longer than what was asked for (RFC 6665 4.2.1.1). */
  #takeAnswer(): void {
    if (this.#response?.status === 204) this.#timerN?.cancel();
    if (this.#toldByNotify) return;
    const expires = this.#response?.get(Expires);
    this.#lastsFor(typeof expires === 'number' ? Math.min(expires, this.#expires) : this.#expires);
  }

  #lastsFor(seconds: number): void {
    const milliseconds = Math.max(0, seconds * 1000);
    this.#expiresAt = this.#clock.now() + milliseconds;
    this.#expiryTimer?.cancel();
    this.#expiryTimer = this.#clock.after(milliseconds, () => {
      this.#machine.run('expired');
    });
    this.#refreshIn(milliseconds - this.#margin(milliseconds));
  }

  /** How long before the end it is renewed: time for Timer F and a second try, and not all phones at once. */
  #margin(milliseconds: number): number {
    return Math.min(milliseconds / 2, 60_000 + this.#context.random.fraction() * 30_000);
  }

  #secondTry(): number {
    const after = this.#response?.get(RetryAfter);
    if (after !== undefined && !(after instanceof SyntaxFault)) return after.seconds * 1000;
    return (this.#expiresAt - this.#clock.now()) / 2;
  }

  #refreshIn(milliseconds: number): void {
    const earliest = this.#subscribedAt + minimumRefreshInterval - this.#clock.now();
    this.#refreshTimer?.cancel();
    this.#refreshTimer = this.#clock.after(Math.max(milliseconds, earliest), () => {
      this.#machine.run('refreshDue');
    });
  }

  #subscribe(expires: number): void {
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#subscribedAt = this.#clock.now();
    this.#toldByNotify = false;
    const current = (take: () => void): void => {
      if (attempt === this.#attempt) take();
    };
    this.dialog.send(
      'SUBSCRIBE',
      {
        response: (response) => {
          if (response.status >= 200) {
            current(() => {
              this.#final(response);
            });
          }
        },
        failed: ({ status }) => {
          current(() => {
            this.#answered(status === 408 ? 'timerN' : 'failed', undefined);
          });
        },
      },
      { headers: subscribeHeaders(this.#options, expires) },
    );
  }

  #final(response: SipResponse): void {
    const { status } = response;
    const minimum = response.get(MinExpires);
    if (status < 300) {
      this.#tooBrief = false;
      this.#answered('accepted', response);
    } else if (status === 423 && typeof minimum === 'number' && minimum > this.#expires && !this.#tooBrief) {
      this.#tooBrief = true;
      this.#expires = minimum;
      this.#answered('tooBrief', response);
    } else this.#answered(endingStatuses.has(status) ? 'refused' : 'failed', response);
  }

  #startTimerN(): void {
    this.#timerN?.cancel();
    this.#timerN = this.#clock.after(timerN, () => {
      this.#machine.run('timerN');
    });
  }

  #stopTimers(): void {
    this.#timerN?.cancel();
    this.#refreshTimer?.cancel();
    this.#expiryTimer?.cancel();
  }

  #end(end: UsageEnd): void {
    this.stop();
    this.#user.usageEnded(this, end);
  }
}

/** What a SUBSCRIBE says, within a dialog and outside. */
export function subscribeHeaders<State>(
  { package: { contentType }, event }: Pick<UsageOptions<State>, 'package' | 'event'>,
  expires: number,
): HeaderInit[] {
  return [headerField(Event, event), headerField(Expires, expires), ['Accept', contentType]];
}
