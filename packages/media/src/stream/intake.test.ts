import fc from 'fast-check';
import type { DatagramPort } from './datagram-network.ts';
import { expect, test } from 'vitest';
import { levelOf, silenceLevel } from '../measure/level.ts';
import { parseRtcp } from '../rtp/rtcp-parser.ts';
import type { RtcpPacket } from '../rtp/rtcp-packet.ts';
import { writeRtcp } from '../rtp/rtcp-writer.ts';
import { parseRtpPacket, writeRtpPacket, type RtpPacket } from '../rtp/rtp-packet.ts';
import { agreementFor, testCall, type Party, type TestCall } from './call.testing.ts';
import { packetsPerSecond } from './flood-gate.ts';
import { unknownPayloadType } from './transmitter.ts';
import { linearCodec } from './linear-codec.testing.ts';

interface RawPeer extends TestCall {
  readonly media: DatagramPort;
  readonly control: DatagramPort;
  readonly heardRtp: RtpPacket[];
  readonly heardRtcp: RtcpPacket[];
  /** Sends RTP to Alice. */
  rtp(index: number, change?: Partial<RtpPacket>, from?: DatagramPort): void;
  rtcp(packets: readonly RtcpPacket[], from?: DatagramPort): void;
  /** Another port of the peer's host. */
  neighbour(port: number): Promise<DatagramPort>;
  /** Another host's port. */
  stranger(address?: string, port?: number, receive?: (data: Uint8Array) => void): Promise<DatagramPort>;
  readonly dropped: () => Record<string, number>;
}

/** Alice talks to a peer of which the test sends each packet by hand, as one at 192.0.2.3. */
async function rawPeer(): Promise<RawPeer> {
  const codecs = [linearCodec(), linearCodec(16_000)];
  const call = await testCall({ engine: { codecs } });
  const { network, alice } = call;
  const heardRtp: RtpPacket[] = [];
  const heardRtcp: RtcpPacket[] = [];
  const ports = network.host('peer', ['192.0.2.3']).ports();
  const media = await ports.bind('192.0.2.3', 4_000, (data) => {
    const packet = parseRtpPacket(data);
    if (typeof packet !== 'string') heardRtp.push(packet);
  });
  const control = await ports.bind('192.0.2.3', 4_001, (data) => {
    const packets = parseRtcp(data);
    if (typeof packets !== 'string') heardRtcp.push(...packets);
  });
  if (media === undefined || control === undefined) throw new Error('no port');
  applyTo(alice);
  const { local } = alice.stream;
  return {
    ...call,
    media,
    control,
    heardRtp,
    heardRtcp,
    rtp(index, change = {}, from = media) {
      const packet: RtpPacket = {
        marker: false,
        payloadType: 96,
        sequenceNumber: index & 0xffff,
        timestamp: index * 160,
        ssrc: 77,
        csrcs: [],
        extension: undefined,
        payload: new Uint8Array(new Int16Array(160).fill(500).buffer),
        ...change,
      };
      from.send(writeRtpPacket(packet), local.port, local.address);
    },
    rtcp(packets, from = control) {
      const buffer = new Uint8Array(4_096);
      from.send(buffer.subarray(0, writeRtcp(buffer, packets)), local.controlPort, local.address);
    },
    async neighbour(port) {
      const bound = await ports.bind('192.0.2.3', port, () => undefined);
      if (bound === undefined) throw new Error('no port');
      return bound;
    },
    async stranger(address = '198.51.100.66', port = 6_000, receive = () => undefined) {
      const bound = await network.host(`stranger at ${address}`, [address]).ports().bind(address, port, receive);
      if (bound === undefined) throw new Error('no port');
      return bound;
    },
    dropped: () => ({ ...alice.stream.stats().dropped }),
  };
}

function applyTo(alice: Party, change: Partial<ReturnType<typeof agreementFor>> = {}): void {
  const remote = { address: '192.0.2.3', port: 4_000, controlPort: 4_001 };
  alice.stream.apply({ ...agreementFor(linearCodec(), alice.stream, 'sendrecv'), remote, ...change });
}

