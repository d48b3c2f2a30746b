import { describe, expect, test } from 'vitest';
import { SyntaxFault } from './fault.ts';
import { Contact } from './headers/contact.ts';
import { headerKey } from './header-name.ts';
import { From } from './headers/from.ts';
import { MaxForwards } from './headers/max-forwards.ts';
import { Route } from './headers/route.ts';
import { To } from './headers/to.ts';
import { Via } from './headers/via.ts';
import { defaultLimits, MalformedMessage, parseMessage, SipRequest, SipResponse } from './message.ts';
import type { MessageLimits } from './message.ts';
import { invite, ringing } from './message-samples.testing.ts';

function request(text: string): SipRequest {
  const message = parseMessage(text);
  if (message instanceof SipRequest) return message;
  throw new Error(message instanceof MalformedMessage ? message.fault.reason : 'a response');
}

function malformed(text: string, limits?: MessageLimits): MalformedMessage {
  const message = parseMessage(text, limits);
  if (message instanceof MalformedMessage) return message;
  throw new Error('a message where there should be none');
}

describe('a request', () => {
  const message = request(invite);

  test('gives what every element reads', () => {
    expect(message).toMatchObject({
      method: 'INVITE',
      requestUriText: 'sip:bob@biloxi.example.com;transport=tcp',
      callId: 'a84b4c76e66710@pc33.atlanta.example.com',
      cseqNumber: 314159,
      cseqMethod: 'INVITE',
      fromTag: '1928301774',
      toTag: undefined,
      maxForwards: 70,
      body: 'body',
      text: invite,
    });
    expect(message.topVia).toMatchObject({ branch: 'z9hG4bK776asdhds', rport: true, host: 'pc33.atlanta.example.com' });
    expect(message.requestUri).toMatchObject({ scheme: 'sip', host: 'biloxi.example.com' });
    expect(message.requestUri).toBe(message.requestUri);
  });

  test('finds fields by whole and compact names, whatever the capitals', () => {
    expect(message.raw('FROM')).toBe('Alice <sip:alice@atlanta.example.com>; tag=1928301774');
    expect(message.raw('F')).toBe(message.raw(From));
    expect(message.raw('contact')).toBe('<sip:alice@pc33.atlanta.example.com>');
    expect(message.raw('x-unknown')).toBe('kept   as it came');
    expect(message.has('Subject')).toBe(false);
    expect(message.has('Vi')).toBe(false);
    expect(message.has('Vias')).toBe(false);
    expect(message.raw('Subject')).toBeUndefined();
    expect(message.get(MaxForwards)).toBe(70);
  });

  test('splits lists over fields, folds and quotes', () => {
    expect(message.rawAll('Via')).toHaveLength(3);
    expect(message.rawAll('V')).toEqual(message.rawAll('Via'));
    expect(message.rawAll(Route)).toEqual(['<sip:p1.example.com;lr>', '<sip:p2.example.com;lr>']);
    expect(message.rawAll('To')).toEqual(['"Bob, \\"B\\"" <sip:bob@biloxi.example.com>']);
    expect(message.all(Via)).toMatchObject([{ protocol: 'UDP' }, { protocol: 'TCP' }, { protocol: 'TLS' }]);
    expect(message.all(Contact)).toHaveLength(1);
    expect(message.all(From)).toMatchObject([{ tag: '1928301774' }]);
  });

  test('parses a field once', () => {
    expect(message.get(To)).toMatchObject({ displayName: 'Bob, "B"' });
    expect(message.get(To)).toBe(message.get(To));
    expect(message.get(Route)).toMatchObject({ uri: { host: 'p1.example.com' } });
  });

  test('lists its fields in order, names as they came', () => {
    const fields = [...message.headerFields()];
    expect(fields).toHaveLength(13);
    expect(fields[5]).toEqual({ name: 'f', value: 'Alice <sip:alice@atlanta.example.com>; tag=1928301774' });
  });

  test('names that objects use themselves are names like others', () => {
    expect(message.raw('__proto__')).toBe('harmless');
    expect(message.raw('constructor')).toBeUndefined();
    expect(message.rawAll('toString')).toEqual([]);
  });

  test('a Request-URI with header fields is a fault when asked for', () => {
    const escaped = request(invite.replace(';transport=tcp', '?Route=%3Csip:x%3E'));
    expect(escaped.requestUri).toMatchObject({ status: 400 });
  });
});

