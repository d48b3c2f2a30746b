import { describe, expect, test } from 'vitest';
import { checkRequest, proxyHeaderTypes } from './check.ts';
import { SyntaxFault } from './fault.ts';
import { Contact } from './headers/contact.ts';
import { SipDate } from './headers/date.ts';
import { Expires } from './headers/expires.ts';
import { RetryAfter } from './headers/retry-after.ts';
import { Via } from './headers/via.ts';
import { Warning } from './headers/warning.ts';
import { faultOf, requestOf, rfc4475, valid } from './torture.testing.ts';

/** The message without its first header line of that name. */
function without(text: string, name: string): string {
  const start = text.indexOf(`\r\n${name}:`);
  return text.slice(0, start) + text.slice(text.indexOf('\r\n', start + 2));
}

describe('RFC 4475 3.1.2: invalid messages', () => {
  test('3.1.2.1 badinv01.dat: separators with nothing between them get 400', () => {
    const text = rfc4475('badinv01.dat');
    expect(faultOf(text)).toMatchObject({ status: 400, reason: 'no parameter name' });
    const sound = requestOf(text.replace('192.0.2.15;;,;,,', '192.0.2.15'));
    expect(checkRequest(sound)).toMatchObject({ status: 400, reason: 'Contact: no parameter name' });
    // A proxy may not mind a Contact that it does not read (RFC 3261 16.3).
    expect(checkRequest(sound, proxyHeaderTypes)).toBeUndefined();
    const commas = requestOf(text.replace('192.0.2.15;;,;,,', '192.0.2.15,,'));
    expect(checkRequest(commas, [Via])).toMatchObject({ status: 400 });
  });

  test('3.1.2.2 clerr.dat: more Content-Length than body in a datagram gets 400', () => {
    expect(faultOf(rfc4475('clerr.dat'))).toMatchObject({
      status: 400,
      reason: 'Content-Length is more than there is',
    });
  });

  test('3.1.2.3 ncl.dat: a negative Content-Length gets 400; on a stream the framer closes the connection', () => {
    const text = rfc4475('ncl.dat');
    expect(faultOf(text)).toMatchObject({ status: 400, reason: 'Content-Length is not a number' });
    expect(faultOf(text.replace('-999', 'five'))).toMatchObject({
      status: 400,
      reason: 'Content-Length is not a number',
    });
  });

  test('3.1.2.4 scalar02.dat: overlarge numbers in a request get 400 for the CSeq', () => {
    const text = rfc4475('scalar02.dat');
    expect(faultOf(text)).toMatchObject({ status: 400, reason: 'CSeq number is not below 2**31' });
    const request = requestOf(
      text.replace('36893488147419103232', '1').replace('Max-Forwards: 300', 'Max-Forwards: 70'),
    );
    // The registrar takes its default for an expiry that is out of range, so the request as a whole is sound.
    expect(checkRequest(request)).toBeUndefined();
    expect(request.get(Expires)).toBeInstanceOf(SyntaxFault);
    expect(request.get(Contact)).toHaveProperty('uri');
  });

  test('3.1.2.5 scalarlg.dat: a response with overlarge numbers is dropped', () => {
    const text = rfc4475('scalarlg.dat');
    expect(faultOf(text)).toMatchObject({ reason: 'CSeq number is not below 2**31' });
    expect(RetryAfter.parse('949302838503028349304023988')).toBeInstanceOf(SyntaxFault);
    expect(Warning.parse('1812 overture "In Progress"')).toBeInstanceOf(SyntaxFault);
  });

  test('3.1.2.6 quotbal.dat: a quote that does not end gets 400', () => {
    expect(faultOf(rfc4475('quotbal.dat'))).toMatchObject({ status: 400, reason: 'unbalanced quotes' });
  });

  test('3.1.2.7 ltgtruri.dat: a Request-URI in angle brackets gets 400', () => {
    const request = requestOf(rfc4475('ltgtruri.dat'));
    expect(checkRequest(request)).toMatchObject({ status: 400, reason: 'Request-URI: no URI scheme' });
    expect(checkRequest(request, proxyHeaderTypes)).toMatchObject({ status: 400 });
  });

  test('3.1.2.8 lwsruri.dat: white space within the Request-URI gets 400', () => {
    expect(faultOf(rfc4475('lwsruri.dat'))).toMatchObject({ status: 400, reason: 'white space in the request line' });
  });

  test('3.1.2.9 lwsstart.dat: two spaces in the request line get 400', () => {
    expect(faultOf(rfc4475('lwsstart.dat'))).toMatchObject({ status: 400, reason: 'white space in the request line' });
  });

  test('3.1.2.10 trws.dat: spaces at the end of the request line get 400', () => {
    expect(faultOf(rfc4475('trws.dat'))).toMatchObject({ status: 400, reason: 'white space in the request line' });
  });

  test('3.1.2.11 escruri.dat: header fields in a Request-URI get 400', () => {
    const request = requestOf(rfc4475('escruri.dat'));
    const fault = { status: 400, reason: 'Request-URI: header fields in a Request-URI' };
    expect(checkRequest(request)).toMatchObject(fault);
    expect(checkRequest(request, proxyHeaderTypes)).toMatchObject(fault);
  });

  test('3.1.2.12 baddate.dat: a Date in another zone is a fault only for who reads it', () => {
    const text = rfc4475('baddate.dat');
    const request = requestOf(text);
    expect(checkRequest(request)).toBeUndefined();
    expect(request.get(SipDate)).toBeInstanceOf(SyntaxFault);
    for (const zone of ['UT', 'UTC', 'UCT', '+0000'])
      expect(SipDate.parse(`Fri, 01 Jan 2010 16:00:00 ${zone}`)).toBeInstanceOf(SyntaxFault);
    expect(requestOf(text.replace('EST', 'GMT')).get(SipDate)).toBe(Date.UTC(2010, 0, 1, 16));
  });

  test('3.1.2.13 regbadct.dat: a URI with header fields but no angle brackets gets 400', () => {
    const request = requestOf(rfc4475('regbadct.dat'));
    expect(checkRequest(request)).toMatchObject({
      status: 400,
      reason: 'Contact: question mark in a URI without angle brackets',
    });
  });

  test('3.1.2.14 badaspec.dat: spaces within angle brackets get 400', () => {
    const request = requestOf(rfc4475('badaspec.dat'));
    expect(checkRequest(request)).toMatchObject({ status: 400, reason: 'To: no URI scheme' });
  });

  test('3.1.2.15 baddn.dat: a comma in a display name without quotes gets 400', () => {
    const text = rfc4475('baddn.dat');
    // The file lacks its empty line, which alone would get it 400.
    expect(faultOf(text)).toMatchObject({ status: 400, reason: 'the header section does not end' });
    expect(faultOf(`${text}\r\n`)).toMatchObject({ status: 400, reason: 'more than one address' });
  });

  test('3.1.2.16 badvers.dat: a version that nobody knows gets 505', () => {
    expect(faultOf(rfc4475('badvers.dat'))).toMatchObject({ status: 505 });
  });

  test('3.1.2.17 mismatch01.dat: another method in CSeq than in the request line gets 400', () => {
    const fault = faultOf(rfc4475('mismatch01.dat'));
    expect(fault).toMatchObject({ status: 400, reason: 'the method in CSeq is another than that of the request' });
  });

  test('3.1.2.18 mismatch02.dat: the same for an unknown method gets 400, which the RFC accepts beside 501', () => {
    const text = rfc4475('mismatch02.dat');
    expect(faultOf(text)).toMatchObject({
      status: 400,
      reason: 'the method in CSeq is another than that of the request',
    });
    expect(requestOf(text.replace('8 INVITE', '8 NEWMETHOD')).method).toBe('NEWMETHOD');
  });

  test('3.1.2.19 bigcode.dat: a response with a status over 699 is dropped', () => {
    expect(faultOf(rfc4475('bigcode.dat'))).toBeInstanceOf(SyntaxFault);
  });

  test('test.dat, which the archive holds without a word in the RFC: no SIP version gets 400', () => {
    const text = rfc4475('test.dat');
    expect(faultOf(text)).toMatchObject({ status: 400, reason: 'no Request-URI or no version' });
    expect(faultOf(text.replace('jasomi.com', 'jasomi.com SIP/2.0'))).toMatchObject({ status: 400 });
  });
});

describe('RFC 4475 3.2 to 3.3: faults that more than one header field makes', () => {
  test('3.3.1 insuf.dat: no Call-ID, From or To gets 400', () => {
    const { status, reason } = faultOf(rfc4475('insuf.dat'));
    expect(status).toBe(400);
    expect(['no Call-ID', 'no From', 'no To']).toContain(reason);
  });

  test('3.3.8 multi01.dat: two values where one may be get 400, each of them', () => {
    const names = ['Call-ID', 'From', 'To', 'CSeq', 'Max-Forwards'];
    let text = rfc4475('multi01.dat');
    for (const name of names) {
      const others = names.filter((other) => other !== name);
      const alone = others.reduce(without, rfc4475('multi01.dat'));
      expect(faultOf(alone)).toMatchObject({ status: 400, reason: `more than one ${name}` });
      text = without(text, name);
    }
    expect(valid(requestOf(text).all(Contact))).toHaveLength(2);
  });

  test('3.3.9 mcl01.dat: two lengths get 400; on a stream the framer closes the connection', () => {
    expect(faultOf(rfc4475('mcl01.dat'))).toMatchObject({ status: 400, reason: 'more than one Content-Length' });
  });
});
