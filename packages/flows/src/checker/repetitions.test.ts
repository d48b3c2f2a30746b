import { expect, test } from 'vitest';
import { saidMessage } from '../conversation/conversation.ts';
import { withoutRepetitions } from './repetitions.ts';

const invite = (transport: string, branch: string, callId = 'call'): string =>
  [
    'INVITE sip:bob@192.0.2.12 SIP/2.0',
    `Via: SIP/2.0/${transport} 192.0.2.10;branch=z9hG4bK${branch}`,
    'From: <sip:alice@192.0.2.10>;tag=a',
    'To: <sip:bob@192.0.2.12>',
    `Call-ID: ${callId}`,
    'CSeq: 1 INVITE',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');

const said = (protocol: 'UDP' | 'TCP', time: number, text: string) =>
  saidMessage({ time, from: 'alice', to: 'bob', protocol, text });

test('what was tried over TCP for its length, and said over UDP, was said once', () => {
  const [first, second] = [said('TCP', 0, invite('TCP', '1')), said('UDP', 5, invite('UDP', '2'))];
  const { messages, repetitions } = withoutRepetitions([first, second]);
  expect(messages).toEqual([second]);
  expect(repetitions).toEqual([{ said: first, first: second, isRegular: true }]);
});

test.each([
  ['it is another request', [said('TCP', 0, invite('TCP', '1')), said('UDP', 5, invite('UDP', '2', 'other'))]],
  ['UDP came first', [said('UDP', 0, invite('UDP', '1')), said('TCP', 5, invite('TCP', '2'))]],
])('both were said where %s', (_, both) => {
  expect(withoutRepetitions(both).messages).toEqual(both);
});
