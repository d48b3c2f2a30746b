import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BodyPart } from './body/body-part.ts';
import { checkRequest, proxyHeaderTypes } from './check.ts';
import { Accept } from './headers/accept.ts';
import { Authorization } from './headers/authorization.ts';
import { Contact } from './headers/contact.ts';
import { From } from './headers/from.ts';
import { MaxForwards } from './headers/max-forwards.ts';
import { ProxyRequire } from './headers/proxy-require.ts';
import { RecordRoute } from './headers/record-route.ts';
import { Require } from './headers/require.ts';
import { To } from './headers/to.ts';
import { Via } from './headers/via.ts';
import { NameAddr } from './name-addr.ts';
import { SipUri } from './uri.ts';
import type { SipRequest } from './message.ts';
import { requestOf, responseOf, rfc4475, valid } from './torture.testing.ts';

/** The request of a file that the message layer has no quarrel with. */
function soundRequest(name: string): SipRequest {
  const request = requestOf(rfc4475(name));
  expect(checkRequest(request)).toBeUndefined();
  expect(checkRequest(request, proxyHeaderTypes)).toBeUndefined();
  return request;
}

function onlyContact(request: SipRequest): NameAddr {
  const [contact, ...more] = valid(request.all(Contact));
  expect(more).toEqual([]);
  if (contact instanceof NameAddr) return contact;
  throw new Error('no contact');
}

describe('RFC 4475 3.2 to 3.4: well-formed messages that a higher layer has to judge', () => {
  test('3.2.1 badbranch.dat: the magic cookie alone; the transaction layer matches as for RFC 2543', () => {
    expect(soundRequest('badbranch.dat').topVia.branch).toBe('z9hG4bK');
  });

  test('3.3.2 unkscm.dat: an unknown scheme; the proxy or user agent answers 416', () => {
    expect(soundRequest('unkscm.dat').requestUri).toMatchObject({ scheme: 'nobodyknowsthisscheme' });
  });

  test('3.3.3 novelsc.dat: a scheme that is known elsewhere; the proxy or user agent answers 416', () => {
    expect(soundRequest('novelsc.dat').requestUri).toMatchObject({ scheme: 'soap.beep' });
  });

  test('3.3.4 unksm2.dat: unknown schemes in To, From and Contact; the registrar answers 400', () => {
    const request = soundRequest('unksm2.dat');
    expect(valid(request.get(To)).uri.toString()).toBe('isbn:2983792873');
    expect(valid(request.get(To)).uri).not.toBeInstanceOf(SipUri);
    expect(valid(request.get(From)).uri.toString()).toBe('http://www.example.com');
    expect(onlyContact(request).uri.toString()).toBe('name:John_Smith');
  });

  test('3.3.5 bext01.dat: unknown option tags; the proxy or user agent answers 420 with Unsupported', () => {
    const request = soundRequest('bext01.dat');
    expect(request.all(Require)).toEqual(['nothingSupportsThis', 'nothingSupportsThisEither']);
    expect(request.all(ProxyRequire)).toEqual(['noProxiesSupportThis', 'norDoAnyProxiesSupportThis']);
  });

  test('3.3.6 invut.dat: an unknown body type; the user agent answers 415, the proxy does not mind', () => {
    const body = BodyPart.of(soundRequest('invut.dat'));
    expect(body.contentType).toMatchObject({ type: 'application', subtype: 'unknownformat' });
    expect(body.isRequired).toBe(true);
    expect(body.content).toHaveLength(40);
  });

  test('3.3.7 regaut01.dat: an unknown authentication scheme; the registrar challenges anew with 401', () => {
    const credentials = valid(soundRequest('regaut01.dat').get(Authorization));
    expect(credentials.scheme).toBe('NoOneKnowsThisScheme');
    expect([...credentials.parameters]).toEqual([['opaque-data', 'here']]);
  });

  test('3.3.10 bcast.dat: a broadcast address in the second Via; the transport or proxy drops the response', () => {
    const response = responseOf(rfc4475('bcast.dat'));
    expect(valid(response.all(Via)).map((via) => via.host)).toEqual(['192.0.2.198', '255.255.255.255']);
  });

  test('3.3.11 zeromf.dat: Max-Forwards of zero; the proxy answers 483, the user agent goes on', () => {
    expect(soundRequest('zeromf.dat').get(MaxForwards)).toBe(0);
  });

  test('3.3.12 cparam01.dat: without angle brackets a parameter belongs to the Contact', () => {
    const contact = onlyContact(soundRequest('cparam01.dat'));
    expect(contact.uri.toString()).toBe('sip:+19725552222@gw1.example.net');
    expect([...contact.parameters]).toEqual([['unknownparam', '']]);
  });

  test('3.3.13 cparam02.dat: within angle brackets a parameter belongs to the URI', () => {
    const contact = onlyContact(soundRequest('cparam02.dat'));
    expect(contact.uri.toString()).toBe('sip:+19725552222@gw1.example.net;unknownparam');
    expect(contact.parameters.size).toBe(0);
  });

  test('3.3.14 regescrt.dat: a header field in a contact URI is kept', () => {
    const { uri } = onlyContact(soundRequest('regescrt.dat'));
    expect(uri.toString()).toBe('sip:user@example.com?Route=%3Csip:sip.example.com%3E');
    expect(uri instanceof SipUri && [...uri.headers]).toEqual([['Route', '<sip:sip.example.com>']]);
  });

  test('3.3.15 sdp01.dat: an Accept without SDP; the user agent answers 406', () => {
    const accepted = valid(soundRequest('sdp01.dat').all(Accept));
    expect(accepted.map(({ type, subtype }) => `${type}/${subtype}`)).toEqual(['text/nobodyknowsthis']);
  });

  test('3.4.1 inv2543.dat: no branch, no From tag, no Content-Length, no Max-Forwards', () => {
    const request = soundRequest('inv2543.dat');
    expect(request.topVia.branch).toBeUndefined();
    expect(request.fromTag).toBeUndefined();
    expect(request.has(MaxForwards)).toBe(false);
    expect(request.body.startsWith('v=0\r\n')).toBe(true);
    expect(request.body.endsWith('m=audio 49217 RTP/AVP 0\r\n')).toBe(true);
    const [recordRoute] = valid(request.all(RecordRoute));
    expect(recordRoute?.uri instanceof SipUri && recordRoute.uri.parameters.get('maddr')).toBe('ss1.example.com');
  });
});

test.each(['rfc4475', 'rfc5118'])('every message of %s has its test', (folder) => {
  const sources = ['valid', 'invalid', 'layers', 'ipv6']
    .map((name) => readFileSync(new URL(`torture-${name}.test.ts`, import.meta.url), 'utf8'))
    .join('');
  const files = readdirSync(new URL(`../../torture/${folder}/`, import.meta.url));
  expect(files.filter((file) => !sources.includes(`('${file}')`))).toEqual([]);
});
