import { describe, expect, test } from 'vitest';
import { SwitchhookError } from '../error.ts';
import { BodyPart } from './body/body-part.ts';
import { HeaderFields } from './body/header-fields.ts';
import { printMultipart } from './body/multipart.ts';
import { SipFragment } from './body/sipfrag.ts';
import { FeatureSet } from './feature-tags.ts';
import type { HeaderInit, HeaderType } from './header.ts';
import { headerField } from './header.ts';
import {
  Accept,
  AcceptEncoding,
  AcceptLanguage,
  Allow,
  Authorization,
  CallId,
  ContentDisposition,
  ContentType,
  Event,
  Expires,
  HistoryInfo,
  Join,
  MimeVersion,
  Privacy,
  RAck,
  Reason,
  Replaces,
  RetryAfter,
  SessionExpires,
  SipDate,
  Subject,
  SubscriptionState,
  TargetDialog,
  Timestamp,
  UserAgent,
  Warning,
  WwwAuthenticate,
} from './header-types.ts';
import { Contact } from './headers/contact.ts';
import { CSeq } from './headers/cseq.ts';
import { MaxForwards } from './headers/max-forwards.ts';
import { Via } from './headers/via.ts';
import { ViaValue } from './headers/via.ts';
import { parseMessage, SipRequest } from './message.ts';
import { NameAddr } from './name-addr.ts';
import { Parameters } from './parameters.ts';
import { SipUri } from './uri.ts';

function create(headers: readonly HeaderInit[], requestUri = 'sip:bob@example.com', body = ''): SipRequest {
  return SipRequest.create({
    method: 'MESSAGE',
    requestUri,
    headers: [
      ['From', '<sip:alice@example.com>;tag=a'],
      ['To', '<sip:bob@example.com>'],
      ['Call-ID', 'call'],
      ['CSeq', '1 MESSAGE'],
      ...headers,
    ],
    body,
  });
}

function refuses(make: () => unknown): void {
  expect(make).toThrow(SwitchhookError);
}

/** U+010A and U+010D are a line feed and a carriage return once a socket has taken their lower byte. */
const lineBreakers = ['a\r\nX: y', 'a\nX: y', 'a\rX: y', 'a\r\n\r\nX', 'a\u010d\u010aX: y', 'a\0b', 'ā'];

describe('what breaks out of its line is refused', () => {
  test.each(lineBreakers)('%j', (text) => {
    refuses(() => create([['Subject', text]]));
    refuses(() => create([headerField(Subject, text)]));
    refuses(() => Subject.print(text));
    refuses(() => create([], `sip:${text}@example.com`));
    refuses(() => create([]).edit().set('Subject', text));
    refuses(() => create([]).edit().append('Subject', text));
    refuses(() => create([]).edit().prepend('Subject', text));
    refuses(() => create([]).edit().replaceFirstValue('Subject', text));
    refuses(() => create([]).edit().setRequestUri(`sip:${text}`));
    const received = create([['Via', 'SIP/2.0/UDP a;branch=z9hG4bK1']]);
    refuses(() => received.createResponse(200, { reason: text }));
    refuses(() => received.createResponse(200, { toTag: text }));
    refuses(() => received.createResponse(200).edit().setStatus(200, text));
    refuses(() => SipFragment.ofStatus(200, text).toString());
    refuses(() => new SipFragment(undefined, new HeaderFields([{ name: 'X', value: text }])).toString());
    refuses(() => printMultipart([new BodyPart(new HeaderFields([{ name: 'X', value: text }]), '')], 'b'));
  });

  test('a body is bytes', () => {
    refuses(() => create([], 'sip:bob@example.com', 'ć'));
    refuses(() => create([]).edit().setBody('ć'));
    refuses(() => printMultipart([new BodyPart(new HeaderFields([]), 'ć')], 'b'));
    expect(create([], 'sip:bob@example.com', 'a\r\n\0\xff').body).toBe('a\r\n\0\xff');
  });

  test('a Request-URI is a URI, without header fields', () => {
    for (const uri of ['bob', 'sip:', '<sip:bob@example.com>', 'sip:bob@example.com?Route=x', 'sip:bob@[::g]', '']) {
      expect(() => create([], uri)).toThrow(expect.objectContaining({ code: 'invalid-uri' }));
    }
    refuses(() => create([]).edit().setRequestUri('sip:x SIP/2.0 '));
    refuses(() => create([]).edit().setRequestUri('<sip:x>'));
  });

  test('a tag, a status and a method are of their grammar', () => {
    const received = create([['Via', 'SIP/2.0/UDP a;branch=z9hG4bK1']]);
    for (const toTag of ['a;lr', 'a b', '', '"a"', 'a,b']) refuses(() => received.createResponse(200, { toTag }));
    expect(received.createResponse(200, { toTag: '[a]:b' }).toTag).toBe('[a]:b');
    refuses(() => received.createResponse(200).edit().setStatus(99, ''));
    refuses(() => received.createResponse(200).edit().setStatus(Number.NaN, ''));
    refuses(() => SipFragment.ofStatus(700).toString());
    const fragment = SipFragment.parse('INVITE sip:a@b SIP/2.0');
    if (!(fragment instanceof SipFragment) || fragment.start?.kind !== 'request') throw new Error('no fragment');
    const { start } = fragment;
    refuses(() => new SipFragment({ ...start, method: 'A B' }).toString());
  });
});

