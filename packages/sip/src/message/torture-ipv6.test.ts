import { describe, expect, test } from 'vitest';
import { checkRequest } from './check.ts';
import { Contact } from './headers/contact.ts';
import { Via } from './headers/via.ts';
import type { SipRequest } from './message.ts';
import { NameAddr } from './name-addr.ts';
import { SipUri } from './uri.ts';
import { requestOf, rfc5118, valid } from './torture.testing.ts';

function soundRequest(name: string): SipRequest {
  const request = requestOf(rfc5118(name));
  expect(checkRequest(request)).toBeUndefined();
  return request;
}

function requestUri(request: SipRequest): SipUri {
  const uri = request.requestUri;
  if (uri instanceof SipUri) return uri;
  throw new Error('not a SIP URI');
}

function contactHost(request: SipRequest): string | undefined {
  const contact = valid(request.get(Contact));
  return contact instanceof NameAddr && contact.uri instanceof SipUri ? contact.uri.host : undefined;
}

describe('RFC 5118: IPv6 in SIP', () => {
  test('4.1 ipv6-good: addresses in brackets', () => {
    const request = soundRequest('ipv6-good');
    expect(requestUri(request).host).toBe('2001:db8::10');
    expect(request.topVia.host).toBe('2001:db8::9:1');
    expect(contactHost(request)).toBe('2001:db8::1');
  });

  test('4.2 ipv6-bad: a Request-URI without the brackets gets 400', () => {
    expect(checkRequest(requestOf(rfc5118('ipv6-bad')))).toMatchObject({ status: 400 });
  });

  test('4.3 port-ambiguous: what looks like a port within the brackets belongs to the address', () => {
    const uri = requestUri(soundRequest('port-ambiguous'));
    expect([uri.host, uri.port]).toEqual(['2001:db8::10:5070', undefined]);
  });

  test('4.4 port-unambiguous: a port behind the brackets', () => {
    const uri = requestUri(soundRequest('port-unambiguous'));
    expect([uri.host, uri.port]).toEqual(['2001:db8::10', 5070]);
  });

  test('4.5 via-received-param-with-delim: brackets around the received parameter are borne', () => {
    expect(soundRequest('via-received-param-with-delim').topVia).toMatchObject({
      host: '2001:db8::9:1',
      received: '2001:db8::9:255',
      branch: 'z9hG4bKas3-111',
    });
  });

  test('4.5 via-received-param-no-delim: the received parameter as the grammar has it', () => {
    expect(soundRequest('via-received-param-no-delim').topVia).toMatchObject({
      host: '2001:db8::9:1',
      received: '2001:db8::9:255',
      branch: 'z9hG4bKas3',
    });
  });

  test('4.6 ipv6-in-sdp: a body with addresses without brackets is left alone', () => {
    const request = soundRequest('ipv6-in-sdp');
    expect(requestUri(request)).toMatchObject({ user: 'user', host: '2001:db8::10' });
    expect(request.body).toContain('c=IN IP6 2001:db8::20\r\n');
  });

  test('4.7 mult-ip-in-header: both address families in one list of Vias', () => {
    const request = soundRequest('mult-ip-in-header');
    expect(
      valid(request.all(Via)).map(({ protocol, host, port, received }) => [protocol, host, port, received]),
    ).toEqual([
      ['UDP', '2001:db8::9:1', 6050, undefined],
      ['UDP', '192.0.2.1', undefined, undefined],
      ['TCP', '2001:db8::9:255', undefined, '192.0.2.200'],
    ]);
  });

  test('4.8 mult-ip-in-sdp: both address families in one body', () => {
    const request = soundRequest('mult-ip-in-sdp');
    expect(request.body).toContain('c=IN IP4 192.0.2.1\r\n');
    expect(request.body).toContain('c=IN IP6 2001:db8::1\r\n');
  });

  test('4.9 ipv4-mapped-ipv6: an IPv4 address at the end of an IPv6 address', () => {
    const request = soundRequest('ipv4-mapped-ipv6');
    expect(valid(request.all(Via)).map(({ host, port }) => [host, port])).toEqual([
      ['::ffff:192.0.2.10', 19_823],
      ['::ffff:192.0.2.2', undefined],
    ]);
    expect(contactHost(request)).toBe('::ffff:192.0.2.2');
  });

  test('4.10 ipv6-bug-abnf-3-colons: three colons are taken for two', () => {
    const bug = requestUri(soundRequest('ipv6-bug-abnf-3-colons'));
    const correct = requestUri(soundRequest('ipv6-correct-abnf-2-colons'));
    expect(bug.equals(correct)).toBe(true);
    expect(bug.addressOfRecord).toBe(correct.addressOfRecord);
  });

  test('4.10 ipv6-correct-abnf-2-colons: two colons before an IPv4 address', () => {
    expect(requestUri(soundRequest('ipv6-correct-abnf-2-colons'))).toMatchObject({
      user: 'user',
      host: '2001:db8::192.0.2.1',
    });
  });
});
