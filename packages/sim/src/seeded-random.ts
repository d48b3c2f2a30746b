import type { RandomSource } from '@switchhook/sip';

/** Spreads a seed of any text over 32 bits; a different `salt` gives an unrelated number (after MurmurHash3). */
function mix(seed: string, salt: number): number {
  let hash = salt ^ seed.length;
  for (let index = 0; index < seed.length; index += 1) {
    hash = Math.imul(hash ^ seed.charCodeAt(index), 0xcc9e2d51);
    hash = (hash << 15) | (hash >>> 17);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const octets = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** The lowest eight bits, in hexadecimal. */
function octet(bits: number): string {
  return octets[bits & 0xff] ?? '';
}

/** Repeatable randomness (the sfc32 generator): the same seed, the same run. Guessable, so never for use in the open. */
export class SeededRandom implements RandomSource {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number | string) {
    this.#seed = String(seed);
    this.#a = mix(this.#seed, 0x9e3779b9);
    this.#b = mix(this.#seed, 0x243f6a88);
    this.#c = mix(this.#seed, 0xb7e15162);
    for (let round = 0; round < 15; round += 1) this.#next();
  }

  /** A source of its own for one purpose, so that more draws there do not shift what is drawn here. */
  fork(purpose: string): SeededRandom {
    return new SeededRandom(`${this.#seed}/${purpose}`);
  }

  token(): string {
    let token = '';
    for (let word = 0; word < 4; word += 1) {
      const next = this.#next();
      token += octet(next >>> 24) + octet(next >>> 16) + octet(next >>> 8) + octet(next);
    }
    return token;
  }

  fraction(): number {
    return this.#next() / 0x1_0000_0000;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) bytes[index] = this.#next();
    return bytes;
  }

  #next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }
}
