import type { Clock, Hashes, Log, RandomSource, SipContext, Timer } from '@switchhook/sip';

/** A clock that a test moves. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #start: number;
  readonly #pending = new Set<{ readonly due: number; readonly action: () => void }>();

  constructor(start = Date.UTC(2030, 0, 1)) {
    this.#start = start;
  }

  /** Timers armed. */
  get pending(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return this.#start + this.#now;
  }

  after(milliseconds: number, action: () => void): Timer {
    const timer = { due: this.#now + milliseconds, action };
    this.#pending.add(timer);
    return { cancel: () => this.#pending.delete(timer) };
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const timer of [...this.#pending].sort((a, b) => a.due - b.due)) {
      if (timer.due <= this.#now && this.#pending.delete(timer)) timer.action();
    }
  }
}

/** mulberry32: small, and the same numbers every time. */
export class SeededRandom implements RandomSource {
  #state: number;

  constructor(seed = 1) {
    this.#state = seed;
  }

  token(): string {
    return [...this.bytes(16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => Math.floor(this.fraction() * 256));
  }
}

const ignore = (): void => undefined;
const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const unused: Hashes = {
  hash: () => {
    throw new Error('no hashes here');
  },
  hmac: () => {
    throw new Error('no hashes here');
  },
};

export interface ManualContext extends SipContext {
  readonly clock: ManualClock;
  readonly random: SeededRandom;
}

/** A context for what needs no more than time and chance. */
export function manualContext(seed = 1): ManualContext {
  return { clock: new ManualClock(), random: new SeededRandom(seed), hashes: unused, log: silent };
}