const report = (ssrc: number, more: readonly RtcpPacket[] = []): readonly RtcpPacket[] => [
  { kind: 'receiver-report', ssrc, blocks: [] },
  ...more,
];

test('strangers are not heard, and what they send is counted', async () => {
  const { rtp, rtcp, stranger, context, alice, dropped } = await rawPeer();
  const mallory = await stranger();
  for (let index = 0; index < 100; index += 1) {
    rtp(index, {}, mallory);
    if (index % 10 === 0) rtcp(report(5), mallory);
    await context.clock.play(20);
  }
  expect(alice.ear.sound).toEqual([]);
  expect(alice.stream.stats().received.packets).toBe(0);
  expect(alice.stream.stats().control.received).toBe(0);
  expect(dropped()).toMatchObject({ strangers: 110 });
});

test('where an address is not trusted nothing goes to it before RTP or RTCP has come from there', async () => {
  for (const shows of ['rtp', 'rtcp'] as const) {
    for (const multiplexed of [false, true]) {
      const { alice, rtp, rtcp, media, stranger, context, heardRtp, heardRtcp } = await rawPeer();
      const mallory = await stranger();
      alice.session.trusts = (address) => address === '198.51.100.66';
      applyTo(alice, { multiplexed, sendEvents: { payloadType: 101, clockRate: 8_000 } });
      const digits = alice.session.sendDigits('1');
      alice.source.next = 100;
      for (let index = 0; index < 1_000; index += 1) {
        rtp(index, {}, mallory);
        rtcp(report(5), mallory);
        await context.clock.play(20);
      }
      expect([heardRtp, heardRtcp]).toEqual([[], []]);
      expect(await digits).toBe('not-possible');
      // Nothing was read for nobody.
      expect(alice.source.next).toBe(100);
      if (shows === 'rtp') rtp(1);
      else if (multiplexed) {
        const buffer = new Uint8Array(100);
        media.send(
          buffer.subarray(0, writeRtcp(buffer, report(77))),
          alice.stream.local.port,
          alice.stream.local.address,
        );
      } else rtcp(report(77));
      await context.clock.play(20_000);
      expect(heardRtp.length).toBeGreaterThan(900);
      if (!multiplexed) expect(heardRtcp.length).toBeGreaterThan(1);
      // Another address has to show itself anew.
      applyTo(alice, { multiplexed, remote: { address: '192.0.2.4', port: 4_000, controlPort: 4_001 } });
      const before = alice.stream.stats().sent.packets;
      await context.clock.play(20_000);
      expect(alice.stream.stats().sent.packets - before).toBeLessThan(2);
      alice.engine.stop();
    }
  }
});

test('garbage from the peer itself is counted and changes nothing', async () => {
  const { media, control, rtp, context, alice, dropped } = await rawPeer();
  const { local } = alice.stream;
  const garbage = fc.sample(fc.uint8Array({ maxLength: 1_400 }), { numRuns: 300, seed: 1 });
  for (const [index, bytes] of garbage.entries()) {
    rtp(index);
    media.send(bytes, local.port, local.address);
    control.send(bytes, local.controlPort, local.address);
    await context.clock.play(20);
  }
  const { malformed = 0, unknownFormat = 0, outOfSequence = 0 } = dropped();
  expect(malformed).toBeGreaterThan(300);
  expect(malformed + unknownFormat + outOfSequence).toBeLessThanOrEqual(600);
  expect(alice.stream.stats().received.packets).toBeGreaterThanOrEqual(290);
  expect(alice.ear.sound.length / (290 * 160)).toBeGreaterThan(0.98);
});