describe('a response', () => {
  test('gives its status and reason', () => {
    const message = parseMessage(ringing);
    expect(message).toBeInstanceOf(SipResponse);
    expect(message).toMatchObject({ status: 180, reason: 'Ringing far away', toTag: 'a6c85cf', cseqMethod: 'INVITE' });
  });

  test('may have no reason, but the space before it', () => {
    expect(parseMessage(ringing.replace('Ringing far away', ''))).toMatchObject({ reason: '' });
    expect(malformed(ringing.replace(' Ringing far away', '')).fault.reason).toBe('no space after the status');
  });

  test.each(['99', '700', '1800', '18', 'abc'])('status %s is malformed', (status) => {
    expect(malformed(ringing.replace('180', status)).message).toBeUndefined();
  });

  test('is recognized whatever the capitals', () => {
    expect(parseMessage(ringing.replace('SIP/2.0 180', 'sip/2.0 180'))).toBeInstanceOf(SipResponse);
    expect(malformed(ringing.replace('SIP/2.0 180', 'SIP/3.0 180')).fault.status).toBe(505);
  });
});

describe('around the message', () => {
  test('line ends before it are skipped', () => {
    expect(request(`\r\n\r\n${invite}`).text).toBe(invite);
  });

  test('what follows the body is cut off', () => {
    expect(request(`${invite}INVITE sip:x SIP/2.0\r\n`).text).toBe(invite);
    expect(request(invite.replace('l: 4\r\n', '')).body).toBe('body');
  });

  test('bytes above ASCII stay as they are, and NUL in a quoted-pair and in the body', () => {
    const text = invite.replace('kept', '"k\\\0p\xff"').replace('body', '\0b\0y');
    expect(request(text).raw('X-Unknown')).toBe('"k\\\0p\xff"   as it came');
    expect(request(text).body).toBe('\0b\0y');
    expect(request(text).text).toBe(text);
    // What was let in can be written out again.
    expect(
      request(text)
        .edit()
        .set('X', request(text).raw('X-Unknown') ?? '')
        .toText(),
    ).toContain('X: "k\\\0p\xff"');
  });
});

