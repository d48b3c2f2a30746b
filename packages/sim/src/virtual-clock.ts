import type { Clock, Timer } from '@switchhook/sip';

/** One entry of the clock's agenda. */
class Appointment implements Timer {
  readonly time: number;
  readonly order: number;
  action: (() => void) | undefined;
  readonly #cancelled: () => void;

  constructor(time: number, order: number, action: () => void, cancelled: () => void) {
    this.time = time;
    this.order = order;
    this.action = action;
    this.#cancelled = cancelled;
  }

  cancel(): void {
    if (this.action === undefined) return;
    this.action = undefined;
    this.#cancelled();
  }

  before(other: Appointment): boolean {
    return this.time < other.time || (this.time === other.time && this.order < other.order);
  }
}

/** Calls back once promises that are due have settled. */
type Settle = (then: () => void) => void;

const resolved = Promise.resolve();
const turns = 20;

/** A host with an event loop can hand in something stronger. */
function settleMicrotasks(then: () => void): void {
  let left = turns;
  const turn = (): void => {
    left -= 1;
    if (left === 0) then();
    else void resolved.then(turn);
  };
  void resolved.then(turn);
}

/**
 * A clock that stands still until it is told to go. What is due at the same time runs in the order in which it was
 * asked for, so a run can be repeated exactly.
 */
export class VirtualClock implements Clock {
  readonly #epoch: number;
  readonly #heap: Appointment[] = [];
  #now = 0;
  #order = 0;
  #pending = 0;
  readonly #cancelled = (): void => {
    this.#pending -= 1;
  };

  /** `epoch` is what {@link date} answers at the start, in milliseconds since 1970. */
  constructor(epoch = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#now;
  }

  /** Whole milliseconds, as every machine's date has them, although travel times are finer. */
  date(): number {
    return Math.floor(this.#epoch + this.#now);
  }

  /** How many actions wait. */
  get pending(): number {
    return this.#pending;
  }

  after(milliseconds: number, action: () => void): Timer {
    const time = this.#now + (milliseconds > 0 ? milliseconds : 0);
    const appointment = new Appointment(time, this.#order, action, this.#cancelled);
    this.#order += 1;
    this.#pending += 1;
    this.#push(appointment);
    return appointment;
  }

  /** Runs what falls due within the next `milliseconds`, and stands at their end afterwards. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    while (this.#step(end));
    this.#now = end;
  }

  /**
   * Runs one action after another until the condition holds, and answers whether it did: false when nothing is left
   * to run or the next action lies more than `limit` milliseconds ahead of the start.
   */
  runUntil(condition: () => boolean, limit = Infinity): boolean {
    const end = this.#now + limit;
    while (!condition()) if (!this.#step(end)) return false;
    return true;
  }

  /** Runs until nothing waits any more; answers false when the limit of milliseconds came first. */
  runToEnd(limit = Infinity): boolean {
    return this.runUntil(() => this.#pending === 0, limit);
  }

  /** Like {@link runUntil}, but lets promises settle before, between and after the actions. */
  playUntil(condition: () => boolean, limit: number, settle: Settle = settleMicrotasks): Promise<boolean> {
    const end = this.#now + limit;
    return new Promise((resolve, reject) => {
      const goOn = (): void => {
        try {
          if (condition()) resolve(true);
          else if (this.#step(end)) settle(goOn);
          else resolve(false);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      settle(goOn);
    });
  }

  /** Like {@link advance}, but lets promises settle before, between and after the actions. */
  async play(milliseconds: number, settle: Settle = settleMicrotasks): Promise<void> {
    const end = this.#now + milliseconds;
    await this.playUntil(() => false, milliseconds, settle);
    this.#now = end;
  }

  #step(end: number): boolean {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || (first.action !== undefined && first.time > end)) return false;
      this.#pop();
      const { action } = first;
      if (action === undefined) continue;
      first.action = undefined;
      this.#pending -= 1;
      this.#now = first.time;
      action();
      return true;
    }
  }

  #push(appointment: Appointment): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(appointment);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !appointment.before(parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = appointment;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right?.before(child)) {
        child = right;
        childIndex += 1;
      }
      if (!child.before(last)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}
