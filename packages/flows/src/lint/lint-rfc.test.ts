import { expect, test } from 'vitest';
import { readOracle } from '../oracle/oracle.ts';
import { printedMessage } from '../oracle/printed-messages.ts';
import { knownErrata } from './known-errata.ts';
import { lintRfc } from './lint-rfc.ts';
import { printLint } from './print-lint.ts';

const lint = lintRfc();

test('exactly the known errata are found', () => {
  const unknown = lint.faults.filter(({ erratum }) => erratum === undefined);
  expect(unknown.map(({ finding }) => `${finding.flow} ${finding.message ?? '-'} ${finding.rule}`)).toEqual([]);
  expect(lint.missed).toEqual([]);
  expect(lint.passed).toBe(true);
});

test('every erratum that is named is one of the oracle, and is about that flow', () => {
  const { errata } = readOracle();
  for (const [flow, places] of Object.entries(knownErrata)) {
    for (const [place, id] of Object.entries(places)) {
      const where = errata.find((each) => each.id === id)?.where;
      expect(typeof where, `${flow} ${place} ${id}`).toBe('object');
      expect(Object.keys(where ?? {}), `${flow} ${place} ${id}`).toContain(flow);
    }
  }
});

test('an erratum is told with what is sent instead, and where it is found', () => {
  const text = printLint(lint);
  expect(text).toContain('RFC 5359 2.1 Call Hold\n\n  E-G12 (breaks): Header name printed "Content Length"');
  expect(text).toMatch(
    /\n {4}Instead: Responses copy Call-ID byte for byte\..*\n {4}F19 R-RESP: expected 9876543210@biloxi/,
  );
  expect(text).toContain('exactly those that are known');
});

test('what is not found any more, or is new, is told', () => {
  const [first] = lint.faults;
  if (first === undefined) throw new Error('nothing was found');
  const text = printLint({ faults: [{ ...first, erratum: undefined }], missed: ['2.1 F11 R-REQ'], passed: false });
  expect(text).toContain('  unknown\n    F4  malformed');
  expect(text).toContain('Known errata that were not found:\n  2.1 F11 R-REQ');
  expect(text).toContain('not those that are known');
});

test('a message that the RFC does not print is an error of the caller', () => {
  expect(() => printedMessage('2.1', 'F26')).toThrow(RangeError);
});
