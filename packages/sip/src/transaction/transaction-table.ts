/** What a {@link TransactionTable} holds. */
export interface Keyed<T> {
  readonly key: string;
  /** Another transaction with the same key: an INVITE and its CANCEL share theirs. */
  sibling: T | undefined;
}

/** Transactions by their keys. Those with the same key stand in a chain, which nobody can make long. */
export class TransactionTable<T extends Keyed<T>> {
  readonly #heads = new Map<string, T>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The first of those with that key; follow `sibling` for the others. */
  first(key: string): T | undefined {
    return this.#heads.get(key);
  }

  /** `first` is what {@link first} says of the key: whoever adds has asked already. */
  add(transaction: T, first: T | undefined): void {
    transaction.sibling = first;
    this.#heads.set(transaction.key, transaction);
    this.#size += 1;
  }

  remove(transaction: T): void {
    const { key, sibling } = transaction;
    const head = this.#heads.get(key);
    if (head === transaction) {
      if (sibling === undefined) this.#heads.delete(key);
      else this.#heads.set(key, sibling);
    } else {
      let previous = head;
      while (previous !== undefined && previous.sibling !== transaction) previous = previous.sibling;
      if (previous === undefined) return;
      previous.sibling = sibling;
    }
    transaction.sibling = undefined;
    this.#size -= 1;
  }

  /** Every transaction, as of now. */
  snapshot(): T[] {
    const transactions: T[] = [];
    for (const head of this.#heads.values()) {
      for (let each: T | undefined = head; each !== undefined; each = each.sibling) transactions.push(each);
    }
    return transactions;
  }
}
