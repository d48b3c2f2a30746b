import type { Clock, Timer } from '../context.ts';

/** Who hears that a {@link LineTimer} is due. */
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

/** Which part of its duration a patient timer may be late, when another one of its line has just fired. */
const grain = 1 / 128;

/**
 * Every timer of one duration. They fall due in the order in which they were armed, so a queue does, with one timer
 * of the clock for its head. A proxy under load arms thousands a second, and few of them ever fire, but for those that
 * say when a transaction may be forgotten. These would wake the process one by one, which costs more than all they do.
 * Nobody sees when they fire, so they stand in `patient` lines, where the clock's timer comes again after a
 * {@link grain} of the duration at the earliest: 250 ms for the 32 s of 64*T1. All others fire at their time.
 */
export class DelayLine<Event> {
  readonly #clock: Clock;
  readonly #duration: number;
  readonly #soonest: number;
  readonly #fire = (): void => {
    this.#due();
  };
  #first: LineTimer<Event> | undefined = undefined;
  #last: LineTimer<Event> | undefined = undefined;
  #clockTimer: Timer | undefined = undefined;
  #length = 0;

  constructor(clock: Clock, duration: number, patient: boolean) {
    this.#clock = clock;
    this.#duration = duration;
    this.#soonest = patient ? duration * grain : 0;
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
    else this.#clockTimer = this.#clock.after(Math.max(this.#soonest, head.due - this.#clock.now()), this.#fire);
  }
}

/** The delay lines of every duration in use. There are few: the timers of the machines and their doublings. */
export class DelayLines<Event> {
  readonly #clock: Clock;
  readonly #exact = new Map<number, DelayLine<Event>>();
  readonly #patient = new Map<number, DelayLine<Event>>();
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
    if (!this.#stopped) this.#line(duration, false).arm(timer, event);
  }

  /** The same for what nobody sees from outside: it may be late by a 128th of the duration. */
  armPatiently(timer: LineTimer<Event>, duration: number, event: Event): void {
    if (!this.#stopped) this.#line(duration, true).arm(timer, event);
  }

  stop(): void {
    this.#stopped = true;
    for (const line of this.#all()) line.stop();
    this.#exact.clear();
    this.#patient.clear();
  }

  #line(duration: number, patient: boolean): DelayLine<Event> {
    const lines = patient ? this.#patient : this.#exact;
    let line = lines.get(duration);
    if (line === undefined) {
      line = new DelayLine(this.#clock, duration, patient);
      lines.set(duration, line);
    }
    return line;
  }

  *#all(): Iterable<DelayLine<Event>> {
    yield* this.#exact.values();
    yield* this.#patient.values();
  }
}
