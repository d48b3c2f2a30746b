import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedMessage, parseMessage, SipRequest } from './message.ts';
import { isUsual } from './usual-message.ts';

const requestLine = 'INVITE sip:bob@biloxi.example.com SIP/2.0\r\n';
const usual = [
  'Via: SIP/2.0/UDP client.atlanta.example.com:5060;branch=z9hG4bK74bf9;rport',
  'Max-Forwards: 70',
  'From: "Alice A." <sip:alice@atlanta.example.com>;tag=9fxced76sl',
  'To: Bob <sip:bob@biloxi.example.com>',
  'Call-ID: 3848276298220188511@atlanta.example.com',
  'CSeq: 1 INVITE',
  'Contact: <sip:alice@client.atlanta.example.com>',
  'Content-Length: 0',
];

function message(lines: readonly string[]): string {
  return `${requestLine}${lines.join('\r\n')}\r\n\r\n`;
}

function areUsual(lines: readonly string[]): boolean {
  return isUsual(message(lines));
}

/** A field that is in order and has a name of one letter, so that the message is read piece by piece. */
const unusual = 'X: y';

/** All that was read from a text, but for the field above. */
function read(text: string): unknown {
  const parsed = parseMessage(text);
  const found = parsed instanceof MalformedMessage ? parsed.message : parsed;
  const verdict = parsed instanceof MalformedMessage ? parsed.fault.reason : undefined;
  if (found === undefined) return { verdict };
  const { index, body, cseqMethod } = found;
  const startLine = found instanceof SipRequest ? [found.method, found.requestUriText] : [found.status, found.reason];
  const { topVia, ...essentials } = index.essentials;
  const { protocol, host, port, branch, received, rport, maddr } = topVia ?? {};
  const via = topVia === undefined ? undefined : { protocol, host, port, branch, received, rport, maddr };
  const [key, further] = [topVia?.sentByAndBranch, topVia?.endsAt(found.text, index.valueEnd(index.first('Via')))];
  const fields = [...found.headerFields()].filter(({ name }) => name !== 'X');
  const starts = fields.map((_, field) => [index.lineStart(field), index.valueStart(field), index.valueEnd(field)]);
  const next = topVia === undefined ? undefined : String(found.furtherVia);
  return {
    verdict,
    startLine,
    cseqMethod,
    body,
    ...essentials,
    via,
    printed: `${String(topVia)} ${key ?? ''}`,
    further,
    next,
    fields,
    starts,
  };
}

