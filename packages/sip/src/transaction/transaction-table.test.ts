import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyedHash } from '../keyed-hash.ts';
import { TransactionTable } from './transaction-table.ts';

class Entry {
  readonly key: string;
  hash = 0;
  sibling: Entry | undefined = undefined;

  constructor(key: string) {
    this.key = key;
  }
}

type Hash = Pick<KeyedHash, 'hash'>;

/** Hashes of which many meet, of which some are those of others' neighbours, and of which one is all zeros. */
const meeting: Hash = { hash: (text) => [text.length % 5, 0] };
/** The last places of a table, and then the first. */
const atTheEnd: Hash = { hash: (text) => [0xffff_fffe + (text.length % 2), 0] };
const hashes: readonly (readonly [string, Hash])[] = [
  ['that differ', new KeyedHash(Uint8Array.from([1, 2, 3]))],
  ['that meet', meeting],
  ['at the end', atTheEnd],
];

function chain(table: TransactionTable<Entry>, key: string): Entry[] {
  const entries: Entry[] = [];
  for (let each = table.first(key); each !== undefined; each = each.sibling) entries.push(each);
  return entries;
}

describe.each(hashes)('with hashes %s', (_, hash) => {
  test('whatever is added and removed, each is found by its key, latest first, and nothing else', () => {
    const keys = Array.from({ length: 12 }, (_empty, length) => 'k'.repeat(length + 1));
    const steps = fc.array(fc.tuple(fc.constantFrom('add', 'add', 'remove'), fc.nat()), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (all) => {
        const table = new TransactionTable<Entry>(hash);
        const held: Entry[] = [];
        for (const [kind, number] of all) {
          if (kind === 'add') {
            const entry = new Entry(keys[number % keys.length] ?? '');
            table.add(entry, table.first(entry.key));
            held.push(entry);
          } else {
            for (const entry of held.splice(number % (held.length + 1), 1)) {
              table.remove(entry);
              expect(entry.sibling).toBe(undefined);
            }
          }
          expect(table.size).toBe(held.length);
        }
        for (const key of keys) {
          expect(chain(table, key)).toEqual(held.filter((entry) => entry.key === key).reverse());
        }
        expect(new Set(table.snapshot())).toEqual(new Set(held));
      }),
    );
  });

  test('what is not in it is removed to no effect', () => {
    const table = new TransactionTable<Entry>(hash);
    const [known, same, other] = [new Entry('known'), new Entry('known'), new Entry('other')];
    table.add(known, undefined);
    table.remove(same);
    table.remove(other);
    expect(table.size).toBe(1);
    expect(table.first('known')).toBe(known);
  });
});

test('grows with what it holds, gives it up again, and finds all of it', () => {
  const table = new TransactionTable<Entry>(new KeyedHash(Uint8Array.from([4, 5, 6])));
  const entries = Array.from({ length: 5_000 }, (_, number) => new Entry(`branch-${String(number)}`));
  for (const entry of entries) table.add(entry, undefined);
  expect(entries.filter((entry) => table.first(entry.key) !== entry)).toEqual([]);
  for (const entry of entries.slice(10)) table.remove(entry);
  expect(new Set(table.snapshot())).toEqual(new Set(entries.slice(0, 10)));
  expect(entries.filter((entry) => table.first(entry.key) !== undefined)).toEqual(entries.slice(0, 10));
  for (const entry of entries.slice(0, 10)) table.remove(entry);
  expect(table.size).toBe(0);
  expect(table.snapshot()).toEqual([]);
});
