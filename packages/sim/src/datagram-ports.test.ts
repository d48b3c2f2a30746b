import { expect, test } from 'vitest';
import { simulation } from './network.testing.ts';

test('a port sends and gets bytes; they are copies', async () => {
  const { clock, network } = simulation();
  const heard: [bytes: number[], address: string, port: number][] = [];
  const bob = await network
    .host('bob', ['192.0.2.2'])
    .ports()
    .bind('192.0.2.2', 4_000, (data, address, port) => heard.push([[...data], address, port]));
  const alice = await network
    .host('alice', ['192.0.2.1'])
    .ports()
    .bind('192.0.2.1', 5_000, () => undefined);
  const bytes = Uint8Array.of(0, 200, 255);
  alice?.send(bytes, 4_000, '192.0.2.2');
  bytes.fill(1);
  await clock.play(100);
  expect(heard).toEqual([[[0, 200, 255], '192.0.2.1', 5_000]]);
  bob?.close();
  alice?.send(bytes, 4_000, '192.0.2.2');
  await clock.play(100);
  expect(heard).toHaveLength(1);
  expect(network.trace.entries).toEqual([]);
});

test('a port is taken once, at an address of the host or at all of a family', async () => {
  const { network } = simulation();
  const ports = network.host('alice', ['192.0.2.1', '192.0.2.9', '2001:db8::1']).ports();
  const ignore = (): void => undefined;
  expect(await ports.bind('198.51.100.1', 4_000, ignore)).toBe(undefined);
  const any = await ports.bind('0.0.0.0', 4_000, ignore);
  expect(any?.port).toBe(4_000);
  expect(await ports.bind('192.0.2.9', 4_000, ignore)).toBe(undefined);
  expect(await ports.bind('2001:db8::1', 4_000, ignore)).not.toBe(undefined);
  any?.close();
  any?.close();
  expect(await ports.bind('192.0.2.9', 4_000, ignore)).not.toBe(undefined);
  expect(await ports.localAddress(undefined, true)).toBe('2001:db8::1');
  expect(await ports.localAddress('192.0.2.77', true)).toBe('192.0.2.1');
});

test('an IPv6 address leads to its host, however it is written', async () => {
  const { clock, network } = simulation();
  const heard: string[] = [];
  const ignore = (): void => undefined;
  const bob = network.host('bob', ['2001:db8::2']).ports();
  expect(await bob.bind('2001:DB8:0:0::2', 4_000, (_, address) => heard.push(address))).not.toBe(undefined);
  expect(await bob.bind('2001:db8:0::2', 4_000, ignore)).toBe(undefined);
  const alice = await network.host('alice', ['2001:db8::1']).ports().bind('2001:db8::1', 5_000, ignore);
  for (const address of ['2001:db8::2', '2001:0db8:0000:0000:0000:0000:0000:0002', '2001:DB8::0:2', '2001:db8::3'])
    alice?.send(Uint8Array.of(1), 4_000, address);
  await clock.play(100);
  expect(heard).toEqual(['2001:db8::1', '2001:db8::1', '2001:db8::1']);
  expect(() => network.host('carol', ['2001:DB8:0::2'])).toThrow('taken');
});
