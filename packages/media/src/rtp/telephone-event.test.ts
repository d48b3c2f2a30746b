import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RtpPacket } from './rtp-packet.ts';
import { digitOfEvent, eventOfDigit, parseTelephoneEvent, writeTelephoneEvent } from './telephone-event.ts';
import type { TelephoneEvent } from './telephone-event.ts';
import { TelephoneEventReceiver } from './telephone-event-receiver.ts';
import { longestDigit, shortestDigit, TelephoneEventSender } from './telephone-event-sender.ts';

/** The packets of what a sender was given, with a frame of time in between; undefined where it is sound's turn. */
function sent(
  sender: TelephoneEventSender,
  frames: number,
  soundClockRate = 8_000,
  clockRate = soundClockRate,
): (RtpPacket | undefined)[] {
  return Array.from({ length: frames }, (_, index) => {
    const event = sender.next((0xffff_ff00 + (index * soundClockRate) / 50) >>> 0, 20, soundClockRate, clockRate);
    if (event === undefined) return undefined;
    const { timestamp, marker, payload } = event;
    return {
      marker,
      timestamp,
      payload: payload.slice(),
      payloadType: 101,
      sequenceNumber: index,
      ssrc: 1,
      csrcs: [],
      extension: undefined,
    };
  });
}

test('a digit is packets of one timestamp and growing duration, the last of them three times', () => {
  const sender = new TelephoneEventSender();
  let done: boolean | undefined = undefined;
  sender.add('5', 70, (whole) => (done = whole));
  const packets = sent(sender, 9);
  expect(packets.map((each) => each?.marker)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
    undefined,
    undefined,
    undefined,
  ]);
  expect(new Set(packets.slice(0, 6).map((each) => each?.timestamp))).toEqual(new Set([0xffff_ff00]));
  const events = packets.slice(0, 6).map((each) => each && parseTelephoneEvent(each.payload));
  expect(events.map((each) => each?.duration)).toEqual([160, 320, 480, 560, 560, 560]);
  expect(events.map((each) => each?.end)).toEqual([false, false, false, true, true, true]);
  expect(events.every((each) => each?.event === 5 && each.volume === 10)).toBe(true);
  expect(done).toBe(true);
  expect(sender.waiting).toBe(0);
});

test('digits come one behind the other with a pause between them, and each is heard once', () => {
  const sender = new TelephoneEventSender();
  for (const digit of '0011#') sender.add(digit, 40);
  const receiver = new TelephoneEventReceiver();
  const packets = sent(sender, 60);
  const digits = packets.map((each) => each && receiver.receive(each)).filter((digit) => digit !== undefined);
  expect(digits.join('')).toBe('0011#');
  // Two packets of a digit of 40 ms, two more for its end, then sound.
  expect(packets.map((each) => (each === undefined ? '-' : 'e')).join('')).toMatch(/^(e{4}--){5}-+$/);
});

test('a duration that is too short or too long is brought into bounds', () => {
  for (const [duration, expected] of [
    [1, shortestDigit],
    [600_000, longestDigit],
  ] as const) {
    const sender = new TelephoneEventSender();
    sender.add('1', duration);
    const packets = sent(sender, 3_100).filter((each) => each !== undefined);
    const last = packets.at(-1);
    const length =
      ((last?.timestamp ?? 0) -
        0xffff_ff00 +
        (parseTelephoneEvent(last?.payload ?? new Uint8Array())?.duration ?? 0)) >>>
      0;
    expect(length).toBe(expected * 8);
  }
});

test('a long digit is segments without a gap, of which only the first begins and only the last ends', () => {
  const sender = new TelephoneEventSender();
  sender.add('7', 3_000);
  const packets = sent(sender, 200, 48_000).filter((each) => each !== undefined);
  const segments = new Map<number, TelephoneEvent[]>();
  for (const { timestamp, payload } of packets) {
    const event = parseTelephoneEvent(payload);
    if (event !== undefined) segments.set(timestamp, [...(segments.get(timestamp) ?? []), event]);
  }
  const start = 0xffff_ff00;
  expect([...segments.keys()]).toEqual([start, (start + 0xffff) >>> 0, (start + 2 * 0xffff) >>> 0]);
  const lasts = [...segments.values()].map((events) => events.slice(-3).map(({ duration, end }) => [duration, end]));
  const rest = 3_000 * 48 - 2 * 0xffff;
  expect(lasts).toEqual([Array(3).fill([0xffff, false]), Array(3).fill([0xffff, false]), Array(3).fill([rest, true])]);
  expect(packets.filter(({ marker }) => marker)).toEqual([packets[0]]);
  expect(packets.filter(({ payload }) => parseTelephoneEvent(payload)?.end)).toHaveLength(3);
  expect([...segments.values()].flat().every(({ duration }) => duration > 0)).toBe(true);
});

test('beside a voice of another clock rate, the timestamps are those of the voice and the durations those of the events', () => {
  const sender = new TelephoneEventSender();
  sender.add('7', 9_000);
  const packets = sent(sender, 500, 48_000, 8_000).filter((each) => each !== undefined);
  const start = 0xffff_ff00;
  expect([...new Set(packets.map(({ timestamp }) => timestamp))]).toEqual([start, (start + 6 * 0xffff) >>> 0]);
  const durations = packets.map(({ payload }) => parseTelephoneEvent(payload)?.duration);
  expect(durations.slice(0, 2)).toEqual([160, 320]);
  expect(durations.at(-1)).toBe(9_000 * 8 - 0xffff);
  const receiver = new TelephoneEventReceiver();
  expect(packets.map((each) => receiver.receive(each)).filter((digit) => digit !== undefined)).toEqual(['7']);
});

