import { describe } from 'vitest';
import { shownByLadder } from './ladder.testing.ts';

/** What RFC 5359 assumes of RFC 3261, 3264, 3515, 6665, 3891 and 3911, as its ladders show it. */

const without = (): undefined => undefined;
const tagged = (value: string): string => value.replace(/;tag=.*/, ';tag=other');

describe('within a call', () => {
  shownByLadder('2.1', [
    ['CX-01', 'Max-Forwards is missing', (m) => m.header('F1', 'Max-Forwards', without)],
    ['CX-01', 'From has no tag', (m) => m.header('F1', 'From', (from) => from.replace(/;tag=.*/, ''))],
    ['CX-01', 'a branch is used again', (m) => m.header('F22', 'Via', () => m.draft('F1').headers[0]?.[1])],
    ['CX-02', 'an answer has lost a Via', (m) => m.draft('F6').headers.splice(1, 1)],
    ['CX-02', 'an answer has another Call-ID', (m) => m.header('F4', 'Call-ID', () => 'other')],
    ['CX-02', 'an answer has no tag', (m) => m.header('F12', 'To', (to) => to.replace(/;tag=.*/, ''))],
    [
      'CX-03',
      'an INVITE has a Contact elsewhere',
      (m) => m.header('F4', 'Contact', () => '<sips:bob@elsewhere.example.com>'),
    ],
    ['CX-03', 'a Contact is of sip', (m) => m.header('F10', 'Contact', (contact) => contact.replace('sips:', 'sip:'))],
    ['CX-04', 'a request goes to the address of record', (m) => m.requestUri('F8', 'sips:bob@biloxi.example.com')],
    ['CX-04', 'a request has no Route', (m) => m.header('F22', 'Route', without)],
    ['CX-04', 'a request has another tag', (m) => m.header('F22', 'To', tagged)],
    ['CX-04', 'a number goes back', (m) => m.header('F16', 'CSeq', () => '1 INVITE')],
    ['CX-05', 'an ACK has another number', (m) => m.header('F8', 'CSeq', () => '99 ACK')],
    [
      'CX-05',
      'an ACK is in the transaction of its INVITE',
      (m) => m.header('F8', 'Via', (via) => via.replace('F8', 'F1')),
    ],
    ['CX-09', 'the proxy takes no hop off', (m) => m.header('F2', 'Max-Forwards', () => '70')],
    ['CX-09', 'the proxy does not record its route', (m) => m.header('F2', 'Record-Route', without)],
    ['CX-09', 'the proxy leaves its own Route', (m) => m.add('F23', 'Route', '<sips:ss1.example.com;lr>')],
    ['CX-09', 'the proxy changes a body', (m) => m.replaceInBody('F11', 'sendonly', 'inactive')],
    ['CX-13', 'the version stands still', (m) => m.replaceInBody('F16', / 43 IN/, ' 42 IN')],
    ['CX-13', 'the session is another', (m) => m.replaceInBody('F10', '18446744073709551000', '18446744073709551001')],
    [
      'CX-13',
      'a stream is added in front',
      (m) => m.replaceInBody('F10', 'm=audio', 'm=video 50000 RTP/AVP 31\r\nm=audio'),
    ],
    ['CX-13', 'a direction is not mirrored', (m) => m.replaceInBody('F12', 'recvonly', 'sendrecv')],
  ]);
});

describe('what fails, and is given up', () => {
  shownByLadder('2.12', [
    ['CX-06', 'an ACK is of a transaction of its own', (m) => m.header('F9', 'Via', (via) => via.replace('F2', 'F9'))],
    ['CX-06', 'an ACK has another Request-URI', (m) => m.requestUri('F9', 'sips:b2@biloxi.example.com')],
    ['CX-06', 'an ACK has another tag', (m) => m.header('F12', 'To', tagged)],
    ['CX-07', 'a CANCEL has a branch of its own', (m) => m.header('F6', 'Via', (via) => via.replace('F2', 'F6'))],
    ['CX-07', 'a CANCEL comes before any provisional response', (m) => m.drop('F4', 'F5')],
  ]);
});

describe('references and subscriptions', () => {
  shownByLadder('2.3', [
    ['CX-14', 'two are named', (m) => m.add('F8', 'Refer-To', '<sips:carol@chicago.example.com>')],
    ['CX-14', 'a report has no status line', (m) => m.replaceInBody('F10', 'SIP/2.0', 'HTTP/1.1')],
    ['CX-14', 'the last report is of a failure', (m) => m.replaceInBody('F17', '200 OK', '603 Decline')],
    ['CX-15', 'the event is another', (m) => m.header('F10', 'Event', () => 'presence')],
    [
      'CX-15',
      'the last report leaves the subscription',
      (m) => m.header('F17', 'Subscription-State', () => 'active;expires=60'),
    ],
    ['CX-16', 'Supported has no replaces', (m) => m.header('F1', 'Supported', () => 'gruu')],
    [
      'CX-16',
      'tags are swapped',
      (m) =>
        m.header('F12', 'Replaces', (value) =>
          value.replace('to-tag', 'x-tag').replace('from-tag', 'to-tag').replace('x-tag', 'from-tag'),
        ),
    ],
  ]);
  shownByLadder('2.17', [['CX-15', 'the answer does not say for how long', (m) => m.header('F5', 'Expires', without)]]);
});
