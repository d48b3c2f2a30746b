import { dialogEvent } from '@switchhook/sip';
import type { Clock, Subscription, Timer, Uri, WatchedDialogs } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import type { Failure } from '../failure.ts';
import { partyOfUri } from '../party.ts';
import type { Party } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import { failureOfSubscription } from './dialog-watch.ts';
import { redialMachine } from './redial-machine.ts';
import type { RedialAction, RedialEvent, RedialState } from './redial-machine.ts';

/** How an automatic redial is done. Times are in milliseconds. */
export interface RedialOptions {
  /** The person is alerted and says when to call, by {@link Redial.call}; without it the phone calls at once. */
  readonly ask?: boolean | undefined;
  /** How long it is kept up while the other one is busy; an hour without it. */
  readonly busyTime?: number | undefined;
  /** How long the person may take to answer an alert; 30 seconds without it. */
  readonly askTime?: number | undefined;
  /** How long it may ring at the other one's; what the phone has without it. */
  readonly ringTime?: number | undefined;
}

/** How an automatic redial ended. */
export type RedialEnd =
  | { readonly kind: 'connected'; readonly call: Call }
  | { readonly kind: 'cancelled' }
  /** `no-answer`: it rang, or alerted, and nobody came; `busy`: for as long as it was kept up. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Milliseconds that somebody is waited for who is busy, where nothing else is said. */
export const defaultBusyTime = 3_600_000;
/** Milliseconds that the person here is asked whether to call now, where nothing else is said. */
export const defaultAskTime = 30_000;

/** Milliseconds that somebody waits who has only begun to: others who have waited longer go first. */
export const longestTurn = 2_000;
/** Milliseconds of waiting that halve it. */
const halfTurn = 30_000;
/** Milliseconds that the other side has to say that the call stands, before the subscription ends. */
const leavingTime = 3_000;

/** Calls somebody who was busy as soon as he is not (RFC 5359 2.17). */
export class Redial {
  readonly to: Party;
  readonly #host: ServiceHost;
  readonly #target: Uri;
  readonly #options: RedialOptions;
  readonly #ended: (redial: Redial) => void;
  readonly #connected = Promise.withResolvers<Call>();
  readonly #since: number;
  #state: RedialState = 'watching';
  #end: RedialEnd | undefined = undefined;
  #subscription: Subscription<WatchedDialogs> | undefined = undefined;
  #isWatched = true;
  #isFree = false;
  /** That he is free calls for a call once: not again before he was busy. */
  #isArmed = true;
  #call: Call | undefined = undefined;
  #failure: Failure = { kind: 'busy' };
  #limit: Timer | undefined = undefined;
  #timer: Timer | undefined = undefined;
  #unlisten: () => void = () => undefined;

  /** For the phone. */
  constructor(host: ServiceHost, target: Uri, options: RedialOptions, ended: (redial: Redial) => void) {
    this.to = partyOfUri(target);
    this.#host = host;
    this.#target = target;
    this.#options = options;
    this.#ended = ended;
    this.#since = this.#clock.now();
    this.#connected.promise.catch(() => undefined);
  }

  /** Whether the person says when to call. */
  get asks(): boolean {
    return this.#options.ask === true;
  }

  get state(): RedialState {
    return this.#state;
  }

  /** Undefined before its end. */
  get end(): RedialEnd | undefined {
    return this.#end;
  }

  /** Resolves with the call when it is answered; rejects when it comes to nothing, or is cancelled. */
  async connected(): Promise<Call> {
    return await this.#connected.promise;
  }

