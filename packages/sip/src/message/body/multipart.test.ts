import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SwitchhookError } from '../../error.ts';
import { SyntaxFault } from '../fault.ts';
import { ContentDisposition } from '../headers/content-disposition.ts';
import { ContentType } from '../headers/content-type.ts';
import { SipRequest } from '../message.ts';
import { valid } from '../torture.testing.ts';
import { BodyPart } from './body-part.ts';
import { HeaderFields } from './header-fields.ts';
import { leavesOf, partsOf, printMultipart } from './multipart.ts';

function part(contentType: string, content: string, disposition?: string): BodyPart {
  const fields = [{ name: 'Content-Type', value: contentType }];
  if (disposition !== undefined) fields.push({ name: 'Content-Disposition', value: disposition });
  return new BodyPart(new HeaderFields(fields), content);
}

function multipart(content: string, boundary = 'b'): BodyPart {
  return part(`multipart/mixed;boundary="${boundary}"`, content);
}

function contents(body: BodyPart): string[] {
  return valid(partsOf(body)).map((each) => each.content);
}

describe('reading (RFC 2046 5.1.1)', () => {
  test('what stands before the first boundary and behind the last is no part', () => {
    expect(contents(multipart('before\r\n--b\r\n\r\none\r\n--b \t\r\n\r\ntwo\r\n--b--\r\nbehind\r\n--b\r\n'))).toEqual([
      'one',
      'two',
    ]);
  });

  test('the line end before a boundary belongs to the boundary, the one before it to the part', () => {
    expect(contents(multipart('--b\r\n\r\none\r\n\r\n--b\r\n\r\n\r\n--b--'))).toEqual(['one\r\n', '']);
  });

  test('header fields: folded, in compact form, or none', () => {
    const [first, second] = valid(
      partsOf(multipart('--b\r\nc: text/html;\r\n level=1\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--')),
    );
    expect(first?.headerFields.get(ContentType)).toMatchObject({ type: 'text', subtype: 'html' });
    expect([...(first?.headerFields ?? [])]).toEqual([{ name: 'c', value: 'text/html; level=1' }]);
    expect(second?.contentType).toEqual({ type: 'text', subtype: 'plain' });
  });

  test('a part may be header fields alone', () => {
    expect(contents(multipart('--b\r\nContent-ID: 1\r\n--b--'))).toEqual(['']);
  });

  test('what begins like the boundary, or stands within a line, is content', () => {
    expect(contents(multipart('--b\r\n\r\n--bc\r\nx --b\r\n--b x\r\n--b--'))).toEqual(['--bc\r\nx --b\r\n--b x']);
  });

  test.each([
    ['', 'the first multipart boundary is missing', 0],
    ['--b\r\n\r\none', 'the last multipart boundary is missing', 10],
    ['--b\r\nno name\r\n\r\none\r\n--b--', 'no header field name', 5],
    ['--b\r\n folded\r\n\r\none\r\n--b--', 'a folded line without a line before it', 5],
  ])('%j is refused', (content, reason, offset) => {
    expect(partsOf(multipart(content))).toEqual(new SyntaxFault(reason, offset));
  });

  test.each(['', 'a'.repeat(71), 'ends in space ', 'o{}dd'])('the boundary %j is refused', (boundary) => {
    expect(partsOf(multipart('--b--', boundary))).toBeInstanceOf(SyntaxFault);
  });

  test('another body has no parts and is its own leaf', () => {
    const body = part('text/plain', '--b--');
    expect(partsOf(body)).toEqual([]);
    expect(leavesOf(body)).toEqual([body]);
    expect(partsOf(part('/', ''))).toBeInstanceOf(SyntaxFault);
  });
});

describe('nesting (RFC 5621 4)', () => {
  function nested(depth: number): BodyPart {
    let body = part('text/plain', 'core');
    for (let level = 0; level < depth; level++) {
      const boundary = `b${String(level)}x`;
      body = multipart(printMultipart([body, part('text/plain', String(level))], boundary), boundary);
    }
    return body;
  }

  test('leaves come depth first', () => {
    expect(valid(leavesOf(nested(3))).map((leaf) => leaf.content)).toEqual(['core', '0', '1', '2']);
  });

  test('nine levels are too many', () => {
    expect(leavesOf(nested(8))).toHaveLength(9);
    expect(leavesOf(nested(9))).toEqual(new SyntaxFault('multipart bodies are nested too deep'));
  });
});

test('printing and reading are inverse', () => {
  const content = fc.string({ unit: fc.constantFrom('-', 'b', '\r', '\n', '\r\n', ' ', '\0', '\xff'), maxLength: 30 });
  fc.assert(
    fc.property(fc.array(content, { minLength: 1, maxLength: 4 }), (all) => {
      const boundary = '=b+b=';
      const printed = printMultipart(
        all.map((each) => part('text/plain', each)),
        boundary,
      );
      expect(contents(multipart(printed, boundary))).toEqual(all);
    }),
    { seed: 5621 },
  );
});

test('a boundary that is in a part, or is none, is a mistake of the caller', () => {
  expect(() => printMultipart([part('text/plain', 'x --b')], 'b')).toThrow(SwitchhookError);
  expect(() => printMultipart([], '')).toThrow(SwitchhookError);
});

test.each(['\r\n--b', '--b', '\r\n--b\r\n', '\r\n--b \t', '-', '\r\n--b\r\na', '\r\n--b\r\n\r\n'])(
  'a megabyte of %j takes linear time',
  (piece) => {
    const content = piece.repeat(Math.floor(1_000_000 / piece.length));
    expect(() => leavesOf(multipart(content, 'b'))).not.toThrow();
    expect(() => leavesOf(multipart(content, '-'.repeat(70)))).not.toThrow();
  },
);

describe('dispositions (RFC 3261 20.11, RFC 5621 8)', () => {
  test('SDP is for the session, all else is to be shown, where nothing else is said', () => {
    expect(part('application/sdp', '').disposition).toEqual({ type: 'session' });
    expect(part('text/plain', '').disposition).toEqual({ type: 'render' });
    expect(part('application/sdp', '', 'early-session').disposition).toMatchObject({ type: 'early-session' });
  });

  test('a body is required unless it says that it is optional', () => {
    expect(part('text/plain', '').isRequired).toBe(true);
    expect(part('text/plain', '', 'signal;handling=Optional').isRequired).toBe(false);
    expect(part('text/plain', '', ';').isRequired).toBe(true);
  });

  test('the body of a message, with what its header says', () => {
    const request = SipRequest.create({
      method: 'MESSAGE',
      requestUri: 'sip:bob@example.com',
      headers: [
        ['Via', 'SIP/2.0/UDP host;branch=z9hG4bK1'],
        ['From', '<sip:a@example.com>;tag=1'],
        ['To', '<sip:bob@example.com>'],
        ['Call-ID', '1'],
        ['CSeq', '1 MESSAGE'],
        ['c', 'text/html'],
        [ContentDisposition, { type: 'alert' }],
      ],
      body: '<b>',
    });
    const body = BodyPart.of(request);
    expect(body.is('text', 'html')).toBe(true);
    expect(body.disposition).toMatchObject({ type: 'alert' });
    expect(body.content).toBe('<b>');
  });
});
