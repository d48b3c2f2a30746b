import type { Clock, Destination } from '@switchhook/sip';

/** Remembers, for a while, where a request came to nothing, so that the next one goes elsewhere first. */
export class FailedDestinations {
  readonly #clock: Clock;
  readonly #maximum: number;
  /** When each comes back, on the clock. */
  readonly #until = new Map<string, number>();

  constructor(clock: Clock, maximum: number) {
    this.#clock = clock;
    this.#maximum = maximum;
  }

  get size(): number {
    return this.#until.size;
  }

  add(destination: Destination, milliseconds: number): void {
    const key = keyOf(destination);
    this.#until.delete(key);
    for (const oldest of this.#until.keys()) {
      if (this.#until.size < this.#maximum) break;
      this.#until.delete(oldest);
    }
    this.#until.set(key, this.#clock.now() + milliseconds);
  }

  /** Those that failed go to the end, none is lost: when all have failed, all are worth a try. */
  putLast(destinations: readonly Destination[]): readonly Destination[] {
    if (this.#until.size === 0 || destinations.length < 2) return destinations;
    const failed = destinations.filter((destination) => this.#has(destination));
    if (failed.length === 0) return destinations;
    return [...destinations.filter((destination) => !failed.includes(destination)), ...failed];
  }

  clear(): void {
    this.#until.clear();
  }

  #has(destination: Destination): boolean {
    const key = keyOf(destination);
    const until = this.#until.get(key);
    if (until === undefined) return false;
    if (until > this.#clock.now()) return true;
    this.#until.delete(key);
    return false;
  }
}

function keyOf({ protocol, address, port }: Destination): string {
  return `${protocol} ${address} ${port}`;
}
