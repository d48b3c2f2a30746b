import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from './fault.ts';
import { NameAddr } from './name-addr.ts';
import { SipUri } from './uri.ts';
import { valid } from './valid.testing.ts';

describe('addresses', () => {
  test.each([
    ['<sip:a@b>', undefined, 'sip:a@b', ''],
    ['Bob<sip:a@b>;tag=x', 'Bob', 'sip:a@b', ';tag=x'],
    ['The  big\tBob <sip:a@b;lr?x=y> ; tag = x', 'The big Bob', 'sip:a@b;lr?x=y', ';tag=x'],
    ['"Bell, \\"A\\" \\\\" <sip:a@b>', 'Bell, "A" \\', 'sip:a@b', ''],
    ['"<sip:x@y>" <sip:a@b>', '<sip:x@y>', 'sip:a@b', ''],
    ['"" <sip:a@b>', '', 'sip:a@b', ''],
    ['sip:a@b;tag=x', undefined, 'sip:a@b', ';tag=x'],
    ['Zo\xc3\xab <sip:a@b>', 'Zo\xc3\xab', 'sip:a@b', ''],
    ['<urn:service:sos>', undefined, 'urn:service:sos', ''],
    ['tel:+1;tag=x', undefined, 'tel:+1', ';tag=x'],
  ])('%s', (text, displayName, uri, parameters) => {
    const read = valid(NameAddr.parse(text));
    expect(read.displayName).toBe(displayName);
    expect(read.uri.toString()).toBe(uri);
    expect(read.parameters.toString()).toBe(parameters);
    expect(read.toString()).toBe(text);
  });

  test.each([
    ['', 'no address'],
    ['"Bob', 'unbalanced quotes'],
    ['"Bob" sip:a@b', 'no < after the display name'],
    ['Bob <sip:a@b', 'no > after the URI'],
    ['<>', 'no URI between < and >'],
    ['< sip:a@b>', 'no URI scheme'],
    ['<sip:a@b >', 'character not allowed in URI parameters'],
    ['sip:a@b?x=y', 'question mark in a URI without angle brackets'],
    ['Bell, Alexander <sip:a@b>', 'no URI scheme'],
    ['<sip:a@b> x', 'no separator between parameters'],
    ['<sip:a@b>;', 'no parameter name'],
    ['<sip:a@b>, <sip:c@d>', 'comma among parameters'],
  ])('%j is a fault', (text, reason) => {
    expect(NameAddr.parse(text)).toMatchObject({ reason });
  });

  test('made ones always have angle brackets and a quoted name', () => {
    const made = NameAddr.of({ displayName: 'A "b"\r\nX: y', uri: 'sip:a@b;lr', parameters: { tag: '1' } });
    expect(made.toString()).toBe('"A \\"b\\" X: y" <sip:a@b;lr>;tag=1');
    expect(made.tag).toBe('1');
    expect(made.with({ displayName: undefined, parameters: {} }).toString()).toBe('<sip:a@b;lr>');
    expect(() => NameAddr.of({ uri: 'nothing' })).toThrow(expect.objectContaining({ code: 'invalid-uri' }));
  });

  test('reading is the inverse of making, and no text throws', () => {
    const name = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(fc.option(name, { nil: undefined }), name, (displayName, tag) => {
        const uri = SipUri.of({ user: `u${tag}`, host: 'example.com' });
        const made = NameAddr.of({ displayName, uri, parameters: { tag } });
        const read = valid(NameAddr.parse(made.toString()));
        expect(read.displayName).toBe(displayName);
        expect(uri.equals(read.uri)).toBe(true);
        expect(read.tag).toBe(tag);
      }),
      { seed: 20_10, numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[<>",;:@\\ asip=]*$/), (text) => {
        const read = NameAddr.parse(text);
        if (!(read instanceof SyntaxFault)) expect(read.toString()).toBe(text);
      }),
      { seed: 20_11, numRuns: 1_000 },
    );
  });

  test('keeps a byte of UTF-8 that looks like a space of Unicode', () => {
    const name = NameAddr.parse('caf\xc3\xa0 \t bleu <sip:a@b>');
    expect(name).toMatchObject({ displayName: 'caf\xc3\xa0 bleu' });
  });
});
