interface Waiting<Item> {
  readonly item: Item;
  readonly size: number;
  next: Waiting<Item> | undefined;
}

/** What one source has sent and waits, oldest first. */
interface Source<Item> {
  readonly name: string;
  first: Waiting<Item>;
  last: Waiting<Item>;
  size: number;
  /** Whose turn it is after this one. */
  next: Source<Item> | undefined;
}

/**
 * What waits to be handled, in bounded room: the sources take turns, so that whoever sends much waits for himself and nobody else
 * for him, and what one source has sent stays in its order. Each may fill as much room as is left to all others, so there is
 * always some left for one who has nothing in it.
 */
export class SourceTurns<Item> {
  private readonly room: number;
  private readonly byName = new Map<string, Source<Item>>();
  /** Whose turn it is, and who is the last to have one. */
  private first: Source<Item> | undefined = undefined;
  private last: Source<Item> | undefined = undefined;
  private used = 0;

  constructor(room: number) {
    this.room = room;
  }

  get isEmpty(): boolean {
    return this.first === undefined;
  }

  /** Whether there was room for it. */
  add(name: string, item: Item, size: number): boolean {
    const source = this.byName.get(name);
    if ((source?.size ?? 0) + size > this.room - this.used) return false;
    this.used += size;
    const waiting = { item, size, next: undefined };
    if (source === undefined) {
      const fresh = { name, first: waiting, last: waiting, size, next: undefined };
      this.byName.set(name, fresh);
      this.queue(fresh);
    } else {
      source.last.next = waiting;
      source.last = waiting;
      source.size += size;
    }
    return true;
  }

  /** The next one of the source whose turn it is. */
  take(): Item | undefined {
    const source = this.first;
    if (source === undefined) return undefined;
    this.first = source.next;
    source.next = undefined;
    if (this.first === undefined) this.last = undefined;
    const { item, size, next } = source.first;
    this.used -= size;
    if (next === undefined) {
      this.byName.delete(source.name);
    } else {
      source.first = next;
      source.size -= size;
      this.queue(source);
    }
    return item;
  }

  clear(): void {
    this.byName.clear();
    this.first = undefined;
    this.last = undefined;
    this.used = 0;
  }

  /** Gives a source its turn after all others. */
  private queue(source: Source<Item>): void {
    if (this.last === undefined) this.first = source;
    else this.last.next = source;
    this.last = source;
  }
}
