import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { StreamLimits } from '@switchhook/sip';
import { TestAuthority } from './tls.testing.ts';
import { at, bareConnection, context, ending, heard, later, message, running } from './transport.testing.ts';
import { WebSocketTransport } from './web-socket.ts';

const authority = new TestAuthority();
const text = 'OPTIONS sip:a SIP/2.0\r\n\r\n';

function listening(limits: Partial<StreamLimits> = {}, address = '127.0.0.1') {
  return running(new WebSocketTransport(context, { listen: { address, port: 0 }, limits }));
}

async function browser(port: number, ...protocols: string[]): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/any/path`, protocols);
  socket.on('error', () => undefined);
  later(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

function upgrade(protocol: string): string {
  return (
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`
  );
}

describe('messages', () => {
  test.each(['127.0.0.1', '::1'])('both ways between two of ours, byte for byte: %s', async (address) => {
    const server = await listening({}, address);
    const client = await running(new WebSocketTransport(context, {}));
    const flow = client.transport.connect(at('WS', server.port, undefined, address));
    flow.send(message);
    const there = await server.inbox.next();
    expect(there.text).toBe(message);
    expect(flow.local).toEqual(there.flow.remote);
    there.flow.send(text);
    expect(await client.inbox.next()).toMatchObject({ text, flow: { protocol: 'WS', secure: false } });
  });

  test('text goes out as text, anything else as binary; both come in', async () => {
    const { port, inbox } = await listening();
    const socket = await browser(port, 'other', 'sip');
    expect(socket.protocol).toBe('sip');
    expect((await browser(port, 'SIP', 'sip')).protocol).toBe('SIP');
    socket.send(text);
    const { flow } = await inbox.next();
    socket.send(Buffer.from(text));
    expect((await inbox.next()).text).toBe(text);
    flow.send('caf\xc3\xa9');
    expect((await once(socket, 'message'))[1]).toBe(false);
    flow.send(message);
    const [data, binary] = (await once(socket, 'message')) as [Buffer, boolean];
    expect([data.toString('latin1'), binary]).toEqual([message, true]);
  });

  test('CRLF keep-alives and ping frames are answered', async () => {
    const { port } = await listening();
    const socket = await browser(port, 'sip');
    socket.send('\r\n\r\n');
    expect(String((await once(socket, 'message'))[0])).toBe('\r\n');
    socket.ping('x');
    expect(String((await once(socket, 'pong'))[0])).toBe('x');
  });
});

describe('the last words', () => {
  test('arrive, though the end comes with them', async () => {
    const { port, inbox } = await listening();
    const socket = await bareConnection(port);
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 + text.length, 0, 0, 0, 0]), Buffer.from(text)]);
    socket.end(Buffer.concat([Buffer.from(upgrade('sip')), ...Array.from({ length: 50 }, () => frame)]));
    for (let count = 0; count < 50; count += 1) expect((await inbox.next()).text).toBe(text);
  });
});

