import { readUint16, readUint32 } from './rtp-packet.ts';
import { canonicalNameItem, reportBlockLength, rtcpTypes } from './rtcp-packet.ts';
import type { ReportBlock, RtcpPacket, SourceDescription } from './rtcp-packet.ts';

/** Why bytes are no compound RTCP packet (RFC 3550 A.2). */
export type RtcpFault =
  'too-short' | 'wrong-version' | 'not-a-report-first' | 'bad-length' | 'bad-padding' | 'bad-content';

const headerLength = 4;
const senderInfoLength = 20;

/**
 * Reads a compound packet, all of it or nothing. Packets of unknown types are left out (RFC 3550 6.1): others than the four
 * of {@link rtcpTypes}.
 */
export function parseRtcp(data: Uint8Array): readonly RtcpPacket[] | RtcpFault {
  const packets: RtcpPacket[] = [];
  if (data.length < headerLength + 4) return 'too-short';
  const first = data[1];
  if (first !== rtcpTypes.senderReport && first !== rtcpTypes.receiverReport) return 'not-a-report-first';
  for (let start = 0; start < data.length;) {
    if (start + headerLength > data.length) return 'bad-length';
    const head = data[start] ?? 0;
    if (head >> 6 !== 2) return 'wrong-version';
    const end = start + (readUint16(data, start + 2) + 1) * 4;
    if (end > data.length) return 'bad-length';
    const bodyEnd = (head & 32) === 0 ? end : withoutPadding(data, start, end);
    if (bodyEnd < 0) return 'bad-padding';
    const packet = parseBody(data.subarray(start + headerLength, bodyEnd), data[start + 1] ?? 0, head & 31);
    if (packet === 'bad-content') return packet;
    if (packet !== undefined) packets.push(packet);
    start = end;
  }
  return packets;
}

/** Where the body of a padded packet ends, or -1: only the last one may be padded (RFC 3550 6.4.1). */
function withoutPadding(data: Uint8Array, start: number, end: number): number {
  const padding = data[end - 1] ?? 0;
  const isGood = end === data.length && padding > 0 && padding % 4 === 0 && start + headerLength + padding <= end;
  return isGood ? end - padding : -1;
}

function parseBody(body: Uint8Array, type: number, count: number): RtcpPacket | 'bad-content' | undefined {
  switch (type) {
    case rtcpTypes.senderReport: {
      if (body.length < 4 + senderInfoLength + count * reportBlockLength) return 'bad-content';
      return {
        kind: 'sender-report',
        ssrc: readUint32(body, 0),
        ntp: { seconds: readUint32(body, 4), fraction: readUint32(body, 8) },
        rtpTimestamp: readUint32(body, 12),
        packets: readUint32(body, 16),
        octets: readUint32(body, 20),
        blocks: blocksOf(body, 4 + senderInfoLength, count),
      };
    }
    case rtcpTypes.receiverReport:
      if (body.length < 4 + count * reportBlockLength) return 'bad-content';
      return { kind: 'receiver-report', ssrc: readUint32(body, 0), blocks: blocksOf(body, 4, count) };
    case rtcpTypes.sourceDescription:
      return parseDescription(body, count);
    case rtcpTypes.goodbye:
      if (body.length < count * 4) return 'bad-content';
      return { kind: 'goodbye', ssrcs: Array.from({ length: count }, (_, index) => readUint32(body, index * 4)) };
    default:
      return undefined;
  }
}

function blocksOf(body: Uint8Array, start: number, count: number): ReportBlock[] {
  return Array.from({ length: count }, (_, index) => {
    const offset = start + index * reportBlockLength;
    return {
      ssrc: readUint32(body, offset),
      fractionLost: body[offset + 4] ?? 0,
      cumulativeLost: (readUint32(body, offset + 4) << 8) >> 8,
      highestSequence: readUint32(body, offset + 8),
      jitter: readUint32(body, offset + 12),
      lastSenderReport: readUint32(body, offset + 16),
      delaySinceLastSenderReport: readUint32(body, offset + 20),
    };
  });
}

/** Chunks, each a list of items that a zero byte ends, filled up to four bytes (RFC 3550 6.5, A.5). */
function parseDescription(body: Uint8Array, count: number): SourceDescription | 'bad-content' {
  const chunks: { ssrc: number; canonicalName: string | undefined }[] = [];
  let offset = 0;
  for (let chunk = 0; chunk < count; chunk += 1) {
    if (offset + 8 > body.length) return 'bad-content';
    const ssrc = readUint32(body, offset);
    let canonicalName: string | undefined = undefined;
    offset += 4;
    for (let item = body[offset]; item !== 0; item = body[offset]) {
      const length = body[offset + 1];
      if (item === undefined || length === undefined || offset + 2 + length >= body.length) return 'bad-content';
      const text = body.subarray(offset + 2, offset + 2 + length);
      if (item === canonicalNameItem) canonicalName = new TextDecoder().decode(text);
      offset += 2 + length;
    }
    offset = (Math.floor(offset / 4) + 1) * 4;
    chunks.push({ ssrc, canonicalName });
  }
  return { kind: 'source-description', chunks };
}
