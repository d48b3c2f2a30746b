import { SeededRandom } from '@switchhook/sim';
import type { CryptoAttribute } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { createSdesKeys } from '../srtp/sdes-key.ts';
import { agreementFor, testCall, type TestCall } from './call.testing.ts';
import { writeRtpPacket } from '../rtp/rtp-packet.ts';
import { longestTrailer } from '../srtp/srtp-sender.ts';
import { maximumRemoteKeys, StreamSecurity } from './stream-security.ts';
import type { DatagramPort } from './datagram-network.ts';
import { linearCodec } from './linear-codec.testing.ts';

const suite = 'AES_CM_128_HMAC_SHA1_80';

function keyOf(seed: number): CryptoAttribute {
  const [key] = createSdesKeys(new SeededRandom(seed), [suite]);
  if (key === undefined) throw new Error('no key');
  return key;
}

/** Puts keys into effect: Alice's first, then Bob's. */
function protect({ alice, bob }: TestCall, aliceKey: CryptoAttribute, bobKey: CryptoAttribute): void {
  applyTo(alice, bob, { send: aliceKey, receive: bobKey });
  applyTo(bob, alice, { send: bobKey, receive: aliceKey });
}

function applyTo(
  one: TestCall['alice'],
  other: TestCall['alice'],
  crypto: { send: CryptoAttribute; receive: CryptoAttribute },
): void {
  one.stream.apply({ ...agreementFor(linearCodec(), other.stream, 'sendrecv'), crypto });
}

test('sound and reports go protected, and come back as they were', async () => {
  const call = await testCall();
  const { alice, bob, context } = call;
  protect(call, keyOf(1), keyOf(2));
  await context.clock.play(12_000);
  for (const { stream, ear } of [alice, bob]) {
    expect(stream.flowing).toBe('sendrecv');
    expect(ear.sound.length).toBeGreaterThan(90_000);
    const { dropped, control, roundTrip } = stream.stats();
    expect(Object.values(dropped).every((count) => count === 0)).toBe(true);
    expect(control.received).toBeGreaterThan(0);
    expect(roundTrip).toBeCloseTo(2, 0);
  }
});

test('a stream has a key of its own for each suite, and none where it is not to be protected', async () => {
  const { alice } = await testCall({ engine: { security: 'optional' } });
  expect(alice.session.capabilities[0]?.cryptoSuites).toEqual(alice.stream.crypto.map((key) => key.suite));
  expect(alice.stream.crypto.length).toBeGreaterThan(1);
  const other = await testCall();
  expect(other.alice.stream.crypto).toEqual([]);
  const required = other.alice.engine.session('required');
  expect(required.capabilities[0]?.security).toBe('required');
  await required.open('audio');
  expect(required.streams[0]?.crypto).not.toEqual([]);
});

test('drops what is not protected, and what another key protected', async () => {
  const call = await testCall();
  const { alice, bob, context } = call;
  applyTo(alice, bob, { send: keyOf(1), receive: keyOf(2) });
  applyTo(bob, alice, { send: keyOf(3), receive: keyOf(1) });
  await context.clock.play(500);
  expect(alice.ear.sound).toEqual([]);
  expect(alice.stream.stats().dropped.unauthentic).toBeGreaterThan(20);
  bob.stream.apply(agreementFor(linearCodec(), alice.stream, 'sendrecv'));
  await context.clock.play(500);
  expect(alice.ear.sound).toEqual([]);
  expect(bob.stream.stats().dropped.unauthentic).toBe(0);
});

test('sends nothing where a key cannot be used: never in the clear', async () => {
  const call = await testCall();
  const { alice, bob, context } = call;
  applyTo(alice, bob, { send: { ...keyOf(1), suite: 'F8_128_HMAC_SHA1_80' }, receive: keyOf(2) });
  applyTo(bob, alice, { send: keyOf(2), receive: { ...keyOf(1), key: 'AAAA' } });
  await context.clock.play(10_000);
  for (const { stream } of [alice, bob]) {
    expect(stream.stats().sent.packets).toBe(0);
    expect(stream.stats().control.received).toBe(0);
  }
});

