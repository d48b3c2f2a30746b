/** Events that an iterator keeps for a reader who is slow; beyond them the oldest are forgotten. */
export const eventsKept = 1_000;

/** Who listens to what happens to one thing, a phone or a call: by callback, or by `for await`. */
export class EventStream<Event> {
  readonly #listeners = new Set<(event: Event) => void>();
  readonly #ends = new Set<() => void>();
  #ended = false;

  /** Listeners and iterators that are open. */
  get size(): number {
    return this.#listeners.size;
  }

  /** Calls back at each event from now on. Returns a function that takes it back. */
  listen(listener: (event: Event) => void): () => void {
    // One listener given twice is two: each is taken back by its own function.
    const own = (event: Event): void => listener(event);
    if (!this.#ended) this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  emit(event: Event): void {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener(event);
  }

  /** Nothing more will come: iterators end behind what they still keep, listeners are let go. */
  end(): void {
    this.#ended = true;
    for (const end of [...this.#ends]) end();
    this.#listeners.clear();
    this.#ends.clear();
  }

  /**
   * The events from now on, for one reader: collecting begins with this call, not with the first `next`. It ends when
   * the thing ends, when the reader leaves the loop, or when `signal` aborts.
   */
  iterate(signal?: AbortSignal): AsyncIterableIterator<Event> {
    const kept: Event[] = [];
    let waiting: ((result: IteratorResult<Event>) => void)[] = [];
    let open = !this.#ended && signal?.aborted !== true;
    const unlisten = open
      ? this.listen((event) => {
          const reader = waiting.shift();
          if (reader !== undefined) reader({ done: false, value: event });
          else if (kept.push(event) > eventsKept) kept.shift();
        })
      : undefined;
    const close = (): void => {
      open = false;
      unlisten?.();
      this.#ends.delete(close);
      signal?.removeEventListener('abort', close);
      const readers = waiting;
      waiting = [];
      for (const reader of readers) reader({ done: true, value: undefined });
    };
    if (open) {
      this.#ends.add(close);
      signal?.addEventListener('abort', close, { once: true });
    }
    return {
      next: () => {
        const value = kept.shift();
        if (value !== undefined) return Promise.resolve({ done: false, value });
        if (!open) return Promise.resolve({ done: true, value: undefined });
        return new Promise((resolve) => waiting.push(resolve));
      },
      return: () => {
        kept.length = 0;
        close();
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
