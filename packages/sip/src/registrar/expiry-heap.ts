/** Something that ends at a time, and knows its place in an {@link ExpiryHeap}. */
export interface Expiring {
  expiresAt: number;
  /** Kept by the heap; -1 while the item is not in one. */
  heapIndex: number;
}

/** A binary heap, soonest first, whose items move when their time changes: one entry an item, however often it does. */
export class ExpiryHeap<T extends Expiring> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** The item that ends first. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** Puts the item at the place of its `expiresAt`, new or moved. */
  set(item: T): void {
    if (item.heapIndex < 0) {
      item.heapIndex = this.#items.length;
      this.#items.push(item);
    }
    this.#down(this.#up(item));
  }

  delete(item: T): void {
    if (item.heapIndex < 0) return;
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#place(last, item.heapIndex);
      this.#down(this.#up(last));
    }
    item.heapIndex = -1;
  }

  clear(): void {
    for (const item of this.#items) item.heapIndex = -1;
    this.#items.length = 0;
  }

  #place(item: T, index: number): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }

  #up(item: T): T {
    for (;;) {
      const index = item.heapIndex;
      const parent = index === 0 ? undefined : this.#items[(index - 1) >> 1];
      if (parent === undefined || parent.expiresAt <= item.expiresAt) return item;
      this.#place(item, parent.heapIndex);
      this.#place(parent, index);
    }
  }

  #down(item: T): void {
    for (;;) {
      const index = item.heapIndex;
      const left = this.#items[2 * index + 1];
      const right = this.#items[2 * index + 2];
      const child = right !== undefined && left !== undefined && right.expiresAt < left.expiresAt ? right : left;
      if (child === undefined || child.expiresAt >= item.expiresAt) return;
      this.#place(item, child.heapIndex);
      this.#place(child, index);
    }
  }
}
