import { SyntaxFault } from '@switchhook/sip';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPattern } from './pattern.ts';

test.each([
  '*',
  '@',
  '@*',
  '*@*',
  '@*.*',
  '*@*.*',
  '**',
  '',
  ' ',
  'a b',
  '<sip:bob@a>',
  'sip:',
  'sip:bob@-',
  'a*b*c*d*e*f',
  'mailto:x y@z',
  'sip:*@*',
  'alice@',
  'alice@@example.com',
  'alice@example.com:5061',
  '*@*:*',
  '@*:',
  '+',
  '+ ()',
  '-',
])('%j is no pattern, or one of everybody', (text) =>
  expect(readPattern(text, 'example.com')).toBeInstanceOf(SyntaxFault),
);

test.each(['anonymous', 'Anonymous', ' ANONYMOUS '])('%j is whoever has proved nothing', (text) => {
  const pattern = readPattern(text, 'example.com');
  expect(!(pattern instanceof SyntaxFault) && pattern.fits({ address: undefined, number: undefined })).toBe(true);
});

test.each(['@127.0.0.1', 'alice@[::1]', '@*.example.net', '*@x-*.example.net', '@büro.example'])(
  '%j is a pattern',
  (text) => {
    const isOfAscii = /^[ -~]+$/.test(text);
    expect(readPattern(text, 'example.com') instanceof SyntaxFault).toBe(!isOfAscii);
  },
);

test('a pattern that says more weighs more, one without an asterisk the most', () => {
  const weights = ['anonymous', '@example.com', '*@example.com', 'a*@example.com', 'al*@example.com', 'a@b.c'].map(
    (text) => {
      const pattern = readPattern(text, 'example.com');
      return pattern instanceof SyntaxFault ? NaN : pattern.weight;
    },
  );
  expect(weights).toEqual(weights.toSorted((one, other) => one - other));
});

test('asterisks mean what they mean in a regular expression', () => {
  const letter = fc.constantFrom('a', 'b', '*');
  fc.assert(
    fc.property(
      fc.array(letter, { minLength: 1, maxLength: 7 }),
      fc.string({ unit: fc.constantFrom('a', 'b') }),
      (glob, user) => {
        const text = `${glob.join('')}@x`;
        const pattern = readPattern(text, 'example.com');
        fc.pre(!(pattern instanceof SyntaxFault));
        const expected = new RegExp(`^${glob.join('').replaceAll('*', '.*')}@x$`).test(`${user}@x`);
        expect(pattern.fits({ address: `${user}@x`, number: undefined })).toBe(expected);
      },
    ),
  );
});
