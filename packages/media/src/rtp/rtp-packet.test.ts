import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRtpPacket, writeRtpPacket } from './rtp-packet.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const half = fc.integer({ min: 0, max: 0xffff });

const packets = fc.record({
  marker: fc.boolean(),
  payloadType: fc.integer({ min: 0, max: 127 }),
  sequenceNumber: half,
  timestamp: word,
  ssrc: word,
  csrcs: fc.array(word, { maxLength: 15 }),
  extension: fc.option(
    fc.record({
      profile: half,
      data: fc
        .integer({ min: 0, max: 5 })
        .chain((words) => fc.uint8Array({ minLength: words * 4, maxLength: words * 4 })),
    }),
    { nil: undefined },
  ),
  payload: fc.uint8Array({ maxLength: 300 }),
});

test('reads back what it writes, with and without padding', () => {
  fc.assert(
    fc.property(packets, fc.integer({ min: 0, max: 255 }), (packet, padding) => {
      expect(parseRtpPacket(writeRtpPacket(packet, padding))).toEqual(packet);
    }),
  );
});

test('reads the fields where RFC 3550 5.1 has them', () => {
  const bytes = [0x90, 0x88, 0x12, 0x34, 0, 0, 0, 160, 0xde, 0xad, 0xbe, 0xef, 0xbe, 0xde, 0, 1, 1, 2, 3, 4, 0x55];
  expect(parseRtpPacket(Uint8Array.from(bytes))).toEqual({
    marker: true,
    payloadType: 8,
    sequenceNumber: 0x1234,
    timestamp: 160,
    ssrc: 0xdead_beef,
    csrcs: [],
    extension: { profile: 0xbede, data: Uint8Array.of(1, 2, 3, 4) },
    payload: Uint8Array.of(0x55),
  });
});

const header = [0, 1, 0, 0, 0, 0, 0, 0, 0, 1];

test.each([
  ['too-short', [0x80, 0, ...header.slice(1)]],
  ['wrong-version', [0x40, 0, ...header]],
  ['too-short', [0x81, 0, ...header]],
  ['bad-extension', [0x90, 0, ...header, 0, 0, 0]],
  ['bad-extension', [0x90, 0, ...header, 0, 0, 0, 1]],
  ['bad-padding', [0xa0, 0, ...header, 0]],
  ['bad-padding', [0xa0, 0, ...header, 2]],
  ['bad-padding', [0xa0, 0, ...header]],
])('refuses %s', (fault, bytes) => {
  expect(parseRtpPacket(Uint8Array.from(bytes))).toBe(fault);
});

test('any bytes are a packet or a fault, and a payload lies within them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      const packet = parseRtpPacket(bytes);
      if (typeof packet !== 'string') expect(packet.payload.length).toBeLessThanOrEqual(bytes.length - 12);
    }),
  );
});
