import { expect, onTestFinished, test } from 'vitest';
import { SeededRandom } from '@switchhook/sim';
import type { DatagramPort, DatagramReceiver } from './datagram-network.ts';
import { PortPairs } from './port-pair.ts';
import { UdpNetwork } from './udp-network.ts';

const ignore = (): void => undefined;

async function bound(address: string, port: number, receive: DatagramReceiver = ignore): Promise<DatagramPort> {
  const opened = await new UdpNetwork().bind(address, port, receive);
  if (opened === undefined) throw new Error('no port');
  onTestFinished(() => opened.close());
  return opened;
}

test.each(['127.0.0.1', '::1'])('carries a datagram over %s, and its bytes may change afterwards', async (address) => {
  const received = new Promise<{ data: Uint8Array; from: string; port: number }>((resolve) => {
    void bound(address, 0, (data, from, port) => resolve({ data, from, port })).then(async (receiver) => {
      const sender = await bound(address, 0);
      const bytes = Uint8Array.of(1, 2, 3);
      sender.send(bytes, receiver.port, address);
      bytes.fill(9);
    });
  });
  const { data, from, port } = await received;
  expect([...data]).toEqual([1, 2, 3]);
  expect(from).toBe(address);
  expect(port).toBeGreaterThan(0);
});

test('a port that is taken, and an address of another machine, are not to be had', async () => {
  const { port } = await bound('127.0.0.1', 0);
  expect(await new UdpNetwork().bind('127.0.0.1', port, ignore)).toBe(undefined);
  expect(await new UdpNetwork().bind('192.0.2.1', 0, ignore)).toBe(undefined);
});

test('a closed port sends nothing and closes once', async () => {
  const port = await bound('127.0.0.1', 0);
  port.close();
  port.close();
  expect(() => port.send(new Uint8Array(1), 9, '127.0.0.1')).not.toThrow();
});

test('says from which address another is reached', async () => {
  const network = new UdpNetwork();
  expect(await network.localAddress('127.0.0.1', false)).toBe('127.0.0.1');
  expect(await network.localAddress('::1', true)).toBe('::1');
  expect(await network.localAddress(undefined, false)).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  expect(await network.localAddress('no address', false)).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
});

test('a pair is even and odd; one half taken by somebody else is passed over; a range has an end', async () => {
  const network = new UdpNetwork();
  const free = new PortPairs(network, new SeededRandom(1), '127.0.0.1', { first: 20_000, last: 29_999 });
  const pair = await free.take(ignore, ignore);
  if (pair === undefined) throw new Error('no pair');
  const { port } = pair.media;
  expect([port % 2, pair.control.port - port]).toEqual([0, 1]);
  free.release(pair);
  expect(free.open).toBe(0);
  const pairs = new PortPairs(network, new SeededRandom(2), '127.0.0.1', { first: port - 1, last: port + 1 });
  const again = await pairs.take(ignore, ignore);
  expect(again?.media.port).toBe(port);
  expect(await pairs.take(ignore, ignore)).toBe(undefined);
  if (again !== undefined) pairs.release(again);
  const half = await bound('127.0.0.1', port + 1);
  expect(await pairs.take(ignore, ignore)).toBe(undefined);
  expect(pairs.open).toBe(0);
  half.close();
});
