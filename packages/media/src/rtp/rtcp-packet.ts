/** RTCP packets (RFC 3550 6.4 to 6.6), compound ones as they travel (6.1). */

export const rtcpTypes = { senderReport: 200, receiverReport: 201, sourceDescription: 202, goodbye: 203 } as const;

/** What somebody hears of a source (RFC 3550 6.4.1). */
export interface ReportBlock {
  readonly ssrc: number;
  /** In 256ths. */
  readonly fractionLost: number;
  /** 24 bits with a sign. */
  readonly cumulativeLost: number;
  readonly highestSequence: number;
  /** In units of the clock rate. */
  readonly jitter: number;
  /** The middle 32 bits of the NTP timestamp of the last sender report heard; 0 for none. */
  readonly lastSenderReport: number;
  /** Since then, in 65536ths of a second. */
  readonly delaySinceLastSenderReport: number;
}

/** What a source has sent, and how it hears others (RFC 3550 6.4.1). */
export interface SenderReport {
  readonly kind: 'sender-report';
  readonly ssrc: number;
  /** Seconds since 1900 and 2^32ths of one. */
  readonly ntp: { readonly seconds: number; readonly fraction: number };
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly octets: number;
  /** At most 31. */
  readonly blocks: readonly ReportBlock[];
}

/** How somebody who sends nothing hears others (RFC 3550 6.4.2). */
export interface ReceiverReport {
  readonly kind: 'receiver-report';
  readonly ssrc: number;
  readonly blocks: readonly ReportBlock[];
}

/** What a source says of itself (RFC 3550 6.5). Only the canonical name is of use here. */
export interface SourceDescription {
  readonly kind: 'source-description';
  readonly chunks: readonly { readonly ssrc: number; readonly canonicalName: string | undefined }[];
}

/** Sources that have ended (RFC 3550 6.6). */
export interface Goodbye {
  readonly kind: 'goodbye';
  readonly ssrcs: readonly number[];
}

/** One packet of a compound of RTCP (RFC 3550 6.1); those of other types are passed over. */
export type RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Goodbye;

/** Bytes of a report block. */
export const reportBlockLength = 24;

/** The item of a source description that is its canonical name (RFC 3550 6.5.1). */
export const canonicalNameItem = 1;
