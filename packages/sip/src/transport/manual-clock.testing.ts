import type { Clock, RandomSource, Timer } from '../context.ts';

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  private time = 0;
  private readonly timers = new Set<{ readonly due: number; readonly action: () => void }>();

  get pending(): number {
    return this.timers.size;
  }

  now(): number {
    return this.time;
  }

  date(): number {
    return this.time;
  }

  after(milliseconds: number, action: () => void): Timer {
    const timer = { due: this.time + milliseconds, action };
    this.timers.add(timer);
    return { cancel: () => void this.timers.delete(timer) };
  }

  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const next = [...this.timers].sort((a, b) => a.due - b.due).find(({ due }) => due <= end);
      if (next === undefined) break;
      this.time = Math.max(this.time, next.due);
      this.timers.delete(next);
      next.action();
    }
    this.time = end;
  }
}

/** Draws the same fraction every time, and tokens that count. */
export class FixedRandom implements RandomSource {
  private count = 0;
  private readonly value: number;

  constructor(value = 0.5) {
    this.value = value;
  }

  token(): string {
    this.count += 1;
    return `token${String(this.count)}`;
  }

  fraction(): number {
    return this.value;
  }

  bytes(length: number): Uint8Array {
    this.count += 1;
    return new Uint8Array(length).fill(this.count);
  }
}
