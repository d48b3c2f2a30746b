import { once } from 'node:events';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { openAliceAndBob } from './call.testing.ts';
import type { TextPhone } from './call.testing.ts';
import { metric, startExchange } from './house.testing.ts';
import { DatagramPeer, StreamPeer } from './peers.testing.ts';
import { requestText, statusOf } from './sip-text.testing.ts';

let exchange: ExchangeProcess;
let end: () => Promise<void>;
let alice: TextPhone;
let bob: TextPhone;

beforeAll(async () => {
  ({ exchange, end } = await startExchange({
    limits: { connectionsPerAddress: 40, connectionTimes: { handshake: 1, firstMessage: 2, message: 1 } },
  }));
  ({ alice, bob } = await openAliceAndBob(exchange.ports.udp));
}, 40_000);

afterAll(async () => {
  alice.close();
  bob.close();
  await end();
});

const options = (headers: readonly string[] = [], body = ''): string =>
  requestText({ method: 'OPTIONS', uri: 'sip:127.0.0.1', headers, body });

const refused = (limit: string): Promise<number> => metric(exchange, 'switchhook_refused_total', `limit="${limit}"`);

/** How much the counter of a limit grows while something is done. */
async function refusals(limit: string, act: () => Promise<unknown>): Promise<number> {
  const before = await refused(limit);
  await act();
  return (await refused(limit)) - before;
}

describe('a message', () => {
  const longLine = [`Subject: ${'x'.repeat(8_185)}`];
  const manyFields = Array.from({ length: 201 }, (_, index) => `X-Field-${index}: x`);

  test.each([
    ['with a header line over 8 KiB', options(longLine), 'header-line'],
    ['with a folded header field over 8 KiB', options([`Subject: x${'\r\n x'.repeat(2_100)}`]), 'header-line'],
    ['with more than 200 header fields', options(manyFields), 'header-fields'],
  ])('%s is answered 400 over UDP and TCP, and counted', async (_what, text, limit) => {
    const datagrams = await DatagramPeer.open(exchange.ports.udp);
    const overUdp = async (): Promise<void> => expect(statusOf(await datagrams.ask(text))).toBe(400);
    expect(await refusals(limit, overUdp)).toBe(1);
    datagrams.close();
    const connection = await StreamPeer.open(exchange.ports.tcp);
    const overTcp = async (): Promise<unknown> => {
      connection.write(text.replace('SIP/2.0/UDP', 'SIP/2.0/TCP'));
      return connection.sees(/^SIP\/2\.0 400 /);
    };
    expect(await refusals(limit, overTcp)).toBe(1);
    connection.close();
  });

  test('just within the limits is taken', async () => {
    const datagrams = await DatagramPeer.open(exchange.ports.udp);
    const text = options([`Subject: ${'x'.repeat(8_000)}`, ...manyFields.slice(0, 190)], 'x'.repeat(40_000));
    expect(statusOf(await datagrams.ask(text))).toBe(200);
    datagrams.close();
  });

  test.each([
    ['that says so', (text: string) => text],
    ['that does not say so', (text: string) => text.replace(/Content-Length: \d+\r\n\r\n/, '')],
  ])('over 64 KiB %s is answered 513 over TCP, ends the connection, and is counted', async (_what, change) => {
    const connection = await StreamPeer.open(exchange.ports.tcp);
    const act = async (): Promise<void> => {
      connection.write(change(options(longLine, 'x'.repeat(70_000))));
      await connection.sees(/^SIP\/2\.0 513 /);
      await connection.closed;
    };
    expect(await refusals('message-size', act)).toBe(1);
  });
});