test('changes keys without losing a sample, though one side changes later', async () => {
  const call = await testCall();
  const { alice, bob, context } = call;
  protect(call, keyOf(1), keyOf(2));
  await context.clock.play(500);
  applyTo(bob, alice, { send: keyOf(2), receive: keyOf(3) });
  await context.clock.play(100);
  applyTo(alice, bob, { send: keyOf(3), receive: keyOf(2) });
  await context.clock.play(500);
  expect(bob.stream.stats().dropped.unauthentic).toBe(0);
  expect(bob.stream.stats().jitterBuffer.concealed).toBe(0);
});

test('a key that comes back goes on counting, so that nothing is encrypted twice alike', () => {
  const one = new StreamSecurity();
  const other = new StreamSecurity();
  const change = (seed: number): void => {
    one.apply({ send: keyOf(seed), receive: keyOf(100) });
    other.apply({ send: keyOf(100), receive: keyOf(seed) });
  };
  const arrives = (sequenceNumber: number): boolean => {
    const header = { marker: false, payloadType: 0, timestamp: 0, ssrc: 1, csrcs: [], extension: undefined };
    const plain = writeRtpPacket({ ...header, sequenceNumber, payload: new Uint8Array(160) });
    const buffer = new Uint8Array(plain.length + longestTrailer);
    buffer.set(plain);
    return other.unprotectRtp(buffer.slice(0, one.protectRtp(buffer, plain.length))) !== undefined;
  };
  change(1);
  // Around the end of the sequence numbers, where the roll-over counter becomes 1.
  expect([65_535, 0, 1].map(arrives)).toEqual([true, true, true]);
  change(2);
  expect([2, 3].map(arrives)).toEqual([true, true]);
  change(1);
  expect([4, 5].map(arrives)).toEqual([true, true]);
  expect(arrives(1)).toBe(false);
});

test('of many keys of the far end the last are remembered', () => {
  const security = new StreamSecurity();
  for (let seed = 1; seed < 1_000; seed += 1) security.apply({ send: keyOf(0), receive: keyOf(seed) });
  expect(security.remembered).toBe(maximumRemoteKeys);
});

test('a replay from elsewhere is not heard, and gets nothing once the far end has spoken for itself (RFC 3711 3.3.2)', async () => {
  const { alice, network, context } = await testCall();
  const peer = network.host('peer', ['192.0.2.3']).ports();
  const evil = network.host('mallory', ['198.51.100.66']).ports();
  const got = { peer: 0, evil: 0 };
  const from = await peer.bind('192.0.2.3', 4_000, () => (got.peer += 1));
  const mallory = await evil.bind('198.51.100.66', 6_000, () => (got.evil += 1));
  const [ours, theirs] = [keyOf(1), keyOf(2)];
  const remote = { address: '192.0.2.3', port: 4_000, controlPort: 4_001 };
  const agreement = { ...agreementFor(linearCodec(), alice.stream, 'sendrecv'), remote };
  alice.stream.apply({ ...agreement, crypto: { send: ours, receive: theirs } });
  const security = new StreamSecurity();
  security.apply({ send: theirs, receive: ours });
  const protectedPacket = (index: number): Uint8Array => {
    const plain = writeRtpPacket({
      ...{ marker: false, payloadType: 96, sequenceNumber: index, timestamp: index * 160, ssrc: 77, csrcs: [] },
      ...{ extension: undefined, payload: new Uint8Array(320).fill(1) },
    });
    const bytes = new Uint8Array(plain.length + longestTrailer);
    bytes.set(plain);
    return bytes.subarray(0, security.protectRtp(bytes, plain.length));
  };
  const { local } = alice.stream;
  const say = (port: DatagramPort | undefined, bytes: Uint8Array): void => port?.send(bytes, local.port, local.address);
  // Whoever is on the way and faster than the far end can have it sent to him, without the keys to hear it.
  say(mallory, protectedPacket(0));
  await context.clock.play(40);
  expect(got.evil).toBeGreaterThan(0);
  for (let index = 1; index < 50; index += 1) {
    const bytes = protectedPacket(index);
    say(from, bytes);
    await context.clock.play(10);
    say(mallory, bytes);
    say(from, bytes);
    await context.clock.play(10);
    if (index === 1) got.evil = 0;
  }
  expect(got.evil).toBe(0);
  expect(got.peer).toBeGreaterThan(40);
  const { received, dropped } = alice.stream.stats();
  expect(received.packets).toBe(50);
  expect(dropped).toMatchObject({ strangers: 49, unauthentic: 49 });
});
