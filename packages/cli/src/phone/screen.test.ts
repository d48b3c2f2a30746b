import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellsOf, duration, fitted, wrapped } from './cells.ts';
import { emptyLine, withText } from './line-editor.ts';
import { paint } from './paint.ts';
import { asciiSigns, draw, unicodeSigns } from './screen.ts';
import type { Frame, Size } from './screen.ts';
import type { CallRow, PhoneView } from './view.ts';

const bob: CallRow = {
  number: 1,
  direction: 'outgoing',
  name: 'Bob',
  uri: 'sip:bob@127.0.0.1',
  state: 'talking',
  tone: 'good',
  seconds: 42,
  codec: 'PCMU',
  encrypted: true,
  muted: false,
  digits: '',
  active: true,
};

const quiet: PhoneView = {
  addressOfRecord: 'sip:alice@127.0.0.1',
  registration: 'registered over TLS',
  registrationTone: 'good',
  settings: [],
  calls: [],
  log: [],
  scrolled: 0,
  page: undefined,
  input: emptyLine,
  hint: '',
  hintTone: 'plain',
  keys: [{ key: 'F1', act: 'help' }],
};

const text = ({ lines }: Frame): string[] =>
  lines.map((line) =>
    line
      .map((span) => span.text)
      .join('')
      .trimEnd(),
  );
const standard: Size = { columns: 80, rows: 24 };

