import { NameAddr, parseUri, SyntaxFault } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { screeningProxyFor } from './screening.ts';

test.each([
  ['sip:bob@example.com', 'sip:proxy.example.com;lr', 'sip:proxy.example.com;lr'],
  ['sips:bob@example.com', 'sip:proxy.example.com;lr', 'sips:proxy.example.com;lr'],
  ['sip:bob@example.com', 'sips:proxy.example.com;lr', 'sips:proxy.example.com;lr'],
])('who calls %s past %s is sent to %s', (target, proxy, expected) => {
  const [requestUri, uri] = [parseUri(target), parseUri(proxy)];
  if (uri instanceof SyntaxFault) throw new Error(uri.reason);
  expect(screeningProxyFor({ requestUri }, NameAddr.of({ uri })).uri.toString()).toBe(expected);
});