test('a flood is cut, and the call goes on when it is over', async () => {
  const { rtp, context, alice, dropped } = await rawPeer();
  for (let index = 0; index < 20_000; index += 1) rtp(index, { timestamp: index });
  await context.clock.play(2_000);
  expect(dropped()).toMatchObject({ flood: 20_000 - packetsPerSecond });
  expect(alice.stream.stats().jitterBuffer.held).toBeLessThanOrEqual(64);
  for (let index = 20_000; index < 20_100; index += 1) {
    rtp(index, { timestamp: index * 160 });
    await context.clock.play(20);
  }
  expect(alice.stream.flowing).toBe('sendrecv');
  expect(alice.stream.stats().received.level).toBeGreaterThan(-50);
});

test('a flood of strangers, or of RTCP, takes nothing from the peer', async () => {
  const { rtp, rtcp, stranger, neighbour, context, alice, dropped } = await rawPeer();
  const mallory = await stranger();
  const other = await neighbour(6_000);
  for (let index = 0; index < 50; index += 1) {
    rtp(index);
    for (let each = 0; each < 40; each += 1) {
      rtp(each, {}, mallory);
      rtcp(report(5), other);
    }
    await context.clock.play(20);
  }
  expect(alice.stream.stats().received.packets).toBe(50);
  expect(alice.stream.stats().jitterBuffer).toMatchObject({ concealed: 0, late: 0 });
  expect(dropped()).toMatchObject({ strangers: 2_000, flood: 2_000 - packetsPerSecond });
});

