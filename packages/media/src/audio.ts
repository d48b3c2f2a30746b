/**
 * Sound inside the phone: mono, signed 16 bits, as many samples a second as `sampleRate` says. Frames are of any length;
 * a stream of calls moves 20 ms at a time. Nobody keeps a frame that he was handed: it is used again.
 */

/** Where sound comes from: a device, a file, a tone, the far end. */
export interface AudioSource {
  readonly sampleRate: number;
  /** Fills the frame with the next samples. Where there are too few, the rest is silence. */
  read(frame: Int16Array): void;
  /** True once there will be nothing but silence. */
  readonly ended: boolean;
  /**
   * Where many calls hear the same: gives one of them its packets, encoded once for all of them. `packetTime` is
   * milliseconds a packet. What has no such function is read, and encoded by each call for itself.
   */
  readonly encoded?: (codec: AudioCodec, packetTime: number) => EncodedSource;
  close(): void;
}

/** Sound that comes encoded, packet by packet. */
export interface EncodedSource {
  /** Of the packet that was given last, in dBov. */
  readonly level: number;
  /** The payload of the next packet. It is shared: nobody changes it. */
  next(): Uint8Array;
  close(): void;
}

/** Where sound goes to. */
export interface AudioSink {
  readonly sampleRate: number;
  write(frame: Int16Array): void;
  close(): void;
}

/** A codec as RTP knows it (RFC 3551, RFC 7587). One object serves all calls; each call has its own encoder and decoder. */
export interface AudioCodec {
  /** `PCMU`, `opus`. */
  readonly encoding: string;
  /** Its number in RFC 3551, or undefined for one that is given a number in the offer. */
  readonly payloadType: number | undefined;
  /** What RTP timestamps count: 8000 for G.722, too (RFC 3551 4.5.2). */
  readonly clockRate: number;
  /** What a=rtpmap says: 2 for Opus, which is mono here all the same (RFC 7587 7). */
  readonly channels: number;
  /** Samples a second of the sound that goes in and comes out. */
  readonly sampleRate: number;
  /** The text of a=fmtp, if any. */
  readonly parameters?: string;
  /** Milliseconds that a packet may hold, ascending. */
  readonly packetTimes: readonly number[];
  createEncoder(): AudioEncoder;
  createDecoder(): AudioDecoder;
}

/** Makes payloads from samples, for one stream; a codec makes one for each. */
export interface AudioEncoder {
  /** The payload for the samples of one packet, as long as one of `packetTimes`. */
  encode(frame: Int16Array): Uint8Array;
  close(): void;
}

/** Makes samples from payloads, for one stream; a codec makes one for each. */
export interface AudioDecoder {
  /** The samples of one packet; undefined when the payload is none of this codec's. */
  decode(payload: Uint8Array): Int16Array | undefined;
  /**
   * Samples in the place of a packet that did not come: `length` of them. `next` is the packet behind it where that is at
   * hand already; Opus repeats in it what was lost (RFC 6716 2.1.7).
   */
  conceal(length: number, next?: Uint8Array): Int16Array;
  close(): void;
}
