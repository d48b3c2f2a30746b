import { writeUint16, writeUint32 } from './rtp-packet.ts';
import { canonicalNameItem, reportBlockLength, rtcpTypes } from './rtcp-packet.ts';
import type { ReportBlock, RtcpPacket, SourceDescription } from './rtcp-packet.ts';

/** Writes packets one behind the other to the front of `target`, and returns how many bytes they take. */
export function writeRtcp(target: Uint8Array, packets: readonly RtcpPacket[]): number {
  let offset = 0;
  for (const packet of packets) {
    const [type, count, length] = writeBody(target, offset + 4, packet);
    target[offset] = 0x80 | count;
    target[offset + 1] = type;
    writeUint16(target, offset + 2, length / 4);
    offset += 4 + length;
  }
  return offset;
}

/** Type, count and bytes of the body. */
function writeBody(
  target: Uint8Array,
  offset: number,
  packet: RtcpPacket,
): [type: number, count: number, length: number] {
  switch (packet.kind) {
    case 'sender-report': {
      const { ssrc, ntp, rtpTimestamp, packets, octets, blocks } = packet;
      for (const [index, word] of [ssrc, ntp.seconds, ntp.fraction, rtpTimestamp, packets, octets].entries()) {
        writeUint32(target, offset + index * 4, word);
      }
      writeBlocks(target, offset + 24, blocks);
      return [rtcpTypes.senderReport, blocks.length, 24 + blocks.length * reportBlockLength];
    }
    case 'receiver-report': {
      writeUint32(target, offset, packet.ssrc);
      writeBlocks(target, offset + 4, packet.blocks);
      return [rtcpTypes.receiverReport, packet.blocks.length, 4 + packet.blocks.length * reportBlockLength];
    }
    case 'source-description':
      return [rtcpTypes.sourceDescription, packet.chunks.length, writeChunks(target, offset, packet.chunks)];
    case 'goodbye':
      for (const [index, ssrc] of packet.ssrcs.entries()) writeUint32(target, offset + index * 4, ssrc);
      return [rtcpTypes.goodbye, packet.ssrcs.length, packet.ssrcs.length * 4];
  }
}

function writeBlocks(target: Uint8Array, start: number, blocks: readonly ReportBlock[]): void {
  for (const [index, block] of blocks.entries()) {
    const offset = start + index * reportBlockLength;
    writeUint32(target, offset, block.ssrc);
    writeUint32(target, offset + 4, block.cumulativeLost & 0xff_ffff);
    target[offset + 4] = block.fractionLost;
    writeUint32(target, offset + 8, block.highestSequence);
    writeUint32(target, offset + 12, block.jitter);
    writeUint32(target, offset + 16, block.lastSenderReport);
    writeUint32(target, offset + 20, block.delaySinceLastSenderReport);
  }
}

function writeChunks(target: Uint8Array, start: number, chunks: SourceDescription['chunks']): number {
  let offset = start;
  for (const { ssrc, canonicalName } of chunks) {
    writeUint32(target, offset, ssrc);
    offset += 4;
    if (canonicalName !== undefined) {
      const text = new TextEncoder().encode(canonicalName).subarray(0, 255);
      target[offset] = canonicalNameItem;
      target[offset + 1] = text.length;
      target.set(text, offset + 2);
      offset += 2 + text.length;
    }
    const end = start + (Math.floor((offset - start) / 4) + 1) * 4;
    target.fill(0, offset, end);
    offset = end;
  }
  return offset - start;
}
