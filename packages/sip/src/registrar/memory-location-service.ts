import type { Clock, Timer } from '../context.ts';
import type { Binding } from './binding.ts';
import { ExpiryHeap } from './expiry-heap.ts';
import type { LocationChange, LocationChangeCause, LocationService } from './location-service.ts';

interface Entry {
  readonly addressOfRecord: string;
  bindings: readonly Binding[];
  /** When the first of the bindings ends. */
  expiresAt: number;
  heapIndex: number;
}

const none: readonly Binding[] = [];

/** Dates can be set back or forward under a long timer, so it looks again at least so often (milliseconds). */
const longestSleep = 3_600_000;

/** Bindings in memory alone: for tests, for small uses, and as the table in front of a store. */
export class MemoryLocationService implements LocationService {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #gruus = new Map<string, string>();
  readonly #queue = new ExpiryHeap<Entry>();
  readonly #listeners = new Set<(change: LocationChange) => void>();
  #timer: Timer | undefined;
  /** The date that the timer runs for. */
  #wakeAt = Number.POSITIVE_INFINITY;
  #bindingCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  bindings(addressOfRecord: string): readonly Binding[] {
    const entry = this.#entries.get(addressOfRecord);
    return entry === undefined ? none : this.#alive(entry);
  }

  update(
    addressOfRecord: string,
    change: (current: readonly Binding[]) => readonly Binding[],
    cause: LocationChangeCause,
  ): readonly Binding[] {
    const before = this.bindings(addressOfRecord);
    const after = change(before);
    if (after !== before) this.#replace(addressOfRecord, after, cause);
    return after;
  }

  findGruu(gruuId: string): string | undefined {
    return this.#gruus.get(gruuId);
  }

  onChange(listener: (change: LocationChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Every address of record that has bindings. */
  addressesOfRecord(): Iterable<string> {
    return this.#entries.keys();
  }

  stats(): { readonly addressesOfRecord: number; readonly bindings: number; readonly timers: number } {
    return {
      addressesOfRecord: this.#entries.size,
      bindings: this.#bindingCount,
      timers: this.#timer === undefined ? 0 : 1,
    };
  }

  /** Forgets everything, without telling the listeners. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#entries.clear();
    this.#gruus.clear();
    this.#queue.clear();
    this.#listeners.clear();
    this.#bindingCount = 0;
  }

  #alive(entry: Entry): readonly Binding[] {
    const now = this.#clock.date();
    return entry.expiresAt > now ? entry.bindings : entry.bindings.filter((binding) => binding.expiresAt > now);
  }

  #replace(addressOfRecord: string, after: readonly Binding[], cause: LocationChangeCause): void {
    let entry = this.#entries.get(addressOfRecord);
    const before = entry?.bindings ?? none;
    for (const { gruuId } of before) if (gruuId !== undefined) this.#gruus.delete(gruuId);
    for (const { gruuId } of after) if (gruuId !== undefined) this.#gruus.set(gruuId, addressOfRecord);
    this.#bindingCount += after.length - before.length;
    if (after.length === 0) {
      if (entry !== undefined) this.#queue.delete(entry);
      this.#entries.delete(addressOfRecord);
    } else {
      entry ??= { addressOfRecord, bindings: after, expiresAt: 0, heapIndex: -1 };
      entry.bindings = after;
      entry.expiresAt = after.reduce(
        (soonest, { expiresAt }) => Math.min(soonest, expiresAt),
        Number.POSITIVE_INFINITY,
      );
      this.#entries.set(addressOfRecord, entry);
      this.#queue.set(entry);
    }
    this.#schedule();
    for (const listener of this.#listeners) listener({ addressOfRecord, before, after, cause });
  }

  /** One timer for all: it runs for the soonest end, and one that runs too early just looks again. */
  #schedule(): void {
    const soonest = this.#queue.first?.expiresAt;
    if (soonest === undefined) {
      this.#timer?.cancel();
      this.#timer = undefined;
      this.#wakeAt = Number.POSITIVE_INFINITY;
      return;
    }
    if (this.#timer !== undefined && this.#wakeAt <= soonest) return;
    this.#timer?.cancel();
    const now = this.#clock.date();
    const sleep = Math.min(Math.max(0, soonest - now), longestSleep);
    this.#wakeAt = now + sleep;
    this.#timer = this.#clock.after(sleep, () => this.#expire());
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#clock.date();
    for (let entry = this.#queue.first; entry !== undefined && entry.expiresAt <= now; entry = this.#queue.first) {
      const alive = entry.bindings.filter((binding) => binding.expiresAt > now);
      this.#replace(entry.addressOfRecord, alive, 'expired');
    }
    this.#schedule();
  }
}
