/** What one source has sent, oldest first. */
interface Waiting<Item> {
  readonly source: string;
  readonly items: Item[];
  readonly sizes: number[];
  /** Those before it have been taken. */
  next: number;
  size: number;
}

/**
 * What waits to be handled, in bounded room: the sources take turns, so that whoever sends much waits for himself and nobody else
 * for him, and what one source has sent stays in its order. Each may fill as much room as is left to all others, so there is
 * always some left for one who has nothing in it.
 */
export class SourceTurns<Item> {
  private readonly room: number;
  private readonly bySource = new Map<string, Waiting<Item>>();
  /** Whose turn it is, from `first` on. */
  private turns: Waiting<Item>[] = [];
  private first = 0;
  private used = 0;

  constructor(room: number) {
    this.room = room;
  }

  get isEmpty(): boolean {
    return this.bySource.size === 0;
  }

  /** Whether there was room for it. */
  add(source: string, item: Item, size: number): boolean {
    const waiting = this.bySource.get(source);
    if ((waiting?.size ?? 0) + size > this.room - this.used) return false;
    this.used += size;
    if (waiting === undefined) {
      const fresh = { source, items: [item], sizes: [size], next: 0, size };
      this.bySource.set(source, fresh);
      this.turns.push(fresh);
    } else {
      waiting.items.push(item);
      waiting.sizes.push(size);
      waiting.size += size;
    }
    return true;
  }

  /** The next one of the source whose turn it is. */
  take(): Item | undefined {
    const waiting = this.turns[this.first];
    if (waiting === undefined) return undefined;
    this.first += 1;
    const item = waiting.items[waiting.next];
    const size = waiting.sizes[waiting.next] ?? 0;
    waiting.next += 1;
    waiting.size -= size;
    this.used -= size;
    if (waiting.next === waiting.items.length) {
      this.bySource.delete(waiting.source);
    } else {
      this.turns.push(waiting);
      if (waiting.next >= kept) {
        waiting.items.splice(0, waiting.next);
        waiting.sizes.splice(0, waiting.next);
        waiting.next = 0;
      }
    }
    if (this.first >= kept && this.first * 2 >= this.turns.length) {
      this.turns = this.turns.slice(this.first);
      this.first = 0;
    }
    return item;
  }

  clear(): void {
    this.bySource.clear();
    this.turns = [];
    this.first = 0;
    this.used = 0;
  }
}

/** What has been taken is let go in lots of so many: each lot moves what is left. */
const kept = 256;