describe('a message that is written as usual', () => {
  test('is known as such, in any order and with fields of all kinds', () => {
    expect(areUsual(usual)).toBe(true);
    expect(areUsual([...usual].reverse())).toBe(true);
    for (const line of [
      'Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1;rport=5062;received=192.0.2.7',
      'Via: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2,SIP/2.0/UDP c;branch=z9hG4bK3',
      'To: <sip:bob@biloxi.example.com;user=phone>;tag=1',
      'User-Agent: Baresip v1 (x86)',
      'Subject:',
      'Call-Info: <http://example.com/>',
      'Foam: a name with the key of an essential one',
    ]) {
      expect(areUsual([...usual, line])).toBe(true);
    }
  });

  test.each([
    ['a compact name', 'v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1'],
    ['other capitals', 'call-id: 1'],
    ['a name as long as an essential one that starts like it', 'Frog: x'],
    ['a fold', 'Subject: a\r\n b'],
    ['a bare line feed', 'Subject: a\nb'],
    ['a bare carriage return', 'Subject: a\rb'],
    ['a NUL', 'Subject: a\0b'],
    ['white space before the colon', 'Subject : a'],
    ['no name', ': a'],
    ['no colon', 'Subject'],
    ['a name that is no token', 'Sub(ject: a'],
    ['another parameter of From', 'From: <sip:a@b>;x=1;tag=2'],
    ['a tag that is no token', 'To: <sip:a@b>;tag="2"'],
    ['an angle bracket in a display name', 'To: "a>" <sip:a@b>;tag=2'],
    ['a Call-ID that is none', 'Call-ID: a b'],
    ['the method of another request in CSeq', 'CSeq: 1 BYE'],
    ['a method in CSeq that only starts like that of the request', 'CSeq: 1 INVITED'],
    ['white space before a comma', 'Via: SIP/2.0/UDP a;branch=z9hG4bK1 , SIP/2.0/UDP b;branch=z9hG4bK2'],
    ['an empty Via between two', 'Via: SIP/2.0/UDP a;branch=z9hG4bK1, , SIP/2.0/UDP b;branch=z9hG4bK2'],
    ['a port beyond 65535', 'Via: SIP/2.0/UDP a:70000;branch=z9hG4bK1'],
    ['a host with an empty label', 'Via: SIP/2.0/UDP a..b;branch=z9hG4bK1'],
  ])('is not one with %s', (_, line) => {
    expect(areUsual([...usual, line])).toBe(false);
  });

  test.each([
    'INVITE sip:bob@biloxi.example.com  SIP/2.0',
    'INVITE  SIP/2.0',
    'INVITE sip:b\0b@biloxi.example.com SIP/2.0',
    'INV(ITE sip:bob@biloxi.example.com SIP/2.0',
    'INVITE sip:bob@biloxi.example.com SIP/2.1',
    'INVITE sip:bob@biloxi.example.com sip/2.0',
    'SIP/2.0 099 Ringing',
    'SIP/2.0 700 Ringing',
    'SIP/2.0 180',
    'sip/2.0 180 Ringing',
  ])('is none with %j', (line) => {
    expect(isUsual(message(usual).replace(requestLine, `${line}\r\n`))).toBe(false);
  });

  test('may be a response', () => {
    for (const line of ['SIP/2.0 180 Ringing', 'SIP/2.0 200 ', 'SIP/2.0 699 \xfc']) {
      expect(isUsual(message(usual).replace(requestLine, `${line}\r\n`))).toBe(true);
    }
  });

  test('is read as it is read piece by piece, whatever is in it', () => {
    const line = fc.oneof(
      fc.constantFrom(...usual),
      fc.constantFrom(
        'Via: SIP/2.0/WSS a-b.example;branch=z9hG4bK1;rport=60001',
        'Via: SIP/2.0/UDP a:0506;branch=z9hG4bK1',
        'Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1;received=192.0.2.7',
        'From: Carol C <sip:c>;tag=x',
        'To: "" <sip:d@e>;tag=y',
        'Via: SIP/2.0/UDP a:5070;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2;rport=5;received=192.0.2.3',
        'Via: SIP/2.0/UDP a;branch=z9hG4bK1,SIP/2.0/TCP b;branch=z9hG4bK2;rport, SIP/2.0/WS c;branch=z9hG4bK3',
        'CSeq: 999999999 ACK',
        'CSeq: 0 INVITE',
        'Content-Length:     0',
        'Max-Forwards: 300',
        'Content-Length: 9',
        'Call-Info: <http://example.com/>',
        'Subject:  two spaces  ',
        'Route: <sip:a;lr>',
      ),
    );
    const piece = fc.constantFrom(
      '',
      ' ',
      '\t',
      ':',
      ';',
      ',',
      '"',
      '\\',
      '<',
      '>',
      '=',
      '.',
      '-',
      'a',
      'V',
      '7',
      '\xff',
    );
    const mutation = fc.tuple(fc.nat(600), fc.nat(2), piece);
    const start = fc.shuffledSubarray(usual, { minLength: usual.length - 1 });
    const startLine = fc.constantFrom(requestLine, requestLine, requestLine, 'SIP/2.0 180 Ringing\r\n');
    const body = fc.constantFrom('', '', '123456789', 'v=0\r\n\r\nX');
    let count = 0;
    fc.assert(
      fc.property(
        startLine,
        start,
        fc.array(line, { maxLength: 3 }),
        body,
        fc.array(mutation, { maxLength: 2 }),
        (first, some, more, rest, changes) => {
          let text = first + [...some, ...more].join('\r\n');
          for (const [position, length, put] of changes) {
            const at = position % text.length;
            text = text.slice(0, at) + put + text.slice(at + length);
          }
          text += `\r\n\r\n${rest}`;
          if (!isUsual(text)) return;
          count += 1;
          const byPieces = text.replace('\r\n\r\n', `\r\n${unusual}\r\n\r\n`);
          expect(isUsual(byPieces)).toBe(false);
          expect(read(text)).toEqual(read(byPieces));
        },
      ),
      { seed: 3, numRuns: 4_000 },
    );
    expect(count).toBeGreaterThan(1_000);
  });
});
