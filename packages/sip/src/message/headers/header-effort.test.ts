import { expect, test } from 'vitest';
import { headerSamples } from './header-arbitraries.testing.ts';

/** The largest message that is read at all. */
const size = 65_536;

/** Beginnings that get a parser going, and pieces that are then repeated until its time would show. */
const beginnings = ['', '<sip:a@b>', 'a', '"', '(', 'Digest a=1', '5 ', 'text/plain', '"a" <sip:a@b>;index=1'];
const pieces = [
  ',',
  '"',
  '(',
  '\\',
  '""',
  '()',
  '\\"',
  ';',
  ';a',
  ';a=',
  ';a="',
  '<',
  ' ',
  '@',
  ',a=1',
  '%41',
  '.1',
  '/',
  '1',
];
const hostile = beginnings.flatMap((beginning) =>
  pieces.map((piece) => beginning + piece.repeat(Math.floor(size / piece.length))),
);

// Work that grew with the square of the length would take minutes here, all texts together, and run into the time limit of the test.
test.each(headerSamples)('$type.name takes linear time', ({ type }) => {
  for (const text of hostile) expect(() => type.parse(text)).not.toThrow();
});
