import type { KeyedHash } from '../keyed-hash.ts';

/** What a {@link TransactionTable} holds. */
export interface Keyed<T> {
  readonly key: string;
  /** Of the key, by the table: so it need not be looked at when it goes. */
  hash: number;
  /** Another transaction with the same key: an INVITE and its CANCEL share theirs. */
  sibling: T | undefined;
}

const smallest = 64;
/** Stands for a place with nothing in it, and is no hash. */
const empty = 0;

/**
 * Transactions by their keys. Those with the same key stand in a chain, which nobody can make long.
 *
 * Nearly every request is a new one, and tens of thousands are kept that nobody has looked at for seconds. A `Map` looks at
 * two or three of them, in memory that is in no cache, before it knows that none is meant; here their hashes stand side by
 * side (open addressing, at most half of the places filled). The hash has a key, so that nobody can choose keys that meet.
 */
export class TransactionTable<T extends Keyed<T>> {
  readonly #hash: Pick<KeyedHash, 'hash'>;
  #hashes = new Int32Array(smallest);
  #heads = places<T>(smallest);
  #filled = 0;
  #size = 0;
  #lastKey = '';
  #lastHash: number;

  constructor(hash: Pick<KeyedHash, 'hash'>) {
    this.#hash = hash;
    this.#lastHash = this.#hashOf('');
  }

  get size(): number {
    return this.#size;
  }

  /** The first of those with that key; follow `sibling` for the others. */
  first(key: string): T | undefined {
    return this.#heads[this.#placeOf(key)];
  }

  /** `first` is what {@link first} says of the key: whoever adds has asked already. */
  add(transaction: T, first: T | undefined): void {
    transaction.sibling = first;
    this.#size += 1;
    if (first === undefined) {
      if (2 * (this.#filled + 1) > this.#heads.length) this.#resize(2 * this.#heads.length);
      this.#filled += 1;
    }
    const place = this.#placeOf(transaction.key);
    transaction.hash = this.#lastHash;
    this.#hashes[place] = transaction.hash;
    this.#heads[place] = transaction;
  }

  remove(transaction: T): void {
    const place = this.#placeAt(transaction.hash, transaction.key);
    const head = this.#heads[place];
    if (head === transaction) {
      if (transaction.sibling === undefined) this.#vacate(place);
      else this.#heads[place] = transaction.sibling;
    } else {
      let previous = head;
      while (previous !== undefined && previous.sibling !== transaction) previous = previous.sibling;
      if (previous === undefined) return;
      previous.sibling = transaction.sibling;
    }
    transaction.sibling = undefined;
    this.#size -= 1;
  }

  /** Every transaction, as of now. */
  snapshot(): T[] {
    const transactions: T[] = [];
    for (const head of this.#heads) {
      for (let each = head; each !== undefined; each = each.sibling) transactions.push(each);
    }
    return transactions;
  }

  /** Where the key stands, or would stand; `#lastHash` is its hash then. */
  #placeOf(key: string): number {
    if (key !== this.#lastKey) {
      this.#lastKey = key;
      this.#lastHash = this.#hashOf(key);
    }
    return this.#placeAt(this.#lastHash, key);
  }

  #placeAt(hash: number, key: string): number {
    const hashes = this.#hashes;
    const last = hashes.length - 1;
    let place = hash & last;
    while (hashes[place] !== empty && !(hashes[place] === hash && this.#heads[place]?.key === key)) {
      place = (place + 1) & last;
    }
    return place;
  }

  #hashOf(key: string): number {
    const [hash] = this.#hash.hash(key);
    return hash | 0 || 1;
  }

  /** Those behind it that were meant for a place before it, or for it, move up, so that they are still found. */
  #vacate(place: number): void {
    const hashes = this.#hashes;
    const last = hashes.length - 1;
    let hole = place;
    for (let next = (hole + 1) & last; hashes[next] !== empty; next = (next + 1) & last) {
      const hash = hashes[next] ?? empty;
      if (((next - hash) & last) < ((next - hole) & last)) continue;
      hashes[hole] = hash;
      this.#heads[hole] = this.#heads[next];
      hole = next;
    }
    hashes[hole] = empty;
    this.#heads[hole] = undefined;
    this.#filled -= 1;
    if (hashes.length > smallest && 8 * this.#filled < hashes.length) this.#resize(hashes.length / 2);
  }

  #resize(length: number): void {
    const [hashes, heads] = [this.#hashes, this.#heads];
    this.#hashes = new Int32Array(length);
    this.#heads = places(length);
    for (const [place, head] of heads.entries()) {
      if (head === undefined) continue;
      const hash = hashes[place] ?? empty;
      let free = hash & (length - 1);
      while (this.#hashes[free] !== empty) free = (free + 1) & (length - 1);
      this.#hashes[free] = hash;
      this.#heads[free] = head;
    }
  }
}

function places<T>(length: number): (T | undefined)[] {
  return new Array<T | undefined>(length).fill(undefined);
}
