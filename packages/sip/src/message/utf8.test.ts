import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NameAddr } from './name-addr.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

test('a name in any script goes into a message and comes out of it', () => {
  const address = NameAddr.of({ displayName: encodeUtf8('Zoë "大" 🎧'), uri: 'sip:zoe@example.com' });
  expect(address.toString()).toBe('"Zo\xc3\xab \\"\xe5\xa4\xa7\\" \xf0\x9f\x8e\xa7" <sip:zoe@example.com>');
  const read = NameAddr.parse(address.toString());
  expect(read instanceof NameAddr && decodeUtf8(read.displayName ?? '')).toBe('Zoë "大" 🎧');
});

test('bytes that are not UTF-8 are latin1', () => {
  expect(decodeUtf8('M\xfcller 100%')).toBe('Müller 100%');
  // An overlong form is no UTF-8, so nobody smuggles a slash or a quote in as one.
  expect(decodeUtf8('\xc0\xaf')).toBe('\xc0\xaf');
  expect(encodeUtf8('a\ud800b')).toBe('a\xef\xbf\xbdb');
});

test('encoding and decoding are inverse, and encoding is what Node does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(encodeUtf8(text)).toBe(Buffer.from(text, 'utf8').toString('latin1'));
      expect(decodeUtf8(encodeUtf8(text))).toBe(text);
    }),
    { seed: 3629, numRuns: 500 },
  );
});