describe('the screen', () => {
  test('shows who, which way, the state, how long, and what the sound is', () => {
    const held = {
      ...bob,
      number: 2,
      name: 'Carol',
      direction: 'incoming',
      state: 'they hold',
      active: false,
    } as const;
    const frame = draw(
      { ...quiet, calls: [bob, { ...held, encrypted: false, digits: '12#' }] },
      standard,
      unicodeSigns,
    );
    const lines = text(frame);
    expect(lines[0]).toMatch(/^ sip:alice@127\.0\.0\.1 +● registered over TLS$/);
    expect(lines[2]).toMatch(/^▸ 1 → Bob .* talking +0:42 +PCMU encrypted$/);
    expect(lines[3]).toMatch(/^ {2}2 ← Carol .* they hold +0:42 +PCMU in clear {2}digits 12#$/);
  });

  test('has the newest line of the log lowest, and wraps long ones', () => {
    const log = [
      { time: '10:00:00', text: 'first', tone: 'plain' },
      { time: '10:00:01', text: 'word '.repeat(30).trim(), tone: 'plain' },
      { time: '10:00:02', text: 'last', tone: 'plain' },
    ] as const;
    const lines = text(draw({ ...quiet, log }, standard, unicodeSigns));
    const first = lines.indexOf(' 10:00:00  first');
    expect(lines[first + 4]).toBe(' 10:00:02  last');
    expect(lines[first + 2]).toMatch(/^ {11}word/);
    const scrolled = text(draw({ ...quiet, log, scrolled: 1 }, standard, unicodeSigns));
    expect(scrolled).not.toContain(' 10:00:02  last');
  });

  test('leaves out no call that rings or is talked to, and counts the others', () => {
    const calls = Array.from({ length: 20 }, (_, index) => ({ ...bob, number: index + 1, active: index === 3 }));
    const ringing = { ...bob, number: 21, tone: 'attention', state: 'calls you', active: false } as const;
    const lines = text(draw({ ...quiet, calls: [...calls, ringing] }, standard, unicodeSigns)).join('\n');
    expect(lines).toContain('▸ 4 →');
    expect(lines).toContain('calls you');
    expect(lines).toMatch(/and \d+ more/);
  });

  test('keeps the cursor in sight however long the line is', () => {
    const input = withText(emptyLine, '漢'.repeat(200));
    const { cursor, lines } = draw({ ...quiet, input }, standard, unicodeSigns);
    expect(cursor.row).toBe(22);
    expect(cursor.column).toBeLessThan(80);
    expect(cellsOf((lines[cursor.row] ?? []).map((span) => span.text).join(''))).toBeLessThanOrEqual(80);
  });

  test('is plain ASCII where the terminal has no more', () => {
    const frame = draw({ ...quiet, calls: [bob], input: withText(emptyLine, 'call') }, standard, asciiSigns);
    expect(text(frame).join('')).toMatch(/^[\u0020-\u007e]*$/);
  });

  const anyView = fc.record({
    addressOfRecord: fc.string({ unit: 'grapheme' }),
    registration: fc.string(),
    settings: fc.array(fc.string(), { maxLength: 3 }),
    calls: fc.array(
      fc.record({ name: fc.string({ unit: 'grapheme' }), number: fc.nat(1e6), digits: fc.string(), seconds: fc.nat() }),
      { maxLength: 12 },
    ),
    log: fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { maxLength: 40 }),
    page: fc.option(
      fc.array(fc.record({ head: fc.string(), text: fc.string({ maxLength: 200 }) }), { maxLength: 60 }),
      {
        nil: undefined,
      },
    ),
    scrolled: fc.nat(50),
    typed: fc.string({ unit: 'grapheme', maxLength: 300 }),
    hint: fc.string({ unit: 'grapheme' }),
  });

  test('a wide word fits beside the time in the narrowest terminal', () => {
    const log = [{ time: '10:00:00', text: '\u2e80'.repeat(5), tone: 'plain' as const }];
    const { lines } = draw({ ...quiet, log }, { columns: 20, rows: 8 }, unicodeSigns);
    for (const line of lines) expect(cellsOf(line.map((span) => span.text).join(''))).toBeLessThanOrEqual(20);
  });

  test('fills any terminal exactly, whatever there is to show', () => {
    fc.assert(
      fc.property(anyView, fc.integer({ min: 20, max: 200 }), fc.integer({ min: 6, max: 80 }), (any, columns, rows) => {
        const clean = (dirty: string): string => dirty.replace(/\p{C}/gu, '');
        const view: PhoneView = {
          ...quiet,
          ...any,
          addressOfRecord: clean(any.addressOfRecord),
          calls: any.calls.map((call) => ({ ...bob, ...call, name: clean(call.name) })),
          log: any.log.map((line) => ({ time: '10:00:00', text: clean(line), tone: 'plain' })),
          hint: clean(any.hint),
          input: withText(emptyLine, clean(any.typed)),
        };
        const { lines, cursor } = draw(view, { columns, rows }, unicodeSigns);
        expect(lines).toHaveLength(rows);
        for (const line of lines) expect(cellsOf(line.map((span) => span.text).join(''))).toBeLessThanOrEqual(columns);
        expect(cursor.row).toBeLessThan(rows);
        expect(cursor.column).toBeLessThan(columns);
      }),
    );
  });
});

describe('painting', () => {
  const frame = draw({ ...quiet, calls: [bob] }, standard, unicodeSigns);

  test('writes what has changed and nothing else', () => {
    const later = draw({ ...quiet, calls: [{ ...bob, seconds: 43 }] }, standard, unicodeSigns);
    expect(paint(frame, frame, true)).toBe('');
    const written = paint(later, frame, true);
    expect(written).toContain('0:43');
    expect(written).not.toContain('alice');
  });

  test('has no colour where there is to be none', () => {
    expect(paint(frame, undefined, false)).not.toMatch(/\u001b\[(?:\d+;)*3\d/);
    expect(paint(frame, undefined, true)).toContain('\u001b[32m');
  });
});

describe('columns', () => {
  test('are counted as terminals count them', () => {
    expect(cellsOf('漢字')).toBe(4);
    expect(fitted('漢字漢字', 5)).toBe('漢字…');
    expect(fitted('ab', 5)).toBe('ab   ');
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('aaaaaaaaaa', 4)).toEqual(['aaaa', 'aaaa', 'aa']);
  });

  test.each([
    [0, '0:00'],
    [62.9, '1:02'],
    [3_723, '1:02:03'],
    [-1, '0:00'],
  ])('%d seconds are %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });
});
