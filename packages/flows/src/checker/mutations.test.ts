import { expect, test } from 'vitest';
import { readOracle } from '../oracle/oracle.ts';
import { Mutation } from './mutation.testing.ts';

type Case = readonly [flow: string, message: string | undefined, rule: string, change: (mutation: Mutation) => void];

const without = (): undefined => undefined;
const tagged = (value: string): string => value.replace(/;tag=.*/, ';tag=other');
const untagged = (value: string): string => value.replace(/;tag=.*/, '');

/** One fact changed, and the message and the rule that have to be named for it. */
const cases: readonly Case[] = [
  ['2.1', 'F1', 'R-REQ', (m) => m.header('F1', 'Max-Forwards', without)],
  ['2.1', 'F1', 'R-REQ', (m) => m.header('F1', 'From', untagged)],
  ['2.1', 'F10', 'R-REQ', (m) => m.header('F10', 'Via', (via) => via.replace('z9hG4bK-', 'old-'))],
  ['2.1', 'F22', 'R-REQ', (m) => m.header('F22', 'Via', () => m.draft('F1').headers[0]?.[1])],
  ['2.1', 'F1', 'R-NEW', (m) => m.header('F1', 'To', (to) => `${to};tag=early`)],
  ['2.1', 'F1', 'R-NEW', (m) => m.header('F1', 'Contact', without)],
  ['2.2', 'F16', 'R-NEW', (m) => m.header('F16', 'Call-ID', () => 'F1@consultation-hold')],
  ['2.2', 'F16', 'R-NEW', (m) => m.header('F16', 'From', (from) => from.replace(/;tag=.*/, ';tag=bob.F1'))],
  ['2.1', 'F4', 'R-RESP', (m) => m.header('F4', 'Call-ID', () => 'other')],
  ['2.1', 'F6', 'R-RESP', (m) => m.header('F6', 'CSeq', () => '1 INVITE')],
  ['2.1', 'F6', 'R-RESP', (m) => m.header('F6', 'From', tagged)],
  ['2.1', 'F12', 'R-RESP', (m) => m.header('F12', 'To', untagged)],
  ['2.1', 'F6', 'R-RESP', (m) => m.draft('F6').headers.splice(1, 1)],
  ['2.4', 'F16', 'R-RESP', (m) => m.header('F16', 'Via', (via) => via.replace('F15', 'F14'))],
  [
    '2.2',
    'F20',
    'R-RESP',
    (m) => m.header('F20', 'Via', (via) => via.replace(/received=.*/, 'received=host.example.com')),
  ],
  ['2.1', 'F2', 'R-FWD-REQ', (m) => m.header('F2', 'Max-Forwards', () => '70')],
  ['2.1', 'F2', 'R-FWD-REQ', (m) => m.add('F2', 'Subject', 'added')],
  ['2.1', 'F2', 'R-FWD-REQ', (m) => m.header('F2', 'From', (from) => from.replace('alice@', 'bob@'))],
  ['2.1', 'F11', 'R-FWD-REQ', (m) => m.replaceInBody('F11', 'sendonly', 'inactive')],
  ['2.1', 'F23', 'R-FWD-REQ', (m) => m.add('F23', 'Route', '<sips:ss1.example.com;lr>')],
  ['2.1', 'F2', 'R-FWD-REQ', (m) => m.draft('F2').headers.splice(0, 1)],
  ['2.1', 'F7', 'R-FWD-RESP', (m) => m.header('F7', 'Contact', (contact) => contact.replace('bob@', 'robert@'))],
  ['2.1', 'F13', 'R-FWD-RESP', (m) => m.replaceInBody('F13', 'recvonly', 'inactive')],
  ['2.1', 'F25', 'R-RESP', (m) => m.draft('F25').headers.unshift(['Via', m.draft('F23').headers[0]?.[1] ?? ''])],
  ['2.1', 'F22', 'R-INDIALOG', (m) => m.header('F22', 'To', tagged)],
  ['2.1', 'F10', 'R-INDIALOG', (m) => m.header('F10', 'From', tagged)],
  ['2.1', 'F10', 'R-INDIALOG', (m) => m.header('F10', 'Call-ID', () => 'other')],
  ['2.1', 'F8', 'R-INDIALOG', (m) => m.requestUri('F8', 'sips:bob@biloxi.example.com')],
  ['2.1', 'F22', 'R-INDIALOG', (m) => m.header('F22', 'Route', without)],
  ['2.1', 'F16', 'R-INDIALOG', (m) => m.header('F16', 'CSeq', () => '1 INVITE')],
  [
    '2.17',
    'F16',
    'R-INDIALOG',
    (m) => m.header('F16', 'To', () => m.draft('F6').headers.find(([name]) => name === 'To')?.[1]),
  ],
  ['2.1', 'F8', 'R-ACK2', (m) => m.header('F8', 'CSeq', () => '99 ACK')],
  ['2.1', 'F8', 'R-ACK2', (m) => m.header('F8', 'Via', (via) => via.replace('F8', 'F1'))],
  ['2.17', 'F3', 'R-ACKN', (m) => m.header('F3', 'Via', (via) => via.replace('F1', 'F3'))],
  ['2.17', 'F3', 'R-ACKN', (m) => m.requestUri('F3', 'sips:bob@client.biloxi.example.com')],
  ['2.17', 'F3', 'R-ACKN', (m) => m.header('F3', 'To', tagged)],
  ['2.13', 'F6', 'R-ACKN', (m) => m.header('F6', 'Route', without)],
  ['2.12', 'F6', 'R-CANCEL', (m) => m.header('F6', 'Via', (via) => via.replace('F2', 'F6'))],
  ['2.12', 'F6', 'R-CANCEL', (m) => m.header('F6', 'To', (to) => `${to};tag=b1.F1`)],
  ['2.12', 'F6', 'R-CANCEL', (m) => m.drop('F4', 'F5')],
  ['2.1', 'F10', 'R-SDP', (m) => m.replaceInBody('F10', / 42 IN/, ' 43 IN')],
  ['2.1', 'F16', 'R-SDP', (m) => m.replaceInBody('F16', / 43 IN/, ' 42 IN')],
  ['2.1', 'F10', 'R-SDP', (m) => m.replaceInBody('F10', '18446744073709551000', '18446744073709551001')],
  ['2.1', 'F10', 'R-SDP', (m) => m.replaceInBody('F10', 'm=audio', 'm=video 50000 RTP/AVP 31\r\nm=audio')],
  ['2.3', 'F12', 'R-REPL', (m) => m.header('F12', 'Replaces', swapTags)],
  ['2.16', 'F7', 'R-REPL', (m) => m.header('F7', 'Replaces', (value) => value.replace(';early-only', ''))],
  ['2.16', 'F7', 'R-REPL', (m) => m.header('F7', 'Replaces', (value) => value.replace('bob.F1', 'bob.F'))],
  ['2.3', 'F12', 'R-REPL', (m) => m.header('F12', 'Replaces', without)],
  ['2.11', 'F5', 'R-JOIN', (m) => m.header('F5', 'Join', swapTags)],
  ['2.11', 'F5', 'R-JOIN', (m) => m.header('F5', 'Join', without)],

  ['2.1', 'F1', 'requestUri', (m) => m.requestUri('F1', 'sips:carol@biloxi.example.com')],
  ['2.1', 'F2', 'requestUri', (m) => m.requestUri('F2', 'sips:bob@elsewhere.example.com')],
  ['2.7', 'F4', 'requestUri.userParam', (m) => m.requestUri('F4', 'sips:+19727293660@gw1.example.com')],
  ['2.7', 'F4', 'requestUri.e164', (m) => m.requestUri('F4', 'sips:+1972@gw1.example.com;user=phone')],
  ['2.3', 'F8', 'requestUri', (m) => m.requestUri('F8', 'sips:bob@biloxi.example.com')],
  ['2.13', 'F10', 'requestUri', (m) => m.requestUri('F10', 'sips:nobody@ms.example.com')],
  ['2.17', 'F2', 'R-RESP', (m) => m.header('F2', 'To', untagged)],
  ['2.1', 'F3', 'viaCount', (m) => m.draft('F3').headers.unshift(['Via', m.draft('F2').headers[0]?.[1] ?? ''])],
  ['2.1', 'F2', 'recordRoute', (m) => m.header('F2', 'Record-Route', without)],
  ['2.13', 'F4', 'route', (m) => m.header('F4', 'Route', without)],
  ['2.13', 'F4', 'routeLr', (m) => m.header('F4', 'Route', () => '<sips:ss1.example.com>')],
  ['2.3', 'F5', 'R-REQ', (m) => m.header('F5', 'Max-Forwards', without)],
  ['2.13', 'F2', 'contact3xx.proxy', (m) => m.header('F2', 'Contact', () => '<sips:elsewhere.example.com;lr>')],
  ['2.7', 'F4', 'R-FWD-REQ', (m) => m.header('F4', 'To', () => '<sips:+19727293660@gw1.example.com>')],
  ['2.9', 'F11', 'R-REQ', (m) => m.header('F11', 'Via', (via) => via.replace('F11', 'F2'))],
  [
    '2.13',
    'F4',
    'cseqNumber',
    (m) => m.header('F4', 'CSeq', () => m.draft('F1').headers.find(([name]) => name === 'CSeq')?.[1]),
  ],
  ['2.9', 'F8', 'toTagSameAs', (m) => m.header('F8', 'To', tagged)],
  ['2.9', 'F10', 'toTagDistinctFrom', (m) => m.header('F10', 'To', (to) => to.replace('proxy.', 'b1.'))],
  ['2.1', 'F10', 'sdp.direction', (m) => m.replaceInBody('F10', 'sendonly', 'sendrecv')],
  ['2.1', 'F12', 'sdp.direction', (m) => m.replaceInBody('F12', 'recvonly', 'sendrecv')],
  ['2.1', 'F12', 'sdp.direction', (m) => ['F10', 'F11'].forEach((f) => m.replaceInBody(f, 'sendonly', 'inactive'))],
  ['2.1', 'F6', 'sdp', (m) => (m.draft('F6').body = '')],
  ['2.1', 'F10', 'sdp.address', (m) => m.replaceInBody('F10', 'c=IN IP4 192.0.2.9', 'c=IN IP4 0.0.0.0')],
  ['2.1', undefined, 'N2.1-1', (m) => m.replaceInBody('F10', 'c=IN IP4 192.0.2.9', 'c=IN IP4 0.0.0.0')],
  ['2.1', 'F12', 'sdp.streams', (m) => m.replaceInBody('F12', 'a=recvonly', 'a=recvonly\r\nm=video 0 RTP/AVP 31')],
  ['2.1', 'F4', 'contact', (m) => m.header('F4', 'Contact', () => '<sips:bob@elsewhere.example.com>')],
  [
    '2.10',
    'F8',
    'contact.sameUriAs',
    (m) => m.header('F8', 'Contact', () => '<sips:other@client.biloxi.example.com>;isfocus'),
  ],
  [
    '2.10',
    'F8',
    'contact.params.isfocus',
    (m) => m.header('F8', 'Contact', (contact) => contact.replace(';isfocus', '')),
  ],
  ['2.13', 'F11', 'contact.absentParams', (m) => m.header('F11', 'Contact', (contact) => `${contact};+sip.byeless`)],
  ['2.3', 'F12', 'require', (m) => m.header('F12', 'Require', without)],
  ['2.3', 'F1', 'supported', (m) => m.header('F1', 'Supported', () => 'gruu')],
  ['2.4', 'F1', 'allowIncludes', (m) => m.header('F1', 'Allow', () => 'INVITE, ACK')],
  ['2.6', 'F5', 'absent', (m) => m.add('F5', 'Contact', '<sips:bob@client.biloxi.example.com>')],
  ['2.3', 'F8', 'referTo.headers.replaces.toTag', (m) => m.header('F8', 'Refer-To', swapTags)],
  [
    '2.3',
    'F8',
    'referTo.headers.require',
    (m) => m.header('F8', 'Refer-To', (value) => value.replace('&Require=replaces', '')),
  ],
  ['2.4', 'F5', 'referTo.target', (m) => m.header('F5', 'Refer-To', () => '<sips:dave@chicago.example.com>')],
  [
    '2.4',
    'F5',
    'referTo.headers.replaces',
    (m) => m.header('F5', 'Refer-To', () => '<sips:carol@chicago.example.com?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>'),
  ],
  ['2.6', 'F5', 'bodyUri.headers.replaces.fromTag', (m) => (m.draft('F5').body = swapTags(m.draft('F5').body))],
  ['2.6', 'F5', 'bodyUri.escaped', (m) => m.replaceInBody('F5', '%40', '@')],
  ['2.4', 'F11', 'referredBy', (m) => m.header('F11', 'Referred-By', () => '<sips:mallory@atlanta.example.com>')],
  ['2.18', 'F2', 'referSub', (m) => m.header('F2', 'Refer-Sub', without)],
  ['2.3', 'F10', 'event.package', (m) => m.header('F10', 'Event', () => 'presence')],
  ['2.3', 'F17', 'event.id', (m) => m.header('F17', 'Event', () => 'refer;id=8')],
  [
    '2.3',
    'F17',
    'subscriptionState.reason',
    (m) => m.header('F17', 'Subscription-State', () => 'terminated;reason=giveup'),
  ],
  ['2.3', 'F17', 'subscriptionState.state', (m) => m.header('F17', 'Subscription-State', () => 'active;expires=60')],
  ['2.3', 'F10', 'subscriptionState.expires', (m) => m.header('F10', 'Subscription-State', () => 'active')],
  ['2.17', 'F5', 'expires', (m) => m.header('F5', 'Expires', without)],
  ['2.3', 'F10', 'contentType', (m) => m.header('F10', 'Content-Type', () => 'text/plain')],
  ['2.3', 'F17', 'sipfrag.class', (m) => m.replaceInBody('F17', '200 OK', '603 Decline')],
  ['2.3', 'F17', 'sipfrag.dialog.fromTag', (m) => m.replaceInBody('F17', 'music-server.F12', 'other')],
  ['2.3', 'F17', 'sipfrag.dialog.callId', (m) => m.replaceInBody('F17', 'Call-ID: F12', 'Call-ID: F13')],
  ['2.17', 'F8', 'dialogInfo.version', (m) => m.replaceInBody('F8', 'version="1"', 'version="0"')],
  ['2.17', 'F8', 'dialogInfo.dialogs.state', (m) => m.replaceInBody('F8', 'terminated', 'confirmed')],
  ['2.17', 'F18', 'dialogInfo.dialogs.id', (m) => m.replaceInBody('F18', 'id="d', 'id="x')],
  ['2.17', 'F14', 'dialogInfo.dialogs.id', (m) => m.replaceInBody('F14', 'id="d2"', 'id="d0"')],
  ['2.16', 'F5', 'dialogInfo.dialogs.localTag', (m) => m.replaceInBody('F5', 'local-tag="bob', 'local-tag="alice')],
  ['2.16', 'F5', 'dialogInfo.dialogs.direction', (m) => m.replaceInBody('F5', 'recipient', 'initiator')],
  [
    '2.16',
    'F5',
    'dialogInfo.dialogs.remoteTarget',
    (m) => m.replaceInBody('F5', /uri="[^"]*/, 'uri="sips:x@elsewhere.example.com'),
  ],
  ['2.16', 'F5', 'dialogInfo.entity', (m) => m.replaceInBody('F5', 'entity="sips:bob', 'entity="sips:bill')],
  [
    '2.14',
    'F2',
    'proxyAuthenticate.present.qop',
    (m) => m.header('F2', 'Proxy-Authenticate', (value) => value.replace(' qop="auth",', '')),
  ],
  [
    '2.14',
    'F2',
    'proxyAuthenticate.absent.cnonce',
    (m) => m.header('F2', 'Proxy-Authenticate', (value) => `${value}, cnonce="x"`),
  ],
  [
    '2.14',
    'F2',
    'proxyAuthenticate.algorithm',
    (m) => m.header('F2', 'Proxy-Authenticate', (value) => value.replace('SHA-256', 'SHA-1')),
  ],
  [
    '2.14',
    'F4',
    'proxyAuthorization.nonce',
    (m) => m.header('F4', 'Proxy-Authorization', (value) => value.replace('nonce="F2"', 'nonce="F9"')),
  ],
  [
    '2.14',
    'F4',
    'proxyAuthorization.realm',
    (m) => m.header('F4', 'Proxy-Authorization', (value) => value.replace('realm="example.com"', 'realm="x"')),
  ],
  [
    '2.14',
    'F4',
    'proxyAuthorization.present.nc',
    (m) => m.header('F4', 'Proxy-Authorization', (value) => value.replace(' nc=00000001,', '')),
  ],
  [
    '2.14',
    'F4',
    'proxyAuthorization.uri',
    (m) => m.header('F4', 'Proxy-Authorization', (value) => value.replace(/uri="[^"]*"/, 'uri="sips:x@example.com"')),
  ],
  ['2.14', 'F4', 'proxyAuthorization', (m) => m.header('F4', 'Proxy-Authorization', without)],
  ['2.13', 'F8', 'errorInfo', (m) => m.header('F8', 'Error-Info', without)],
  ['2.1', 'F22', 'closes', (m) => m.repeat('F8', 3_900, (copy) => asRequest(copy, 'INFO'))],
  ['2.4', 'F9', 'endsUsage', (m) => m.repeat('F9', 900, (copy) => asRequest(copy, 'UPDATE'))],
  ['2.3', 'F9', 'status', (m) => m.status('F9', 403)],
  ['2.1', 'F1', 'malformed', (m) => m.header('F1', 'Call-ID', () => 'a b c')],
  ['2.1', 'F10', 'scheme', (m) => m.header('F10', 'Contact', (contact) => contact.replace('sips:', 'sip:'))],

  ['2.1', 'F10', 'message', (m) => m.drop('F10', 'F11', 'F12', 'F13', 'F14', 'F15')],
  ['2.1', 'F12', 'message', (m) => m.drop('F12', 'F13', 'F14', 'F15')],
  ['2.1', 'F5', 'message', (m) => m.drop('F5')],
  ['2.1', 'F12', 'status', (m) => m.status('F12', 488)],
  ['2.1', undefined, 'unexpected', (m) => m.repeat('F22', 300, (copy) => asRequest(copy, 'REFER'))],
  ['2.1', undefined, 'repetition', (m) => m.repeat('F1', 500)],
  ['2.1', 'F16', 'order', (m) => m.move('F16', m.draft('F14').time - 1)],
  ['2.3', 'F19', 'order', (m) => m.move('F19', m.draft('F17').time - 1)],
  ['2.1', 'F9', 'media', (m) => m.conversation.rtp.splice(0, 1)],
  [
    '2.1',
    'F15',
    'media',
    (m) => m.conversation.rtp.push({ from: 'alice', to: 'bob', start: 1_500, end: 2_000, packets: 25 }),
  ],
  ['2.1', 'F15', 'media', (m) => m.conversation.heard.push({ at: 'bob', source: 'alice', start: 1_500, end: 2_000 })],
  ['2.1', 'F9', 'media', (m) => m.conversation.heard.splice(1, 1)],
  [
    '2.1',
    'F25',
    'media',
    (m) => m.conversation.rtp.push({ from: 'bob', to: 'alice', start: 4_100, end: 4_900, packets: 9 }),
  ],
  ['2.10', 'F11', 'mix', (m) => m.conversation.heard.push({ at: 'alice', source: 'alice', start: 1_500, end: 4_000 })],
  [
    '2.10',
    'F11',
    'mix',
    (m) =>
      (m.conversation.heard = m.conversation.heard.filter(({ at, source }) => at !== 'carol' || source !== 'alice')),
  ],

  ['2.2', undefined, 'N2.2-1', (m) => m.repeat('F16', 2, (copy) => ([copy.from, copy.to] = ['proxy', 'alice']))],
  [
    '2.3',
    undefined,
    'N2.3-1',
    (m) => m.repeat('F22', 100, (copy) => ([copy.from, copy.to] = ['music-server', 'alice'])),
  ],
  ['2.6', undefined, 'N2.6-1', (m) => m.header('F7', 'Replaces', swapTags)],
  ['2.8', undefined, 'N2.8-1', (m) => m.repeat('F6', 1, (copy) => (copy.startLine = 'SIP/2.0 486 Busy Here'))],
  [
    '2.9',
    undefined,
    'N2.9-1',
    (m) => m.repeat('F10', 1, (copy) => (copy.startLine = 'SIP/2.0 487 Request Terminated')),
  ],
  ['2.9', undefined, 'N2.9-2', (m) => m.repeat('F1', 60, (copy) => asRequest(copy, 'CANCEL', true))],
  [
    '2.10',
    undefined,
    'N2.10-1',
    (m) => m.conversation.rtp.push({ from: 'alice', to: 'carol', start: 1_500, end: 2_000, packets: 9 }),
  ],
  ['2.11', undefined, 'N2.11-1', (m) => m.header('F5', 'Join', () => 'nothing;to-tag=a;from-tag=b')],
  [
    '2.12',
    undefined,
    'N2.12-1',
    (m) => m.repeat('F5', 90, (copy) => (copy.startLine = 'SIP/2.0 480 Temporarily Unavailable')),
  ],
  ['2.12', undefined, 'N2.12-2', (m) => m.move('F13', m.draft('F19').time + 50)],
  ['2.13', undefined, 'N2.13-1', (m) => m.repeat('F7', 5, (copy) => (copy.to = 'bob'))],
  ['2.13', undefined, 'N2.13-2', (m) => m.header('F7', 'Proxy-Authorization', without)],
  ['2.14', undefined, 'N2.14-1', (m) => m.repeat('F4', 5, (copy) => ([copy.from, copy.to] = ['proxy', 'bob']))],
  [
    '2.15',
    undefined,
    'N2.15-1',
    (m) => m.repeat('F23', 100, (copy) => ([copy.from, copy.to] = ['park-server', 'alice'])),
  ],
  ['2.16', undefined, 'N2.16-1', (m) => m.repeat('F2', 15, (copy) => (copy.startLine = 'SIP/2.0 200 OK'))],
  ['2.16', undefined, 'N2.16-2', (m) => m.repeat('F14', 10, (copy) => ([copy.from, copy.to] = ['bob', 'alice']))],
  ['2.17', undefined, 'N2.17-1', (m) => m.move('F10', m.draft('F4').time + 3)],
  ['2.17', undefined, 'N2.17-2', (m) => m.repeat('F13', 1_400, (copy) => asRequest(copy, 'BYE'))],
  [
    '2.18',
    undefined,
    'N2.18-1',
    (m) => m.repeat('F2', 10, (copy) => (copy.startLine = 'NOTIFY sips:pc.biloxi.example.com SIP/2.0')),
  ],
];

