import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from '../fault.ts';
import { NameAddr } from '../name-addr.ts';
import { Parameters } from '../parameters.ts';
import { OpaqueUri, SipUri, TelUri } from '../uri.ts';
import { headerSamples } from './header-arbitraries.testing.ts';
import { ViaValue } from './via.ts';

/** What values are made of, to be thrown together. */
const pieces = [
  ...Array.from('"\\<>,;:=()@*/ \t\r\n%[]?0aé\0'),
  ...['sip:a@b', '1 INVITE', 'x/y', ';q=0.5', ';index=1'],
];
const runs = { numRuns: 60, seed: 5359 };

/** The value without classes and without fields that are undefined, so that two of them can be compared. */
function plain(value: unknown): unknown {
  if (value instanceof Parameters || value instanceof Map) return [...value];
  if (value instanceof NameAddr) {
    return { displayName: value.displayName, uri: value.uri.toString(), parameters: [...value.parameters] };
  }
  if (value instanceof SipUri || value instanceof TelUri || value instanceof OpaqueUri) return value.toString();
  if (value instanceof ViaValue) return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

test('the table of samples holds every header field there is', () => {
  const helpers = ['address-header.ts', 'number-header.ts'];
  const files = readdirSync(new URL('.', import.meta.url)).filter(
    (name) => name.endsWith('.ts') && !/\.(?:test|testing)\.ts$/.test(name) && !helpers.includes(name),
  );
  expect(headerSamples.map(({ type }) => `${type.name.toLowerCase()}.ts`).sort()).toEqual(files.sort());
});

describe.each(headerSamples)('$type.name', ({ type, values }) => {
  test('reads what it prints', () => {
    fc.assert(
      fc.property(values, (value) => {
        const text = type.print(value);
        const parsed = type.parse(text);
        expect(plain(parsed)).toEqual(plain(value));
        expect(type.print(parsed)).toBe(text);
      }),
      runs,
    );
  });

  test('never throws, and its faults point into the text', () => {
    const piece = fc.constantFrom(...pieces);
    fc.assert(
      fc.property(
        fc.array(piece).map((chosen) => chosen.join('')),
        (text) => {
          const value = type.parse(text);
          if (value instanceof SyntaxFault) {
            expect(value.reason).not.toBe('');
            expect(value.offset).toBeGreaterThanOrEqual(0);
            expect(value.offset).toBeLessThanOrEqual(text.length);
          } else {
            expect(typeof type.print(value)).toBe('string');
          }
        },
      ),
      runs,
    );
  });
});
