import { describe, expect, test } from 'vitest';
import type { HeaderType } from '../header.ts';
import { HeaderFields } from '../body/header-fields.ts';
import { NameAddr } from '../name-addr.ts';
import { SyntaxFault } from '../fault.ts';
import { valid } from '../torture.testing.ts';
import { Accept } from './accept.ts';
import { AcceptEncoding } from './accept-encoding.ts';
import { AcceptLanguage } from './accept-language.ts';
import { AlertInfo } from './alert-info.ts';
import { AuthenticationInfo } from './authentication-info.ts';
import { Authorization } from './authorization.ts';
import { CallId } from './call-id.ts';
import { ContentDisposition } from './content-disposition.ts';
import { ContentType } from './content-type.ts';
import { SipDate } from './date.ts';
import { Diversion } from './diversion.ts';
import { Event } from './event.ts';
import { headerSamples } from './header-arbitraries.testing.ts';
import { HistoryInfo } from './history-info.ts';
import { Join } from './join.ts';
import { MimeVersion } from './mime-version.ts';
import { Priority } from './priority.ts';
import { Privacy } from './privacy.ts';
import { RAck } from './rack.ts';
import { Reason } from './reason.ts';
import { ReferredBy } from './referred-by.ts';
import { ReferSub } from './refer-sub.ts';
import { ReferTo } from './refer-to.ts';
import { Replaces } from './replaces.ts';
import { RetryAfter } from './retry-after.ts';
import { Server } from './server.ts';
import { SessionExpires } from './session-expires.ts';
import { Subject } from './subject.ts';
import { SubscriptionState } from './subscription-state.ts';
import { Supported } from './supported.ts';
import { TargetDialog } from './target-dialog.ts';
import { Timestamp } from './timestamp.ts';
import { UserAgent } from './user-agent.ts';
import { Warning } from './warning.ts';
import { WwwAuthenticate } from './www-authenticate.ts';