test.each(cases)('%s: one fact changed is found at %s by %s (%#)', (flow, message, rule, change) => {
  const mutation = new Mutation(flow);
  change(mutation);
  const { failures } = mutation.report();
  const found = failures.map((each) => `${each.message ?? '-'} ${each.rule}`);
  expect(found).toContain(`${message ?? '-'} ${rule}`);
});

/** What is advice and not a failure: a `should` or a `may` of the flow. */
const advice: readonly Case[] = [
  [
    '2.1',
    'F10',
    'contact.params.+sip.rendering',
    (m) => m.header('F10', 'Contact', (contact) => contact.replace(/;.*/, '')),
  ],
  [
    '2.1',
    'F16',
    'contact.notParams.+sip.rendering',
    (m) => m.header('F16', 'Contact', (contact) => `${contact};+sip.rendering="no"`),
  ],
  [
    '2.2',
    'F16',
    'sdp.mediaPort',
    (m) => m.replaceInBody('F16', /m=audio \d+/, /m=audio \d+/.exec(m.draft('F6').body)?.[0] ?? ''),
  ],
  ['2.3', 'F1', 'contact.gruu', (m) => m.header('F1', 'Contact', () => '<sips:alice@client.atlanta.example.com>')],
  ['2.10', 'F5', 'contact.mixer', (m) => m.header('F5', 'Contact', (contact) => contact.replace(';isfocus', ''))],
  ['2.17', 'F4', 'accept', (m) => m.header('F4', 'Accept', without)],
  [
    '2.17',
    'F18',
    'subscriptionState.reason',
    (m) => m.header('F18', 'Subscription-State', () => 'terminated;reason=noresource'),
  ],
  ['2.13', 'F2', 'contact3xx.lr', (m) => m.header('F2', 'Contact', () => '<sips:ss1.example.com>')],
  ['2.12', 'F7', 'toTagSameAs', (m) => m.header('F7', 'To', tagged)],
];

