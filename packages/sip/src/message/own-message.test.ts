import { describe, expect, test } from 'vitest';
import { SwitchhookError } from '../error.ts';
import { parseMessage, SipRequest, SipResponse } from './message.ts';

const ours = 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours';
const theirs = 'SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bKtheirs';

function message(startLine: string, headers: readonly string[], body = ''): string {
  const rest = ['From: <sip:a@example.com>;tag=1', 'To: <sip:b@example.com>', 'Call-ID: c', 'CSeq: 1 INVITE'];
  return [startLine, ...headers, ...rest, `Content-Length: ${String(body.length)}`, '', body].join('\r\n');
}

function response(headers: readonly string[], body = ''): SipResponse {
  const parsed = parseMessage(message('SIP/2.0 180 Ringing', headers, body));
  if (!(parsed instanceof SipResponse)) throw new Error('not a response');
  return parsed;
}

function request(headers: readonly string[]): SipRequest {
  const parsed = parseMessage(message('INVITE sip:b@example.com SIP/2.0', headers));
  if (!(parsed instanceof SipRequest)) throw new Error('not a request');
  return parsed;
}

describe('a new message', () => {
  test('keeps a header field whose name is much like Content-Length, which it makes by itself', () => {
    const made = request([`Via: ${theirs}`]).createResponse(200, {
      headers: [
        ['Caller-Pathish', 'kept'],
        ['content-length', '7'],
        ['l', '8'],
      ],
    });
    expect(made.raw('Caller-Pathish')).toBe('kept');
    expect(made.rawAll('Content-Length')).toEqual(['0']);
  });
});

describe('an edited message', () => {
  test.each([
    ['first', [`Via: ${ours}`, `Via: ${theirs}`]],
    ['in one line', [`Via: ${ours}, ${theirs}`]],
    ['behind others', [`Via: ${ours}`, 'Record-Route: <sip:192.0.2.1;lr>', `Via: ${theirs}`]],
    ['in its compact form', [`Via: ${ours}`, `v: ${theirs}`]],
    ['in small letters', [`Via: ${ours}`, `via: ${theirs}`]],
    ['folded', [`Via: ${ours}`, `Via:\r\n ${theirs}`]],
    ['behind another name with V', [`Via: ${ours}`, 'Version: 1', `Via: ${theirs}`]],
  ])('shows the next Via, %s', (_, headers) => {
    const forwarded = response(headers).edit().removeFirstValue('Via').toMessage();
    expect(forwarded.topVia.branch).toBe('z9hG4bKtheirs');
    expect(forwarded.status).toBe(180);
    expect(forwarded.toTag).toBeUndefined();
    expect(forwarded.callId).toBe('c');
  });

  test.each([
    ['is none', [`Via: ${ours}`, 'Via: nonsense']],
    ['is missing', [`Via: ${ours}`]],
  ])('is refused when the next Via %s', (_, headers) => {
    expect(() => response(headers, `Via: ${theirs}\r\n`).edit().removeFirstValue('Via').toMessage()).toThrow(
      SwitchhookError,
    );
  });

  test.each([
    ['Call-ID', 'not a word'],
    ['CSeq', '1 BYE'],
    ['To', '<sip:b@example.com'],
    ['Max-Forwards', '256'],
    ['f', 'nobody <'],
  ])('is refused when %s becomes "%s"', (name, value) => {
    expect(() =>
      request([`Via: ${theirs}`])
        .edit()
        .set(name, value)
        .toMessage(),
    ).toThrow(SwitchhookError);
  });

  test('reads as if it had come from the network', () => {
    const edited = request([`Via: ${theirs}`])
      .edit()
      .setRequestUri('sip:b@192.0.2.200')
      .set('Max-Forwards', '69')
      .prepend('Record-Route', '<sip:192.0.2.1;lr>')
      .toMessage();
    expect(edited.method).toBe('INVITE');
    expect(edited.requestUriText).toBe('sip:b@192.0.2.200');
    expect(edited.maxForwards).toBe(69);
    expect(edited.text).toBe(parseMessage(edited.text) instanceof SipRequest ? edited.text : '');
  });
});

describe('a message that is kept', () => {
  test('can be read again after it was let go of', () => {
    const kept = request([`Via: ${theirs}`]);
    const uri = kept.requestUri;
    kept.forget();
    expect(kept.topVia.branch).toBe('z9hG4bKtheirs');
    expect(kept.cseqNumber).toBe(1);
    expect(kept.requestUri).toEqual(uri);
  });
});

test('a response whose added headers spoil it is refused', () => {
  const invite = request([`Via: ${theirs}`]);
  expect(() => invite.createResponse(200, { headers: [['Call-ID', 'another']] })).toThrow(SwitchhookError);
});
