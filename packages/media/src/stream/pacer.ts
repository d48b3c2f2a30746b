import type { Clock, Timer } from '@switchhook/sip';

/** What is done every frame time. */
export interface Paced {
  /** `skipped` frames before this one were left out: there was no time for them. */
  tick(now: number, skipped: number): void;
}

/** Milliseconds of sound that are moved at a time, where nothing else is asked for. */
export const defaultFrameTime = 20;

/** Streams are spread over so many moments of the frame time, so that not all packets leave in one burst. */
const slotCount = 4;

/** Timers of machines go off up to so much too early, for they count whole milliseconds. */
const earliness = 1;

/** A machine that slept for longer than this many frames does not make up for what it missed. */
const longestCatchUp = 5;

/**
 * One timer for all streams: a wheel of {@link slotCount} slots that turns once in a frame time. A slot's moments
 * lie on a grid, so that a late one makes no other late and nothing drifts. What a slot missed is made up for at
 * once, up to {@link longestCatchUp} frames; after a longer sleep it goes on from now, and `skipped` counts.
 */
export class Pacer {
  /** Frames that were left out because the machine had slept. */
  skipped = 0;
  private readonly clock: Clock;
  private readonly frameTime: number;
  private readonly slots: readonly Set<Paced>[] = Array.from({ length: slotCount }, () => new Set());
  /** When each slot is due next, in milliseconds. */
  private readonly due: number[] = [];
  /** Of each slot: frames that were left out before its next moment. */
  private readonly missed: number[] = [];
  private timer: Timer | undefined = undefined;
  private wakeAt = 0;

  constructor(clock: Clock, frameTime = defaultFrameTime) {
    this.clock = clock;
    this.frameTime = frameTime;
  }

  get size(): number {
    return this.slots.reduce((sum, slot) => sum + slot.size, 0);
  }

  /** The first tick comes within a frame time. */
  add(paced: Paced): void {
    const now = this.clock.now();
    if (this.size === 0)
      for (let index = 0; index < slotCount; index += 1) this.due[index] = now + (index * this.frameTime) / slotCount;
    const slot = this.slots.reduce((least, each) => (each.size < least.size ? each : least));
    if (slot.size === 0) this.skipTo(this.slots.indexOf(slot), now);
    slot.add(paced);
    this.arm(now);
  }

  remove(paced: Paced): void {
    for (const slot of this.slots) slot.delete(paced);
    if (this.size > 0) return;
    this.timer?.cancel();
    this.timer = undefined;
  }

  private isUsed(index: number): boolean {
    return (this.slots[index]?.size ?? 0) > 0;
  }

  private dueOf(index: number): number {
    return this.due[index] ?? 0;
  }

  /** Moves an empty slot along its grid to its first moment that is not past. */
  private skipTo(index: number, now: number): void {
    const late = now - this.dueOf(index);
    if (late > 0) this.due[index] = this.dueOf(index) + Math.ceil(late / this.frameTime) * this.frameTime;
  }

  private arm(now: number): void {
    let next = Infinity;
    for (let index = 0; index < slotCount; index += 1) if (this.isUsed(index)) next = Math.min(next, this.dueOf(index));
    if (this.timer !== undefined) {
      if (this.wakeAt <= next) return;
      this.timer.cancel();
      this.timer = undefined;
    }
    if (next === Infinity) return;
    this.wakeAt = next;
    this.timer = this.clock.after(Math.max(0, next - now), this.turn);
  }

  private readonly turn = (): void => {
    this.timer = undefined;
    const now = this.clock.now();
    try {
      for (let index = 0; index < slotCount; index += 1) if (this.isUsed(index)) this.giveUp(index, now);
      for (let index = this.nextDue(now); index >= 0; index = this.nextDue(now)) this.serve(index, now);
    } finally {
      // A source or a sink that throws silences no other call.
      this.arm(this.clock.now());
    }
  };

  /** Leaves out what is too late to be made up for. */
  private giveUp(index: number, now: number): void {
    const missed = Math.floor((now - this.dueOf(index)) / this.frameTime);
    this.missed[index] = missed > longestCatchUp ? missed : 0;
    this.skipped += (this.missed[index] ?? 0) * (this.slots[index]?.size ?? 0);
    this.due[index] = this.dueOf(index) + (this.missed[index] ?? 0) * this.frameTime;
  }

  /** The slot whose moment came first, so that what is made up for comes in the order of time; -1 when all are served. */
  private nextDue(now: number): number {
    let next = -1;
    for (let index = 0; index < slotCount; index += 1) {
      if (!this.isUsed(index) || this.dueOf(index) > now + earliness) continue;
      if (next < 0 || this.dueOf(index) < this.dueOf(next)) next = index;
    }
    return next;
  }

  private serve(index: number, now: number): void {
    const skipped = this.missed[index] ?? 0;
    this.missed[index] = 0;
    this.due[index] = this.dueOf(index) + this.frameTime;
    for (const paced of this.slots[index] ?? []) paced.tick(now, skipped);
  }
}