  /** Calls, in answer to an alert. */
  call(): void {
    if (this.#state !== 'asking') throw new PhoneError({ kind: 'not-now' }, this.to.name);
    this.#run('agreed');
  }

  /** Gives it up; a call that it has made and that is answered stays. */
  cancel(): void {
    this.#run('cancel');
  }

  /** For the phone. */
  start(): void {
    this.#unlisten = this.#host.onEvent((event) => {
      if (event.kind === 'call' && event.event.kind !== 'ended') return;
      if (event.kind === 'call' || event.kind === 'incoming-call' || event.kind === 'outgoing-call') this.#look();
    });
    this.#keepUp();
    this.#subscription = this.#host.subscriber.subscribe({ package: dialogEvent, target: this.#target });
    void this.#watch(this.#subscription);
    this.#tell();
  }

  get #clock(): Clock {
    return this.#host.context.clock;
  }

  async #watch(subscription: Subscription<WatchedDialogs>): Promise<void> {
    for await (const state of subscription) {
      this.#isFree = state.dialogs.every((dialog) => dialog.state === 'terminated');
      if (!this.#isFree && this.#state !== 'calling') this.#isArmed = true;
      this.#look();
      if (isTalking(state)) this.#run('seen');
    }
    this.#isWatched = false;
    this.#failure = failureOfSubscription(await subscription.ended);
    this.#run('unwatched');
  }

  #look(): void {
    if (!this.#isFree) this.#run('busy');
    else if (this.#isArmed) this.#run(this.#host.calls.length > 0 ? 'freeForOthers' : 'free');
  }

  #run(event: RedialEvent): void {
    const step = redialMachine[this.#state][event];
    if (step === undefined) return;
    this.#state = step.to;
    for (const action of step.actions) this.#perform(action);
    // An action may have led on already, and told of that.
    if (this.#state === step.to) this.#tell();
  }

  #perform(action: RedialAction): void {
    switch (action) {
      case 'startTurn':
        this.#timer = this.#clock.after(this.#turn(), () => this.#run('due'));
        break;
      case 'stopTurn':
      case 'stopAsking':
        this.#timer?.cancel();
        break;
      case 'alert':
        this.#alert();
        break;
      case 'dial':
        this.#dial();
        break;
      case 'waitOn':
        this.#waitOn();
        break;
      case 'startLeaving':
        this.#leave();
        break;
      case 'giveUpCall':
        void this.#call?.hangUp();
        break;
      case 'endConnected':
        if (this.#call !== undefined) this.#conclude({ kind: 'connected', call: this.#call });
        break;
      case 'endFailed':
        this.#conclude({ kind: 'failed', failure: this.#failure });
        break;
      case 'endCancelled':
        this.#conclude({ kind: 'cancelled' });
        break;
      case 'finish':
        this.#finish();
        break;
    }
  }

  /** The longer somebody has waited, the sooner he calls: so those who wait need not know of each other. */
  #turn(): number {
    const waited = this.#clock.now() - this.#since;
    return (longestTurn * halfTurn) / (halfTurn + waited);
  }

  #keepUp(): void {
    const until = this.#since + (this.#options.busyTime ?? defaultBusyTime);
    this.#limit = this.#clock.after(Math.max(0, until - this.#clock.now()), () => {
      this.#failure = { kind: 'busy' };
      this.#run('timeOut');
    });
  }

  #alert(): void {
    if (this.#options.ask !== true) {
      this.#run('agreed');
      return;
    }
    this.#timer = this.#clock.after(this.#options.askTime ?? defaultAskTime, () => {
      this.#failure = { kind: 'no-answer' };
      this.#run('timeOut');
    });
  }

  #dial(): void {
    this.#limit?.cancel();
    this.#isArmed = false;
    try {
      const call = this.#host.dial(this.#target, { ringTime: this.#options.ringTime });
      this.#call = call;
      void this.#follow(call);
    } catch (error) {
      this.#fail(error, false);
    }
  }

  async #follow(call: Call): Promise<void> {
    let rang = false;
    const unlisten = call.onEvent((event) => (rang ||= event.kind === 'state' && event.state === 'ringing'));
    try {
      await call.answered();
      this.#run('answered');
    } catch (error) {
      this.#fail(error, rang);
    } finally {
      unlisten();
    }
  }

  /** Whoever says that he is busy after it has rung does not want to be called. */
  #fail(error: unknown, rang: boolean): void {
    this.#failure = error instanceof PhoneError ? error.failure : { kind: 'refused' };
    const { kind } = this.#failure;
    this.#run(kind === 'busy' && !rang ? 'busyAgain' : kind === 'cancelled' ? 'cancel' : 'failed');
  }

  #waitOn(): void {
    this.#call = undefined;
    this.#isArmed = !this.#isFree;
    this.#keepUp();
    if (!this.#isWatched) this.#run('unwatched');
  }

  /** RFC 5359 2.17 F14 comes before F16. */
  #leave(): void {
    this.#timer = this.#clock.after(leavingTime, () => this.#run('seen'));
    const latest = this.#subscription?.latest;
    if (!this.#isWatched || (latest !== undefined && isTalking(latest))) this.#run('seen');
  }

  #conclude(end: RedialEnd): void {
    this.#end = end;
    if (end.kind === 'connected') this.#connected.resolve(end.call);
    else {
      const failure: Failure = end.kind === 'failed' ? end.failure : { kind: 'cancelled' };
      this.#connected.reject(new PhoneError(failure, this.to.name));
    }
  }

  #finish(): void {
    this.#limit?.cancel();
    this.#timer?.cancel();
    this.#unlisten();
    void this.#subscription?.unsubscribe();
    this.#ended(this);
  }

  #tell(): void {
    this.#host.emit({ kind: 'redial', redial: this, state: this.#state });
  }
}

function isTalking({ dialogs }: WatchedDialogs): boolean {
  return dialogs.some(({ state }) => state === 'confirmed');
}
