import { NameAddr, SipUri } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { partyOf, uriFor } from './party.ts';

function uri(text: string): SipUri {
  const parsed = SipUri.parse(text);
  if (!(parsed instanceof SipUri)) throw new Error(parsed.reason);
  return parsed;
}

test.each([
  ['bob', 'sip:bob@example.com'],
  [' 2001 ', 'sip:2001@example.com'],
  ['bob@example.net', 'sip:bob@example.net'],
  ['bob@[2001:db8::1]:5070', 'sip:bob@[2001:db8::1]:5070'],
  ['SIPS:bob@example.net', 'SIPS:bob@example.net'],
  ['tel:+15551234', 'tel:+15551234'],
  ['zoë', 'sip:zo%C3%AB@example.com'],
  ['bob@', undefined],
  ['@example.com', undefined],
  ['', undefined],
  ['bob carol', undefined],
  ['bob@ex ample', undefined],
  ['sip:', undefined],
])('"%s" is %s', (target, result) => {
  expect(uriFor(target, uri('sip:alice@example.com'))?.toString()).toBe(result);
});

test('a name alone is called as the phone itself is', () => {
  expect(uriFor('bob', uri('sips:alice@example.com:5071'))?.toString()).toBe('sips:bob@example.com:5071');
});

test.each([
  ['"Bob Builder" <sip:bob@example.com;transport=tcp>;tag=1', 'sip:bob@example.com', 'Bob Builder'],
  ['"" <sips:bob@example.com>', 'sips:bob@example.com', 'bob'],
  ['"Zo\xc3\xab" <sip:zo%C3%AB@example.com>', 'sip:zo%C3%AB@example.com', 'Zoë'],
  ['<sip:example.com>', 'sip:example.com', 'example.com'],
  ['<tel:+15551234>', 'tel:+15551234', '+15551234'],
])('%s', (text, address, name) => {
  const parsed = NameAddr.parse(text);
  if (!(parsed instanceof NameAddr)) throw new Error(parsed.reason);
  expect(partyOf(parsed)).toEqual({ uri: address, name });
});
