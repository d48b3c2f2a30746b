/** How good the way from one host to another is. Chances are numbers from 0 to 1, times are milliseconds. */
export interface LinkQuality {
  readonly delay: number;
  /** Up to so much is added to the delay of each message, so datagrams may overtake one another. */
  readonly jitter: number;
  readonly loss: number;
  readonly duplication: number;
  /** The chance that a datagram is held back for `heldBack` milliseconds. */
  readonly reordering: number;
  readonly heldBack: number;
}

const perfectLink: LinkQuality = { delay: 1, jitter: 0, loss: 0, duplication: 0, reordering: 0, heldBack: 50 };

/** Two sets of hosts that cannot reach each other. */
interface Partition {
  readonly one: ReadonlySet<string>;
  readonly other: ReadonlySet<string>;
}

function pairKey(from: string, to: string): string {
  return `${from}\n${to}`;
}

/** The quality of every link, and the partitions between hosts. */
export class LinkTable {
  readonly #links = new Map<string, LinkQuality>();
  readonly #partitions = new Set<Partition>();
  readonly #default: LinkQuality;

  constructor(quality: Partial<LinkQuality> = {}) {
    this.#default = { ...perfectLink, ...quality };
  }

  /** Changes one direction; what is not given keeps its value. */
  set(from: string, to: string, change: Partial<LinkQuality>): void {
    this.#links.set(pairKey(from, to), { ...this.quality(from, to), ...change });
  }

  quality(from: string, to: string): LinkQuality {
    return this.#links.get(pairKey(from, to)) ?? this.#default;
  }

  /** Cuts two sets of hosts off from each other, until the function that it returns is called. */
  partition(one: Iterable<string>, other: Iterable<string>): () => void {
    const partition = { one: new Set(one), other: new Set(other) };
    this.#partitions.add(partition);
    return () => {
      this.#partitions.delete(partition);
    };
  }

  parted(from: string, to: string): boolean {
    for (const { one, other } of this.#partitions) {
      if ((one.has(from) && other.has(to)) || (one.has(to) && other.has(from))) return true;
    }
    return false;
  }
}
