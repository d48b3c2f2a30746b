import type { SipContext } from './context.ts';

/** Rotates a 32-bit word left. */
function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** What spells six bits: characters of a token that need no escape in a URI either. */
const alphabet = Uint8Array.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_', (letter) =>
  letter.charCodeAt(0),
);

function letter(bits: number): number {
  return alphabet[bits & 63] ?? 0;
}

function sixCharacters(word: number): string {
  return String.fromCharCode(
    letter(word >>> 26),
    letter(word >>> 20),
    letter(word >>> 14),
    letter(word >>> 8),
    letter(word >>> 2),
    letter(word & 3),
  );
}

/** Characters of {@link KeyedHash.token}. */
export const tokenLength = 12;

/**
 * HalfSipHash-2-4 with 64 bits of output, over text of one character a byte. A keyed function made for short input:
 * without the key nobody can foretell it, and it costs a fraction of a microsecond, so that every message
 * may be hashed. What must stand against an attack on stored values takes HMAC instead.
 */
export class KeyedHash {
  readonly #k0: number;
  readonly #k1: number;

  /** Takes 64 bits of key; what is missing counts as zero. */
  constructor(key: Uint8Array) {
    const word = (at: number): number =>
      (key[at] ?? 0) | ((key[at + 1] ?? 0) << 8) | ((key[at + 2] ?? 0) << 16) | ((key[at + 3] ?? 0) << 24);
    this.#k0 = word(0);
    this.#k1 = word(4);
  }

  /** One for a purpose, of a secret that serves several. */
  static of({ hashes }: Pick<SipContext, 'hashes'>, secret: string, purpose: string): KeyedHash {
    const digest = hashes.hmac(secret, purpose);
    return new KeyedHash(Uint8Array.from({ length: 8 }, (_, at) => parseInt(digest.slice(at * 2, at * 2 + 2), 16)));
  }

  /** The hash as {@link tokenLength} characters that may stand in a token and in the user part of a URI. */
  token(text: string): string {
    const [first, second] = this.hash(text);
    return sixCharacters(first) + sixCharacters(second);
  }

  /** The two words of the hash, each unsigned. */
  hash(text: string): readonly [number, number] {
    const length = text.length;
    let v0 = this.#k0;
    let v1 = this.#k1 ^ 0xee;
    let v2 = 0x6c796765 ^ this.#k0;
    let v3 = 0x74656462 ^ this.#k1;
    const whole = length & ~3;
    // Words of input, the last one with the rest and the length, then one word of padding for each output.
    for (let at = 0; at <= whole; at += 4) {
      let word: number;
      if (at < whole) {
        word =
          (text.charCodeAt(at) & 0xff) |
          ((text.charCodeAt(at + 1) & 0xff) << 8) |
          ((text.charCodeAt(at + 2) & 0xff) << 16) |
          (text.charCodeAt(at + 3) << 24);
      } else {
        word = length << 24;
        for (let rest = at; rest < length; rest += 1) word |= (text.charCodeAt(rest) & 0xff) << ((rest - at) * 8);
      }
      v3 ^= word;
      for (let round = 0; round < 2; round += 1) {
        v0 = (v0 + v1) | 0;
        v1 = rotate(v1, 5) ^ v0;
        v0 = rotate(v0, 16);
        v2 = (v2 + v3) | 0;
        v3 = rotate(v3, 8) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = rotate(v3, 7) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = rotate(v1, 13) ^ v2;
        v2 = rotate(v2, 16);
      }
      v0 ^= word;
    }
    v2 ^= 0xee;
    let first = 0;
    for (let round = 0; round < 8; round += 1) {
      if (round === 4) {
        first = (v1 ^ v3) >>> 0;
        v1 ^= 0xdd;
      }
      v0 = (v0 + v1) | 0;
      v1 = rotate(v1, 5) ^ v0;
      v0 = rotate(v0, 16);
      v2 = (v2 + v3) | 0;
      v3 = rotate(v3, 8) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = rotate(v3, 7) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = rotate(v1, 13) ^ v2;
      v2 = rotate(v2, 16);
    }
    return [first, (v1 ^ v3) >>> 0];
  }
}
