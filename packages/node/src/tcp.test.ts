import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { StreamLimits } from '@switchhook/sip';
import { TcpTransport } from './tcp.ts';
import { at, bareConnection, context, ending, heard, message, running } from './transport.testing.ts';

function listening(limits: Partial<StreamLimits> = {}, address = '127.0.0.1') {
  return running(new TcpTransport(context, { listen: { address, port: 0 }, limits }));
}

describe('connections', () => {
  test.each(['127.0.0.1', '::1'])('carry messages both ways, and are used again: %s', async (address) => {
    const server = await listening({}, address);
    const client = await listening({}, address);
    const flow = client.transport.connect(at('TCP', server.port, undefined, address));
    flow.send(message);
    flow.send(message);
    const first = await server.inbox.next();
    const second = await server.inbox.next();
    expect([first.text, second.text]).toEqual([message, message]);
    expect(second.flow).toBe(first.flow);
    const { remote } = first.flow;
    expect(remote).toEqual(flow.local);
    expect(server.transport.connect(at('TCP', remote.port, undefined, address))).toBe(first.flow);
    first.flow.send(message);
    expect((await client.inbox.next()).flow).toBe(flow);
    expect(client.transport.connect(at('TCP', server.port, undefined, address))).toBe(flow);
    expect(server.transport.stats()).toEqual({ flows: 1, received: 2, sent: 1, refused: {} });
  });

  test('one that only connects needs no listener', async () => {
    const server = await listening();
    const client = await running(new TcpTransport(context, { sentBy: { address: 'pc.invalid', port: 5060 } }));
    const flow = client.transport.connect(at('TCP', server.port));
    flow.send(message);
    expect((await server.inbox.next()).text).toBe(message);
    expect(flow.sentBy).toBe('pc.invalid:5060');
    expect(client.transport.reaches('::1')).toBe(true);
  });

  test('a refused one says so, and so do the messages that waited', async () => {
    const { transport } = await listening();
    const closing = await listening();
    await closing.transport.stop();
    const flow = transport.connect(at('TCP', closing.port));
    const codes: string[] = [];
    flow.send(message, ({ code }) => codes.push(code));
    expect((await ending(flow)).code).toBe('refused');
    expect(codes).toEqual(['refused']);
    expect(transport.stats().flows).toBe(0);
  });

  test('one that the far end closes, or resets, ends', async () => {
    const { port, inbox } = await listening();
    for (const way of ['destroy', 'resetAndDestroy', 'end'] as const) {
      const socket = await bareConnection(port);
      socket.write(message, 'latin1');
      const { flow } = await inbox.next();
      socket[way]();
      expect((await ending(flow)).code).toBe('closed');
    }
  });

  test('a message in many pieces, and many messages in one', async () => {
    const { port, inbox } = await listening();
    const socket = await bareConnection(port);
    socket.setNoDelay(true);
    for (const character of message) {
      await new Promise((resolve) => socket.write(character, 'latin1', resolve));
    }
    socket.write(message.repeat(3), 'latin1');
    for (let count = 0; count < 4; count += 1) expect((await inbox.next()).text).toBe(message);
  });

  test('one port serves both families', async () => {
    const { port } = await listening({}, '0.0.0.0');
    const both = await running(new TcpTransport(context, { listen: { address: '::', port } }));
    expect(both.transport.local).toEqual({ address: '::', port });
  });

  test('a ping gets its pong', async () => {
    const { port } = await listening();
    const socket = await bareConnection(port);
    socket.write('\r\n\r\n');
    const [pong] = (await once(socket, 'data')) as [Buffer];
    expect(pong.toString()).toBe('\r\n');
  });
});

describe('limits', () => {
  test('connections from one address', async () => {
    const { port, transport, inbox } = await listening({ maximumConnectionsPerAddress: 2 });
    const first = await bareConnection(port);
    await bareConnection(port);
    await heard(await bareConnection(port));
    expect(transport.stats()).toMatchObject({ flows: 2, refused: { 'connections-per-address': 1 } });
    first.write(message, 'latin1');
    const end = ending((await inbox.next()).flow);
    first.destroy();
    await end;
    const next = await bareConnection(port);
    next.write(message, 'latin1');
    expect((await inbox.next()).text).toBe(message);
  });

  test('connections in all', async () => {
    const { port, transport } = await listening({ maximumConnections: 1 });
    await bareConnection(port);
    await heard(await bareConnection(port));
    expect(transport.stats().refused).toEqual({ connections: 1 });
  });

  test('silence, and a message that does not end', async () => {
    const { port, transport } = await listening({ silentTimeout: 30, messageTimeout: 60 });
    await heard(await bareConnection(port));
    const slow = await bareConnection(port);
    slow.write(message + message.slice(0, 20), 'latin1');
    await heard(slow);
    expect(transport.stats()).toMatchObject({ flows: 0, received: 1 });
  });

  test('a message that is too large, or without length, is answered before the end', async () => {
    const { port, inbox } = await listening({ maximumMessage: 1_000 });
    for (const [text, status] of [
      ['x'.repeat(2_000), 513],
      ['OPTIONS sip:a SIP/2.0\r\n\r\n', 400],
    ] as const) {
      const socket = await bareConnection(port);
      socket.write(text);
      expect(await heard(socket)).toBe('the answer');
      expect((await inbox.next()).status).toBe(status);
    }
  });

  test('a far end that does not read', async () => {
    const { port, inbox, transport } = await listening({ maximumPending: 100_000 });
    const socket = await bareConnection(port);
    socket.pause();
    socket.write(message, 'latin1');
    const { flow } = await inbox.next();
    const end = ending(flow);
    const pump = (): void => {
      for (let count = 0; count < 10 && !flow.closed; count += 1) flow.send('x'.repeat(50_000));
      if (!flow.closed) setImmediate(pump);
    };
    pump();
    expect((await end).code).toBe('overflow');
    expect(transport.stats()).toMatchObject({ flows: 0, refused: { pending: 1 } });
  });
});

describe('stop', () => {
  test('delivers what was written, closes every connection, frees the port', async () => {
    const { port, inbox, transport } = await listening();
    const socket = await bareConnection(port);
    const silent = await bareConnection(port);
    socket.write(message, 'latin1');
    const { flow } = await inbox.next();
    flow.send('the last words');
    const [words] = await Promise.all([heard(socket), heard(silent), transport.stop()]);
    expect(words).toBe('the last words');
    expect(transport.stats().flows).toBe(0);
    const next = new TcpTransport(context, { listen: { address: '127.0.0.1', port } });
    await running(next);
    expect(next.local?.port).toBe(port);
  });

  test('does not wait long for a far end that keeps its side open', async () => {
    const { port, inbox, transport } = await listening({ lingerTimeout: 20 });
    const socket = await bareConnection(port);
    socket.allowHalfOpen = true;
    socket.write(message, 'latin1');
    await inbox.next();
    await transport.stop();
    expect(transport.stats().flows).toBe(0);
  });
});
