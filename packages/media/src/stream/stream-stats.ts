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

export function nothingDropped(): DroppedPackets {
  return {
    strangers: 0,
    malformed: 0,
    unauthentic: 0,
    unknownFormat: 0,
    outOfSequence: 0,
    unwanted: 0,
    flood: 0,
    looped: 0,
  };
}

/** How a stream goes, in both directions (RFC 3550 6.4). */
export interface StreamStats {
  readonly sent: {
    /** RTP packets, and the octets of all of them without UDP and IP. */
    readonly packets: number;
    readonly octets: number;
    /** Of the frame that was sent last, in dBov: -127 is silence. */
    readonly level: number;
    /** What the far end reported last: the part that it lost (0 to 1), and jitter in milliseconds. */
    readonly lost: number | undefined;
    readonly jitter: number | undefined;
  };
  readonly received: {
    readonly packets: number;
    /** Of payload. */
    readonly octets: number;
    readonly lost: number;
    /** Milliseconds (RFC 3550 6.4.1). */
    readonly jitter: number;
    /** Of the frame that was heard last, in dBov. */
    readonly level: number;
    /** Packets that the codec could not read. */
    readonly undecodable: number;
    /** The far end said goodbye in RTCP, and has not been heard since. */
    readonly left: boolean;
  };
  /** Compound RTCP packets. */
  readonly control: { readonly sent: number; readonly received: number };
  /** Milliseconds, as the last report tells; undefined before one has. */
  readonly roundTrip: number | undefined;
  readonly jitterBuffer: JitterBufferStats;
  readonly dropped: Readonly<DroppedPackets>;
}
