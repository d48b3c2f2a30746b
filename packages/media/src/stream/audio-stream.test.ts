import { expect, test } from 'vitest';
import { parseRtpPacket } from '../rtp/rtp-packet.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { testCall } from './call.testing.ts';
import { linearCodec } from './linear-codec.testing.ts';

/** The longest run of samples that follow one another. */
function longestRun(samples: readonly number[]): number {
  let best = 0;
  let run = 0;
  for (const [index, sample] of samples.entries()) {
    run = index > 0 && sample === (samples[index - 1] ?? 0) + 1 ? run + 1 : 1;
    best = Math.max(best, run);
  }
  return best;
}

test('carries every sample, in both directions, until it is closed; then nothing is left', async () => {
  const { alice, bob, agree, context } = await testCall();
  expect(alice.stream.flowing).toBe('inactive');
  agree();
  await context.clock.play(990);
  for (const { ear, stream } of [alice, bob]) {
    expect(ear.heard).toHaveLength(8_000);
    expect(ear.sound.length).toBeGreaterThan(7_000);
    expect(longestRun(ear.sound)).toBe(ear.sound.length);
    expect(stream.flowing).toBe('sendrecv');
    expect(stream.stats()).toMatchObject({ sent: { packets: 50 }, received: { lost: 0, jitter: 0 } });
  }
  alice.engine.stop();
  bob.session.close();
  await context.clock.play(100);
  for (const { engine, session } of [alice, bob]) {
    expect(engine.stats()).toEqual({ streams: 0, paced: 0, skippedFrames: 0 });
    expect(session.streams).toEqual([]);
  }
  expect(context.clock.pending).toBe(0);
});

test('CX-19 packets have one source, and numbers and times that grow without a gap', async () => {
  const { network, agree, context } = await testCall();
  const packets: RtpPacket[] = [];
  const ports = network.host('carol', ['192.0.2.3']).ports();
  const port = await ports.bind('192.0.2.3', 4_000, (data, from) => {
    const packet = parseRtpPacket(data);
    if (from === '192.0.2.1' && typeof packet !== 'string') packets.push(packet);
  });
  agree('sendrecv', { remote: { address: '192.0.2.3', port: 4_000, controlPort: 4_001 } });
  await context.clock.play(500);
  expect(packets.length).toBeGreaterThan(20);
  const [first] = packets;
  for (const [place, { ssrc, sequenceNumber, timestamp }] of packets.entries()) {
    expect(ssrc).toBe(first?.ssrc);
    expect(sequenceNumber).toBe(((first?.sequenceNumber ?? 0) + place) % 65_536);
    expect(timestamp).toBe(((first?.timestamp ?? 0) + 160 * place) % 2 ** 32);
  }
  port?.close();
});

test('CX-19 sends exactly in the direction that is agreed', async () => {
  const { alice, bob, agree, context } = await testCall();
  for (const direction of ['sendonly', 'inactive', 'recvonly', 'sendrecv'] as const) {
    agree(direction);
    await context.clock.play(500);
    const before = [alice.stream.stats().sent.packets, bob.stream.stats().sent.packets];
    expect(alice.stream.flowing).toBe(direction);
    await context.clock.play(100);
    const sent = [alice, bob].map(({ stream }, index) => stream.stats().sent.packets - (before[index] ?? 0));
    expect(sent).toEqual([direction.startsWith('send') ? 5 : 0, /recv/.test(direction) ? 5 : 0]);
  }
});

test('sends nothing to port 0 and to the unspecified address', async () => {
  for (const remote of [
    { address: '0.0.0.0', port: 4_000, controlPort: 4_001 },
    { address: '192.0.2.2', port: 0, controlPort: 1 },
    { address: '0:0:0:0:0:0:0:0', port: 4_000, controlPort: 4_001 },
  ]) {
    const { alice, agree, context } = await testCall();
    agree('sendrecv', { remote });
    await context.clock.play(200);
    expect(alice.stream.stats().sent.packets).toBe(0);
    expect(alice.stream.flowing).toBe('inactive');
  }
});

test('each digit comes once, in order, and sound goes on behind it', async () => {
  const { alice, bob, agree, context } = await testCall();
  agree();
  const outcome = alice.session.sendDigits('12#D1');
  await context.clock.play(2_000);
  expect(await outcome).toBe('sent');
  expect(bob.digits).toEqual(['1', '2', '#', 'D', '1']);
  expect(bob.stream.flowing).toBe('sendrecv');
});

test('digits at a clock rate that the voice has not arrive, before the first sound too, and jitter stays that of sound', async () => {
  const { alice, bob, agree, context } = await testCall({ codec: linearCodec(16_000) });
  const receive = [
    { payloadType: 101, encoding: 'telephone-event', clockRate: 8_000, channels: 1 },
    { payloadType: 96, encoding: 'L16', clockRate: 16_000, channels: 1 },
  ];
  agree('sendrecv', { receive, sendEvents: { payloadType: 101, clockRate: 8_000 } });
  const outcome = alice.session.sendDigits('42');
  await context.clock.play(2_000);
  expect(await outcome).toBe('sent');
  expect(bob.digits).toEqual(['4', '2']);
  expect(bob.stream.stats().received.jitter).toBeLessThan(1);
});

test('who takes no digits gets none, and it is told', async () => {
  const { alice, agree } = await testCall();
  agree('sendrecv', { sendEvents: undefined });
  expect(await alice.session.sendDigits('1')).toBe('not-taken');
});

test('digits are refused where they cannot be sent, and told of when they are cut short', async () => {
  const { alice, bob, agree, context } = await testCall();
  expect(await alice.session.sendDigits('1')).toBe('not-possible');
  await expect(alice.session.sendDigits('1x')).rejects.toMatchObject({ code: 'invalid-digit' });
  agree();
  expect(await alice.session.sendDigits('1'.repeat(129))).toBe('not-possible');
  const outcome = alice.session.sendDigits('123');
  await context.clock.play(100);
  agree('recvonly');
  expect(await outcome).toBe('interrupted');
  await context.clock.play(1_000);
  expect(bob.digits).toEqual(['1']);
});

test('takes another source and sink in the middle', async () => {
  const { alice, bob, agree, context } = await testCall();
  agree();
  alice.session.source = undefined;
  await context.clock.play(500);
  expect(bob.ear.sound).toEqual([]);
  alice.session.source = alice.source;
  await context.clock.play(500);
  expect(bob.ear.sound.length).toBeGreaterThan(3_000);
  bob.session.sink = undefined;
  const heard = bob.ear.heard.length;
  await context.clock.play(500);
  expect(bob.ear.heard).toHaveLength(heard);
  expect(bob.stream.stats().received.level).toBeGreaterThan(-60);
});

test('sends nothing without a source where its engine does not send silence, and all of one that comes', async () => {
  const { alice, bob, agree, context } = await testCall({ engine: { sendsSilence: false } });
  const { source } = alice.session;
  alice.session.source = undefined;
  agree();
  await context.clock.play(500);
  expect(alice.stream.stats().sent.packets).toBe(0);
  expect(bob.stream.flowing).toBe('sendonly');
  alice.session.source = source;
  await context.clock.play(500);
  expect(alice.stream.stats().sent.packets).toBe(25);
  expect(bob.ear.sound.length).toBeGreaterThan(3_000);
  expect(longestRun(bob.ear.sound)).toBe(bob.ear.sound.length);
  alice.session.source = undefined;
  await context.clock.play(500);
  expect(alice.stream.stats().sent.packets).toBe(25);
});