describe('a connection', () => {
  test.each([
    ['that says nothing', 'silent', 'tcp', ''],
    ['that only keeps itself alive', 'silent', 'tcp', '\r\n\r\n'],
    ['with half a message', 'message-time', 'tcp', options().slice(0, 100)],
    ['that does not begin its TLS handshake', 'handshake-time', 'tls', ''],
    ['that begins its TLS handshake only', 'handshake-time', 'tls', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
    ['that does not ask for its WebSocket', 'handshake-time', 'ws', 'GET / HTTP/1.1\r\nHost: x\r\n'],
  ] as const)('%s is closed in time, and counted', async (_what, limit, port, text) => {
    const connection = await StreamPeer.open(exchange.ports[port]);
    const act = async (): Promise<void> => {
      connection.write(text);
      await connection.closed;
    };
    expect(await refusals(limit, act)).toBe(1);
    expect(connection.received.replaceAll('\r\n', '')).toBe('');
  });

  test('that brings its message a byte at a time is closed when that takes too long', async () => {
    const connection = await StreamPeer.open(exchange.ports.tcp);
    const text = options();
    let sent = 0;
    const drip = setInterval(() => connection.write(text.charAt(sent++)), 20);
    expect(await refusals('message-time', () => connection.closed)).toBe(1);
    clearInterval(drip);
    expect(sent).toBeLessThan(text.length);
  });

  test('too many from one address are refused, others are not, and calls go on', async () => {
    const calls: number[][] = [];
    const opened: StreamPeer[] = [];
    const act = async (): Promise<void> => {
      for (let count = 0; count < 120; count++) {
        opened.push(StreamPeer.begin(exchange.ports.tcp));
        if (count % 40 === 0) calls.push(await alice.call('sip:bob@127.0.0.1'));
      }
      await Promise.all(opened.map((each) => each.closed));
    };
    expect(await refusals('connections-per-address', act)).toBe(80);
    expect(calls.flat().every((status) => status === 200)).toBe(true);
  });
});

describe('a WebSocket', () => {
  const open = async (protocols: string[]): Promise<WebSocket> => {
    const socket = new WebSocket(`ws://127.0.0.1:${exchange.ports.ws}`, protocols);
    await once(socket, 'open');
    return socket;
  };

  test('without the subprotocol sip is not opened (RFC 7118 4.1)', async () => {
    for (const protocols of [[], ['chat']]) {
      const socket = new WebSocket(`ws://127.0.0.1:${exchange.ports.ws}`, protocols);
      const refusal = await once(socket, 'error');
      expect(refusal.map(String).join()).toContain('400');
    }
  });

  test('with a message over 64 KiB is closed with 1009, and counted', async () => {
    const socket = await open(['sip']);
    const act = async (): Promise<void> => {
      socket.send(options([], 'x'.repeat(70_000)));
      expect(await once(socket, 'close')).toMatchObject({ 0: 1009 });
    };
    expect(await refusals('message-size', act)).toBe(1);
  });

  test('brings text and binary, whole and in fragments', async () => {
    const socket = await open(['sip']);
    const received: string[] = [];
    socket.on('message', (data: Buffer) => received.push(data.toString('latin1')));
    const text = options();
    socket.send(text);
    socket.send(Buffer.from(options()));
    for (let at = 0; at < text.length; at += 50) socket.send(text.slice(at, at + 50), { fin: at + 50 >= text.length });
    await expect.poll(() => received.map(statusOf)).toEqual([200, 200, 200]);
    socket.terminate();
  });

  const upgrade =
    'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: sip\r\n\r\n';

  test('is heard when its first frames come with the handshake, whatever their lengths are written in', async () => {
    const connection = await StreamPeer.open(exchange.ports.ws);
    const [one, two] = [Buffer.from(options()), Buffer.from(options())];
    const bytes = (length: number): number[] => [length >> 8, length & 255];
    const longer = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, ...bytes(one.length), 0, 0, 0, 0]);
    const long = Buffer.from([0x82, 0xfe, ...bytes(two.length), 0, 0, 0, 0]);
    connection.write(Buffer.concat([Buffer.from(upgrade), longer, one, long, two]));
    await connection.sees(/SIP\/2\.0 200 [^]*SIP\/2\.0 200 /);
    connection.close();
  });

  test('with a message in more pieces than anybody needs is closed', async () => {
    const connection = await StreamPeer.open(exchange.ports.ws);
    const piece = (first: number): Buffer => Buffer.from([first, 0x80, 0, 0, 0, 0]);
    connection.write(
      Buffer.concat([Buffer.from(upgrade), piece(0x02), ...Array.from({ length: 20_000 }, () => piece(0))]),
    );
    await connection.closed;
    expect(Buffer.from(connection.received, 'latin1').readUInt16BE(connection.received.length - 2)).toBe(1008);
  });

  test.each([
    ['an unmasked frame', [0x81, 0x02, 0x61, 0x62], 1002],
    ['a frame of a reserved kind', [0x83, 0x80, 0, 0, 0, 0], 1002],
    ['a reserved bit', [0xc1, 0x81, 0, 0, 0, 0, 0x61], 1002],
    ['a fragment that continues nothing', [0x80, 0x81, 0, 0, 0, 0, 0x61], 1002],
    ['a control frame in fragments', [0x09, 0x80, 0, 0, 0, 0], 1002],
    ['a ping over 125 bytes', [0x89, 0xfe, 0, 126, 0, 0, 0, 0], 1002],
    ['a close code that may not be sent', [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed], 1002],
    ['text that is not UTF-8', [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe], 1007],
    ['a length beyond counting', [0x82, 0xff, ...Array<number>(8).fill(0xff), 0, 0, 0, 0], 1009],
    ['a close code of its own', [0x88, 0x82, 0, 0, 0, 0, 0x0f, 0xa0], 4000],
  ])('with %s is closed with what is wrong', async (_what, frame, code) => {
    const connection = await StreamPeer.open(exchange.ports.ws);
    connection.write(upgrade);
    await connection.sees(/^HTTP\/1\.1 101 [^]*\r\n\r\n/);
    const { length } = connection.received;
    connection.write(Buffer.from(frame));
    await connection.closed;
    const close = Buffer.from(connection.received.slice(length), 'latin1');
    expect([close[0], close.readUInt16BE(2)]).toEqual([0x88, code]);
  });

  test('that pings without pause is answered each time, and a call beside it does not notice', async () => {
    const socket = await open(['sip']);
    let pongs = 0;
    const all = Promise.withResolvers<undefined>();
    socket.on('pong', () => {
      pongs += 1;
      if (pongs === 5_000) all.resolve(undefined);
    });
    for (let count = 0; count < 5_000; count++) socket.ping('x'.repeat(125));
    expect(await alice.call('sip:bob@127.0.0.1')).toEqual([200, 200, 200]);
    await all.promise;
    socket.terminate();
  });

  test('port that is asked for a page, or given SIP, says so and closes', async () => {
    for (const [text, pattern] of [
      ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 426 /],
      [options(), /^HTTP\/1\.1 400 /],
    ] as const) {
      const connection = await StreamPeer.open(exchange.ports.ws);
      connection.write(text);
      await connection.sees(pattern);
      await connection.closed;
    }
  });
});
