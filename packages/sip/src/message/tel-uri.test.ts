import { describe, expect, test } from 'vitest';
import { parseUri, TelUri } from './uri.ts';
import { valid } from './valid.testing.ts';

function tel(text: string): TelUri {
  return valid(TelUri.parse(text));
}

describe('tel URIs (RFC 3966)', () => {
  test.each([
    ['tel:+1-201-555-0123', '+12015550123', true, undefined],
    ['TEL:+1(201).555-0123;ext=12', '+12015550123', true, undefined],
    ['tel:7042;phone-context=example.com', '7042', false, 'example.com'],
    ['tel:863-1234;phone-context=+1-914-555', '8631234', false, '+1-914-555'],
    ['tel:*69#;phone-context=+1', '*69#', false, '+1'],
  ])('%s', (text, digits, isGlobal, phoneContext) => {
    expect(tel(text)).toMatchObject({ scheme: 'tel', digits, isGlobal, phoneContext });
    expect(tel(text).toString()).toBe(text);
    expect(parseUri(text)).toBeInstanceOf(TelUri);
  });

  test.each([
    ['tel:', 'not a telephone number'],
    ['tel:+', 'not a telephone number'],
    ['tel:+-', 'not a telephone number'],
    ['tel:+1a', 'not a telephone number'],
    ['tel:1 2', 'not a telephone number'],
    ['tel:7042', 'a local number without phone-context'],
    ['tel:+1;', 'no parameter name'],
    ['sip:+1', 'not a tel URI'],
  ])('%j is a fault', (text, reason) => {
    expect(TelUri.parse(text)).toMatchObject({ reason });
  });

  test.each([
    ['tel:+1-201-555-0123', 'tel:+12015550123'],
    ['tel:+1;ext=1-2;x=A', 'tel:+1;X=a;EXT=12'],
    ['tel:7042;phone-context=Example.COM', 'TEL:70-42;phone-context=example.com'],
    ['tel:1;phone-context=+1-914', 'tel:1;phone-context=+1914'],
  ])('%s equals %s', (one, other) => {
    expect(tel(one).equals(tel(other))).toBe(true);
  });

  test.each([
    ['tel:+1', 'tel:+2'],
    ['tel:+1', 'tel:1;phone-context=x'],
    ['tel:+1', 'tel:+1;ext=1'],
    ['tel:1;phone-context=x', 'tel:1;phone-context=y'],
    ['tel:1;phone-context=a-b', 'tel:1;phone-context=ab'],
  ])('%s does not equal %s', (one, other) => {
    expect(tel(one).equals(tel(other))).toBe(false);
    expect(tel(other).equals(tel(one))).toBe(false);
  });
});
