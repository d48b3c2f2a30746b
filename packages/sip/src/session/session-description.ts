import { isIpv4, isIpv6 } from '../message/host.ts';
import type { CryptoAttribute, MediaDirection, MediaFormat } from './media.ts';

/** The name and version of a session (RFC 8866 5.2). */
export interface SessionOrigin {
  readonly username: string;
  readonly sessionId: string;
  readonly version: number;
  readonly address: string;
}

/** When a session is, in seconds since 1900 (RFC 8866 5.9): 0 for now and without an end. */
export interface SessionTiming {
  readonly start: number;
  readonly stop: number;
}

/** One m= section with what holds for it, whether it is said there or for the whole session (RFC 8866 5.14). */
export interface MediaDescription {
  /** `audio`, `video`, `image`, as it came. */
  readonly kind: string;
  /** 0 for a stream that is refused or ended (RFC 3264 5.1). */
  readonly port: number;
  /** `RTP/AVP` and its kind. */
  readonly protocol: string;
  /** The list behind the protocol, in its order. */
  readonly formatList: readonly string[];
  /** What that list means for RTP, in the same order; empty for other protocols. */
  readonly formats: readonly MediaFormat[];
  /** The address of c=: an IP address, or a name, which RFC 8866 5.7 allows. */
  readonly address: string;
  readonly direction: MediaDirection;
  /** Where RTCP goes when it is not the port above (RFC 3605). */
  readonly controlPort?: number | undefined;
  /** Where that port is, when it is not at the address above (RFC 3605). */
  readonly controlAddress?: string | undefined;
  /** True where RTCP may come over the port of RTP (RFC 5761). */
  readonly multiplexed: boolean;
  /** Milliseconds a packet, a=ptime. */
  readonly packetTime?: number | undefined;
  /** Milliseconds a packet at most, a=maxptime. */
  readonly maximumPacketTime?: number | undefined;
  readonly crypto: readonly CryptoAttribute[];
}

/** A session description (RFC 8866), as far as a telephone has a use for it. */
export interface SessionDescription {
  readonly origin: SessionOrigin;
  /** Without it now and without an end, as between telephones. */
  readonly timing?: SessionTiming | undefined;
  readonly media: readonly MediaDescription[];
}

/** What a session description may have at most; one with more is a fault. */
export const sessionDescriptionLimits = {
  characters: 32_768,
  lines: 1_000,
  media: 32,
  /** Formats of one m= section. */
  formats: 64,
} as const;

const staticFormats: Readonly<Record<number, readonly [encoding: string, clockRate: number, channels: number]>> = {
  0: ['PCMU', 8_000, 1],
  3: ['GSM', 8_000, 1],
  4: ['G723', 8_000, 1],
  5: ['DVI4', 8_000, 1],
  6: ['DVI4', 16_000, 1],
  7: ['LPC', 8_000, 1],
  8: ['PCMA', 8_000, 1],
  9: ['G722', 8_000, 1],
  10: ['L16', 44_100, 2],
  11: ['L16', 44_100, 1],
  12: ['QCELP', 8_000, 1],
  13: ['CN', 8_000, 1],
  14: ['MPA', 90_000, 1],
  15: ['G728', 8_000, 1],
  16: ['DVI4', 11_025, 1],
  17: ['DVI4', 22_050, 1],
  18: ['G729', 8_000, 1],
  25: ['CelB', 90_000, 1],
  26: ['JPEG', 90_000, 1],
  28: ['nv', 90_000, 1],
  31: ['H261', 90_000, 1],
  32: ['MPV', 90_000, 1],
  33: ['MP2T', 90_000, 1],
  34: ['H263', 90_000, 1],
};

/** What a payload type means that no a=rtpmap explains (RFC 3551 6). */
export function staticFormat(payloadType: number): MediaFormat | undefined {
  const known = staticFormats[payloadType];
  if (known === undefined) return undefined;
  const [encoding, clockRate, channels] = known;
  return { payloadType, encoding, clockRate, channels };
}

/** Payload types from here to 127 are given away by each description anew (RFC 3551 3). */
export const firstDynamicPayloadType = 96;

/** Whether two formats are the same encoding, whatever their payload types (RFC 8866 6.6). */
export function isSameEncoding(one: MediaFormat, other: MediaFormat): boolean {
  return (
    one.clockRate === other.clockRate &&
    one.channels === other.channels &&
    one.encoding.toLowerCase() === other.encoding.toLowerCase()
  );
}

/** RTP in one of its four profiles (RFC 3551, 3711, 4585, 5124). Without feedback lines the last two are the first two. */
export function isRtp(protocol: string): boolean {
  return /^RTP\/S?AVPF?$/i.test(protocol);
}

export function isSecureProtocol(protocol: string): boolean {
  return /^RTP\/SAVPF?$/i.test(protocol);
}

/**
 * True for an address that nothing is to be sent to: the old hold (RFC 3264 8.4, RFC 2543), in either family, and a name
 * that never resolves (RFC 6761 6.4).
 */
export function isNowhere(address: string): boolean {
  return address === '0.0.0.0' || /^[0:]+$/.test(address) || /(^|\.)invalid\.?$/i.test(address);
}

/** Whether the address is of one machine: media to a group of receivers is not for a call between two (RFC 3264 5). */
export function isUnicast(address: string): boolean {
  if (isIpv4(address)) return Number(address.slice(0, address.indexOf('.'))) < 224;
  return isIpv6(address) && !/^ff/i.test(address);
}