describe('the examples of the RFCs', () => {
  test('RFC 3261 20.1 Accept, 20.3 Accept-Language', () => {
    expect(Accept.parse('application/sdp;level=1')).toMatchObject({
      type: 'application',
      subtype: 'sdp',
      q: undefined,
    });
    expect(valid(Accept.parse('text / HTML ; Level=1 ; q=0.5'))).toMatchObject({
      type: 'text',
      subtype: 'html',
      q: 0.5,
    });
    expect(AcceptLanguage.parse('en-gb;q=0.8')).toMatchObject({ range: 'en-gb', q: 0.8 });
  });

  test('RFC 3261 20.4 Alert-Info', () => {
    const value = valid(AlertInfo.parse('<http://www.example.com/sounds/moo.wav>;info=alert-external'));
    expect(value.uri.toString()).toBe('http://www.example.com/sounds/moo.wav');
    expect(value.parameters?.get('info')).toBe('alert-external');
  });

  test('RFC 3261 20.7 Authorization: what the grammar leaves bare stays bare, all else is quoted', () => {
    const text =
      'Digest username="Alice", realm="atlanta.com", nonce="84a4cc6f3082121f32b42a2187831a9e", ' +
      'response="7587245234b3434cc3412213e5f113a5432", qop=auth, nc=00000001, algorithm=MD5';
    const value = valid(Authorization.parse(text));
    expect(value.scheme).toBe('Digest');
    expect(value.parameters.get('username')).toBe('Alice');
    expect(value.parameters.get('nc')).toBe('00000001');
    expect(Authorization.print(value)).toBe(text);
  });

  test('RFC 3261 20.44 WWW-Authenticate: qop is quoted in a challenge', () => {
    const text = 'Digest realm="atlanta.com", qop="auth", nonce="84a4", opaque="", stale=FALSE, algorithm=MD5';
    expect(WwwAuthenticate.print(valid(WwwAuthenticate.parse(text)))).toBe(text);
  });

  test('RFC 7616 3.4.4: a username in UTF-8 needs no quotes', () => {
    const value = valid(Authorization.parse('Digest username*=UTF-8\'\'J%C3%A4s%C3%B8n%20Doe, realm="api"'));
    expect(Authorization.print(value)).toContain("username*=UTF-8''J%C3%A4s%C3%B8n%20Doe");
  });

  test('RFC 3261 20.6 Authentication-Info', () => {
    expect(valid(AuthenticationInfo.parse('nextnonce="47364c23432d2e131a5fb210812c"')).get('nextnonce')).toBe(
      '47364c23432d2e131a5fb210812c',
    );
  });

  test('RFC 3261 20.11 Content-Disposition, 20.15 Content-Type', () => {
    expect(ContentDisposition.parse('Session;handling=OPTIONAL')).toMatchObject({
      type: 'session',
      handling: 'optional',
    });
    const type = valid(ContentType.parse('multipart/mixed; boundary="a b;c"'));
    expect(type.parameters?.get('boundary')).toBe('a b;c');
    expect(ContentType.print(type)).toBe('multipart/mixed;boundary="a b;c"');
  });

  test('RFC 3261 20.17 Date', () => {
    const date = Date.UTC(2010, 10, 13, 23, 29, 0);
    expect(SipDate.parse('Sat, 13 Nov 2010 23:29:00 GMT')).toBe(date);
    expect(SipDate.print(date)).toBe('Sat, 13 Nov 2010 23:29:00 GMT');
  });

  test('RFC 3261 20.33 Retry-After', () => {
    expect(RetryAfter.parse('18000;duration=3600')).toMatchObject({
      seconds: 18_000,
      duration: 3600,
      comment: undefined,
    });
    expect(RetryAfter.parse("120 (I'm in a (long) meeting)")).toMatchObject({
      seconds: 120,
      comment: "(I'm in a (long) meeting)",
    });
  });

  test('RFC 3261 20.35 Server, 20.41 User-Agent', () => {
    expect(Server.parse('HomeServer v2')).toEqual([{ product: 'HomeServer' }, { product: 'v2' }]);
    expect(UserAgent.parse('Softphone/Beta1.5 (Debian \\) (12))')).toEqual([
      { product: 'Softphone', version: 'Beta1.5' },
      { comment: '(Debian \\) (12))' },
    ]);
  });

  test('RFC 3261 20.38 Timestamp, 20.43 Warning', () => {
    expect(Timestamp.parse('54.21 0.4')).toEqual({ time: '54.21', delay: '0.4' });
    expect(Warning.parse('307 isi.edu "Session parameter \\"foo\\" not understood"')).toEqual({
      code: 307,
      agent: 'isi.edu',
      text: 'Session parameter "foo" not understood',
    });
  });

  test('RFC 3262 7.2 RAck', () => {
    expect(RAck.parse('776656 1 INVITE')).toEqual({ responseNumber: 776_656, cseqNumber: 1, method: 'INVITE' });
  });

  test('RFC 3323 4.2 Privacy', () => {
    expect(Privacy.parse('id; Critical')).toEqual(['id', 'critical']);
  });

  test('RFC 3326 2 Reason: the text is quoted even when it is one word', () => {
    const value = valid(Reason.parse('SIP ;cause=200 ;text="Call completed elsewhere"'));
    expect(value).toMatchObject({ protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' });
    expect(Reason.print({ protocol: 'Q.850', cause: 16, text: 'Terminated' })).toBe('Q.850;cause=16;text="Terminated"');
  });

  test('RFC 3515 2.1 Refer-To with a dialog to replace', () => {
    const text = '<sip:dave@denver.example.org?Replaces=12345%40192.168.118.3%3Bto-tag%3D12345%3Bfrom-tag%3D5FFE-3994>';
    const uri = valid(ReferTo.parse(text)).uri;
    const [header] = 'headers' in uri ? [...uri.headers] : [];
    expect(header?.[0]).toBe('Replaces');
    expect(Replaces.parse(header?.[1] ?? '')).toMatchObject({
      callId: '12345@192.168.118.3',
      toTag: '12345',
      fromTag: '5FFE-3994',
      earlyOnly: false,
    });
  });

  test('RFC 3891 6.1 Replaces, RFC 3911 7.1 Join, RFC 4538 7 Target-Dialog', () => {
    expect(Replaces.print({ callId: '98732@sip.example.com', toTag: '1', fromTag: '2', earlyOnly: true })).toBe(
      '98732@sip.example.com;to-tag=1;from-tag=2;early-only',
    );
    expect(Join.parse('98732@sip.example.com ;from-tag=r33th4x0r ;to-tag=ff87ff')).toMatchObject({
      callId: '98732@sip.example.com',
      toTag: 'ff87ff',
      fromTag: 'r33th4x0r',
    });
    expect(TargetDialog.parse('fa77as7dad8-sd98ajzz@host.example.com ;local-tag=kkaz-;remote-tag=6544')).toMatchObject({
      localTag: 'kkaz-',
      remoteTag: '6544',
    });
  });

  test('RFC 3892 3 Referred-By: the cid stays quoted', () => {
    const value = valid(ReferredBy.parse('<sip:r@ref.example>;cid="2UWQFN309shb3@ref.example"'));
    expect(value.parameters.get('cid')).toBe('2UWQFN309shb3@ref.example');
    expect(value.with({ displayName: 'R' }).toString()).toContain('cid="2UWQFN309shb3@ref.example"');
  });

  test('RFC 4028 4 Session-Expires, RFC 4488 4 Refer-Sub', () => {
    expect(SessionExpires.parse('4000;refresher=UAC')).toMatchObject({ seconds: 4000, refresher: 'uac' });
    expect(ReferSub.parse('false')).toMatchObject({ subscribe: false });
  });

  test('RFC 5806 Diversion', () => {
    const value = valid(Diversion.parse('"Bob" <sip:bob@b.example>;reason=user-busy;counter=2;privacy="off";x=y'));
    expect(value).toMatchObject({ reason: 'user-busy', counter: 2, privacy: 'off', limit: undefined });
    expect(value.address.displayName).toBe('Bob');
    expect([...value.address.parameters]).toEqual([['x', 'y']]);
  });

  test('RFC 6665 8.2 Event and Subscription-State', () => {
    expect(Event.parse('dialog;id=93603;call-id="a"')).toMatchObject({ type: 'dialog', id: '93603' });
    expect(SubscriptionState.parse('Terminated;reason=noresource;retry-after=5')).toMatchObject({
      state: 'terminated',
      reason: 'noresource',
      retryAfter: 5,
      expires: undefined,
    });
  });

  test('RFC 7044 10.1 History-Info', () => {
    const value = valid(HistoryInfo.parse('<sip:bob@192.0.2.4?Reason=SIP%3Bcause%3D302>;index=1.2.1;mp=1.2'));
    expect(value).toMatchObject({ index: '1.2.1', target: { kind: 'mp', index: '1.2' } });
    const printed = HistoryInfo.print({ address: NameAddr.of({ uri: 'sip:a@b' }), index: '1' });
    expect(printed).toBe('<sip:a@b>;index=1');
  });

  test('text keeps its UTF-8: 0xA0 at its end is a letter, no space', () => {
    expect(Subject.parse(' caff\xc3\xa0 ')).toBe('caff\xc3\xa0');
  });
});

test('which names have a compact form (RFC 3261 7.3.3 and the extensions)', () => {
  const compact = headerSamples.filter(({ type }) => type.compact !== undefined);
  expect(compact.map(({ type }) => `${type.compact ?? ''} ${type.name}`).sort()).toEqual([
    ...['b Referred-By', 'c Content-Type', 'e Content-Encoding', 'f From', 'i Call-ID', 'k Supported'],
    ...['l Content-Length', 'm Contact', 'o Event', 'r Refer-To', 's Subject', 't To', 'u Allow-Events', 'v Via'],
    'x Session-Expires',
  ]);
});

test('which header fields are comma lists', () => {
  const lists = headerSamples.filter(({ type }) => type.list).map(({ type }) => type.name);
  expect(lists.sort()).toEqual([
    ...['Accept', 'Accept-Encoding', 'Accept-Language', 'Alert-Info', 'Allow', 'Allow-Events', 'Call-Info', 'Contact'],
    ...['Content-Encoding', 'Content-Language', 'Diversion', 'Error-Info', 'History-Info', 'In-Reply-To'],
    ...['P-Asserted-Identity', 'P-Preferred-Identity', 'Path', 'Proxy-Require', 'Reason', 'Record-Route', 'Require'],
    ...['Route', 'Service-Route', 'Supported', 'Unsupported', 'Via', 'Warning'],
  ]);
});

test('an empty Supported is legal and lists nothing (RFC 3261 20.37)', () => {
  const fields = new HeaderFields([{ name: 'k', value: '' }]);
  expect(fields.all(Supported)).toEqual([]);
  expect(fields.get(Supported)).toBeUndefined();
});

const faults: readonly (readonly [type: HeaderType<unknown>, text: string, reason: string, offset: number])[] = [
  [Accept, 'text', 'a media type of the form type/subtype is missing', 4],
  [Accept, 'text/', 'the media subtype is missing', 5],
  [Accept, 'text/plain;q=1.1', 'the q value is not between 0 and 1', 0],
  [AcceptEncoding, 'gzip;q=2', 'the q value is not between 0 and 1', 0],
  [AlertInfo, 'http://example.com', 'the angle bracket before the URI is missing', 0],
  [AlertInfo, '<http://example.com', 'the angle bracket behind the URI is missing', 19],
  [AlertInfo, '<nothing>', 'no URI scheme', 1],
  [Authorization, 'Digest', 'parameters of the authentication are missing', 6],
  [Authorization, 'Digest realm', 'a parameter of the form name=value is missing', 12],
  [Authorization, 'Digest realm=', 'realm has no value', 13],
  [Authorization, 'Digest a=1, a=2', 'the parameter a comes twice', 12],
  [Authorization, 'Digest realm="x', 'unbalanced quotes', 13],
  [CallId, 'a b', 'something follows the value', 2],
  [CallId, 'a@', 'the call identifier is missing', 2],
  [SipDate, 'Fri, 32 Jan 2010 16:00:00 GMT', 'no such day or time', 0],
  [SipDate, 'Fri, 01 Jan 2010 24:00:00 GMT', 'no such day or time', 0],
  [Diversion, '<sip:a@b>;counter=-1', 'the parameter counter is not a number up to 4294967295', 0],
  [HistoryInfo, '<sip:a@b>', 'the parameter index is missing', 0],
  [HistoryInfo, '<sip:a@b>;index=1.', 'an index is not numbers with dots between them', 0],
  [Join, 'a@b;to-tag=1', 'the parameter from-tag is missing', 0],
  [MimeVersion, '1', 'the dot is missing', 1],
  [Priority, 'very urgent', 'something follows the value', 5],
  [Privacy, 'id;', 'a privacy value is missing', 3],
  [RAck, '1 2', 'a space is missing', 3],
  [RAck, '1 2 ', 'the method is missing', 4],
  [RAck, '4294967296 2 INVITE', 'the response number is over 4294967295', 0],
  [ReferSub, 'maybe', 'neither true nor false', 0],
  [RetryAfter, '5 (open', 'unbalanced parentheses', 2],
  [Server, 'A/', 'the product version is missing', 2],
  [SessionExpires, '90;refresher=me', 'the refresher is neither uac nor uas', 15],
  [Subject, 'one\r\ntwo', 'a control character', 3],
  [Supported, '100rel timer', 'something follows the value', 7],
  [TargetDialog, 'a@b;local-tag=1', 'the parameter remote-tag is missing', 0],
  [Timestamp, '.5', 'the time is missing', 2],
  [Warning, '99 agent "text"', 'the warn-code has not three digits', 0],
  [Warning, '1812 agent "text"', 'the warn-code is over 999', 0],
  [Warning, '399 agent text', 'a quoted string is missing', 10],
];

test.each(faults)('$0.name refuses $1', (type, text, reason, offset) => {
  expect(type.parse(text)).toEqual(new SyntaxFault(reason, offset));
});
