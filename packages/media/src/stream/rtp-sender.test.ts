import { SeededRandom } from '@switchhook/sim';
import { expect, it } from 'vitest';
import { RtpSender } from './rtp-sender.ts';

it('sends no payload that may not fit into a packet on its way', () => {
  const sender = new RtpSender(new SeededRandom(1), (_packet, length) => length);
  expect(sender.packet(0, 0, false, new Uint8Array(1_200))).toHaveLength(1_212);
  expect(sender.packet(0, 160, false, new Uint8Array(1_201))).toBeUndefined();
  expect(sender.packets).toBe(1);
});
