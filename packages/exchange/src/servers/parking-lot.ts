/** The slots of a parking lot. Whoever takes one has it alone, until he gives it back. */
export class ParkingLot {
  readonly #slots: ReadonlySet<string>;
  /** The free ones, the one that was free for the longest time first: a slot that was just told is not soon another call's. */
  readonly #free: Set<string>;

  constructor(slots: Iterable<string>) {
    this.#slots = new Set(slots);
    this.#free = new Set(this.#slots);
  }

  get size(): number {
    return this.#slots.size;
  }

  get free(): number {
    return this.#free.size;
  }

  has(slot: string): boolean {
    return this.#slots.has(slot);
  }

  isFree(slot: string): boolean {
    return this.#free.has(slot);
  }

  /** Takes that slot, or any; undefined where it is taken, or all are. */
  take(slot?: string): string | undefined {
    const taken = slot ?? this.#free.values().next().value;
    return taken !== undefined && this.#free.delete(taken) ? taken : undefined;
  }

  giveBack(slot: string): void {
    if (this.#slots.has(slot)) this.#free.add(slot);
  }
}
