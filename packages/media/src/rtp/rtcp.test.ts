import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RtcpPacket } from './rtcp-packet.ts';
import { parseRtcp } from './rtcp-parser.ts';
import { writeRtcp } from './rtcp-writer.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const blocks = fc.array(
  fc.record({
    ssrc: word,
    fractionLost: fc.integer({ min: 0, max: 255 }),
    cumulativeLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
    highestSequence: word,
    jitter: word,
    lastSenderReport: word,
    delaySinceLastSenderReport: word,
  }),
  { maxLength: 31 },
);
const senderReport = fc.record({
  kind: fc.constant('sender-report' as const),
  ssrc: word,
  ntp: fc.record({ seconds: word, fraction: word }),
  rtpTimestamp: word,
  packets: word,
  octets: word,
  blocks,
});
const receiverReport = fc.record({ kind: fc.constant('receiver-report' as const), ssrc: word, blocks });
const name = fc.option(fc.string({ maxLength: 60, unit: 'grapheme-ascii' }), { nil: undefined });
const description = fc.record({
  kind: fc.constant('source-description' as const),
  chunks: fc.array(fc.record({ ssrc: word, canonicalName: name }), { maxLength: 5 }),
});
const goodbye = fc.record({ kind: fc.constant('goodbye' as const), ssrcs: fc.array(word, { maxLength: 31 }) });
const compound: fc.Arbitrary<RtcpPacket[]> = fc
  .tuple(
    fc.oneof(senderReport, receiverReport),
    fc.array(fc.oneof(senderReport, receiverReport, description, goodbye), { maxLength: 3 }),
  )
  .map(([first, others]) => [first, ...others]);

function bytesOf(packets: readonly RtcpPacket[]): Uint8Array {
  const buffer = new Uint8Array(8_192);
  return buffer.slice(0, writeRtcp(buffer, packets));
}

test('reads back what it writes', () => {
  fc.assert(
    fc.property(compound, (packets) => {
      expect(parseRtcp(bytesOf(packets))).toEqual(packets);
    }),
  );
});

const receiver = [0x80, 201, 0, 1, 0, 0, 0, 1];

test('leaves out packets of other types, and padding of the last one', () => {
  const application = [0x80, 204, 0, 2, 0, 0, 0, 1, 0x61, 0x62, 0x63, 0x64];
  const extended = [0x80, 207, 0, 1, 0, 0, 0, 1];
  const padded = [0xa1, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4];
  expect(parseRtcp(Uint8Array.from([...receiver, ...application, ...extended, ...padded]))).toEqual([
    { kind: 'receiver-report', ssrc: 1, blocks: [] },
    { kind: 'goodbye', ssrcs: [1] },
  ]);
});

test.each([
  ['too-short', receiver.slice(0, 7)],
  ['not-a-report-first', [0x81, 203, 0, 1, 0, 0, 0, 1]],
  ['wrong-version', [0x40, 201, 0, 1, 0, 0, 0, 1]],
  ['wrong-version', [...receiver, 0, 203, 0, 0]],
  ['bad-length', [0x80, 201, 0, 2, 0, 0, 0, 1]],
  ['bad-length', [...receiver, 0x80, 203]],
  ['bad-padding', [0xa0, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, ...receiver]],
  ['bad-padding', [0xa0, 201, 0, 1, 0, 0, 0, 8]],
  ['bad-content', [0x81, 201, 0, 1, 0, 0, 0, 1]],
  ['bad-content', [0x80, 200, 0, 1, 0, 0, 0, 1]],
  ['bad-content', [...receiver, 0x82, 203, 0, 1, 0, 0, 0, 1]],
  ['bad-content', [...receiver, 0x81, 202, 0, 2, 0, 0, 0, 1, 1, 9, 0x61, 0]],
])('refuses %s as a whole', (fault, bytes) => {
  expect(parseRtcp(Uint8Array.from(bytes))).toBe(fault);
});

test('any bytes are packets or a fault', () => {
  const plausible = fc
    .tuple(fc.integer({ min: 0x80, max: 0x9f }), fc.constantFrom(200, 201), fc.uint8Array({ maxLength: 90 }))
    .map(([head, type, rest]) => Uint8Array.from([head, type, ...rest]));
  fc.assert(fc.property(fc.oneof(plausible, fc.uint8Array({ maxLength: 90 })), (bytes) => void parseRtcp(bytes)));
});
