import type { HashAlgorithm, Hashes } from '@switchhook/sip';

/** So many are remembered: what was asked for long ago is not asked for again. */
const most = 10_000;

/**
 * Hashes that are worked out once. In a simulation both ends of a digest are in one process, and the same people have the same
 * passwords in thousands of stories.
 */
export class RememberedHashes implements Hashes {
  readonly #hashes: Hashes;
  readonly #known = new Map<string, string>();

  constructor(hashes: Hashes) {
    this.#hashes = hashes;
  }

  hash(algorithm: HashAlgorithm, text: string): string {
    return this.#remembered(`${algorithm} ${text}`, () => this.#hashes.hash(algorithm, text));
  }

  hmac(key: string, text: string): string {
    // Whoever makes one here checks it, too, and nobody forges any: a hash will do, and takes a tenth of the time.
    return this.hash('SHA-256', `${key.length} ${key} ${text}`);
  }

  #remembered(question: string, answer: () => string): string {
    const known = this.#known.get(question);
    if (known !== undefined) return known;
    if (this.#known.size >= most) this.#known.clear();
    const made = answer();
    this.#known.set(question, made);
    return made;
  }
}
