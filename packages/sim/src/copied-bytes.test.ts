import { expect, test } from 'vitest';
import { copyOfBytes } from './copied-bytes.ts';

test('a copy is its own, also where many lie in one piece of memory and where it is longer than a piece', () => {
  const lengths = [0, 1, 200, 65_535, 65_536, 100_000, 3];
  const originals = lengths.map((length, index) => new Uint8Array(length).fill(index + 1));
  const copies = originals.map(copyOfBytes);
  for (const original of originals) original.fill(0);
  for (const [index, copy] of copies.entries()) {
    expect(copy).toHaveLength(lengths[index] ?? -1);
    expect(copy.every((octet) => octet === index + 1)).toBe(true);
    copy.fill(99);
    expect(copies.slice(index + 1).every((other) => !other.includes(99))).toBe(true);
  }
});
