import { expect, test } from 'vitest';
import { readOracle } from '../oracle/oracle.ts';
import type { Erratum } from '../oracle/flow-schema.ts';
import { printedMessage } from '../oracle/printed-messages.ts';
import { knownErrata } from './known-errata.ts';
import { lintRfc } from './lint-rfc.ts';
import { printLint } from './print-lint.ts';
import { strictRules } from './strict-findings.ts';
import { unseenErrata } from './unseen-errata.ts';

const lint = lintRfc();

test('exactly the known errata are found', () => {
  const unknown = lint.faults.filter(({ erratum }) => erratum === undefined);
  expect(unknown.map(({ finding }) => `${finding.flow} ${finding.message ?? '-'} ${finding.rule}`)).toEqual([]);
  expect(lint.missed).toEqual([]);
  expect(lint.passed).toBe(true);
});

test('every erratum is found, or no message shows it', () => {
  const found = new Set(lint.faults.map(({ erratum }) => erratum?.id));
  const { errata } = readOracle();
  expect(errata.map(({ id }) => id).filter((id) => found.has(id) === id in unseenErrata)).toEqual([]);
  expect(Object.keys(unseenErrata).filter((id) => !errata.some((each) => each.id === id))).toEqual([]);
});

/**
 * Where an erratum names a message in which nothing is found, for that is right and another is wrong or it only carries the same
 * on, and where it is found and the erratum names others of the flow.
 */
const apart: Readonly<Record<string, { readonly without?: string; readonly beside?: string }>> = {
  // The first address of a host in a flow is taken for its own.
  'E-G14': {
    without: '2.3 F17; 2.4 F2 F3 F8; 2.6 F6 F8; 2.15 F2 F3 F8 F10 F13 F15 F19; 2.16 F4 F6; 2.18 F2',
    beside: '2.15 F6 F24; 2.18 F4 F5',
  },
  // The REFER says what the INVITE that follows repeats.
  'E-G17': { beside: '2.3 F8; 2.15 F5' },
  'E2.1-01': { without: '2.1 F12' },
  'E2.2-01': { beside: '2.2 F20' },
  'E2.2-03': { without: '2.2 F29' },
  'E2.2-04': { without: '2.2 F15' },
  'E2.3-04': { without: '2.3 F21' },
  'E2.4-01': { without: '2.4 F6 F10' },
  'E2.5-01': { without: '2.5 F24' },
  'E2.5-03': { without: '2.5 F20 F23' },
  'E2.6-01': { without: '2.6 F5', beside: '2.6 -' },
  // F9 is printed as F10 is, so F10 is taken for its repetition.
  'E2.10-01': { beside: '2.10 F10 -' },
  'E2.10-04': { without: '2.10 F2 F4; 2.11 F2 F4', beside: '2.10 F5 F8; 2.11 F7 F10' },
  'E2.11-03': { without: '2.11 F6' },
  'E2.13-07': { without: '2.13 F9; 2.14 F6' },
  'E2.13-10': { without: '2.13 F12' },
  // Every later request: the ACK of F10, too.
  'E2.13-11': { beside: '2.13 F12' },
  'E2.15-03': { without: '2.16 F4' },
  'E2.15-09': { without: '2.15 F10' },
  'E2.15-12': { without: '2.15 F24' },
  'E2.16-01': { beside: '2.16 -' },
  'E2.16-02': { beside: '2.16 F7' },
  'E2.17-01': { beside: '2.17 F17' },
};

function placesIn(text = ''): readonly string[] {
  return text
    .split('; ')
    .filter((each) => each !== '')
    .flatMap((each) => {
      const [flow = '', ...messages] = each.split(' ');
      return messages.map((f) => `${flow} ${f}`);
    });
}

function placesOf({ where }: Erratum): readonly string[] {
  return typeof where === 'string'
    ? []
    : Object.entries(where).flatMap(([flow, messages]) => messages.map((f) => `${flow} ${f}`));
}

test('an erratum is found in the messages that it names, and in no others', () => {
  for (const erratum of readOracle().errata) {
    if (erratum.id in unseenErrata || typeof erratum.where === 'string') continue;
    const { without, beside } = apart[erratum.id] ?? {};
    const faults = lint.faults.filter((each) => each.erratum?.id === erratum.id);
    const found = new Set(faults.map(({ finding }) => `${finding.flow} ${finding.message ?? '-'}`));
    const wanted = placesOf(erratum).filter((place) => !placesIn(without).includes(place));
    expect([...found].sort(), erratum.id).toEqual([...wanted, ...placesIn(beside)].sort());
  }
});

test('every rule for what is printed finds something', () => {
  const broken = new Set(lint.faults.map(({ finding }) => finding.rule));
  expect(Object.keys(strictRules).filter((rule) => !broken.has(rule))).toEqual([]);
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
