import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { openAliceAndBob } from './call.testing.ts';
import type { TextPhone } from './call.testing.ts';
import { metric, startExchange } from './house.testing.ts';
import { DatagramPeer, StreamPeer } from './peers.testing.ts';
import { headerOf, methodOf, requestText, responseText, statusOf } from './sip-text.testing.ts';

let exchange: ExchangeProcess;
let end: () => Promise<void>;
let alice: TextPhone;
let bob: TextPhone;
let attacker: DatagramPeer;

beforeAll(async () => {
  ({ exchange, end } = await startExchange());
  ({ alice, bob } = await openAliceAndBob(exchange.ports.udp));
}, 40_000);

afterAll(async () => {
  alice.close();
  bob.close();
  await end();
});

/** A generator of its own for each test, so that every run throws the same. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const body = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const invite = (parts: { uri?: string; headers?: readonly string[] } = {}): string =>
  requestText({
    method: 'INVITE',
    uri: 'sip:nobody@127.0.0.1',
    ...parts,
    headers: ['Contact: <sip:mallory@192.0.2.1>', 'Content-Type: application/sdp', ...(parts.headers ?? [])],
    body,
  });

describe.each([0, 1, 2])('what is thrown at the UDP port, seed %i', (seed) => {
  test('is answered with a failure or not at all, never with more than it brought, and disturbs no call', async () => {
    attacker = await DatagramPeer.open(exchange.ports.udp);
    const random = randomNumbers(seed);
    const byte = (): string => String.fromCharCode(Math.floor(random() * 256));
    const valid = [invite(), requestText({ method: 'REGISTER', uri: 'sip:127.0.0.1' })];
    const thrown = [
      ...Array.from({ length: 200 }, () => Array.from({ length: Math.floor(random() * 1_400) }, byte).join('')),
      ...valid.flatMap((text) =>
        Array.from({ length: 200 }, () => {
          const at = Math.floor(random() * text.length);
          const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << Math.floor(random() * 8)));
          return text.slice(0, at) + flipped + text.slice(at + 1);
        }),
      ),
      ...valid.flatMap((text) => Array.from({ length: 40 }, () => text.slice(0, Math.floor(random() * text.length)))),
      '\0'.repeat(1_400),
      '\r\n'.repeat(700),
      'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    ];
    const call = alice.call('sip:bob@127.0.0.1');
    for (const text of thrown) attacker.send(text);
    expect(await call).toEqual([200, 200, 200]);
    const answers = await attacker.settled();
    expect(answers.map(methodOf).filter((method) => method !== '')).toEqual([]);
    expect(answers.map(statusOf).filter((status) => status < 400 && status !== 100)).toEqual([]);
    attacker.close();
  });
});

describe('a valid request, cut off', () => {
  test.each(['INVITE', 'REGISTER'])('%s: at every offset gets 400 or nothing', async (method) => {
    attacker = await DatagramPeer.open(exchange.ports.udp);
    const text = method === 'INVITE' ? invite() : requestText({ method, uri: 'sip:127.0.0.1' });
    for (let length = 0; length < text.length; length++) attacker.send(text.slice(0, length));
    const answers = await attacker.settled();
    expect(new Set(answers.map(statusOf))).toEqual(new Set([400]));
    attacker.close();
  });

  test('an ACK or a response in any state of decay is never answered', async () => {
    attacker = await DatagramPeer.open(exchange.ports.udp);
    const before = await metric(exchange, 'switchhook_bad_messages_total', 'garbage');
    const ack = requestText({ method: 'ACK', uri: 'sip:bob@127.0.0.1', headers: ['Proxy-Require: nothing'] });
    const response = responseText(invite(), 200, 'x');
    for (const text of [ack, response]) {
      for (let length = 0; length <= text.length; length += 3) attacker.send(text.slice(0, length));
    }
    attacker.send(ack.replace('SIP/2.0\r\n', 'SIP/7.0\r\n'));
    attacker.send(ack.replace('sip:bob@127.0.0.1 ', 'http://127.0.0.1/ '));
    attacker.send(ack.replace('Max-Forwards: 70', 'Max-Forwards: 0'));
    expect(await attacker.settled()).toEqual([]);
    expect(await metric(exchange, 'switchhook_bad_messages_total', 'garbage')).toBeGreaterThan(before);
    attacker.close();
  });
});

describe('a request that is wrong in one thing', () => {
  const cases: [string, string, number][] = [
    ['another version', invite().replace('SIP/2.0\r\n', 'SIP/3.0\r\n'), 505],
    ['a scheme nobody knows', invite({ uri: 'gopher:nobody' }), 416],
    ['an option nobody knows', invite({ headers: ['Proxy-Require: teleport'] }), 420],
    ['no hops left', invite().replace('Max-Forwards: 70', 'Max-Forwards: 0'), 483],
    ['hops beyond counting', invite().replace('Max-Forwards: 70', 'Max-Forwards: 99999999999999999999'), 400],
    ['negative hops', invite().replace('Max-Forwards: 70', 'Max-Forwards: -1'), 400],
    ['a CSeq of another method', invite().replace('1 INVITE', '1 OPTIONS'), 400],
    ['a CSeq beyond 2**31', invite().replace('1 INVITE', '4294967296 INVITE'), 400],
    ['a negative Content-Length', invite().replace(/Content-Length: \d+/, 'Content-Length: -1'), 400],
    ['more Content-Length than there is', invite().replace(/Content-Length: \d+/, 'Content-Length: 999'), 400],
    ['an endless Content-Length', invite().replace(/Content-Length: \d+/, `Content-Length: ${'9'.repeat(400)}`), 400],
    ['two To', invite({ headers: ['To: <sip:other@127.0.0.1>'] }), 400],
    ['no Call-ID', invite().replace(/Call-ID: .*\r\n/, ''), 400],
    ['a Request-URI without host', invite({ uri: 'sip:@' }), 400],
    ['a port beyond all ports', invite({ uri: 'sip:nobody@127.0.0.1:65536' }), 400],
    ['NUL in a number', invite().replace('Max-Forwards: 70', 'Max-Forwards: 7\0'), 400],
    ['no breadth', invite({ headers: ['Max-Breadth: 0'] }), 400],
  ];

  test.each(cases)('%s', async (_what, text, status) => {
    attacker = await DatagramPeer.open(exchange.ports.udp);
    expect(statusOf(await attacker.ask(text))).toBe(status);
    attacker.close();
  });

  test('a Content-Length shorter than the datagram cuts the rest off (RFC 3261 18.3)', async () => {
    attacker = await DatagramPeer.open(exchange.ports.udp);
    const answer = await attacker.ask(invite().replace(/Content-Length: \d+/, 'Content-Length: 3'));
    expect(statusOf(answer)).toBe(404);
    attacker.close();
  });
});

describe('on connections', () => {
  const openers = {
    tcp: () => StreamPeer.open(exchange.ports.tcp),
    tls: () => StreamPeer.openSecurely(exchange.ports.tls),
  };

  test.each(['tcp', 'tls'] as const)(
    '%s: what cannot be framed is answered where possible, and ends it',
    async (kind) => {
      for (const [text, pattern] of [
        [invite().replace(/Content-Length: \d+\r\n/, ''), /^SIP\/2\.0 400 /],
        [invite().replace(/Content-Length: \d+/, 'Content-Length: -5'), /^SIP\/2\.0 400 /],
        [invite().replace(/Content-Length: \d+/, 'Content-Length: 99999999'), /^SIP\/2\.0 513 /],
      ] as const) {
        const peer = await openers[kind]();
        peer.write(text);
        await peer.sees(pattern);
        await peer.closed;
      }
      for (const text of [
        'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
        `\x16\x03\x01\x02\0\x01${'\0'.repeat(512)}\r\n\r\n`,
      ]) {
        const peer = await openers[kind]();
        peer.write(text);
        await peer.closed;
        expect(peer.received).toBe('');
      }
    },
  );

  test('what follows a broken message on the connection is not taken for a request', async () => {
    const peer = await StreamPeer.open(exchange.ports.tcp);
    peer.write(
      invite().replace(/Content-Length: \d+/, 'Content-Length: x') +
        requestText({ method: 'OPTIONS', uri: 'sip:127.0.0.1' }),
    );
    await peer.closed;
    expect(peer.received.match(/^SIP\/2\.0/gm)).toHaveLength(1);
  });

  describe('three requests in one piece', () => {
    const options = (callId: string, headers: readonly string[] = []): string =>
      requestText({ method: 'OPTIONS', uri: 'sip:127.0.0.1', transport: 'TCP', callId, headers });
    const length = (value: string): string => options('2').replace('Content-Length: 0', `Content-Length: ${value}`);
    /** What comes back for one between two that are in order. */
    const around = async (second: string): Promise<number[]> => {
      const peer = await StreamPeer.open(exchange.ports.tcp);
      peer.write(options('1') + second + options('3'));
      await Promise.race([peer.sees(/Call-ID: 3\r\n/), peer.closed]);
      peer.close();
      return [...peer.received.matchAll(/^SIP\/2\.0 (\d+)/gm)].map(([, status]) => Number(status));
    };

    test.each([
      ['no Call-ID', options('2').replace('Call-ID: 2\r\n', '')],
      ['no version', options('2').replace(' SIP/2.0\r\n', '\r\n')],
      ['a line without a colon', options('2').replace('Max-Forwards: 70', 'Max-Forwards 70')],
      ['a NUL', options('2', ['Subject: a\0b'])],
      ['two Call-IDs, one of them short', options('2', ['i: 2'])],
      ['its length twice', options('2', ['Content-Length: 0'])],
    ])('the second has %s: it gets 400, and the third its answer', async (_what, second) => {
      expect(await around(second)).toEqual([200, 400, 200]);
    });

    test.each(['0000', '0\t', '\r\n 0', '0\r\n\t'])(
      'the second says its length as %j, which is right',
      async (value) => {
        expect(await around(length(value))).toEqual([200, 200, 200]);
      },
    );

    test.each<[string, string]>([
      ['of two lengths', options('2', ['Content-Length: 5'])],
      ['of two lengths, one of them short', options('2', ['l: 5'])],
      ...['+0', '-0', '0x0', '0, 0', '0 0', '0;a', '1e0', ''].map((value): [string, string] => [
        `of a length ${value}`,
        length(value),
      ]),
    ])('the second is %s: nobody can tell where the third begins', async (_what, second) => {
      expect(await around(second)).toEqual([200, 400]);
    });
  });

  test.each(['tcp', 'tls'] as const)('%s: whoever says no more after his request gets its answer', async (kind) => {
    const peer = await openers[kind]();
    peer.socket.end(requestText({ method: 'OPTIONS', uri: 'sip:127.0.0.1', transport: kind.toUpperCase() }));
    await peer.closed;
    expect(statusOf(peer.received)).toBe(200);
  });

  test('several messages in one piece, cut anywhere, are each answered once', async () => {
    const texts = Array.from({ length: 5 }, (_, index) =>
      requestText({ method: 'OPTIONS', uri: 'sip:127.0.0.1', transport: 'TCP', callId: `cut-${index}` }),
    );
    const all = texts.join('\r\n\r\n');
    const peer = await StreamPeer.open(exchange.ports.tcp);
    for (let at = 0; at < all.length; at += 37) peer.write(all.slice(at, at + 37));
    const answers = await peer.sees(/Call-ID: cut-4[\s\S]*\r\n\r\n$/);
    expect(answers.match(/^SIP\/2\.0 200 /gm)).toHaveLength(5);
    expect(headerOf(answers, 'Call-ID')).toBe('cut-0');
    peer.close();
  });

  test('a TLS handshake that fails ends its connection, and a SIP message without TLS too', async () => {
    const peer = await StreamPeer.open(exchange.ports.tls);
    peer.write(requestText({ method: 'OPTIONS', uri: 'sip:127.0.0.1', transport: 'TLS' }));
    await peer.closed;
    expect(peer.received).not.toContain('SIP/2.0');
  });
});