test('a long digit is heard once, be it that a whole segment is lost, and the same digit after it again', () => {
  const sender = new TelephoneEventSender();
  for (const digit of '77') sender.add(digit, 4_500);
  const packets = sent(sender, 500, 48_000).filter((each) => each !== undefined);
  const starts = [...new Set(packets.map(({ timestamp }) => timestamp))];
  for (const lost of [undefined, starts[1]]) {
    const receiver = new TelephoneEventReceiver();
    const heard = packets.filter(({ timestamp }) => timestamp !== lost).map((each) => receiver.receive(each));
    expect(heard.filter((digit) => digit !== undefined)).toEqual(['7', '7']);
  }
});

test('the same digit that begins where a full one would go on is another, when it is marked or the one before has ended', () => {
  const packet = (timestamp: number, marker: boolean, end: boolean): RtpPacket => {
    const payload = new Uint8Array(4);
    writeTelephoneEvent(payload, 0, { event: 7, end, volume: 10, duration: 480 });
    return {
      ...{ marker, timestamp, payload, payloadType: 101 },
      sequenceNumber: 1,
      ssrc: 1,
      csrcs: [],
      extension: undefined,
    };
  };
  const heard = (...packets: RtpPacket[]): number => {
    const receiver = new TelephoneEventReceiver();
    return packets.filter((each) => receiver.receive(each) !== undefined).length;
  };
  expect(heard(packet(1, true, false), packet(0x1_0000, true, false))).toBe(2);
  expect(heard(packet(1, true, false), packet(1, false, true), packet(0x1_0000, false, false))).toBe(2);
  expect(heard(packet(1, true, false), packet(0x1_0000, false, false))).toBe(1);
});

test('what is cleared is told as not sent', () => {
  const sender = new TelephoneEventSender();
  const outcomes: boolean[] = [];
  for (const digit of '12') sender.add(digit, 100, (whole) => outcomes.push(whole));
  sent(sender, 2);
  sender.clear();
  expect(outcomes).toEqual([false, false]);
  expect(sent(sender, 5)).toEqual(Array(5).fill(undefined));
});

test('whichever packets are lost, repeated or late, a digit comes once, as long as one of its packets does', () => {
  const digits = fc.array(fc.constantFrom(...Array.from('0123456789*#ABCD')), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(digits, fc.infiniteStream(fc.constantFrom('lost', 'once', 'twice', 'swapped')), (typed, fates) => {
      const sender = new TelephoneEventSender();
      for (const digit of typed) sender.add(digit, 60);
      const packets = sent(sender, typed.length * 8).filter((each) => each !== undefined);
      const arrived: RtpPacket[] = [];
      for (const each of packets) {
        const { value: fate = 'once' } = fates.next() as IteratorResult<string, undefined>;
        if (fate === 'lost') continue;
        arrived.push(each);
        if (fate === 'twice') arrived.push(each);
        // Behind the one before, but not across digits.
        const [before] = arrived.slice(-2);
        if (fate === 'swapped' && before?.timestamp === each.timestamp) arrived.splice(-2, 2, each, before);
      }
      const receiver = new TelephoneEventReceiver();
      const heard = arrived.map((each) => receiver.receive(each)).filter((digit) => digit !== undefined);
      const starts = [...new Set(arrived.map(({ timestamp }) => timestamp))];
      const expected = starts.map((start) => {
        const [first] = arrived.filter(({ timestamp }) => timestamp === start);
        return first && digitOfEvent(parseTelephoneEvent(first.payload)?.event ?? -1);
      });
      expect(heard).toEqual(expected);
    }),
  );
});

test('events that are no digits, and what is too short, are counted', () => {
  const receiver = new TelephoneEventReceiver();
  const [packet] = sent(new TelephoneEventSender(), 0);
  expect(packet).toBe(undefined);
  const base = {
    marker: true,
    payloadType: 101,
    sequenceNumber: 1,
    timestamp: 1,
    ssrc: 1,
    csrcs: [],
    extension: undefined,
  };
  for (const payload of [Uint8Array.of(16, 10, 0, 1), Uint8Array.of(255, 0, 0, 0), Uint8Array.of(1, 2, 3)]) {
    expect(receiver.receive({ ...base, payload })).toBe(undefined);
  }
  expect(receiver.ignored).toBe(3);
});

test('reads back what it writes', () => {
  fc.assert(
    fc.property(
      fc.record({
        event: fc.integer({ min: 0, max: 255 }),
        end: fc.boolean(),
        volume: fc.integer({ min: 0, max: 63 }),
        duration: fc.integer({ min: 0, max: 0xffff }),
      }),
      (event) => {
        const bytes = new Uint8Array(4);
        writeTelephoneEvent(bytes, 0, event);
        expect(parseTelephoneEvent(bytes)).toEqual(event);
      },
    ),
  );
  expect(['', '12', 'a', 'E'].map(eventOfDigit)).toEqual([-1, -1, -1, -1]);
});