test('nor does a fragment or a body part from outside hold what could not be printed', () => {
  for (const text of ['SIP/2.0 200 a\rX: y', 'SIP/2.0 200 OK\r\nX: a\rY: b', 'X: a\0b', 'X: a\r\n b\rc']) {
    expect(SipFragment.parse(text)).toMatchObject({ status: 400 });
  }
  const fragment = SipFragment.parse('Subject: "a\\\0b"');
  expect(fragment instanceof SipFragment && fragment.toString()).toBe('Subject: "a\\\0b"\r\n');
});

describe('quoted and escaped', () => {
  const hostile = 'a"b\\c;d,e>f<g\0h\x7fi\tj';

  test('display names and parameters come back as they were given', () => {
    const address = NameAddr.of({ displayName: hostile, uri: 'sip:a@b', parameters: { x: hostile } });
    const message = create([headerField(Contact, address), ['Subject', 'untouched']]);
    const parsed = parseMessage(message.text.replace('Content', 'Via: SIP/2.0/UDP a\r\nContent'));
    if (!(parsed instanceof SipRequest)) throw new Error('not a request');
    const contacts = parsed.all(Contact);
    const [contact] = Array.isArray(contacts) ? contacts : [];
    expect(contacts).toHaveLength(1);
    expect(contact).toMatchObject({ displayName: hostile });
    expect(contact instanceof NameAddr && [...contact.parameters]).toEqual([['x', hostile]]);
    expect(parsed.raw('Subject')).toBe('untouched');
  });

  test('URIs escape what they cannot hold', () => {
    const uri = SipUri.of({
      user: hostile,
      password: hostile,
      host: 'b',
      parameters: { x: hostile },
      headers: [['Subject', hostile]],
    });
    expect(uri.toString()).toMatch(/^[!-~]+$/);
    expect(uri.toString()).not.toMatch(/[<>"\\]/);
    const read = SipUri.parse(uri.toString());
    expect(read).toMatchObject({ user: hostile, password: hostile, host: 'b' });
    expect(read instanceof SipUri && [...read.headers]).toEqual([['Subject', hostile]]);
    refuses(() => SipUri.of({ user: 'ć', host: 'b' }));
    refuses(() => SipUri.of({ host: 'b', parameters: { x: 'ć' } }));
    for (const host of ['a b', 'a>', 'a;x', 'a\r\n', '[::1', 'ć', '']) refuses(() => SipUri.of({ host }));
    for (const port of [-1, 65_536, 1.5, Number.NaN]) refuses(() => SipUri.of({ host: 'b', port }));
  });

  test('a name that only a URI parameter can have does not get into a header field', () => {
    const uri = SipUri.parse('sip:a@b;x%3By=1');
    if (!(uri instanceof SipUri)) throw new Error('no URI');
    expect(uri.parameters.toUriString()).toBe(';x%3By=1');
    refuses(() => uri.parameters.toString());
    refuses(() => Parameters.of({ 'a;b': '1' }));
  });

  test('a Via is made of its parts and no others', () => {
    for (const host of ['a b', 'a;x', 'a\r\n', 'a,b']) refuses(() => ViaValue.of({ protocol: 'UDP', host }));
    refuses(() => ViaValue.of({ protocol: 'UDP a', host: 'b' }));
    refuses(() => ViaValue.of({ protocol: 'UDP', host: 'b', port: Number.NaN }));
    refuses(() => ViaValue.of({ protocol: 'UDP', host: 'b', parameters: { branch: 'a;b' } }));
  });
});

/** A header type and a value of it that would print as more than itself. */
function bad<T>(type: HeaderType<T>, value: T): [name: string, print: () => string] {
  return [type.name, () => type.print(value)];
}

describe('typed values that would say more than themselves are refused', () => {
  const address = NameAddr.of({ uri: 'sip:a@b' });
  test.each([
    bad(Reason, { protocol: 'SIP;cause=200' }),
    bad(Reason, { protocol: 'SIP', cause: -1 }),
    bad(Event, { type: 'presence;id=1' }),
    bad(Event, { type: '' }),
    bad(Accept, { type: 'a', subtype: 'b, c/d' }),
    bad(Accept, { type: 'a/b', subtype: 'c' }),
    bad(Accept, { type: 'a', subtype: 'b', q: 2 }),
    bad(Accept, { type: 'a', subtype: 'b', q: Number.NaN }),
    bad(ContentType, { type: 'a', subtype: 'b;boundary=c' }),
    bad(AcceptEncoding, { coding: 'gzip,br' }),
    bad(AcceptLanguage, { range: 'en;q=0' }),
    bad(ContentDisposition, { type: 'session;handling=optional' }),
    bad(Allow, 'INVITE, BYE'),
    bad(CallId, 'a b'),
    bad(CallId, 'a@b@c'),
    bad(CSeq, { number: -1, method: 'BYE' }),
    bad(CSeq, { number: 2 ** 31, method: 'BYE' }),
    bad(CSeq, { number: 1, method: 'BYE\r\nX: y' }),
    bad(RAck, { responseNumber: 1.5, cseqNumber: 1, method: 'BYE' }),
    bad(Replaces, { callId: 'a;early-only', toTag: 'b', fromTag: 'c' }),
    bad(Join, { callId: 'a b', toTag: 'b', fromTag: 'c' }),
    bad(TargetDialog, { callId: '', localTag: 'b', remoteTag: 'c' }),
    bad(Expires, -1),
    bad(Expires, 2 ** 32),
    bad(MaxForwards, 256),
    bad(SessionExpires, { seconds: Number.NaN }),
    bad(MimeVersion, { major: 1, minor: -1 }),
    bad(RetryAfter, { seconds: 1.5 }),
    bad(RetryAfter, { seconds: 1, comment: '(a) (b)' }),
    bad(RetryAfter, { seconds: 1, comment: 'a' }),
    bad(RetryAfter, { seconds: 1, duration: -1 }),
    bad(SubscriptionState, { state: 'active;expires=0' }),
    bad(Timestamp, { time: '1 2 3' }),
    bad(Timestamp, { time: '' }),
    bad(SipDate, Number.NaN),
    bad(SipDate, 8.64e15),
    bad(Privacy, ['id;none']),
    bad(UserAgent, [{ product: 'a b' }]),
    bad(UserAgent, [{ comment: '(a' }]),
    bad(Warning, { code: 99, agent: 'a', text: '' }),
    bad(Warning, { code: 399, agent: 'a "b"', text: '' }),
    bad(HistoryInfo, { address, index: '1;rc=1' }),
    bad(WwwAuthenticate, { scheme: 'Digest realm="x",', parameters: new Map() }),
    bad(Authorization, { scheme: 'Digest', parameters: new Map([['a=b,c', 'd']]) }),
  ])('%s', (_, print) => {
    refuses(print);
  });

  test('but what is quoted is kept whole', () => {
    const text = Reason.print({ protocol: 'SIP', text: 'a";cause=1, Q.850;text="b' });
    expect(create([['Reason', text]]).all(Reason)).toMatchObject([
      { protocol: 'SIP', text: 'a";cause=1, Q.850;text="b' },
    ]);
    const digest = Authorization.print({ scheme: 'Digest', parameters: new Map([['username', 'a", realm="x']]) });
    expect(Authorization.parse(digest)).toMatchObject({ parameters: new Map([['username', 'a", realm="x']]) });
    expect(Via.print(ViaValue.of({ protocol: 'UDP', host: '::1', port: 5060 }))).toBe('SIP/2.0/UDP [::1]:5060');
  });

  test('a q value has three decimals', () => {
    expect(Accept.print({ type: 'a', subtype: 'b', q: 1 / 3 })).toBe('a/b;q=0.333');
  });

  test('feature tags', () => {
    refuses(() => FeatureSet.of({ x: [{ kind: 'string', value: 'a>b' }] }).toParameters());
    refuses(() => FeatureSet.of({ x: [{ kind: 'token', value: 'a,b', negated: false }] }).toParameters());
    refuses(() => FeatureSet.of({ x: [{ kind: 'number', from: Number.NaN, to: 1, negated: false }] }).toParameters());
  });
});
