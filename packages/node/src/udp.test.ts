import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { TransportError } from '@switchhook/sip';
import { at, context, later, message, running } from './transport.testing.ts';
import { UdpTransport } from './udp.ts';

test.each(['127.0.0.1', '::1'])('carries messages byte for byte, there and back on one flow: %s', async (address) => {
  const one = await running(new UdpTransport(context, { address, port: 0 }));
  const other = await running(new UdpTransport(context, { address, port: 0 }));
  const flow = one.transport.connect(at('UDP', other.port, undefined, address));
  flow.send(message);
  const there = await other.inbox.next();
  expect(there.text).toBe(message);
  expect(there.flow.remote).toEqual({ address, port: one.port });
  expect(there.flow.sentBy).toBe(address === '::1' ? `[::1]:${String(other.port)}` : `127.0.0.1:${String(other.port)}`);
  there.flow.send(message);
  const back = await one.inbox.next();
  expect(back.flow).toBe(flow);
  expect(back.text).toBe(message);
  expect(one.transport.stats()).toEqual({ flows: 1, received: 1, sent: 1, refused: {} });
});

test('tells of a datagram that is too large, and of a network that is not there', async () => {
  const { transport } = await running(new UdpTransport(context, { address: '127.0.0.1', port: 0 }));
  const error = await new Promise<TransportError>((resolve) => {
    transport.connect(at('UDP', 9)).send('x'.repeat(66_000), resolve);
  });
  expect(error.code).toBe('too-large');
  expect(transport.reaches('127.0.0.2')).toBe(true);
  expect(transport.reaches('192.0.2.1')).toBe(false);
  expect(transport.reaches('::1')).toBe(false);
});

test('hands over what comes of a few before the rest of a flood, each in its order', async () => {
  const texts: string[] = [];
  const heard = Promise.withResolvers<undefined>();
  const transport = new UdpTransport(context, { address: '127.0.0.1', port: 0 });
  await transport.start({
    nextFlowId: () => 1,
    message: (text) => {
      texts.push(text);
      if (text === 'last of the flood') heard.resolve(undefined);
    },
    broken: () => undefined,
  });
  later(() => transport.stop());
  const port = transport.local?.port ?? 0;
  const [flood, phone] = [createSocket('udp4'), createSocket('udp4')];
  later(() => flood.close());
  later(() => phone.close());
  flood.bind(0, '127.0.0.9');
  phone.bind(0, '127.0.0.10');
  await Promise.all([once(flood, 'listening'), once(phone, 'listening')]);
  for (let count = 0; count < 100; count++) flood.send(`flood ${String(count)}`, port, '127.0.0.1');
  for (const text of ['one', 'two', 'three']) phone.send(text, port, '127.0.0.1');
  flood.send('last of the flood', port, '127.0.0.1');
  await heard.promise;
  expect(texts).toHaveLength(104);
  expect(texts.filter((text) => text.startsWith('flood')).map((text) => Number(text.slice(6)))).toEqual(
    Array.from({ length: 100 }, (_, count) => count),
  );
  const calls = ['one', 'two', 'three'].map((text) => texts.indexOf(text));
  expect(calls).toEqual(calls.toSorted((one, other) => one - other));
  // Six turns of two, once it has come up behind a hundred that the socket hands over by thirty-two.
  expect(calls[2]).toBeLessThan(60);
});

test('hears on after a stop amid a flood', async () => {
  const transport = new UdpTransport(context, { address: '127.0.0.1', port: 0 });
  const heard = Promise.withResolvers<undefined>();
  const first = Promise.withResolvers<Promise<void>>();
  let count = 0;
  const receiver = {
    nextFlowId: () => 1,
    message: (text: string) => {
      if (text === 'again') heard.resolve(undefined);
      else if (++count === 4) first.resolve(transport.stop());
    },
    broken: () => undefined,
  };
  await transport.start(receiver);
  const socket = createSocket('udp4');
  later(() => socket.close());
  for (let sent = 0; sent < 40; sent++) socket.send('flood', transport.local?.port ?? 0, '127.0.0.1');
  await first.promise;
  await transport.start(receiver);
  later(() => transport.stop());
  socket.send('again', transport.local?.port ?? 0, '127.0.0.1');
  await heard.promise;
  expect(count).toBe(4);
});

