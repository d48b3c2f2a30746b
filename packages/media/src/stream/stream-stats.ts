import type { JitterBufferStats } from '../rtp/jitter-buffer.ts';

/** Why datagrams were dropped that came to a stream's ports. */
export interface DroppedPackets {
  /** From somebody whom the agreement does not name. */
  strangers: number;
  /** No RTP or RTCP. */
  malformed: number;
  /** Not authentic, or repeated (RFC 3711). */
  unauthentic: number;
  /** Of a payload type that was not agreed. */
  unknownFormat: number;
  /** Of a source that has not proved itself, or out of all sequence (RFC 3550 A.1). */
  outOfSequence: number;
  /** While nothing is to be heard, by the agreement. */
  unwanted: number;
  /** More than the limit of packets a second. */
  flood: number;
  /** With our own synchronization source: a loop or a collision (RFC 3550 8.2). */
  looped: number;
}

export interface StreamStats {
  readonly sent: { readonly packets: number; readonly octets: number; readonly level: number };
  readonly received: {
    readonly packets: number;
    /** Of payload. */
    readonly octets: number;
    readonly lost: number;
    /** Milliseconds (RFC 3550 6.4.1). */
    readonly jitter: number;
    /** Of the frame heard last, in dBov: -127 is silence. */
    readonly level: number;
    readonly undecodable: number;
  };
  readonly jitterBuffer: JitterBufferStats;
  readonly dropped: Readonly<DroppedPackets>;
}
