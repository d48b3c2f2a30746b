import { parseMessage, SipRequest } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { sessionDescriptionOf } from './session-description.ts';

function formatsOf(list: string, ...attributes: readonly string[]): readonly string[] | undefined {
  const body = [
    'v=0',
    'o=- 1 1 IN IP4 192.0.2.1',
    's=-',
    'c=IN IP4 192.0.2.1',
    't=0 0',
    ...list.split('\n'),
    ...attributes,
  ];
  const message = parseMessage(
    [
      'INVITE sip:bob@example.com SIP/2.0',
      'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
      'From: <sip:alice@example.com>;tag=1',
      'To: <sip:bob@example.com>',
      'Call-ID: 1',
      'CSeq: 1 INVITE',
      'Max-Forwards: 70',
      'Content-Type: application/sdp',
      '',
      [...body, ''].join('\r\n'),
    ].join('\r\n'),
  );
  return message instanceof SipRequest ? sessionDescriptionOf(message)?.media[0]?.formats : undefined;
}

test('a format is called as its rtpmap, or else its payload type, has it, whatever a device writes there', () => {
  expect(formatsOf('m=audio 9 RTP/AVP 0 101 9', 'a=rtpmap:101 telephone-event/8000')).toEqual([
    'pcmu',
    'telephone-event',
    'g722',
  ]);
  expect(formatsOf('m=audio 9 RTP/AVP constructor toString')).toEqual(['constructor', 'toString']);
});
