import type { Clock, Timer } from '../context.ts';
import { PatientLine } from './patient-line.ts';

/** Who hears that a timer of a line is due. */
export interface TimerOwner<Event> {
  timer(event: Event): void;
}

/** A timer that is armed again and again, and costs nothing but two links in a list each time. */
export class LineTimer<Event> {
  readonly owner: TimerOwner<Event>;
  event: Event | undefined = undefined;
  due = 0;
  line: DelayLine<Event> | undefined = undefined;
  previous: LineTimer<Event> | undefined = undefined;
  next: LineTimer<Event> | undefined = undefined;

  constructor(owner: TimerOwner<Event>) {
    this.owner = owner;
  }

  cancel(): void {
    this.line?.remove(this);
  }
}

/**
 * Every timer of one duration. They fall due in the order in which they were armed, so a queue does, with one timer
 * of the clock for its head. A proxy under load arms thousands a second, and few of them ever fire.
 */
export class DelayLine<Event> {
  readonly #clock: Clock;
  readonly #duration: number;
  readonly #fire = (): void => {
    this.#due();
  };
  #first: LineTimer<Event> | undefined = undefined;
  #last: LineTimer<Event> | undefined = undefined;
  #clockTimer: Timer | undefined = undefined;
  #length = 0;

  constructor(clock: Clock, duration: number) {
    this.#clock = clock;
    this.#duration = duration;
  }

  get length(): number {
    return this.#length;
  }

  arm(timer: LineTimer<Event>, event: Event): void {
    timer.cancel();
    timer.event = event;
    timer.due = this.#clock.now() + this.#duration;
    timer.line = this;
    timer.previous = this.#last;
    if (this.#last === undefined) this.#first = timer;
    else this.#last.next = timer;
    this.#last = timer;
    this.#length += 1;
    this.#clockTimer ??= this.#clock.after(this.#duration, this.#fire);
  }

  /** The clock's timer stays for the next one that is armed, at the cost of once looking in vain. */
  remove(timer: LineTimer<Event>): void {
    const { previous, next } = timer;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    timer.previous = undefined;
    timer.next = undefined;
    timer.line = undefined;
    this.#length -= 1;
  }

  stop(): void {
    this.#clockTimer?.cancel();
    this.#clockTimer = undefined;
    while (this.#first !== undefined) this.remove(this.#first);
  }

  #due(): void {
    const now = this.#clock.now();
    for (let timer = this.#first; timer !== undefined && timer.due <= now; timer = this.#first) {
      const { event } = timer;
      this.remove(timer);
      if (event !== undefined) timer.owner.timer(event);
    }
    const head = this.#first;
    if (head === undefined) this.#clockTimer = undefined;
    else this.#clockTimer = this.#clock.after(Math.max(0, head.due - this.#clock.now()), this.#fire);
  }
}

/** The lines of every duration in use. There are few: the timers of the machines and their doublings. */
export class DelayLines<Event> {
  readonly #clock: Clock;
  readonly #exact = new Map<number, DelayLine<Event>>();
  readonly #patient = new Map<number, PatientLine<Event>>();
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many timers are armed. */
  get length(): number {
    let length = 0;
    for (const line of this.#all()) length += line.length;
    return length;
  }

  /** Arms the timer, which is taken from where it was. After {@link stop} nothing is armed any more. */
  arm(timer: LineTimer<Event>, duration: number, event: Event): void {
    if (this.#stopped) return;
    let line = this.#exact.get(duration);
    if (line === undefined) {
      line = new DelayLine(this.#clock, duration);
      this.#exact.set(duration, line);
    }
    line.arm(timer, event);
  }

  /** Tells the owner, once and for all, when something may be forgotten: late by a 128th of the duration at most, or by 100 ms. */
  armPatiently(owner: TimerOwner<Event>, duration: number, event: Event): void {
    if (this.#stopped) return;
    let line = this.#patient.get(duration);
    if (line === undefined) {
      line = new PatientLine(this.#clock, duration);
      this.#patient.set(duration, line);
    }
    line.arm(owner, event);
  }

  stop(): void {
    this.#stopped = true;
    for (const line of this.#all()) line.stop();
    this.#exact.clear();
    this.#patient.clear();
  }

  *#all(): Iterable<DelayLine<Event> | PatientLine<Event>> {
    yield* this.#exact.values();
    yield* this.#patient.values();
  }
}
