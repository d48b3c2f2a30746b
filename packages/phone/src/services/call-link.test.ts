import { SipUri } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { linkIn } from './call-link.ts';

const sender = SipUri.parse('sip:bob@example.com');
const host = {
  dial: () => {
    throw new Error('nobody has followed it');
  },
};

test.each([
  [2_048, true],
  [2_049, false],
])('an address of %i characters in a text is a link: %s', (length, expected) => {
  if (!(sender instanceof SipUri)) throw new Error('no address');
  const end = '@example.com';
  const address = `sip:${'a'.repeat(length - 'sip:'.length - end.length)}${end}`;
  expect(linkIn(host, `Call ${address} then`, sender) !== undefined).toBe(expected);
});
