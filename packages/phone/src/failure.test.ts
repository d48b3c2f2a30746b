import { SipResponse } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { endSentenceOf } from './call-end.ts';
import { failureOfRegistration, failureOfRequest, failureOfResponse, failureOfStatus, sentenceOf } from './failure.ts';
import type { FailureKind } from './failure.ts';

/** What a response cannot do without. */
const head = [
  ...['Via: SIP/2.0/TLS client.example.com;branch=z9hG4bK1', 'From: <sips:alice@example.com>;tag=1'],
  ...['To: <sips:bob@example.com>;tag=2', 'Call-ID: 1@example.com', 'CSeq: 1 INVITE', ''],
].join('\r\n');

describe('what went wrong, for a person', () => {
  test.each([
    [486, 'Busy Here', 'Bob is busy (486)'],
    [600, 'Busy Everywhere', 'Bob is busy (600)'],
    [603, 'Decline', 'Bob declined (603)'],
    [608, 'Rejected', 'Bob declined (608)'],
    [520, 'Web Server Down', 'it cannot be done at the moment (520): Web Server Down'],
    [699, '', 'Bob is busy (699)'],
    [408, 'Request Timeout', 'nobody answered at Bob (408)'],
    [480, 'Temporarily Unavailable', 'Bob cannot be reached at the moment (480)'],
    [430, 'Flow Failed', 'Bob cannot be reached at the moment (430)'],
    [404, 'Not Found', 'there is no Bob (404)'],
    [404, 'Domain Not Known', 'there is no Bob (404): Domain Not Known'],
    [403, 'Not from here', 'it is not allowed at Bob (403): Not from here'],
    [401, 'Unauthorized', 'Bob did not accept the password (401)'],
    [407, 'Proxy Authentication Required', 'the exchange did not accept the password (407)'],
    [488, 'Not Acceptable Here', 'Bob has no codec or protection of sound in common with this phone (488)'],
    [302, 'Moved Temporarily', 'Bob has moved, and cannot be found (302)'],
    [503, 'overloaded', 'it cannot be done at the moment (503): overloaded'],
    [420, 'Bad Extension', 'Bob refused (420)'],
    [482, 'Loop Detected', 'the call to Bob goes round in a circle (482)'],
    [499, 'gr\xc3\xbc\xc3\x9fe', 'Bob refused (499): grüße'],
  ])('%i %s', (status, reason, sentence) => {
    expect(sentenceOf(failureOfStatus({ status, reason }), 'Bob')).toBe(sentence);
  });

  test.each([
    ['timeout', 'unreachable', 'Bob did not answer'],
    ['refused', 'unreachable', 'Bob cannot be reached, the connection was refused'],
    ['no-records', 'unreachable', 'Bob has no address'],
    ['unreachable', 'unreachable', 'Bob cannot be reached'],
    ['certificate', 'certificate', 'the certificate of Bob cannot be trusted: it ran out'],
    ['stopped', 'ended', 'it had ended before'],
    ['cancelled', 'cancelled', 'it was given up'],
  ] as const)('%s', (code, kind, sentence) => {
    const failure = failureOfRequest({ code, message: 'it ran out' });
    expect(failure.kind).toBe<FailureKind>(kind);
    expect(sentenceOf(failure, 'Bob')).toBe(sentence);
  });

  test('a registrar that is silent is not somebody who did not answer the telephone', () => {
    const failure = failureOfRegistration({ status: 408, reason: 'no answer', code: 'timeout' });
    expect(sentenceOf(failure, 'the exchange')).toBe('the exchange did not answer');
    expect(failureOfRegistration({ status: 401, reason: '' }).kind).toBe('password');
  });

  test.each([
    ['Error-Info: <sips:screen-fail@ms.example.com;play=why>', 'sips:screen-fail@ms.example.com;play=why'],
    ['Error-Info: <http://example.com/why>, <sip:not good>, <sip:ann@example.com>;lang=en', 'sip:ann@example.com'],
    ['Error-Info: <sip:ann@example.com?Replaces=a%3Bto-tag%3Db&Subject=x>', 'sip:ann@example.com'],
    ['Error-Info: <tel:+19005551212>', undefined],
    ['Warning: 399 example.com "no"', undefined],
  ])('%s is where it is heard why', (line, announcement) => {
    const text = `SIP/2.0 403 Forbidden\r\n${head}${line}\r\nContent-Length: 0\r\n\r\n`;
    expect(failureOfResponse(SipResponse.fromOwnText(text)).announcement).toBe(announcement);
  });

  test.each([
    [{ kind: 'hung-up', by: 'remote' }, 'Bob hung up'],
    [{ kind: 'cancelled', by: 'remote' }, 'Bob gave up calling'],
    [{ kind: 'parked', at: { uri: 'sip:701@example.com', name: '701' } }, 'you parked Bob at 701'],
    [{ kind: 'answered-elsewhere' }, 'the call of Bob was answered elsewhere'],
    [{ kind: 'rejected', status: 486 }, 'you rejected the call of Bob (486)'],
    [
      { kind: 'lost', failure: { kind: 'unreachable', code: 'timeout' } },
      'the call with Bob was lost: Bob did not answer',
    ],
    [{ kind: 'failed', failure: { kind: 'busy', status: 486 } }, 'Bob is busy (486)'],
  ] as const)('%j', (end, sentence) => {
    expect(endSentenceOf(end, 'Bob')).toBe(sentence);
  });
});
