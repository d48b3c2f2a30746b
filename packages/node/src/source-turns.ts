interface Waiting<Item> {
  readonly item: Item;
  readonly size: number;
  next: Waiting<Item> | undefined;
}

/** What one source has sent and waits, oldest first. */
interface Source<Item> {
  readonly name: string;
  first: Waiting<Item> | undefined;
  last: Waiting<Item> | undefined;
  size: number;
  /** Whose turn it is after this one. */
  next: Source<Item> | undefined;
}

/**
 * What waits to be handled, in bounded room: the sources take turns, so that whoever sends much waits for himself and nobody else
 * for him, and what one source has sent stays in its order. Each may fill as much room as is left to all others; whoever sends
 * more loses of his own what has waited longest, for that is what is said again first or given up first, and all that is left
 * is heard the sooner.
 */
export class SourceTurns<Item> {
  private readonly room: number;
  private readonly byName = new Map<string, Source<Item>>();
  /** Whose turn it is, and who is the last to have one. Some have nothing left when theirs comes. */
  private first: Source<Item> | undefined = undefined;
  private last: Source<Item> | undefined = undefined;
  private used = 0;

  constructor(room: number) {
    this.room = room;
  }

  get isEmpty(): boolean {
    return this.used === 0;
  }

  /** Answers how many had to go to make room for it. Its size is more than nothing, and less than half of the room. */
  add(name: string, item: Item, size: number): number {
    const dropped = this.makeRoom(name, size);
    let source = this.byName.get(name);
    if (source === undefined) {
      source = { name, first: undefined, last: undefined, size: 0, next: undefined };
      this.byName.set(name, source);
      this.queue(source);
    }
    const waiting = { item, size, next: undefined };
    if (source.last === undefined) source.first = waiting;
    else source.last.next = waiting;
    source.last = waiting;
    source.size += size;
    this.used += size;
    return dropped;
  }

  /** The next one of the source whose turn it is. */
  take(): Item | undefined {
    for (let source = this.first; source !== undefined; source = this.first) {
      this.first = source.next;
      source.next = undefined;
      if (this.first === undefined) this.last = undefined;
      const oldest = this.shift(source);
      if (source.first === undefined) this.byName.delete(source.name);
      else this.queue(source);
      if (oldest !== undefined) return oldest.item;
    }
    return undefined;
  }

  clear(): void {
    this.byName.clear();
    this.first = undefined;
    this.last = undefined;
    this.used = 0;
  }

  /** Whoever has nothing waiting and finds no room, for all the others, takes it from whose turn it is. */
  private makeRoom(name: string, size: number): number {
    for (let dropped = 0; ; dropped++) {
      const source = this.byName.get(name);
      if ((source?.size ?? 0) + size <= this.room - this.used) return dropped;
      if (source?.first === undefined) this.take();
      else this.shift(source);
    }
  }

  private shift(source: Source<Item>): Waiting<Item> | undefined {
    const oldest = source.first;
    if (oldest === undefined) return undefined;
    source.first = oldest.next;
    if (source.first === undefined) source.last = undefined;
    source.size -= oldest.size;
    this.used -= oldest.size;
    return oldest;
  }

  /** Gives a source its turn after all others. */
  private queue(source: Source<Item>): void {
    if (this.last === undefined) this.first = source;
    else this.last.next = source;
    this.last = source;
  }
}
