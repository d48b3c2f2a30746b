import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { SocketPipe } from './socket-pipe.ts';
import { heard, later } from './transport.testing.ts';

async function pair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  later(() => server.close());
  const accepted = once(server, 'connection');
  const address = server.address();
  const near = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1');
  const [far] = (await accepted) as [Socket];
  later(() => near.destroy());
  later(() => far.destroy());
  return [near, far];
}

test('what one turn of the event loop writes goes out in one piece, and counts as pending meanwhile', async () => {
  const [near, far] = await pair();
  const write = vi.spyOn(near, 'write');
  const pipe = new SocketPipe(near);
  pipe.write('one ');
  pipe.write('two ');
  expect(pipe.pending).toBe(8);
  expect(write).not.toHaveBeenCalled();
  await once(far, 'data');
  expect(write).toHaveBeenCalledOnce();
  expect(write.mock.calls[0]?.[0]).toBe('one two ');
  pipe.write('three');
  expect(pipe.pending).toBe(5);
});

test('what is written in the turn in which the far end ends goes out before this side ends as well', async () => {
  const [near, far] = await pair();
  const text = heard(far);
  new SocketPipe(near).write('answer');
  near.resume();
  near.push(null);
  expect(await text).toBe('answer');
});

test('the end waits for what was written, destruction does not', async () => {
  const [near, far] = await pair();
  const text = heard(far);
  const ending = new SocketPipe(near);
  ending.write('last words');
  ending.end();
  expect(await text).toBe('last words');
  const [other, its] = await pair();
  const nothing = heard(its);
  const destroyed = new SocketPipe(other);
  destroyed.write('never said');
  destroyed.destroy();
  expect(await nothing).toBe('');
});
