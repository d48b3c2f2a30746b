import type { DatagramNetwork } from '@switchhook/media';
import { expect, test } from 'vitest';
import { WatchedNetwork } from './watched-network.ts';

const nowhere: DatagramNetwork = {
  bind: (_address, port) => Promise.resolve({ port, send: () => undefined, close: () => undefined }),
  localAddress: () => Promise.resolve('192.0.2.1'),
};

/** A packet with so many octets behind its header of twelve. */
const packet = (second: number, payload: number): Uint8Array =>
  Uint8Array.from([0x80, second, ...Array.from({ length: 10 + payload }, () => 1)]);

test('sound, reports and what keeps a port open are told apart', async () => {
  const kinds: string[] = [];
  const network = new WatchedNetwork(nowhere, { sent: ({ kind }) => kinds.push(kind) });
  const port = await network.bind('192.0.2.1', 4_000, () => undefined);
  for (const [second, payload] of [
    [0, 160],
    [200, 16],
    [127, 0],
    [127, 10],
    [0, 33],
  ] as const) {
    port?.send(packet(second, payload), 5_000, '192.0.2.2');
  }
  expect(kinds).toEqual(['RTP', 'RTCP', 'keep-alive', 'keep-alive', 'RTP']);
});
