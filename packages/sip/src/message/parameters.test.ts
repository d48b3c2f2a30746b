import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Parameters } from './parameters.ts';
import { firstElement, splitList } from './parameter-scanner.ts';
import { valid } from './valid.testing.ts';

describe('header parameters', () => {
  test('read names, values, quotes and white space', () => {
    const parameters = valid(Parameters.parse(' ; Tag = abc;lr ;x="a\\"b;c,d" ; h=[::1];h=2'));
    expect([...parameters]).toEqual([
      ['tag', 'abc'],
      ['lr', ''],
      ['x', 'a"b;c,d'],
      ['h', '[::1]'],
      ['h', '2'],
    ]);
    expect(parameters.get('TAG')).toBe('abc');
    expect(parameters.get('h')).toBe('[::1]');
    expect(parameters.has('__proto__')).toBe(false);
    expect(parameters.toString()).toBe(';Tag=abc;lr;x="a\\"b;c,d";h=[::1];h=2');
  });

  test.each([
    ['x', 'no separator between parameters', 0],
    [';', 'no parameter name', 1],
    [';=a', 'no parameter name', 1],
    [';a=', 'no parameter value', 3],
    [';a="b', 'unbalanced quotes', 3],
    [';a="b\\"', 'unbalanced quotes', 3],
    [';a="b"c', 'no separator between parameters', 6],
    [';a,b', 'comma among parameters', 2],
  ])('%j is a fault', (text, reason, offset) => {
    expect(Parameters.parse(text)).toMatchObject({ reason, offset });
  });

  test('with and without keep the others as they came', () => {
    const parameters = valid(Parameters.parse(';+sip.audio="TRUE";expires=60;q=0.5'));
    expect(parameters.with('expires', 3600).toString()).toBe(';+sip.audio="TRUE";expires=3600;q=0.5');
    expect(parameters.with('new', '<a b>').without('Q').toString()).toBe(';+sip.audio="TRUE";expires=60;new="<a b>"');
    expect(parameters.without('absent')).toBe(parameters);
  });

  test('made ones take records and pairs', () => {
    expect(Parameters.of({ lr: true, rport: 5060, none: undefined, x: 'a b' }).toString()).toBe(
      ';lr;rport=5060;x="a b"',
    );
    expect(Parameters.of([['__proto__', '1']]).get('__proto__')).toBe('1');
    expect(() => Parameters.of({ 'a b': 'c' })).toThrow(expect.objectContaining({ code: 'invalid-header-value' }));
  });

  test('reading is the inverse of making', () => {
    const name = fc.stringMatching(/^[a-z0-9+.~-]{1,8}$/);
    const value = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (entries) => {
        const printed = Parameters.of(entries).toString();
        const read = valid(Parameters.parse(printed));
        expect([...read]).toEqual(entries);
        expect(read.toString()).toBe(printed);
      }),
      { seed: 7_3, numRuns: 500 },
    );
  });
});

describe('comma lists', () => {
  test.each([
    ['', []],
    ['a', ['a']],
    [' a , b\t', ['a', 'b']],
    ['a,,b,', ['a', '', 'b', '']],
    ['"a,b" <sip:c,d@e>;f="g,\\",h", <sip:i>', ['"a,b" <sip:c,d@e>;f="g,\\",h"', '<sip:i>']],
    ['"a, b', ['"a, b']],
    ['<a, b', ['<a, b']],
    ['<a>,b', ['<a>', 'b']],
  ])('%j', (text, elements) => {
    expect(splitList(text)).toEqual(elements);
    expect(firstElement(text)).toBe(elements[0]);
  });
});
