import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from './fault.ts';
import { OpaqueUri, parseUri, SipUri } from './uri.ts';
import { valid } from './valid.testing.ts';

describe('any URI', () => {
  test.each(['http://example.com/a?b=%20', 'urn:service:sos', 'nobodyKnowsThisScheme:totallyopaquecontent', 'cid:1@2'])(
    '%s is kept as it came',
    (text) => {
      const uri = valid(parseUri(text));
      expect(uri).toBeInstanceOf(OpaqueUri);
      expect(uri.toString()).toBe(text);
      expect(uri).toHaveProperty('scheme', text.slice(0, text.indexOf(':')).toLowerCase());
    },
  );

  test.each(['', ':', 'x', 'x:', '1x:y', 'x y:z', 'x:y z', 'x:<y>', 'x:%4', '%41:y'])('%j is a fault', (text) => {
    expect(parseUri(text)).toBeInstanceOf(SyntaxFault);
  });

  test('capitals in a scheme do not matter', () => {
    expect(parseUri('SiP:a@b')).toBeInstanceOf(SipUri);
  });

  test('no text throws, and what is read prints as it came', () => {
    const piece = fc.constantFrom(
      'sip:',
      'sips:',
      'tel:',
      'a',
      '@',
      ':',
      ';',
      '=',
      '?',
      '&',
      '%41',
      '%',
      '[',
      ']',
      '::1',
      '.',
      '1',
    );
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (input) => {
        const uri = parseUri(input);
        if (uri instanceof SyntaxFault) expect(uri.offset).toBeLessThanOrEqual(input.length);
        else {
          expect(uri.toString()).toBe(input);
          expect(uri.equals(parseUri(uri.toString()))).toBe(true);
        }
      }),
      { seed: 25_1, numRuns: 2_000 },
    );
  });
});
