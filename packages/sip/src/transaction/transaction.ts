import type { Flow, TransportError } from '../transport/contract.ts';
import { LineTimer, type TimerOwner } from './delay-line.ts';
import type { InviteClientEvent } from './invite-client.ts';
import type { InviteServerEvent } from './invite-server.ts';
import type { Step } from './machine.ts';
import type { NonInviteClientEvent } from './non-invite-client.ts';
import type { NonInviteServerEvent } from './non-invite-server.ts';
import type { TimerDurations } from './timers.ts';
import type { TransactionHost } from './transaction-host.ts';

export type TransactionEvent = InviteClientEvent | NonInviteClientEvent | InviteServerEvent | NonInviteServerEvent;

/** Either machine of a side: the tables differ, the runner does not. */
export type Table<State extends string, Action extends string> = Readonly<
  Record<string, Readonly<Partial<Record<TransactionEvent, Step<State, Action>>>>>
>;

/** Runs a table: what both sides of a transaction have in common. */
export abstract class Transaction<State extends string, Action extends string> implements TimerOwner<TransactionEvent> {
  readonly flow: Flow;
  protected readonly host: TransactionHost;
  protected readonly durations: TimerDurations;
  protected error: TransportError | undefined = undefined;
  readonly #table: Table<State, Action>;
  /** What repeats a message (A, E, G), or says 100 for the user. */
  #repetition: LineTimer<TransactionEvent> | undefined = undefined;
  /** What ends the state, but for one in which it only waits to be forgotten. */
  #limit: LineTimer<TransactionEvent> | undefined = undefined;
  #errorTimer: LineTimer<TransactionEvent> | undefined = undefined;
  #state: State | 'terminated';
  #interval = 0;

  constructor(host: TransactionHost, flow: Flow, table: Table<State, Action>, initial: State) {
    this.host = host;
    this.flow = flow;
    this.durations = host.durations(flow.reliable);
    this.#table = table;
    this.#state = initial;
  }

  get state(): State | 'terminated' {
    return this.#state;
  }

  /** Sending failed, or the connection ended. The user hears of it later, never from within his own call. */
  transportFailed(error: TransportError): void {
    if (this.#table[this.#state]?.transportError === undefined || this.#errorTimer?.line !== undefined) return;
    this.error = error;
    this.#errorTimer ??= new LineTimer<TransactionEvent>(this);
    this.host.lines.arm(this.#errorTimer, 0, 'transportError');
  }

  /** One of its timers is due. */
  timer(event: TransactionEvent): void {
    this.run(event);
  }

  /** For whom sends something of it. Made for each message, for a transaction is kept longer than it sends. */
  protected get onError(): (error: TransportError) => void {
    return (error) => {
      this.transportFailed(error);
    };
  }

  protected run(event: TransactionEvent): void {
    const step = this.#table[this.#state]?.[event];
    if (step === undefined) return;
    this.#state = step.to;
    for (const action of step.actions) this.perform(action);
    if (step.to === 'terminated') this.end();
  }

  /** Ends it, from wherever it is. */
  protected end(): void {
    this.#state = 'terminated';
    this.stopTimers();
    this.#errorTimer?.cancel();
    this.ended();
  }

  protected abstract perform(action: Action): void;

  protected abstract ended(): void;

  /** Arms the timer that repeats, for an interval that can be doubled. */
  protected repeatAfter(milliseconds: number, event: TransactionEvent): void {
    this.#interval = milliseconds;
    this.#repetition ??= new LineTimer<TransactionEvent>(this);
    this.host.lines.arm(this.#repetition, milliseconds, event);
  }

  protected repeatAfterTwice(event: TransactionEvent, longest: number): void {
    this.repeatAfter(Math.min(2 * this.#interval, longest), event);
  }

  /** Arms the timer that ends the state. */
  protected limitTo(milliseconds: number, event: TransactionEvent): void {
    this.#limit ??= new LineTimer<TransactionEvent>(this);
    this.host.lines.arm(this.#limit, milliseconds, event);
  }

  /** Has the transaction end, of which nothing is heard any more but repetitions. */
  protected forgetAfter(milliseconds: number, event: TransactionEvent): void {
    this.host.lines.armPatiently(this, milliseconds, event);
  }

  protected stopTimers(): void {
    this.#repetition?.cancel();
    this.#repetition = undefined;
    this.#limit?.cancel();
    this.#limit = undefined;
  }
}
