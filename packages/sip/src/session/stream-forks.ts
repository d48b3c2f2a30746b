import type { MediaStream } from './media.ts';

/** What one branch has to do with the streams of all. */
export interface StreamFork {
  /** Whether it has a use for the stream, or may come to have one. */
  uses(stream: MediaStream): boolean;
  /** Puts into effect what it has agreed on: the streams are its own from now on. */
  resume(): void;
}

/**
 * The branches of an INVITE that may fork (RFC 3261 13.2.2.4): all of them answer one offer, and so share the streams that
 * were opened for it, which can go along with one of them at a time. That is the branch that has come to its first agreement
 * last; once it is over, the one before it.
 */
export class StreamForks {
  readonly #members = new Set<StreamFork>();
  /** Those that have agreed on something, the one last that has the streams. */
  #agreed: readonly StreamFork[] = [];

  join(fork: StreamFork): void {
    this.#members.add(fork);
  }

  has(fork: StreamFork): boolean {
    return this.#agreed.at(-1) === fork;
  }

  /** Has the streams go along with that branch. */
  take(fork: StreamFork): void {
    this.#agreed = [...this.#agreed.filter((each) => each !== fork), fork];
  }

  leave(fork: StreamFork): void {
    const had = this.has(fork);
    this.#members.delete(fork);
    this.#agreed = this.#agreed.filter((each) => each !== fork);
    if (had) this.#agreed.at(-1)?.resume();
  }

  /** Whether nobody but that branch has a use for the stream. */
  isFree(stream: MediaStream, from: StreamFork): boolean {
    return [...this.#members].every((each) => each === from || !each.uses(stream));
  }
}