describe('what makes a message malformed', () => {
  test.each([
    ['', 'the request line does not end'],
    ['INVITE sip:x SIP/2.0', 'the request line does not end'],
    ['INVITE sip:x SIP/2.0\r\n', 'the header section does not end'],
    ['INVITE sip:x SIP/2.0\n\n', 'the request line does not end'],
    [' INVITE sip:x SIP/2.0\r\n\r\n', 'no method'],
    ['INVITE  sip:x SIP/2.0\r\n\r\n', 'white space in the request line'],
    ['INVITE sip:x  SIP/2.0\r\n\r\n', 'white space in the request line'],
    ['INVITE sip:x SIP/2.0 \r\n\r\n', 'white space in the request line'],
    ['INVITE sip:x\r\n\r\n', 'no Request-URI or no version'],
    ['INVITE SIP/2.0\r\n\r\n', 'no Request-URI or no version'],
    ['INVITE sip:x HTTP/1.1\r\n\r\n', 'no SIP version'],
    ['INVITE sip:x\nX:y SIP/2.0\r\n\r\n', 'the request line does not end'],
    ['INVITE sip:x\rX:y SIP/2.0\r\n\r\n', 'the request line does not end'],
    ['SIP/2.0 200 OK\nX: y\r\n\r\n', 'the status line does not end'],
    ['SIP', 'the request line does not end'],
    ['SIP/2.0 200 OK', 'the status line does not end'],
  ])('start line %j', (text, reason) => {
    expect(malformed(text).fault.reason).toBe(reason);
  });

  test('another version gets 505, with the message to answer', () => {
    const { fault, message } = malformed(invite.replace('SIP/2.0\r\nVia', 'SIP/7.0\r\nVia'));
    expect(fault).toMatchObject({ status: 505 });
    expect(message?.callId).toBe('a84b4c76e66710@pc33.atlanta.example.com');
  });

  test.each([
    ['Max-Forwards: 70', 'Max-Forwards: 256', 'Max-Forwards is not a number up to 255'],
    ['Max-Forwards: 70', 'Max-Forwards: -1', 'Max-Forwards is not a number up to 255'],
    ['Max-Forwards: 70', 'Max-Forwards: 70\r\nMax-Forwards: 70', 'more than one Max-Forwards'],
    ['Max-Forwards: 70', 'Max-Forwards', 'no colon after the header name'],
    ['Max-Forwards: 70', 'Max Forwards: 70', 'no colon after the header name'],
    ['Max-Forwards: 70', ': 70', 'no header name'],
    ['Max-Forwards: 70', 'Max-Forwards: 70\n', 'line feed without carriage return'],
    ['Max-Forwards: 70', 'Max-Forwards: 70\nX: y', 'line feed without carriage return'],
    ['Max-Forwards: 70', 'Max-Forwards: 70\rX: y', 'carriage return without line feed'],
    ['Max-Forwards: 70', 'Max-Forwards: 70\r\n\rX: y', 'carriage return without line feed'],
    ['Max-Forwards: 70', 'Max-\xe4: 70', 'no colon after the header name'],
    ['CSeq: 314159', 'CSeq: 2147483648', 'CSeq number is not below 2**31'],
    ['CSeq: 314159', 'CSeq: ', 'CSeq number is not below 2**31'],
    ['CSeq: 314159 INVITE', 'CSeq: 314159INVITE', 'no method in CSeq'],
    ['CSeq: 314159 INVITE', 'CSeq: 314159 ACK', 'the method in CSeq is another than that of the request'],
    ['CSeq: 314159 INVITE', 'CSeq: 314159 invite', 'the method in CSeq is another than that of the request'],
    ['CSeq: 314159', 'CSeq: 1 INVITE\r\nCSeq: 314159', 'more than one CSeq'],
    ['CSeq: 314159', 'X: 314159', 'no CSeq'],
    ['Call-ID: a84b', 'Call-ID: a b', 'Call-ID is not a word'],
    ['Call-ID: a84b', 'Call-ID: @', 'Call-ID is not a word'],
    ['@pc33.atlanta.example.com\r\nCSeq', '@\r\nCSeq', 'Call-ID is not a word'],
    ['@pc33.atlanta.example.com\r\nCSeq', '@a@b\r\nCSeq', 'Call-ID is not a word'],
    ['Call-ID: a84b', 'i: x\r\nCall-ID: a84b', 'more than one Call-ID'],
    ['Call-ID: ', 'X: ', 'no Call-ID'],
    ['To: ', 't: <sip:a@b>\r\nTo: ', 'more than one To'],
    ['To: ', 'X: ', 'no To'],
    ['To: "', 'To: "x" ', 'no < after the display name'],
    ['To: "Bob,', 'To: Bob,', 'more than one address'],
    ['f : ', 'X: ', 'no From'],
    ['f : ', 'From: <sip:a@b>\r\nf: ', 'more than one From'],
    ['tag=1928301774', 'tag', 'tag is not a token'],
    ['tag=1928301774', 'tag=1;x;Tag=2', 'more than one tag'],
    [';branch=z9hG4bK776asdhds', ';branch=z9hG4bK1;branch=z9hG4bK2', 'more than one branch'],
    ['X-Unknown: ', 'X-Unknown: \0', 'a NUL'],
    ['"Bob, ', '"Bob\0, ', 'a NUL'],
    ['sip:bob@', 'sip:b\0b@', 'a NUL'],
    ['tag=1928301774', 'tag="1928301774"', 'tag is not a token'],
    ['tag=1928301774', 'tag=1, <sip:c@d>', 'more than one address'],
    ['tag=1928301774', 'tag=1 x', 'no separator between parameters'],
    ['Via: SIP/2.0', 'Via: SIP/1.0', 'Via is not of SIP/2.0'],
    ['l: 4', 'l: 5', 'Content-Length is more than there is'],
    ['l: 4', 'l: -4', 'Content-Length is not a number'],
    ['l: 4', 'l: 4\r\nContent-Length: 4', 'more than one Content-Length'],
    ['l: 4', 'l: 99999999999999999999', 'Content-Length is not a number'],
  ])('%j as %j', (from, to, reason) => {
    expect(invite).toContain(from);
    const { fault, message } = malformed(invite.replace(from, to));
    expect(fault).toMatchObject({ reason, status: 400 });
    expect(message).toBeInstanceOf(SipRequest);
  });

  test('a message without any Via', () => {
    const { fault, message } = malformed(invite.replace('Via:', 'X:').replace('\r\nv:', '\r\nX:'));
    expect(fault.reason).toBe('no Via');
    expect(message?.get(Via)).toBeUndefined();
    expect(() => message?.topVia).toThrow(expect.objectContaining({ code: 'malformed-message' }));
  });

  test('a name that a hostile sender made to have the key of another does not stand for it', () => {
    expect(headerKey('Sunspot')).toBe(headerKey('Subject'));
    expect(headerKey('Cold-Id')).toBe(headerKey('Call-ID'));
    const message = request(invite.replace('X-Unknown', 'Sunspot: x\r\nCold-Id'));
    expect(message.has('Subject')).toBe(false);
    expect(message.callId).toBe('a84b4c76e66710@pc33.atlanta.example.com');
  });
});

