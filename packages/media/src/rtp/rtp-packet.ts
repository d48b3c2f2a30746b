/** RTP packets (RFC 3550 5.1). */

/** Why bytes are no RTP packet. */
export type RtpFault = 'too-short' | 'wrong-version' | 'bad-extension' | 'bad-padding';

/** The header extension of RFC 3550 5.3.1, not looked into. */
export interface RtpExtension {
  /** The 16 bits that the profile defines. */
  readonly profile: number;
  /** A multiple of four bytes. */
  readonly data: Uint8Array;
}

/** The fixed header of an RTP packet (RFC 3550 5.1), without version, padding and contributors. */
export interface RtpHeader {
  readonly marker: boolean;
  /** 0 to 127. */
  readonly payloadType: number;
  /** 16 bits. */
  readonly sequenceNumber: number;
  /** 32 bits, in units of the format's clock rate. */
  readonly timestamp: number;
  /** 32 bits. */
  readonly ssrc: number;
}

/** A packet as it is read (RFC 3550 5.1). */
export interface RtpPacket extends RtpHeader {
  /** At most 15. */
  readonly csrcs: readonly number[];
  readonly extension: RtpExtension | undefined;
  /** Without padding. A view on the bytes that were parsed. */
  readonly payload: Uint8Array;
}

/** Bytes of a header without CSRCs and extension. */
export const rtpHeaderLength = 12;

const noCsrcs: readonly number[] = [];

export function readUint16(data: Uint8Array, offset: number): number {
  return ((data[offset] ?? 0) << 8) | (data[offset + 1] ?? 0);
}

export function readUint32(data: Uint8Array, offset: number): number {
  return ((readUint16(data, offset) << 16) | readUint16(data, offset + 2)) >>> 0;
}

export function writeUint16(data: Uint8Array, offset: number, value: number): void {
  data[offset] = value >>> 8;
  data[offset + 1] = value;
}

export function writeUint32(data: Uint8Array, offset: number, value: number): void {
  data[offset] = value >>> 24;
  data[offset + 1] = value >>> 16;
  data[offset + 2] = value >>> 8;
  data[offset + 3] = value;
}

/**
 * Where the payload of an RTP packet starts: behind CSRCs and extension. That far a packet can be read even when it is
 * encrypted (RFC 3711 3.1).
 */
export function payloadOffset(data: Uint8Array): number | RtpFault {
  const first = data[0];
  if (first === undefined || data.length < rtpHeaderLength) return 'too-short';
  if (first >> 6 !== 2) return 'wrong-version';
  let offset = rtpHeaderLength + (first & 15) * 4;
  if (offset > data.length) return 'too-short';
  if ((first & 16) === 0) return offset;
  if (offset + 4 > data.length) return 'bad-extension';
  offset += 4 + readUint16(data, offset + 2) * 4;
  return offset > data.length ? 'bad-extension' : offset;
}

/** Reads a packet, or says what is wrong with it (RFC 3550 5.1, A.1). */
export function parseRtpPacket(data: Uint8Array): RtpPacket | RtpFault {
  const start = payloadOffset(data);
  if (typeof start === 'string') return start;
  const first = data[0] ?? 0;
  const second = data[1] ?? 0;
  let end = data.length;
  if ((first & 32) !== 0) {
    const padding = data[end - 1] ?? 0;
    if (padding === 0 || start + padding > end) return 'bad-padding';
    end -= padding;
  }
  return {
    marker: second > 127,
    payloadType: second & 127,
    sequenceNumber: readUint16(data, 2),
    timestamp: readUint32(data, 4),
    ssrc: readUint32(data, 8),
    csrcs: (first & 15) === 0 ? noCsrcs : csrcsOf(data, first & 15),
    extension: (first & 16) === 0 ? undefined : extensionOf(data, rtpHeaderLength + (first & 15) * 4, start),
    payload: data.subarray(start, end),
  };
}

function csrcsOf(data: Uint8Array, count: number): number[] {
  return Array.from({ length: count }, (_, index) => readUint32(data, rtpHeaderLength + index * 4));
}

function extensionOf(data: Uint8Array, start: number, end: number): RtpExtension {
  return { profile: readUint16(data, start), data: data.subarray(start + 4, end) };
}

/** Writes a header without CSRCs and extension, {@link rtpHeaderLength} bytes, to the front of `target`. */
export function writeRtpHeader(target: Uint8Array, header: RtpHeader): void {
  target[0] = 0x80;
  target[1] = (header.marker ? 128 : 0) | header.payloadType;
  writeUint16(target, 2, header.sequenceNumber);
  writeUint32(target, 4, header.timestamp);
  writeUint32(target, 8, header.ssrc);
}

/** The bytes of a packet, with as many bytes of padding as asked for (0 to 255). */
export function writeRtpPacket(packet: RtpPacket, padding = 0): Uint8Array {
  const { csrcs, extension, payload } = packet;
  const extensionLength = extension === undefined ? 0 : 4 + extension.data.length;
  const data = new Uint8Array(rtpHeaderLength + csrcs.length * 4 + extensionLength + payload.length + padding);
  writeRtpHeader(data, packet);
  data[0] = 0x80 | (padding === 0 ? 0 : 32) | (extension === undefined ? 0 : 16) | csrcs.length;
  let offset = rtpHeaderLength;
  for (const csrc of csrcs) {
    writeUint32(data, offset, csrc);
    offset += 4;
  }
  if (extension !== undefined) {
    writeUint16(data, offset, extension.profile);
    writeUint16(data, offset + 2, extension.data.length / 4);
    data.set(extension.data, offset + 4);
    offset += extensionLength;
  }
  data.set(payload, offset);
  if (padding > 0) data[data.length - 1] = padding;
  return data;
}
