import { parseUri, SyntaxFault } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { Domains } from './domains.ts';

const names = [{ name: 'example.com', aliases: ['www.example.com'] }];
const domains = new Domains(names, ['192.0.2.1', '2001:db8::1'], (_, port) => port === 5060);
const alice = { user: 'alice', domain: 'example.com' };

test.each([
  ['sip:alice@example.com', alice, alice],
  ['sips:alice@WWW.example.com:5060', alice, alice],
  ['sip:alice@example.com.', alice, alice],
  ['sip:alice@192.0.2.1', alice, alice],
  ['sip:alice@[2001:DB8:0:0::1]:5060', alice, alice],
  ['sip:alice@[::ffff:192.0.2.1]', alice, alice],
  ['sip:alice@[0:0::FFFF:c000:201]', alice, alice],
  // Nobody but us speaks for a domain, whatever the port; but a phone may share our address.
  ['sip:alice@example.com:7777', undefined, alice],
  ['sip:alice@192.0.2.1:7777', undefined, undefined],
  ['sip:alice@other.example', undefined, undefined],
  ['tel:1;phone-context=example.com', { user: '1', domain: 'example.com' }, { user: '1', domain: 'example.com' }],
  ['tel:+1', undefined, undefined],
])('%s means, and claims', (text, means, claims) => {
  const uri = parseUri(text);
  if (uri instanceof SyntaxFault) throw new Error(uri.reason);
  expect(domains.ours(uri)).toEqual(means);
  expect(domains.claimed(uri)).toEqual(claims);
});
