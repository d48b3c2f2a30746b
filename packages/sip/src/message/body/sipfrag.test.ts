import { describe, expect, test } from 'vitest';
import { SyntaxFault } from '../fault.ts';
import { CallId } from '../headers/call-id.ts';
import { Contact } from '../headers/contact.ts';
import { From } from '../headers/from.ts';
import { To } from '../headers/to.ts';
import { Via } from '../headers/via.ts';
import { Warning } from '../headers/warning.ts';
import { valid } from '../torture.testing.ts';
import { HeaderFields } from './header-fields.ts';
import { SipFragment } from './sipfrag.ts';

function fragmentOf(...lines: string[]): SipFragment {
  return valid(SipFragment.parse(lines.join('\r\n')));
}

describe('RFC 3420 3.1: valid fragments', () => {
  test.each(['', '\r\n', '\n'])('a start line alone, ended by %j', (end) => {
    const request = fragmentOf(`INVITE sip:alice@atlanta.com SIP/2.0${end}`);
    expect(request.start).toMatchObject({ kind: 'request', method: 'INVITE' });
    expect(request.status).toBeUndefined();
    const response = fragmentOf(`SIP/2.0 603 Declined${end}`);
    expect(response.start).toEqual({ kind: 'response', status: 603, reason: 'Declined' });
    expect(response.status).toBe(603);
    expect(response.body).toBeUndefined();
  });

  test('a start line and some header fields', () => {
    const register = fragmentOf(
      'REGISTER sip:atlanta.com SIP/2.0',
      'To: sip:alice@atlanta.com',
      'Contact: <sip:alicepc@atlanta.com>;q=0.9,',
      '         <sip:alicemobile@atlanta.com>;q=0.1',
    );
    expect(valid(register.headerFields.all(Contact))).toHaveLength(2);
    const response = fragmentOf(
      'SIP/2.0 400 Bad Request',
      'Warning: 399 atlanta.com "Your Event header field was malformed"',
    );
    expect(response.get(Warning)).toMatchObject({ code: 399, agent: 'atlanta.com' });
  });

  test('header fields alone, in compact form too', () => {
    const fragment = fragmentOf(
      'f : Alice <sip:alice@atlanta.com>',
      'To: Bob <sip:bob@biloxi.com>',
      'i: a84b4c76e66710',
    );
    expect(fragment.start).toBeUndefined();
    expect(valid(fragment.get(From)).displayName).toBe('Alice');
    expect(fragment.get(CallId)).toBe('a84b4c76e66710');
    expect(fragment.get(Via)).toBeUndefined();
  });

  test('a body, behind header fields and a start line or neither', () => {
    const text = 'SIP/2.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nHi There!\r\n';
    expect(fragmentOf(text).body).toBe('Hi There!\r\n');
    expect(fragmentOf(text).toString()).toBe(text);
    expect(fragmentOf('\r\nHi There!').body).toBe('Hi There!');
    expect(fragmentOf('').body).toBeUndefined();
  });
});

test('bare line feeds end lines, as some user agents write them, in header fields, folds and before the body too', () => {
  const folded = 'Contact: <sip:alicepc@atlanta.com>;q=0.9,\n <sip:alicemobile@atlanta.com>;q=0.1';
  const fragment = fragmentOf(
    `SIP/2.0 302 Moved Temporarily\n${folded}\nRetry-After: 5\nContent-Type: text/plain\n\nHi\nThere`,
  );
  expect(fragment.status).toBe(302);
  expect(valid(fragment.headerFields.all(Contact))).toHaveLength(2);
  expect([...fragment.headerFields].map(({ name }) => name)).toEqual(['Contact', 'Retry-After', 'Content-Type']);
  expect(fragment.body).toBe('Hi\nThere');
  const mixed = fragmentOf('SIP/2.0 180 Ringing\nCall-ID: a84b4c76e66710\r\nf: <sip:alice@atlanta.com>\n');
  expect([mixed.status, mixed.get(CallId), mixed.body]).toEqual([180, 'a84b4c76e66710', undefined]);
  // What is written again goes out with the line ends of RFC 3261 7.
  expect(mixed.toString()).not.toMatch(/[^\r]\n/);
});

describe('RFC 3420 3.2: invalid fragments', () => {
  test.each([
    'INVITE',
    'INVITE sip:alice@atlanta.com SIP/1.09',
    'INVITE sip:alice@atlanta.com SIP/2.0 ',
    'INVITE sip:alice@ SIP/2.0',
    'SIP/2.0',
    'SIP/2.0 99 Low',
    'SIP/2.0 2000 High',
    '404 Not Found',
    'MESSAGE sip:alice@atlanta.com SIP/2.0\r\nHi There!',
  ])('%j', (text) => {
    expect(SipFragment.parse(text)).toBeInstanceOf(SyntaxFault);
  });

  test('faults in header fields show when they are read', () => {
    const fragment = fragmentOf(
      'INVITE sip:alice@atlanta.com SIP/2.0',
      'Via: SIP/2.0/UDP ;branch=z9hG4bK29342a',
      'To: <>;tag=39234',
      'Call-ID: this is invalid',
    );
    expect(fragment.get(Via)).toBeInstanceOf(SyntaxFault);
    expect(fragment.get(To)).toBeInstanceOf(SyntaxFault);
    expect(fragment.get(CallId)).toBeInstanceOf(SyntaxFault);
    expect(fragment.headerFields.all(Via)).toBeInstanceOf(SyntaxFault);
  });
});

test('what a NOTIFY of a referral carries (RFC 3515 2.4.5)', () => {
  expect(SipFragment.ofStatus(100).toString()).toBe('SIP/2.0 100 Trying\r\n');
  const fragment = new SipFragment(
    { kind: 'response', status: 486, reason: 'Busy Here' },
    new HeaderFields([{ name: 'Retry-After', value: '5' }]),
  );
  const printed = fragment.toString();
  expect(printed).toBe('SIP/2.0 486 Busy Here\r\nRetry-After: 5\r\n');
  expect(fragmentOf(printed).toString()).toBe(printed);
});

test('a request prints as it came', () => {
  const text = 'INVITE sip:alice@atlanta.com SIP/2.0\r\nTo: <sip:alice@atlanta.com>\r\n';
  expect(fragmentOf(text).toString()).toBe(text);
});

test.each(['a:b\r\n', ' a\r\n', '\r', 'a: b\r\n c', ':', '\n', 'a'])('a megabyte of %j takes linear time', (piece) => {
  const text = piece.repeat(Math.floor(1_000_000 / piece.length));
  expect(() => SipFragment.parse(text)).not.toThrow();
  expect(() => SipFragment.parse(`SIP/2.0 200 OK\r\nX: ${text}`)).not.toThrow();
});