describe('what is refused', () => {
  test('a handshake without the sip subprotocol, plain HTTP, and nonsense', async () => {
    const { port, transport } = await listening();
    for (const [said, answer] of [
      [upgrade('chat, sips'), /^HTTP\/1\.1 400 /],
      ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', /^HTTP\/1\.1 426 [^]*upgrade: websocket/i],
      [message, /^HTTP\/1\.1 400 /],
    ] as const) {
      const socket = await bareConnection(port);
      socket.write(said, 'latin1');
      expect(await heard(socket)).toMatch(answer);
    }
    expect(transport.stats()).toMatchObject({ flows: 0, received: 0 });
  });

  test('a handshake that does not end', async () => {
    const { port, transport } = await listening({ connectTimeout: 50 });
    const socket = await bareConnection(port);
    socket.write('GET / HTTP/1.1\r\nHost');
    await heard(socket);
    expect(transport.stats().flows).toBe(0);
  });

  test('a message over the limit', async () => {
    const { port, transport } = await listening({ maximumMessage: 1_000 });
    const socket = await browser(port, 'sip');
    socket.send('x'.repeat(1_001));
    expect((await once(socket, 'close'))[0]).toBe(1009);
    expect(transport.stats()).toMatchObject({ received: 0, refused: { 'message-size': 1 } });
  });

  test('more connections than allowed, WebSocket or not', async () => {
    const { port, transport } = await listening({ maximumConnectionsPerAddress: 1 });
    await browser(port, 'sip');
    await heard(await bareConnection(port));
    expect(transport.stats()).toMatchObject({ flows: 1, refused: { 'connections-per-address': 1 } });
  });

  test('pings of one who does not read the answers', async () => {
    const { port, inbox, transport } = await listening({ maximumPending: 50_000 });
    const socket = await bareConnection(port);
    socket.write(upgrade('sip'));
    await once(socket, 'data');
    socket.pause();
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 + text.length, 0, 0, 0, 0]), Buffer.from(text)]));
    const end = ending((await inbox.next()).flow);
    const ping = Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125)]);
    const flood = Buffer.concat(Array.from({ length: 1_000 }, () => ping));
    const pump = (): void => {
      if (!socket.destroyed) socket.write(flood, () => setImmediate(pump));
    };
    pump();
    expect((await end).code).toBe('overflow');
    expect(transport.stats().refused).toEqual({ pending: 1 });
  });

  test.each([
    ['half a frame', [0x81]],
    ['a fragment without the next one', [0x01, 0x81, 0, 0, 0, 0, 0x78]],
  ])('%s behind a message, in the same piece', async (_what, begun) => {
    const { port, inbox, transport } = await listening({ messageTimeout: 50 });
    const socket = await bareConnection(port);
    socket.write(upgrade('sip'));
    await once(socket, 'data');
    const whole = Buffer.concat([Buffer.from([0x81, 0x80 + text.length, 0, 0, 0, 0]), Buffer.from(text)]);
    socket.write(Buffer.concat([whole, Buffer.from(begun)]));
    const end = ending((await inbox.next()).flow);
    expect((await end).code).toBe('timeout');
    expect(transport.stats().refused).toEqual({ 'message-time': 1 });
  });

  test('by us: a server that does not choose the sip subprotocol', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => false });
    await once(server, 'listening');
    later(() => server.close());
    const address = server.address();
    const { transport } = await running(new WebSocketTransport(context, {}));
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    expect((await ending(transport.connect(at('WS', port)))).code).toBe('unreachable');
  });
});

describe('secure WebSocket', () => {
  test('verified by name, the client too, and reloaded', async () => {
    const tls = {
      authorities: [authority.pem],
      credentials: [await authority.issue({ sipDomains: ['example.com'] })],
      clientCertificates: 'ask',
    } as const;
    const server = await running(new WebSocketTransport(context, { listen: { address: '127.0.0.1', port: 0 }, tls }));
    const mine = { authorities: tls.authorities, credentials: [await authority.issue({ names: ['client.example'] })] };
    const client = await running(new WebSocketTransport(context, { tls: mine }));
    const flow = client.transport.connect(at('WSS', server.port, 'example.com'));
    flow.send(text);
    const there = await server.inbox.next();
    expect(there.flow).toMatchObject({ protocol: 'WSS', secure: true, peer: { domains: ['client.example'] } });
    expect(flow.peer?.domains).toEqual(['example.com']);
    const wrong = client.transport.connect(at('WSS', server.port, 'renewed.example'));
    expect((await ending(wrong)).code).toBe('certificate');
    server.transport.reload({ credentials: [await authority.issue({ names: ['renewed.example'] })] });
    client.transport.connect(at('WSS', server.port, 'renewed.example')).send(text);
    expect((await server.inbox.next()).text).toBe(text);
  });
});

test('stop closes connections and handshakes alike', async () => {
  const { port, transport } = await listening();
  const half = await bareConnection(port);
  half.write('GET /');
  const socket = await browser(port, 'sip');
  const closed = once(socket, 'close');
  await Promise.all([transport.stop(), closed, heard(half)]);
  expect(transport.stats().flows).toBe(0);
  expect((await closed)[0]).toBe(1000);
});
