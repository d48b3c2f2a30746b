import { expect, test } from 'vitest';
import { drawCall } from './ladder.ts';
import type { LadderMessage } from './ladder.ts';
import { MessageRing } from './message-ring.ts';

function message(time: number, incoming: boolean, remote: string, summary: string, party: string): LadderMessage {
  return { time, incoming, protocol: 'UDP', remote, summary, cseqMethod: 'INVITE', callId: 'call-1', party };
}

test('a ladder has the caller left of the exchange and the called right of it', () => {
  const ladder = drawCall([
    message(1_000, true, '127.0.0.1:5070', 'INVITE', 'alice'),
    message(1_002, false, '127.0.0.1:5080', 'INVITE', 'bob'),
    message(1_005, false, '127.0.0.1:5090', 'INVITE', 'bob'),
    message(1_100, true, '127.0.0.1:5080', '180 Ringing', 'bob'),
    message(1_101, false, '127.0.0.1:5070', '180 Ringing', 'alice'),
  ]);
  expect(`\n${ladder}`).toMatchInlineSnapshot(`
    "
                         alice                        exchange                        bob                           bob
                   UDP 127.0.0.1:5070                                          UDP 127.0.0.1:5080            UDP 127.0.0.1:5090
       0.000                |----------- INVITE --------->|                             |                             |
       0.002                |                             |----------- INVITE --------->|                             |
       0.005                |                             |-----------------------------|----------- INVITE --------->|
       0.100                |                             |<--- 180 Ringing (INVITE) ---|                             |
       0.101                |<--- 180 Ringing (INVITE) ---|                             |                             |
    "
  `);
});

test('a reason that is too long for its arrow is cut, its method is not', () => {
  const [, , , challenge, back] = drawCall([
    message(0, true, '127.0.0.1:5070', 'INVITE', 'alice'),
    message(1, false, '127.0.0.1:5070', '407 Proxy Authentication Required', 'alice'),
    message(2, true, '127.0.0.1:5070', 'SUBSCRIBE-OF-A-VERY-LONG-NAME', 'alice'),
  ]).split('\n');
  expect(challenge?.slice(24)).toBe('|< 407 Proxy Authe… (INVITE) -|');
  expect(back?.slice(24)).toBe('|- SUBSCRIBE-OF-A-VERY-LONG- >|');
});

test('nothing remembered draws nothing', () => {
  expect(drawCall([])).toBe('');
});

test('the ring keeps the newest messages and finds a call by the beginning of its Call-ID', () => {
  const ring = new MessageRing(3);
  for (let time = 1; time <= 5; time++) {
    ring.add({ ...message(time, true, 'a:1', 'INVITE', 'alice'), callId: time % 2 === 0 ? 'even' : 'odd' });
  }
  expect(ring.ofCall('od').map(({ time }) => time)).toEqual([3, 5]);
  expect(ring.ofCall('e').map(({ time }) => time)).toEqual([4]);
  expect(ring.ofCall('x')).toEqual([]);
});

test('it keeps ten thousand (docs/limits.md)', () => {
  const ring = new MessageRing();
  for (let time = 0; time <= 10_000; time++) ring.add(message(time, true, 'a:1', 'INVITE', 'alice'));
  expect(ring.ofCall('call-1').map(({ time }) => time)).toEqual(Array.from({ length: 10_000 }, (_, at) => at + 1));
});