test.each(advice)('%s: what only should be is advice at %s by %s', (flow, message, rule, change) => {
  const mutation = new Mutation(flow);
  change(mutation);
  const found = mutation.report().advice.map((each) => `${each.message ?? '-'} ${each.rule}`);
  expect(found).toContain(`${message ?? '-'} ${rule}`);
});

test('every rule, every key of an expectation and every negative is among the changes', () => {
  const named = [...cases, ...advice].map(([, , rule]) => rule);
  const { flows, rules } = readOracle();
  const keys = new Set(flows.flatMap(({ messages }) => messages.flatMap(({ expect: each }) => Object.keys(each))));
  // These say what a rule says, which is named in their place.
  const byRule = ['tags', 'maxForwards', 'to', 'branch', 'replaces', 'join', 'statusAccept'];
  const wanted = [...keys].filter((key) => !byRule.includes(key));
  const missing = (names: readonly string[]): string[] =>
    names.filter((name) => !named.some((rule) => rule === name || rule.startsWith(`${name}.`)));
  expect(missing(wanted)).toEqual([]);
  expect(missing(rules.map(({ id }) => id))).toEqual([]);
  expect(missing(flows.flatMap(({ negative }) => negative.map(({ id }) => id)))).toEqual([]);
});

function swapTags(value: string): string {
  return value.replace('to-tag', 'x-tag').replace('from-tag', 'to-tag').replace('x-tag', 'from-tag');
}

function asRequest(
  copy: Parameters<NonNullable<Parameters<Mutation['repeat']>[2]>>[0],
  method: string,
  isSameSequence = false,
): void {
  copy.startLine = copy.startLine.replace(/^\S+/, method);
  copy.body = '';
  copy.headers = copy.headers
    .filter(([name]) => name !== 'Content-Type')
    .map(([name, value]) => {
      if (name === 'CSeq') return [name, `${isSameSequence ? value.split(' ')[0] : '500'} ${method}`];
      return name === 'Via' && !isSameSequence ? [name, `${value}x`] : [name, value];
    });
}
