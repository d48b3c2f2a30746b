import { expect, test } from 'vitest';
import type { AudioCodec, AudioSource } from '../audio.ts';
import { g722 } from '../codec/g722.ts';
import { pcmu } from '../codec/pcm.ts';
import { decodeMuLaw } from '../codec/g711.ts';
import { fitSines } from '../measure/sine.ts';
import { testCall, Ramp } from '../stream/call.testing.ts';
import { ToneSource } from '../tone/tone-source.ts';
import { tone } from '../tone/tone.ts';
import { Broadcast } from './broadcast.ts';

const music = (sampleRate = 16_000): AudioSource =>
  new ToneSource(tone('700', 'continuous'), { sampleRate, level: -20 });

/** A codec that counts what it is asked to do. */
function counting(codec: AudioCodec): AudioCodec & { encoded: number; open: number } {
  const counted = {
    ...codec,
    encoded: 0,
    open: 0,
    createEncoder() {
      const encoder = codec.createEncoder();
      counted.open += 1;
      return {
        encode(frame: Int16Array) {
          counted.encoded += 1;
          return encoder.encode(frame);
        },
        close() {
          counted.open -= 1;
          encoder.close();
        },
      };
    },
  };
  return counted;
}

test('a thousand listeners of one codec cost one encoder, and all get the same packets', () => {
  const codec = counting(pcmu);
  const broadcast = new Broadcast(music());
  const listeners = Array.from({ length: 1_000 }, () => broadcast.listen());
  const channels = listeners.map((listener) => listener.encoded?.(codec, 20));
  expect(broadcast.stats()).toEqual({ listeners: 1_000, encoders: 1 });
  const heard: number[] = [];
  for (let round = 0; round < 100; round += 1) {
    const payloads = new Set(channels.map((channel) => channel?.next()));
    expect(payloads.size).toBe(1);
    for (const payload of payloads) if (payload !== undefined) heard.push(...decodeMuLaw(payload));
  }
  expect(codec).toMatchObject({ encoded: 100, open: 1 });
  expect(fitSines(heard.slice(-8_000), 8_000, [700]).signalToNoise).toBeGreaterThan(35);
  for (const channel of channels) channel?.close();
  for (const listener of listeners) listener.close();
  expect(codec.open).toBe(0);
  expect(broadcast.stats()).toEqual({ listeners: 0, encoders: 0 });
});

test('codecs and packet times go side by side over the same sound', () => {
  const broadcast = new Broadcast(music());
  const [narrow, wide, long] = [
    broadcast.listen().encoded?.(pcmu, 20),
    broadcast.listen().encoded?.(g722, 20),
    broadcast.listen().encoded?.(pcmu, 60),
  ];
  const plain = broadcast.listen();
  const decoder = g722.createDecoder();
  const heard: Record<'narrow' | 'wide' | 'long' | 'plain', number[]> = { narrow: [], wide: [], long: [], plain: [] };
  const frame = new Int16Array(320);
  for (let round = 0; round < 60; round += 1) {
    heard.narrow.push(...decodeMuLaw(narrow?.next() ?? new Uint8Array(0)));
    heard.wide.push(...(decoder.decode(wide?.next() ?? new Uint8Array(0)) ?? []));
    if (round % 3 === 0) heard.long.push(...decodeMuLaw(long?.next() ?? new Uint8Array(0)));
    plain.read(frame);
    heard.plain.push(...frame);
  }
  expect(broadcast.stats()).toEqual({ listeners: 4, encoders: 3 });
  expect(fitSines(heard.narrow.slice(1_600), 8_000, [700]).signalToNoise).toBeGreaterThan(35);
  expect(fitSines(heard.wide.slice(3_200), 16_000, [700]).signalToNoise).toBeGreaterThan(40);
  expect(fitSines(heard.long.slice(1_600), 8_000, [700]).signalToNoise).toBeGreaterThan(35);
  expect(fitSines(heard.plain, 16_000, [700]).signalToNoise).toBeGreaterThan(60);
});

test('who comes later hears what all hear, and pulls nobody forward', () => {
  const ramp = new Ramp();
  const broadcast = new Broadcast(ramp);
  const frame = new Int16Array(160);
  const listeners: AudioSource[] = [];
  for (let round = 0; round < 100; round += 1) {
    for (const listener of listeners) listener.read(frame);
    listeners.push(broadcast.listen());
    listeners.at(-1)?.read(frame);
  }
  expect(ramp.next).toBe(100 + 100 * 160);
});

test('who was away goes on with what all hear', () => {
  const broadcast = new Broadcast(new Ramp());
  const [one, other] = [broadcast.listen(), broadcast.listen()];
  const [here, there] = [new Int16Array(160), new Int16Array(160)];
  other.read(there);
  for (let round = 0; round < 100; round += 1) one.read(here);
  other.read(there);
  expect(there).toEqual(here);
});

test('a call sends what it hears there, and lets go of it at its end', async () => {
  const broadcast = new Broadcast(music(8_000));
  const { alice, bob, agree, context } = await testCall({ codec: pcmu });
  agree();
  alice.session.source = broadcast.listen();
  await context.clock.play(1_000);
  expect(broadcast.stats().encoders).toBe(1);
  expect(alice.stream.stats().sent.level).toBeCloseTo(-20, 0);
  expect(fitSines(bob.ear.heard.slice(-4_000), 8_000, [700]).signalToNoise).toBeGreaterThan(30);
  expect(alice.stream.stats().sent.packets).toBeGreaterThan(48);
  alice.session.source = undefined;
  expect(broadcast.stats().encoders).toBe(0);
  alice.session.source = broadcast.listen();
  alice.session.close();
  expect(broadcast.stats().encoders).toBe(0);
  bob.session.close();
});