test('what messages bring about leaves in its order, also when one of them stops all', async () => {
  const transport = new UdpTransport(context, { address: '127.0.0.1', port: 0 });
  const stopping = Promise.withResolvers<Promise<void>>();
  let count = 0;
  await transport.start({
    nextFlowId: () => 1,
    message: (text, flow) => {
      flow.send(`${text} once`);
      flow.send(`${text} twice`);
      if (++count === 3) stopping.resolve(transport.stop());
    },
    broken: () => undefined,
  });
  const socket = createSocket('udp4');
  later(() => socket.close());
  const answers: string[] = [];
  const answered = Promise.withResolvers<undefined>();
  socket.on('message', (data) => {
    if (answers.push(data.toString()) === 6) answered.resolve(undefined);
  });
  for (const text of ['one', 'two', 'three']) socket.send(text, transport.local?.port ?? 0, '127.0.0.1');
  await stopping.promise;
  await answered.promise;
  expect(answers).toEqual(['one once', 'one twice', 'two once', 'two twice', 'three once', 'three twice']);
});

test('carries byte for byte what messages bring about, however much that is at a time', async () => {
  const transport = new UdpTransport(context, { address: '127.0.0.1', port: 0 });
  // Seven of these fill the room that there is for one go.
  const answerTo = (text: string): string => text.repeat(9_000 / text.length);
  await transport.start({
    nextFlowId: () => 1,
    message: (text, flow) => {
      flow.send(answerTo(text));
      flow.send(text);
    },
    broken: () => undefined,
  });
  later(() => transport.stop());
  const { inbox, transport: phone } = await running(new UdpTransport(context, { address: '127.0.0.1', port: 0 }));
  const flow = phone.connect(at('UDP', transport.local?.port ?? 0));
  const sent = Array.from({ length: 20 }, (_, count) => `n\xfcmber${String(count).padStart(3, ' ')}`);
  for (const text of sent) flow.send(text);
  for (const text of sent) {
    expect((await inbox.next()).text).toBe(answerTo(text));
    expect((await inbox.next()).text).toBe(text);
  }
});

test('answers a STUN Binding request', async () => {
  const { port } = await running(new UdpTransport(context, { address: '127.0.0.1', port: 0 }));
  const socket = createSocket('udp4');
  later(() => socket.close());
  socket.send(Buffer.from('000100002112a442000102030405060708090a0b', 'hex'), port, '127.0.0.1');
  const [answer] = (await once(socket, 'message')) as [Buffer];
  expect(answer.subarray(0, 2).toString('hex')).toBe('0101');
  expect(answer.readUInt16BE(26) ^ 0x2112).toBe(socket.address().port);
});

test('a port in use is an error of start, which may be tried again', async () => {
  const { port, transport } = await running(new UdpTransport(context, { address: '127.0.0.1', port: 0 }));
  const second = new UdpTransport(context, { address: '127.0.0.1', port });
  await expect(
    second.start({ nextFlowId: () => 1, message: () => undefined, broken: () => undefined }),
  ).rejects.toThrow(/EADDRINUSE/);
  expect(second.local).toBe(undefined);
  await second.stop();
  await transport.stop();
  await running(second);
  expect(second.local).toEqual({ address: '127.0.0.1', port });
});

test('one port serves both families, each on a socket of its own', async () => {
  const { port } = await running(new UdpTransport(context, { address: '0.0.0.0', port: 0 }));
  const { transport } = await running(new UdpTransport(context, { address: '::', port }));
  expect(transport.local).toEqual({ address: '::', port });
});

test('after stop there is nothing, and what was asked of old flows is answered', async () => {
  const { transport } = await running(new UdpTransport(context, { address: '127.0.0.1', port: 0 }));
  const flow = transport.connect(at('UDP', 9));
  await transport.stop();
  const codes: string[] = [];
  flow.send(message, ({ code }) => codes.push(code));
  expect(codes).toEqual(['stopped']);
  expect(transport.stats().flows).toBe(0);
  expect(transport.local).toBe(undefined);
});

test('writes the public name it is given, and answers to all of its names', async () => {
  const { transport, port } = await running(
    new UdpTransport(context, {
      address: '127.0.0.1',
      port: 0,
      sentBy: { address: 'sip.Example.com' },
      hosts: ['Other.example'],
    }),
  );
  expect(transport.sentBy).toEqual({ address: 'sip.Example.com', port });
  expect(transport.hosts).toEqual(['127.0.0.1', 'sip.example.com', 'other.example']);
});

test('a socket for all addresses says one that others can use, and answers to each', async () => {
  const { transport } = await running(new UdpTransport(context, { address: '0.0.0.0', port: 0 }));
  expect(transport.hosts).toContain('127.0.0.1');
  expect(transport.hosts).toContain(transport.sentBy?.address);
  expect(transport.sentBy?.address).not.toBe('0.0.0.0');
});
