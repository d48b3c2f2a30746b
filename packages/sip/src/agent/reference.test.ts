import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { SyntaxFault } from '../message/fault.ts';
import { SipRequest } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { Replaces } from '../message/headers/replaces.ts';
import { parseUri, SipUri } from '../message/uri.ts';
import { maximumReferTo, referenceOf, referenceOfUri, referTo } from './reference.ts';

function refer(...values: string[]): SipRequest {
  return SipRequest.create({
    method: 'REFER',
    requestUri: 'sip:bob@example.com',
    headers: [
      ['Max-Forwards', '70'],
      ['From', '<sip:alice@example.com>;tag=a'],
      ['To', '<sip:bob@example.com>'],
      ['Call-ID', 'c'],
      ['CSeq', '1 REFER'],
      ...values.map((value) => ['Refer-To', value] as const),
    ],
  });
}

/** The status that a Refer-To is refused with; undefined where it reads. */
function refusalOf(...values: string[]): number | undefined {
  const reference = referenceOf(refer(...values));
  return reference instanceof SyntaxFault ? reference.status : undefined;
}

describe('a Refer-To (RFC 3515 2.4.2)', () => {
  test.each([
    ['that is missing', [], 400],
    ['of which there are two', ['<sip:carol@example.com>', '<sip:dave@example.com>'], 400],
    ['with two addresses in one', ['<sip:carol@example.com>, <sip:dave@example.com>'], 400],
    ['that is no address', ['carol'], 400],
    ['that is empty', ['<>'], 400],
    ['that is too long', [`<sip:${'c'.repeat(maximumReferTo)}@example.com>`], 400],
    ['of a page', ['<https://example.com/>'], 603],
    ['of a mailbox', ['<mailto:carol@example.com>'], 603],
    [
      'with two Replaces',
      ['<sip:c@d?Replaces=1%3Bto-tag%3D2%3Bfrom-tag%3D3&replaces=1%3Bto-tag%3D2%3Bfrom-tag%3D3>'],
      400,
    ],
    ['with Replaces in Replaces', ['<sip:c@d?Replaces=1%3Bto-tag%3D2%3Bfrom-tag%3D3%3FReplaces%3D1>'], 400],
    ['with a Replaces that lacks a tag', ['<sip:c@d?Replaces=1%3Bto-tag%3D2>'], 400],
    [
      'with Replaces and Join',
      ['<sip:c@d?Replaces=1%3Bto-tag%3D2%3Bfrom-tag%3D3&Join=1%3Bto-tag%3D2%3Bfrom-tag%3D3>'],
      400,
    ],
    ['with a header field after a line end', ['<sip:c@d?Subject=a%0D%0AContact%3A%20%3Csip:m@n%3E>'], 400],
    ['with header fields that do not read', ['<sip:c@d?=1>'], 400],
  ])('%s is refused', (_, values, status) => {
    expect(refusalOf(...values)).toBe(status);
  });

  test.each([
    ['sip:carol@example.com', 'sip:carol@example.com', 'INVITE'],
    ['"Carol" <sips:carol@example.com;gr=1>', 'sips:carol@example.com;gr=1', 'INVITE'],
    ['<tel:+15551234>', 'tel:+15551234', 'INVITE'],
    ['<sip:carol@example.com;method=BYE>', 'sip:carol@example.com', 'BYE'],
    ['<sip:carol@example.com?Via=x&Route=%3Csip:m%3E&Contact=y&Call-ID=z&body=w>', 'sip:carol@example.com', 'INVITE'],
  ])('CX-17 %s refers to %s by %s, and to nothing else', (value, uri, method) => {
    const reference = referenceOf(refer(value));
    if (reference instanceof SyntaxFault) throw new Error(reason(reference));
    expect(reference.uri.toString()).toBe(uri);
    expect(reference).toMatchObject({ method, headers: [] });
  });

  test('whatever it is, it reads or is refused with a status that ends no dialog', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const text = `<sip:carol@example.com?${one}=${other}>`.replace(/[\r\n\0]/g, '');
        const reference = referenceOf(refer(/^[\x20-\x7e]*$/.test(text) ? text : '<sip:carol@example.com>'));
        if (reference instanceof SyntaxFault) expect([400, 603]).toContain(reference.status);
        else for (const [, value] of reference.headers) expect(value).not.toMatch(/[\r\n]/);
      }),
    );
  });

  test('CX-17 that is made with header fields is read with the same', () => {
    const text = fc.stringMatching(/^[\x21-\x7e]{1,20}$/);
    const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,20}$/);
    fc.assert(
      fc.property(token, token, token, fc.boolean(), text, (callId, toTag, fromTag, earlyOnly, subject) => {
        const replaces = Replaces.print({ callId, toTag, fromTag, earlyOnly });
        const made = referTo(SipUri.of({ user: 'carol', host: 'example.com', parameters: { gr: 'a;b' } }), [
          ['Replaces', replaces],
          ['Require', 'replaces'],
          ['Subject', subject],
        ]);
        const read = NameAddr.parse(made.toString());
        if (!(read instanceof NameAddr) || !(read.uri instanceof SipUri)) throw new Error('it does not read');
        const reference = referenceOfUri(read.uri);
        if (reference instanceof SyntaxFault) throw new Error(reason(reference));
        expect(reference.replaces).toMatchObject({ callId, toTag, fromTag, earlyOnly });
        expect(reference.headers).toEqual([
          ['Replaces', replaces],
          ['Require', 'replaces'],
          ['Subject', subject],
        ]);
        expect(reference.uri.equals(parseUri('sip:carol@example.com;gr=a%3Bb'))).toBe(true);
      }),
    );
  });
});

function reason({ reason: text }: SyntaxFault): string {
  return text;
}
