import { SeededRandom, VirtualClock } from '@switchhook/sim';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultJitterBufferOptions,
  JitterBuffer,
  longestConcealment,
  type JitterBufferStats,
} from './jitter-buffer.ts';
import type { RtpPacket } from './rtp-packet.ts';

const frame = 160;

function packet(index: number, change: Partial<RtpPacket> = {}): RtpPacket {
  return {
    marker: false,
    payloadType: 0,
    sequenceNumber: index & 0xffff,
    timestamp: (index * frame) >>> 0,
    ssrc: 1,
    csrcs: [],
    extension: undefined,
    payload: new Uint8Array(0),
    ...change,
  };
}

interface Arrival {
  readonly time: number;
  readonly packet: RtpPacket;
}

interface Heard {
  /** A letter for each 20 ms: what was played. */
  readonly kinds: string;
  /** Sequence numbers in the order they were played. */
  readonly order: readonly number[];
  /** For each piece that was made up: the packet that was handed over with it. */
  readonly hints: readonly (number | undefined)[];
  readonly delays: readonly number[];
  readonly stats: JitterBufferStats;
}

/** Plays what arrives by a frame every 20 ms, for so many milliseconds. */
function listen(arrivals: readonly Arrival[], milliseconds: number): Heard {
  const clock = new VirtualClock();
  const buffer = new JitterBuffer(clock, 8_000);
  for (const { time, packet: each } of arrivals) clock.after(time, () => buffer.put(each));
  let kinds = '';
  const order: number[] = [];
  const delays: number[] = [];
  const hints: (number | undefined)[] = [];
  const tick = (): void => {
    for (let wanted = frame; wanted > 0;) {
      const playout = buffer.take(wanted);
      if (playout.kind === 'packet') {
        order.push(playout.packet.sequenceNumber);
        buffer.played(playout.packet, frame);
        wanted -= frame;
      } else wanted -= playout.units;
      if (playout.kind === 'conceal') hints.push(playout.next?.sequenceNumber);
      if (wanted <= 0) kinds += { packet: 'p', conceal: 'c', silence: 's' }[playout.kind];
    }
    delays.push(buffer.stats().delay);
    clock.after(20, tick);
  };
  clock.after(7, tick);
  clock.advance(milliseconds);
  return { kinds, order, hints, delays, stats: buffer.stats() };
}

const sequence = (count: number, start = 0): RtpPacket[] =>
  Array.from({ length: count }, (_, index) => packet(start + index));
const regular = (packets: readonly RtpPacket[], delay = 0): Arrival[] =>
  packets.map((each, index) => ({ time: index * 20 + delay, packet: each }));
const ascending = (order: readonly number[]): boolean =>
  order.every((each, index) => index === 0 || ((each - (order[index - 1] ?? 0)) & 0xffff) < 0x8000);

test('plays every packet of a regular stream, 20 to 40 ms behind', () => {
  const { kinds, order, stats, delays } = listen(regular(sequence(200)), 3_990);
  expect(kinds).toMatch(/^s{1,2}p+$/);
  expect(order).toEqual(Array.from({ length: order.length }, (_, index) => index));
  expect(stats).toMatchObject({ late: 0, duplicated: 0, reordered: 0, dropped: 0, concealed: 0, jumps: 0, target: 20 });
  expect(Math.max(...delays.slice(10))).toBeLessThanOrEqual(40);
});

test('conceals a lost packet, and nothing else', () => {
  const { kinds, stats } = listen(
    regular(sequence(100)).filter((_, index) => index !== 50),
    1_900,
  );
  expect(kinds).toMatch(/^s+p+cp+$/);
  expect(stats.concealed).toBe(20);
});

test('hands over the packet behind a lost one, for codecs that repeat in it what was lost', () => {
  const { hints } = listen(
    regular(sequence(100)).filter((_, index) => index !== 50 && index !== 70 && index !== 71),
    1_900,
  );
  expect(hints).toEqual([51, undefined, 72]);
});

test('makes up sound for 100 ms at most when nothing comes any more', () => {
  const { kinds, stats } = listen(regular(sequence(50)), 3_000);
  expect(kinds).toMatch(/^s+p+c{1,5}s+$/);
  expect(stats.concealed).toBeLessThanOrEqual(longestConcealment);
});

test('a sender that pauses is silent, and is heard again without a gap', () => {
  const talk = regular(sequence(50));
  const again = Array.from({ length: 50 }, (_, index) => ({
    time: 2_000 + index * 20,
    packet: packet(50 + index, { timestamp: (100 + index) * frame, marker: index === 0 }),
  }));
  const { kinds, stats } = listen([...talk, ...again], 2_900);
  expect(kinds).toMatch(/^s+p{50}c{0,5}s+p+$/);
  expect(stats.jumps).toBe(0);
});

test('repeats and reorders nothing: what comes twice or out of order is put right, what comes late is dropped', () => {
  const arrivals = regular(sequence(200)).flatMap(({ time, packet: each }, index) => {
    if (index % 10 === 3) return [{ time: time + 25, packet: each }];
    if (index % 10 === 5)
      return [
        { time, packet: each },
        { time: time + 1, packet: each },
      ];
    return [{ time, packet: each }];
  });
  const { order, stats } = listen(arrivals, 3_900);
  expect(ascending(order)).toBe(true);
  expect(new Set(order).size).toBe(order.length);
  expect(stats.duplicated + stats.late).toBeGreaterThanOrEqual(19);
  expect(stats.reordered).toBeGreaterThan(10);
  // It learns from the first late ones: then all are waited for.
  expect(order.slice(-100)).toEqual(Array.from({ length: 100 }, (_, index) => (order.at(-100) ?? 0) + index));
});

