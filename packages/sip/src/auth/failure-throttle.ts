import type { Clock } from '../context.ts';

/** After how many wrong passwords whoever says them has to wait, and how long. */
export interface FailureThrottleOptions {
  /** Failures in a row that cost nothing, for one user name from one source. */
  readonly freeFailures?: number;
  /** The same for one source whatever the user name: many phones may share an address. */
  readonly freeFailuresOfSource?: number;
  /** The first delay in milliseconds; each further failure doubles it. */
  readonly delay?: number;
  readonly maximumDelay?: number;
  /** Failures are forgotten when none followed for so long, in milliseconds. */
  readonly forgetAfter?: number;
  /** How many user names with sources, and how many sources, are remembered at most. */
  readonly limit?: number;
}

interface Failures {
  count: number;
  blockedUntil: number;
  last: number;
  /** The password was right before: what others do from the same address does not block this user. */
  proven: boolean;
}

/**
 * Slows down who guesses passwords (RFC 7616 5.7) by source, and by user name and source together, never by user name
 * alone: so nobody locks out the owner, who comes from another address. Keeps no timer, and bounded memory.
 */
export class FailureThrottle {
  readonly #clock: Clock;
  readonly #options: Required<FailureThrottleOptions>;
  readonly #pairs = new Map<string, Failures>();
  readonly #sources = new Map<string, Failures>();

  constructor(clock: Clock, options: FailureThrottleOptions = {}) {
    this.#clock = clock;
    this.#options = {
      freeFailures: 5,
      freeFailuresOfSource: 50,
      delay: 1_000,
      maximumDelay: 300_000,
      forgetAfter: 900_000,
      limit: 20_000,
      ...options,
    };
  }

  /** Milliseconds for which this user name from this source is not listened to; 0 when it is. */
  blockedFor(source: string, username: string): number {
    const now = this.#clock.now();
    const pair = this.#recall(this.#pairs, pairKey(source, username));
    const ofPair = remaining(pair, now);
    if (pair?.proven === true) return ofPair;
    return Math.max(ofPair, remaining(this.#recall(this.#sources, source), now));
  }

  failed(source: string, username: string): void {
    this.#count(this.#pairs, pairKey(source, username), this.#options.freeFailures);
    this.#count(this.#sources, source, this.#options.freeFailuresOfSource);
  }

  succeeded(source: string, username: string): void {
    const pair = { count: 0, blockedUntil: 0, last: this.#clock.now(), proven: true };
    this.#store(this.#pairs, pairKey(source, username), pair);
  }

  stats(): { readonly usernames: number; readonly sources: number } {
    return { usernames: this.#pairs.size, sources: this.#sources.size };
  }

  #count(table: Map<string, Failures>, key: string, free: number): void {
    const now = this.#clock.now();
    const failures = this.#recall(table, key) ?? { count: 0, blockedUntil: 0, last: now, proven: false };
    failures.count++;
    failures.last = now;
    const over = failures.count - free;
    if (over > 0) {
      failures.blockedUntil = now + Math.min(this.#options.delay * 2 ** (over - 1), this.#options.maximumDelay);
    }
    this.#store(table, key, failures);
  }

  #recall(table: Map<string, Failures>, key: string): Failures | undefined {
    const failures = table.get(key);
    const now = this.#clock.now();
    if (failures === undefined || now - failures.last <= this.#options.forgetAfter || now < failures.blockedUntil) {
      return failures;
    }
    table.delete(key);
    return undefined;
  }

  #store(table: Map<string, Failures>, key: string, failures: Failures): void {
    table.delete(key);
    table.set(key, failures);
    if (table.size <= this.#options.limit) return;
    for (const oldest of table.keys()) {
      table.delete(oldest);
      return;
    }
  }
}

function remaining(failures: Failures | undefined, now: number): number {
  return failures === undefined ? 0 : Math.max(0, failures.blockedUntil - now);
}

/** Characters of a user name that tell it from others here: a guesser chooses how long his are, and all of them are kept. */
const comparedLength = 128;

/** A newline is in neither of the two, so no pair of texts looks like another pair. */
function pairKey(source: string, username: string): string {
  return `${source}\n${username.slice(0, comparedLength)}`;
}
