/**
 * How packets of a stream are protected on their way: by SRTP (RFC 3711), or, where there is none of this, not at all.
 */
export interface PacketProtection {
  /**
   * Protects the RTP packet in the first `length` bytes of `packet`, in place; there is room for {@link longestTrailer}
   * bytes more. Returns its new length.
   */
  protectRtp(packet: Uint8Array, length: number): number;
  protectRtcp(packet: Uint8Array, length: number): number;
}

/** The other direction. What is undefined was not authentic, or came before. */
export interface PacketUnprotection {
  /** The RTP packet, which may lie in the bytes of what was given. */
  unprotectRtp(data: Uint8Array): Uint8Array | undefined;
  unprotectRtcp(data: Uint8Array): Uint8Array | undefined;
}

/** Bytes that protection may put behind a packet: index, master key identifier and tag. */
export const longestTrailer = 4 + 10;
