import { describe, expect, test } from 'vitest';
import { DatagramEndpoint } from './datagram-endpoint.ts';
import type { DatagramSender } from './datagram-endpoint.ts';
import { FixedRandom, ManualClock } from './manual-clock.testing.ts';
import { RecordingReceiver } from './recording-receiver.testing.ts';
import { bindingRequest, bindingResponse, parseStun } from './stun.ts';

const message = 'OPTIONS sip:a SIP/2.0\r\n\r\n';

function start(maximumFlows = 8) {
  const clock = new ManualClock();
  const receiver = new RecordingReceiver();
  const sent: { text: string; to: string }[] = [];
  const told: Parameters<DatagramSender>[2][] = [];
  const endpoint = new DatagramEndpoint({
    clock,
    random: new FixedRandom(0),
    maximumFlows,
    send: (text, { address, port }, onError) => {
      sent.push({ text, to: `${address} ${String(port)}` });
      told.push(onError);
    },
  });
  endpoint.start(receiver, { address: '192.0.2.9', port: 5060 }, { address: '2001:db8::1', port: 5060 });
  return { clock, receiver, sent, told, endpoint };
}

describe('flows', () => {
  test('one for each far end, the same one for sending and receiving', () => {
    const { endpoint, receiver, sent } = start();
    endpoint.received(message, '192.0.2.1', 5060);
    endpoint.received(message, '192.0.2.1', 5061);
    endpoint.received(message, '192.0.2.1', 5060);
    const [a, b, c] = receiver.messages.map(({ flow }) => flow);
    expect(a).toBe(c);
    expect(a).not.toBe(b);
    expect(endpoint.connect({ protocol: 'UDP', address: '192.0.2.1', port: 5060 })).toBe(a);
    expect(a).toMatchObject({ sentBy: '[2001:db8::1]:5060', outgoing: false, remote: { port: 5060 } });
    a?.send('x');
    expect(sent).toEqual([{ text: 'x', to: '192.0.2.1 5060' }]);
    expect(endpoint.stats()).toMatchObject({ flows: 2, received: 3, sent: 1 });
  });

  test('the remembered are bounded; the held and the used stay', () => {
    const { endpoint, receiver } = start(8);
    const held = endpoint.connect({ protocol: 'UDP', address: '192.0.2.1', port: 1 });
    held.onClose(() => undefined);
    const used = endpoint.connect({ protocol: 'UDP', address: '192.0.2.1', port: 2 });
    const idle = endpoint.connect({ protocol: 'UDP', address: '192.0.2.1', port: 3 });
    for (let port = 100; port < 1_000; port += 1) {
      endpoint.received(message, '192.0.2.7', port);
      endpoint.received('\r\n\r\n', '192.0.2.1', 2);
    }
    expect(endpoint.stats().flows).toBeLessThanOrEqual(9);
    expect(endpoint.flow(held.id)).toBe(held);
    expect(endpoint.flow(used.id)).toBe(used);
    expect(endpoint.flow(idle.id)).toBe(undefined);
    expect(receiver.messages).toHaveLength(900);
  });

  test('messages alone keep one remembered, and those of others with like ports do not disturb it', () => {
    const { endpoint, receiver } = start(8);
    const used = endpoint.connect({ protocol: 'UDP', address: '192.0.2.1', port: 1 });
    for (let other = 2; other < 100; other += 1) {
      endpoint.received(message, `192.0.2.${String(other)}`, 1 + 256 * (other % 3));
      endpoint.received(message, '192.0.2.1', 1);
      expect(receiver.messages.at(-1)?.flow).toBe(used);
      expect(endpoint.flow(used.id)).toBe(used);
    }
  });

  test('are asked twice a second whether a datagram can leave, at once after it could not, and for each long one', () => {
    const { endpoint, told, clock } = start();
    const flow = endpoint.connect({ protocol: 'UDP', address: '192.0.2.1', port: 5060 });
    const errors: string[] = [];
    const send = (text: string): boolean => {
      flow.send(text, ({ code }) => errors.push(code));
      return told.at(-1) !== undefined;
    };
    expect([send('a'), send('b'), send('c'.repeat(1_301))]).toEqual([true, false, true]);
    clock.advance(499);
    expect(send('d')).toBe(false);
    clock.advance(1);
    expect([send('e'), send('f')]).toEqual([true, false]);
    told.at(-2)?.({ code: 'unreachable', message: '' });
    expect(errors).toEqual(['unreachable']);
    expect([send('g'), send('h')]).toEqual([true, false]);
  });

  test('after the end of one, the next datagram makes a new one', () => {
    const { endpoint, receiver } = start();
    endpoint.received(message, '192.0.2.1', 1);
    receiver.messages[0]?.flow.close('closed');
    endpoint.received(message, '192.0.2.1', 1);
    expect(receiver.messages[1]?.flow.closed).toBe(false);
    expect(endpoint.stats().flows).toBe(1);
  });

  test('stop ends them all', () => {
    const { endpoint, clock } = start();
    const flow = endpoint.connect({ protocol: 'UDP', address: '192.0.2.1', port: 1 });
    const codes: string[] = [];
    flow.onClose(({ code }) => codes.push(code));
    flow.keepAlive();
    endpoint.stop();
    flow.send('x', ({ code }) => codes.push(code));
    endpoint.received(message, '192.0.2.1', 1);
    expect(codes).toEqual(['stopped', 'stopped']);
    expect(endpoint.stats()).toMatchObject({ flows: 0, sent: 0, received: 0 });
    expect(clock.pending).toBe(0);
  });
});

describe('keep-alives', () => {
  test('a Binding request is answered with where it came from, and makes no flow', () => {
    const { endpoint, sent, receiver } = start();
    endpoint.received(bindingRequest('abcdefghijkl'), '192.0.2.1', 1234);
    expect(sent).toHaveLength(1);
    expect(parseStun(sent[0]?.text ?? '')?.mapped).toEqual({ address: '192.0.2.1', port: 1234 });
    expect(receiver.messages).toEqual([]);
    expect(endpoint.stats().flows).toBe(0);
  });

  test('as a client: sends requests, and closes the flow when the mapped address changes', () => {
    const { endpoint, sent, clock } = start();
    const flow = endpoint.connect({ protocol: 'UDP', address: '192.0.2.1', port: 1 });
    flow.keepAlive();
    for (const port of [5060, 5060, 6060]) {
      expect(flow.closed).toBe(false);
      clock.advance(24_000);
      const request = parseStun(sent.at(-1)?.text ?? '');
      if (request === undefined) throw new Error('no STUN request');
      endpoint.received(bindingResponse(request, { address: '203.0.113.1', port }) ?? '', '192.0.2.1', 1);
    }
    expect(flow.closed).toBe(true);
    expect(endpoint.stats().flows).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('line breaks, zeros and nothing are swallowed; a message behind line breaks is not; garbage is counted', () => {
    const { endpoint, receiver } = start();
    for (const text of ['', '\r\n', '\r\n\r\n', '\0', '\0\0\0\0']) endpoint.received(text, '192.0.2.1', 1);
    expect(endpoint.stats()).toMatchObject({ flows: 0, refused: {} });
    endpoint.received(`\r\n${message}`, '192.0.2.1', 1);
    expect(receiver.messages.map(({ text }) => text)).toEqual([message]);
    endpoint.received('\x16\x03\x01', '192.0.2.1', 1);
    endpoint.received(`${bindingRequest('abcdefghijkl')}x`, '192.0.2.1', 1);
    expect(endpoint.stats().refused).toEqual({ garbage: 1, stun: 1 });
  });
});