test('STUN of the peer (RFC 5389) is no sound, and is not answered', async () => {
  const { media, rtp, context, alice, dropped, heardRtp } = await rawPeer();
  const { local } = alice.stream;
  const request = Uint8Array.of(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  for (let index = 0; index < 50; index += 1) {
    rtp(index);
    media.send(request, local.port, local.address);
    await context.clock.play(20);
  }
  expect(dropped()).toMatchObject({ malformed: 50 });
  expect(alice.stream.stats().received.packets).toBe(50);
  expect(heardRtp.every(({ payloadType }) => payloadType === 96)).toBe(true);
});

test('who comes to another port is heard there and sent to there, though the old one goes on for a while', async () => {
  const { rtp, neighbour, context, alice, heardRtp } = await rawPeer();
  for (let index = 0; index < 20; index += 1) {
    rtp(index);
    await context.clock.play(20);
  }
  const moved = await neighbour(4_100);
  applyTo(alice, { remote: { address: '192.0.2.3', port: 4_100, controlPort: 4_101 } });
  await context.clock.play(20);
  heardRtp.length = 0;
  for (let index = 20; index < 40; index += 1) {
    rtp(index);
    await context.clock.play(20);
  }
  // Nothing goes to where it has left, and what it said there is heard.
  expect(heardRtp).toEqual([]);
  expect(alice.stream.stats().received.packets).toBe(40);
  rtp(40, {}, moved);
  for (let index = 0; index < 10; index += 1) rtp(index, { ssrc: 78 });
  await context.clock.play(20);
  expect(alice.stream.stats().received.packets).toBe(41);
});

test('payload types that were not agreed are not decoded', async () => {
  const { rtp, context, alice, dropped } = await rawPeer();
  for (let index = 0; index < 50; index += 1) {
    rtp(index, { payloadType: 97 });
    await context.clock.play(20);
  }
  expect(alice.ear.sound).toEqual([]);
  expect(dropped()).toMatchObject({ unknownFormat: 50 });
});

test('a payload that is none of the codec is silence, not an error', async () => {
  const { rtp, context, alice } = await rawPeer();
  for (let index = 0; index < 50; index += 1) {
    rtp(index, { payload: new Uint8Array(index % 2 === 0 ? 3 : 0) });
    await context.clock.play(20);
  }
  expect(alice.stream.stats().received.undecodable).toBeGreaterThan(30);
});

test('a packet that holds seconds of sound is not played, and delays nothing', async () => {
  const { rtp, context, alice } = await rawPeer();
  const loud = (samples: number, level: number): Uint8Array =>
    new Uint8Array(new Int16Array(samples).fill(level).buffer);
  for (let index = 0; index < 100; index += 1) {
    rtp(index, { payload: index === 50 ? loud(30_000, 9_000) : loud(160, 500) });
    await context.clock.play(20);
  }
  const { jitterBuffer, received } = alice.stream.stats();
  expect(alice.ear.heard).not.toContain(9_000);
  expect(received.undecodable).toBe(1);
  expect(jitterBuffer).toMatchObject({ late: 0, jumps: 0, concealed: 20 });
});

test.each([
  [1_600, 0],
  [1_601, 1],
])(
  'of a packet that holds %i samples, 8 of a millisecond, so many cannot be played: %i',
  async (samples, undecodable) => {
    const { rtp, context, alice } = await rawPeer();
    for (let index = 0; index < 20; index += 1) {
      rtp(index, { payload: new Uint8Array(new Int16Array(index === 10 ? samples : 160).fill(500).buffer) });
      await context.clock.play(20);
    }
    expect(alice.stream.stats().received.undecodable).toBe(undecodable);
  },
);

test('another source of the peer is heard after two packets, one packet of a third is not', async () => {
  const { rtp, context, alice, dropped } = await rawPeer();
  for (let index = 0; index < 50; index += 1) {
    rtp(index);
    if (index % 10 === 5) rtp(index + 7 * index, { ssrc: 1_000 + index });
    await context.clock.play(20);
  }
  expect(dropped()).toMatchObject({ outOfSequence: 5 });
  for (let index = 0; index < 50; index += 1) {
    rtp(500 + index, { ssrc: 78, timestamp: 5 + index * 160 });
    await context.clock.play(20);
  }
  expect(dropped()).toMatchObject({ outOfSequence: 6 });
  expect(alice.stream.stats().received.packets).toBe(99);
  expect(alice.stream.stats().received.lost).toBe(0);
});

test('follows the peer behind a NAT, whatever address and port it shows, and strangers no more', async () => {
  const { alice, bob, network, context, agree } = await testCall();
  const nat = network.nat({ address: '203.0.113.1', filtering: 'endpoint-independent' });
  const inside = network.host('inside', ['10.0.0.5'], nat);
  const port = await inside.ports().bind('10.0.0.5', 4_000, () => undefined);
  agree('sendrecv', { remote: { address: '10.0.0.5', port: 4_000, controlPort: 4_001 } });
  bob.engine.stop();
  const { local } = alice.stream;
  for (let index = 0; index < 50; index += 1) {
    const bytes = new Uint8Array(332);
    bytes.set([0x80, 96, 0, index, 0, 0, (index * 160) >> 8, (index * 160) & 255, 0, 0, 0, 9]);
    bytes.fill(1, 12);
    port?.send(bytes, local.port, local.address);
    await context.clock.play(20);
  }
  expect(alice.stream.flowing).toBe('sendrecv');
  expect(alice.ear.sound.length).toBeGreaterThan(6_000);
  expect(alice.stream.stats().dropped.strangers).toBe(1);
});

test('takes another synchronization source where the peer has ours, once, and says goodbye with the old one', async () => {
  const { rtp, heardRtp, heardRtcp, context, alice, dropped } = await rawPeer();
  await context.clock.play(100);
  const ours = heardRtp[0]?.ssrc ?? 0;
  rtp(1, { ssrc: ours });
  await context.clock.play(100);
  const next = heardRtp.at(-1)?.ssrc ?? 0;
  expect(next).not.toBe(ours);
  expect(heardRtcp.filter(({ kind }) => kind === 'goodbye')).toEqual([{ kind: 'goodbye', ssrcs: [ours] }]);
  // An echo sends back what it gets: that is a loop, and nothing more is done about it.
  for (let index = 0; index < 10; index += 1) rtp(2 + index, { ssrc: next });
  await context.clock.play(100);
  expect(heardRtp.at(-1)?.ssrc).toBe(next);
  expect(dropped()).toMatchObject({ looped: 11 });
  expect(alice.stream.stats().received.packets).toBe(0);
});

test('another clock rate is another source; another codec of the same rate is not (RFC 7160 4.1)', async () => {
  const { heardRtp, context, alice } = await rawPeer();
  await context.clock.play(100);
  applyTo(alice, { packetTime: 40 });
  await context.clock.play(100);
  expect(new Set(heardRtp.map(({ ssrc }) => ssrc)).size).toBe(1);
  const wide = { payloadType: 99, encoding: 'L16', clockRate: 16_000, channels: 1 };
  applyTo(alice, { send: wide });
  await context.clock.play(100);
  expect(heardRtp.at(-1)?.payloadType).toBe(99);
  expect(new Set(heardRtp.map(({ ssrc }) => ssrc)).size).toBe(2);
});

test('goes on with RTCP and without sound while on hold, and sends nothing at all where there is nobody', async () => {
  for (const direction of ['inactive', 'recvonly'] as const) {
    const { alice, heardRtp, heardRtcp, context } = await rawPeer();
    applyTo(alice, { direction });
    await context.clock.play(29_000);
    expect(heardRtp.filter(({ payloadType }) => payloadType !== unknownPayloadType)).toEqual([]);
    expect(heardRtcp.filter(({ kind }) => kind === 'receiver-report').length).toBeGreaterThan(3);
    applyTo(alice, { remote: { address: '192.0.2.3', port: 0, controlPort: 4_001 } });
    const before = [heardRtp.length, heardRtcp.length];
    await context.clock.play(30_000);
    expect([heardRtp.length, heardRtcp.length]).toEqual(before);
  }
});

test('sends RTCP to another address than RTP where it is asked to, and takes it from there (RFC 3605)', async () => {
  const { alice, stranger, rtcp, heardRtcp, context } = await rawPeer();
  const elsewhere: RtcpPacket[] = [];
  const monitor = await stranger('192.0.2.9', 4_009, (data) => {
    const packets = parseRtcp(data);
    if (typeof packets !== 'string') elsewhere.push(...packets);
  });
  const remote = { address: '192.0.2.3', port: 4_000, controlPort: 4_009 };
  // The address alone changes, and it is trusted as those of RTP are.
  applyTo(alice, { remote: { ...remote, controlAddress: '192.0.2.9' } });
  alice.session.trusts = (address) => address !== '192.0.2.9';
  await context.clock.play(20_000);
  expect([heardRtcp, elsewhere]).toEqual([[], []]);
  rtcp(report(77), monitor);
  await context.clock.play(20_000);
  expect(alice.stream.stats().control.received).toBe(1);
  expect(elsewhere.length).toBeGreaterThan(1);
  expect(heardRtcp).toEqual([]);
  const before = elsewhere.length;
  applyTo(alice, { remote: { ...remote, controlPort: 0 } });
  await context.clock.play(20_000);
  expect([heardRtcp.length, elsewhere.length]).toEqual([0, before]);
});

test('says goodbye when it is closed, where it had been heard of', async () => {
  const { alice, heardRtcp, context } = await rawPeer();
  await context.clock.play(100);
  alice.stream.close();
  await context.clock.play(100);
  expect(heardRtcp.at(-1)).toMatchObject({ kind: 'goodbye' });
  expect(context.clock.pending).toBe(0);
});

test('lies in reports change no more than what is told of them', async () => {
  const { rtcp, heardRtp, context, alice } = await rawPeer();
  await context.clock.play(1_000);
  const ours = heardRtp[0]?.ssrc ?? 0;
  const block = { fractionLost: 255, cumulativeLost: -1, highestSequence: 7, jitter: 0xffff_ffff };
  const lie = { ssrc: ours, ...block, lastSenderReport: 1, delaySinceLastSenderReport: 0 };
  for (let count = 0; count < 200; count += 1) {
    rtcp([
      {
        kind: 'sender-report',
        ssrc: count,
        ntp: { seconds: 0, fraction: 0 },
        rtpTimestamp: 0,
        packets: 0xffff_ffff,
        octets: 0,
        blocks: Array.from({ length: 31 }, () => lie),
      },
      { kind: 'goodbye', ssrcs: [1, 2, 3, ours] },
    ]);
    await context.clock.play(10);
  }
  const { roundTrip, sent } = alice.stream.stats();
  expect(roundTrip).toBe(undefined);
  expect(sent.lost).toBeCloseTo(1, 1);
  expect(alice.stream.flowing).toBe('sendonly');
});

test.each([
  [9.9, 9_900],
  [10.1, undefined],
])('a round trip of %s s that a report tells is believed: %s', async (seconds, expected) => {
  const { rtcp, heardRtp, heardRtcp, context, alice } = await rawPeer();
  while (heardRtcp.length === 0) await context.clock.play(10);
  const [first] = heardRtcp;
  if (first?.kind !== 'sender-report') throw new Error('no report');
  const { seconds: whole, fraction } = first.ntp;
  await context.clock.play(20_000);
  const block = { fractionLost: 0, cumulativeLost: 0, highestSequence: 7, jitter: 0 };
  const told = {
    ssrc: heardRtp[0]?.ssrc ?? 0,
    ...block,
    lastSenderReport: ((whole << 16) | (fraction >>> 16)) >>> 0,
    delaySinceLastSenderReport: Math.round((20 - seconds) * 0x1_0000),
  };
  rtcp([{ kind: 'receiver-report', ssrc: 77, blocks: [told] }]);
  await context.clock.play(10);
  const { roundTrip } = alice.stream.stats();
  expect(roundTrip === undefined ? undefined : Math.round(roundTrip / 100) * 100).toBe(expected);
});

test('reports tell what was lost, and a goodbye is heard until the source is', async () => {
  const { rtp, rtcp, heardRtcp, context, alice } = await rawPeer();
  for (let index = 0; index < 1_000; index += 1) {
    if (index % 4 !== 0) rtp(index);
    await context.clock.play(20);
  }
  const blocks = heardRtcp.flatMap((packet) => (packet.kind === 'sender-report' ? packet.blocks : []));
  expect(blocks.at(-1)?.ssrc).toBe(77);
  expect((blocks.at(-1)?.fractionLost ?? 0) / 256).toBeCloseTo(0.25, 1);
  rtcp(report(77, [{ kind: 'goodbye', ssrcs: [77] }]));
  await context.clock.play(20);
  expect(alice.stream.stats().received.left).toBe(true);
  rtp(1_001);
  await context.clock.play(20);
  expect(alice.stream.stats().received.left).toBe(false);
});

test('RTP and RTCP share a port where that is agreed', async () => {
  const { alice, bob, agree, context } = await testCall();
  agree('sendrecv', { multiplexed: true });
  await context.clock.play(20_000);
  for (const { stream } of [alice, bob]) {
    const { control, roundTrip, dropped } = stream.stats();
    expect(control.received).toBeGreaterThan(1);
    expect(roundTrip).toBeCloseTo(2, 0);
    expect(Object.values(dropped).every((count) => count === 0)).toBe(true);
  }
});

test('a shared port that no RTP goes through on hold is kept open by RTCP, at least every 15 seconds', async () => {
  const { alice, bob, agree, context } = await testCall();
  agree('inactive', { multiplexed: true });
  await context.clock.play(15_000);
  for (let time = 0; time < 120_000; time += 15_000) {
    const before = [alice, bob].map(({ stream }) => stream.stats().control.received);
    await context.clock.play(15_000);
    for (const [index, { stream }] of [alice, bob].entries()) {
      expect(stream.stats().control.received).toBeGreaterThan(before[index] ?? 0);
      expect(stream.stats().sent.packets).toBe(0);
    }
  }
});

test.each([
  ['is held', 'inactive'],
  ['only listens', 'recvonly'],
] as const)(
  'who %s shows every 15 seconds that it is there, where RTCP has a port of its own (RFC 6263)',
  async (_, direction) => {
    const { context, alice, heardRtp } = await rawPeer();
    applyTo(alice, { direction });
    await context.clock.play(200);
    heardRtp.length = 0;
    await context.clock.play(31_000);
    expect(heardRtp.map(({ payloadType, payload }) => [payloadType, payload.length])).toEqual([
      [unknownPayloadType, 0],
      [unknownPayloadType, 0],
    ]);
    expect(alice.ear.sound).toEqual([]);
  },
);

test.each([
  ['who sends', { direction: 'sendrecv' }],
  ['whose port has RTCP as well', { direction: 'inactive', multiplexed: true }],
  [
    'who has nowhere to send to',
    { direction: 'inactive', remote: { address: '0.0.0.0', port: 4_000, controlPort: 4_001 } },
  ],
] as const)('%s has no need to', async (_, agreement) => {
  const { context, alice, heardRtp } = await rawPeer();
  applyTo(alice, agreement);
  await context.clock.play(31_000);
  expect(heardRtp.filter(({ payloadType }) => payloadType === unknownPayloadType)).toEqual([]);
});

/** A second of the far end's voice, and what Alice hears of it. */
async function voice({ rtp, context }: RawPeer, from: number): Promise<void> {
  for (let index = from; index < from + 50; index += 1) {
    rtp(index);
    await context.clock.play(20);
  }
}

test('such a packet of the far end is no sound and stops none', async () => {
  const peer = await rawPeer();
  const { rtp, context, alice, dropped } = peer;
  await voice(peer, 0);
  rtp(50, { payloadType: unknownPayloadType, timestamp: 50 * 160, payload: new Uint8Array(0) });
  await context.clock.play(1_000);
  const loud = (): number => alice.ear.sound.filter((sample) => sample === 500).length;
  const before = loud();
  await context.clock.play(500);
  expect(loud()).toBe(before);
  await voice(peer, 100);
  expect(loud() - before).toBeGreaterThan(40 * 160);
  expect(dropped()).toMatchObject({ unknownFormat: 1 });
});

test.each([40, 60, 70])(
  'comfort noise at -%i dBov is heard so loud in a pause, until the voice is back (RFC 3389)',
  async (level) => {
    const peer = await rawPeer();
    const { rtp, context, alice, dropped } = peer;
    let before = 0;
    const since = (): number[] => {
      const { sound } = alice.ear;
      const from = before;
      before = sound.length;
      return [...sound.slice(from)];
    };
    await voice(peer, 0);
    rtp(50, { payloadType: 13, timestamp: 50 * 160, payload: Uint8Array.of(level) });
    await context.clock.play(300);
    since();
    await context.clock.play(2_000);
    expect(levelOf(since())).toBeCloseTo(-level, 0);
    expect(alice.stream.stats().jitterBuffer.concealed).toBe(0);
    // It can change its mind.
    rtp(51, { payloadType: 13, timestamp: 150 * 160, payload: Uint8Array.of(level + 6, 127) });
    await context.clock.play(1_000);
    since();
    await context.clock.play(1_000);
    expect(levelOf(since())).toBeCloseTo(-level - 6, 0);
    for (let index = 0; index < 50; index += 1) {
      rtp(52 + index, { timestamp: (230 + index) * 160 });
      await context.clock.play(20);
    }
    expect(since().filter((sample) => sample === 500).length).toBeGreaterThan(40 * 160);
    await context.clock.play(500);
    since();
    await context.clock.play(500);
    expect(levelOf(since())).toBe(silenceLevel);
    expect(dropped()).toMatchObject({ unknownFormat: 0, outOfSequence: 0 });
  },
);

test('comfort noise without a level, or of a source that was never heard, is none', async () => {
  const peer = await rawPeer();
  const { rtp, context, alice, dropped } = peer;
  rtp(0, { payloadType: 13, payload: Uint8Array.of(40) });
  await voice(peer, 1);
  rtp(51, { payloadType: 13, payload: new Uint8Array(0) });
  rtp(52, { payloadType: 13, payload: Uint8Array.of(200) });
  await context.clock.play(300);
  const before = alice.ear.sound.length;
  await context.clock.play(500);
  expect(levelOf(alice.ear.sound.slice(before))).toBe(silenceLevel);
  expect(dropped()).toMatchObject({ unknownFormat: 2, outOfSequence: 1 });
});