test('learns from what comes late: a packet in ten that is 70 ms slower is waited for', () => {
  const arrivals = regular(sequence(400)).map(({ time, packet: each }, index) => ({
    time: index % 10 === 3 ? time + 70 : time,
    packet: each,
  }));
  const { order, stats } = listen(arrivals, 7_900);
  expect(order.slice(-200)).toEqual(Array.from({ length: 200 }, (_, index) => (order.at(-200) ?? 0) + index));
  expect(stats.late).toBeLessThan(10);
  expect(stats.jumps).toBe(0);
});

test('goes around the end of sequence numbers and timestamps', () => {
  const start = 65_500;
  const packets = sequence(200, start).map((each, index) => ({
    ...each,
    timestamp: (0xffff_ffff - 10_000 + index * frame) >>> 0,
  }));
  const { kinds, stats } = listen(regular(packets), 3_900);
  expect(kinds).toMatch(/^s+p+$/);
  expect(stats).toMatchObject({ late: 0, concealed: 0, jumps: 0 });
});

test('follows a sender whose timestamps jump, in either direction, after losing at most one packet', () => {
  for (const jump of [5_000_000, -5_000_000, 0x7000_0000]) {
    const packets = sequence(200).map((each, index) =>
      index < 100 ? each : { ...each, timestamp: (each.timestamp + jump) >>> 0 },
    );
    const { order, stats } = listen(regular(packets), 3_900);
    expect(stats.jumps).toBe(1);
    expect(order.length).toBeGreaterThan(185);
    expect(ascending(order)).toBe(true);
  }
});

test('one packet with a mad timestamp changes nothing', () => {
  const packets = sequence(100).map((each, index) => (index === 50 ? { ...each, timestamp: 0x5555_5555 } : each));
  const { kinds, stats } = listen(regular(packets), 1_900);
  expect(kinds).toMatch(/^s+p+cp+$/);
  expect(stats.jumps).toBe(0);
});

test('a sender whose timestamps stood still while it paused is followed within 200 ms', () => {
  const arrivals = sequence(200).map((each, index) => ({ time: index * 20 + (index < 100 ? 0 : 500), packet: each }));
  const { order, stats } = listen(arrivals, 4_400);
  expect(stats.jumps).toBe(1);
  expect(order.length).toBeGreaterThan(185);
});

describe('bounds', () => {
  const { maximumDelay, capacity } = defaultJitterBufferOptions;

  test.each([10, 30, 60, 100, 150])('%d ms of jitter: after two seconds less than 2 % are lost to it', (jitter) => {
    const random = new SeededRandom(jitter);
    const arrivals = regular(sequence(1_500)).map(({ time, packet: each }) => ({
      time: time + jitter * random.fraction(),
      packet: each,
    }));
    const { order, delays } = listen(arrivals, 29_500);
    const settled = order.filter((number) => number >= 100 && number < 1_450);
    expect(settled.length / 1_350).toBeGreaterThan(0.98);
    expect(ascending(order)).toBe(true);
    const later = delays.slice(200);
    expect(Math.max(...later)).toBeLessThanOrEqual(jitter + 60);
  });

  test('the delay comes down again when the jitter has gone', () => {
    const random = new SeededRandom(1);
    const arrivals = regular(sequence(2_000)).map(({ time, packet: each }, index) => ({
      time: time + (index < 500 ? 120 * random.fraction() : 0),
      packet: each,
    }));
    const { delays, stats } = listen(arrivals, 39_000);
    expect(Math.max(...delays.slice(100, 500))).toBeGreaterThan(100);
    expect(Math.max(...delays.slice(1_500))).toBeLessThan(60);
    expect(stats.dropped).toBeLessThan(15);
  });

  test('whatever comes, the delay and what is held stay within bounds, and nothing is played out of order', () => {
    const arrival = fc.record({
      time: fc.integer({ min: 0, max: 4_000 }),
      index: fc.integer({ min: 0, max: 220 }),
      mad: fc.option(fc.integer({ min: 0, max: 0xffff_ffff }), { nil: undefined, freq: 20 }),
    });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 400 }), (arrivals) => {
        const clock = new VirtualClock();
        const buffer = new JitterBuffer(clock, 8_000);
        const sorted = arrivals.toSorted((one, other) => one.time - other.time);
        for (const { time, index, mad } of sorted) {
          clock.advance(Math.max(0, time - clock.now()));
          buffer.put(packet(index, mad === undefined ? {} : { timestamp: mad }));
          const playout = buffer.take(frame);
          if (playout.kind === 'packet') buffer.played(playout.packet, frame);
          else expect(playout.units).toBeGreaterThan(0);
          const { held, target } = buffer.stats();
          expect(held).toBeLessThanOrEqual(capacity);
          expect(target).toBeLessThanOrEqual(maximumDelay);
        }
      }),
    );
  });

  test('a flood fills no more than the capacity', () => {
    const buffer = new JitterBuffer(new VirtualClock(), 8_000);
    for (let index = 0; index < 10_000; index += 1) buffer.put(packet(index, { timestamp: index }));
    expect(buffer.stats().held).toBe(capacity);
  });
});
