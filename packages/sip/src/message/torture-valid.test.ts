import { describe, expect, test } from 'vitest';
import { BodyPart } from './body/body-part.ts';
import { leavesOf } from './body/multipart.ts';
import { checkRequest } from './check.ts';
import { Accept } from './headers/accept.ts';
import { Contact } from './headers/contact.ts';
import { CSeq } from './headers/cseq.ts';
import { From } from './headers/from.ts';
import { MaxForwards } from './headers/max-forwards.ts';
import { Route } from './headers/route.ts';
import { Subject } from './headers/subject.ts';
import { To } from './headers/to.ts';
import { Via } from './headers/via.ts';
import { parseMessage } from './message.ts';
import { NameAddr } from './name-addr.ts';
import { SipUri } from './uri.ts';
import { requestOf, responseOf, rfc4475, valid } from './torture.testing.ts';

function contacts(text: string): NameAddr[] {
  return valid(requestOf(text).all(Contact)).filter((contact) => contact instanceof NameAddr);
}

function sipUri(uri: unknown): SipUri {
  if (uri instanceof SipUri) return uri;
  throw new Error('not a SIP URI');
}

describe('RFC 4475 3.1.1: valid messages', () => {
  test('3.1.1.1 wsinv.dat: white space, folding and capitals wherever they may be', () => {
    const request = requestOf(rfc4475('wsinv.dat'));
    expect(checkRequest(request)).toBeUndefined();
    expect(sipUri(request.requestUri).parameters.get('unknownparam')).toBe('');
    expect(valid(request.get(To)).uri.toString()).toBe('sip:vivekg@chair-dnrc.example.com');
    expect(request.toTag).toBe('1918181833n');
    expect(valid(request.get(From)).displayName).toBe('J Rosenberg \\"');
    expect(request.fromTag).toBe('98asjd8');
    expect(request.get(MaxForwards)).toBe(68);
    expect(request.callId).toBe('wsinv.ndaksdj@192.0.2.1');
    expect(request.get(CSeq)).toEqual({ number: 9, method: 'INVITE' });
    expect(request.get(Subject)).toBe('');
    expect(request.raw('NewFangledHeader')).toBe('newfangled value continued newfangled value');
    expect(request.raw('UnknownHeaderWithUnusualValue')).toBe(';;,,;;,;');
    const [route] = valid(request.all(Route));
    expect([...sipUri(route?.uri).parameters]).toEqual([
      ['lr', ''],
      ['unknownwith', 'value'],
      ['unknown-no-value', ''],
    ]);
    expect(valid(request.all(Via)).map((via) => [via.protocol, via.sentBy, via.branch])).toEqual([
      ['UDP', '192.0.2.2', '390skdjuw'],
      ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
      ['UDP', '192.168.255.111', 'z9hG4bK30239'],
    ]);
    const [contact] = contacts(rfc4475('wsinv.dat'));
    expect(contact?.displayName).toBe('Quoted string ""');
    expect([...(contact?.parameters ?? [])]).toEqual([
      ['newparam', 'newvalue'],
      ['secondparam', ''],
      ['q', '0.33'],
    ]);
    expect(request.body).toHaveLength(150);
  });

  test('3.1.1.2 intmeth.dat: every character that may be, and a method nobody knows (501 by the endpoint)', () => {
    const request = requestOf(rfc4475('intmeth.dat'));
    expect(checkRequest(request)).toBeUndefined();
    expect(request.method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
    const uri = sipUri(request.requestUri);
    expect(uri.user).toBe("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
    expect(uri.password).toBe("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
    expect(uri.host).toBe('example.com');
    expect(request.topVia.branch).toBe("z9hG4bK-.!%66*_+`'~");
    expect(valid(request.get(To)).displayName).toBe('BEL:\x07 NUL:\0 DEL:\x7f');
    const from = valid(request.get(From));
    expect(from.displayName).toBe("token1~` token2'+_ token3*%!.-");
    const parameter = Buffer.from(from.parameters.get("fromParam''~+*_!.-%") ?? '', 'latin1').toString('utf8');
    expect(parameter).toBe('работающий');
    expect(request.fromTag).toBe("_token~1'+`*%!-.");
    expect(request.callId).toBe('intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{');
    const extension = Buffer.from(request.raw("extensionHeader-!.%*+_`'~") ?? '', 'latin1').toString('utf8');
    expect(extension).toBe('\ufeff大停電');
  });

  test('3.1.1.3 esc01.dat: escapes are undone once, and only in URIs', () => {
    const request = requestOf(rfc4475('esc01.dat'));
    expect(checkRequest(request)).toBeUndefined();
    expect(sipUri(request.requestUri)).toMatchObject({ user: 'sips:user@example.com', host: 'example.net' });
    expect(sipUri(valid(request.get(To)).uri).user).toBe('user');
    expect(sipUri(valid(request.get(From)).uri).user).toBe('I have spaces');
    const [contact] = contacts(rfc4475('esc01.dat'));
    expect(sipUri(contact?.uri).user).toBe('caller');
    expect([...sipUri(contact?.uri).parameters]).toEqual([
      ['lr', ''],
      ['name', 'value%41'],
    ]);
  });

  test('3.1.1.4 escnull.dat: a null in the user part ends nothing', () => {
    const request = requestOf(rfc4475('escnull.dat'));
    expect(checkRequest(request)).toBeUndefined();
    expect(sipUri(valid(request.get(To)).uri).user).toBe('null-\0-null');
    expect(sipUri(valid(request.get(To)).uri).addressOfRecord).toBe('sip:null-%00-null@example.com');
    const [first, second, ...more] = contacts(rfc4475('escnull.dat')).map((contact) => sipUri(contact.uri));
    expect(more).toEqual([]);
    expect([first?.user, second?.user]).toEqual(['\0', '\0\0']);
    expect(first?.equals(second)).toBe(false);
  });

  test('3.1.1.5 esc02.dat: a percent sign in a method, a name or a header name is no escape', () => {
    const request = requestOf(rfc4475('esc02.dat'));
    expect(checkRequest(request)).toBeUndefined();
    expect(request.method).toBe('RE%47IST%45R');
    expect(valid(request.get(To)).displayName).toBe('%Z%45');
    expect(valid(request.get(From)).displayName).toBe('%Z%45');
    expect(contacts(rfc4475('esc02.dat')).map((contact) => contact.uri.toString())).toEqual([
      'sip:alias1@host1.example.com',
      'sip:alias3@host3.example.com',
    ]);
    expect(request.raw('C%6Fntact')).toBe('<sip:alias2@host2.example.com>');
  });

  test('3.1.1.6 lwsdisp.dat: no white space between display name and bracket', () => {
    const request = requestOf(rfc4475('lwsdisp.dat'));
    expect(checkRequest(request)).toBeUndefined();
    expect(valid(request.get(From)).displayName).toBe('caller');
    expect(valid(request.get(From)).uri.toString()).toBe('sip:caller@example.com');
  });

  test('3.1.1.7 longreq.dat: long values and many of them', () => {
    const request = requestOf(rfc4475('longreq.dat'));
    expect(checkRequest(request)).toBeUndefined();
    const to = valid(request.get(To));
    expect(to.displayName).toBe(`I have a user name of ${'extreme'.repeat(10)} proportion`);
    const uri = sipUri(to.uri);
    expect(uri.port).toBe(6000);
    expect(uri.parameters.get('unknownparam1')).toBe(`very${'long'.repeat(20)}value`);
    expect(uri.parameters.get(`longparam${'name'.repeat(25)}`)).toBe('shortvalue');
    expect(uri.parameters.get(`very${'long'.repeat(25)}ParameterNameWithNoValue`)).toBe('');
    expect(request.fromTag).toBe(`12${'982'.repeat(50)}424`);
    expect(sipUri(valid(request.get(From)).uri).user).toBe('amazinglylongcallername'.repeat(5));
    expect(request.callId).toBe(`longreq.one${'really'.repeat(20)}longcallid`);
    const vias = valid(request.all(Via));
    expect(vias).toHaveLength(34);
    expect(vias.map((via) => via.host).slice(0, 33)).toEqual(
      Array.from({ length: 33 }, (_, index) => `sip${String(33 - index)}.example.com`),
    );
    expect(vias[33]?.branch).toBe(`very${'long'.repeat(50)}branchvalue`);
    expect(vias[33]?.received).toBe('192.0.2.5');
  });

  test('3.1.1.8 dblreq.dat: what follows the body in a datagram is noise', () => {
    const text = rfc4475('dblreq.dat');
    const request = requestOf(text);
    expect(checkRequest(request)).toBeUndefined();
    expect(request.method).toBe('REGISTER');
    expect(request.body).toBe('');
    expect(request.text).toBe(text.slice(0, text.indexOf('\r\n\r\n') + 4));
    expect(request.edit().toText()).not.toContain('INVITE');
  });

  test('3.1.1.9 semiuri.dat: a semicolon in the user part starts no parameter', () => {
    const request = requestOf(rfc4475('semiuri.dat'));
    expect(checkRequest(request)).toBeUndefined();
    const uri = sipUri(request.requestUri);
    expect(uri.user).toBe('user;par=u@example.net');
    expect(uri.host).toBe('example.com');
    expect(uri.parameters.size).toBe(0);
    expect(valid(request.all(Accept)).map(({ type, subtype }) => `${type}/${subtype}`)).toEqual([
      ...['application/sdp', 'application/pkcs7-mime', 'multipart/mixed', 'multipart/signed'],
      ...['message/sip', 'message/sipfrag'],
    ]);
  });

  test('3.1.1.10 transports.dat: every transport there is, and one that is not', () => {
    const request = requestOf(rfc4475('transports.dat'));
    expect(checkRequest(request)).toBeUndefined();
    expect(valid(request.all(Via)).map((via) => via.protocol)).toEqual(['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']);
  });

  test('3.1.1.11 mpart01.dat: a multipart body with nulls in it', () => {
    const request = requestOf(rfc4475('mpart01.dat'));
    expect(checkRequest(request)).toBeUndefined();
    expect(request.body).toHaveLength(553);
    const [text, binary, ...more] = valid(leavesOf(BodyPart.of(request)));
    expect(more).toEqual([]);
    expect(text?.is('text', 'plain')).toBe(true);
    expect(text?.content).toBe('Hello');
    expect(binary?.is('application', 'octet-stream')).toBe(true);
    expect(binary?.content).toHaveLength(342);
    expect(binary?.content.startsWith('\x30\x82\x01\x52\x06\x09\x2a\x86')).toBe(true);
    expect(binary?.content.endsWith('\x65\xbc\x99\xd0\x05')).toBe(true);
  });

  test('3.1.1.12 unreason.dat: a reason phrase of any UTF-8', () => {
    const response = responseOf(rfc4475('unreason.dat'));
    expect(response.status).toBe(200);
    expect(Buffer.from(response.reason, 'latin1').toString('utf8')).toBe(
      '= 2**3 * 5**2 но сто девяносто девять - простое',
    );
  });

  test('3.1.1.13 noreason.dat: an empty reason phrase; its space is required', () => {
    const text = rfc4475('noreason.dat');
    expect(responseOf(text)).toMatchObject({ status: 100, reason: '' });
    expect(parseMessage(text.replace('100 \r\n', '100\r\n'))).toHaveProperty('fault');
  });
});