describe('limits', () => {
  function withFields(count: number): string {
    return invite.replace('X-Unknown', `${'X: y\r\n'.repeat(count - 13)}X-Unknown`);
  }

  test('a message over the size gets 513, with the message to answer', () => {
    const large =
      invite.replace('l: 4', `l: ${String(defaultLimits.maximumSize)}`) + ' '.repeat(defaultLimits.maximumSize);
    expect(malformed(large).fault).toMatchObject({ status: 513, reason: 'message too large' });
    expect(malformed(large).message?.callId).toBe('a84b4c76e66710@pc33.atlanta.example.com');
    expect(parseMessage(invite, { ...defaultLimits, maximumSize: invite.length })).toBeInstanceOf(SipRequest);
    expect(malformed(invite, { ...defaultLimits, maximumSize: invite.length - 1 }).fault.status).toBe(513);
  });

  test('a header line of 8192 characters is read, a longer one is not', () => {
    const filler = (length: number): string => invite.replace('X-Unknown', `X: ${'y'.repeat(length - 3)}\r\nX-Unknown`);
    expect(request(filler(8_192)).raw('X')).toHaveLength(8_189);
    expect(malformed(filler(8_193)).fault).toMatchObject({ status: 400, reason: 'header line too long' });
    const folded = invite.replace('X-Unknown', `X: ${'y\r\n '.repeat(3_000)}z\r\nX-Unknown`);
    expect(malformed(folded).fault.reason).toBe('header line too long');
  });

  test('200 header fields are read, more are not', () => {
    expect([...request(withFields(200)).headerFields()]).toHaveLength(200);
    expect(malformed(withFields(201)).fault).toMatchObject({ status: 400, reason: 'too many header fields' });
  });

  test('are a choice', () => {
    expect(parseMessage(withFields(300), { ...defaultLimits, maximumHeaderFields: 300 })).toBeInstanceOf(SipRequest);
  });
});

test('a fault is a value and carries no stack', () => {
  expect(new SyntaxFault('x')).toEqual({ reason: 'x', offset: 0, status: 400 });
});
