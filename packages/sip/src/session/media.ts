/**
 * What an INVITE session asks of media, at two heights. A session speaks to {@link MediaNegotiation}: whole offers and
 * answers. In a browser WebRTC is that; elsewhere the library's own `StreamNegotiation` is, which knows the rules of
 * RFC 3264 and asks a {@link MediaEngine} for streams.
 */

/** Who sends, seen from the side that has the value (RFC 3264 5.1). */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/**
 * Whether this side holds the call: `sendonly` while it still sends (music perhaps) and hears nothing, `inactive` while
 * it does neither (RFC 3264 8.4).
 */
export type LocalHold = 'none' | 'sendonly' | 'inactive';

/** Why an offer or an answer cannot be used. */
export interface MediaRefusal {
  readonly kind: 'refused';
  /** What an INVITE with that offer is answered with: 488, or 415 or 400 where the body is no such thing. */
  readonly status: number;
  /** For a person, and for a Warning header field (RFC 3261 20.43). */
  readonly reason: string;
  /** The code of that Warning: 301 address, 302 protocol, 304 media type, 305 format, 306 keys, 399 anything else. */
  readonly warning?: number;
}

/**
 * The media of one session: makes and takes session descriptions (RFC 3264). Texts are SDP as it goes into a body.
 * The session keeps the order: one offer at a time, and each is answered or rolled back before the next. Of all promises
 * only that of {@link createOffer} may be rejected.
 */
export interface MediaNegotiation {
  /** What the next offer or answer says. {@link rollback} puts it back, too. */
  localHold: LocalHold;
  /** True when by what was agreed last the far end wants to hear nothing. */
  readonly remoteHold: boolean;
  /** What this side does by the last agreement, of the stream that a person would call the call: the first that stands. */
  readonly direction: MediaDirection;
  /**
   * When something came last over that stream that shows the far end to be there, RTP or RTCP: milliseconds on the clock
   * of the context, `-Infinity` before. Without it nobody misses anything.
   */
  readonly lastReceived?: number | undefined;
  /**
   * The machine has other addresses now: the next offer or answer has its streams at ports that are opened anew. What
   * stands goes on until that is agreed on.
   */
  move?(): void;
  /**
   * The media of one branch of an INVITE that may fork, whose offer is open: each has an agreement of its own, and an end of
   * its own. Those who wait for answers in several are heard by turns; see `StreamForks`. Without it, all branches share these.
   */
  fork?(): MediaNegotiation;
  /**
   * Rejects when no port can be opened. A `refresh` says what this side has said last, so that nothing changes
   * (RFC 4028 7.4).
   */
  createOffer(refresh?: boolean): Promise<string>;
  /**
   * Reads the far end's offer and answers it. The answer takes effect when {@link commit} says that it went out. `said` is what
   * somebody else answers in this side's place (RFC 7088): it goes out in the name of this session.
   */
  createAnswer(offer: string, said?: string): Promise<string | MediaRefusal>;
  /**
   * Takes the far end's answer to the offer of {@link createOffer}, and puts it into effect. An `early` one leaves the
   * offer open: another one may come, and the last one counts (RFC 3261 13.2.1).
   */
  acceptAnswer(answer: string, early?: boolean): Promise<MediaRefusal | undefined>;
  /** The answer of {@link createAnswer} went out. */
  commit(): void;
  /** The offer or answer that is open came to nothing: all is as it was before it (RFC 3261 14.1, RFC 3264 4). */
  rollback(): void;
  /** What there could be, to be told and not to be used: each kind of media at port 0 (RFC 3264 9). Opens nothing. */
  capabilities?(): string;
  /** Ends every stream. Nothing is left, no port and no timer. */
  close(): void;
}

/** One line of a=rtpmap with what belongs to it. */
export interface MediaFormat {
  readonly payloadType: number;
  /** `PCMU`, `opus`, `telephone-event`; compared without regard to case (RFC 8866 6.6). */
  readonly encoding: string;
  readonly clockRate: number;
  readonly channels: number;
  /** The text of a=fmtp, without the payload type. */
  readonly parameters?: string;
}

/** A key of SDES (RFC 4568): one a=crypto line. */
export interface CryptoAttribute {
  readonly tag: number;
  /** `AES_CM_128_HMAC_SHA1_80` and its kind. */
  readonly suite: string;
  /** The master key and salt in base64, without `inline:`. */
  readonly key: string;
  /** Lifetime and MKI as they stand behind the key, session parameters behind a space. */
  readonly rest?: string;
}

/** How a stream is protected: not at all, by SRTP where the far end has it, or by SRTP or not at all. */
export type MediaSecurity = 'none' | 'optional' | 'required';

/** What the engine can do for one kind of media, best format first. */
export interface MediaCapability {
  readonly kind: 'audio' | 'video';
  readonly formats: readonly MediaFormat[];
  readonly security: MediaSecurity;
  /** The suites of SDES that it has, best first. */
  readonly cryptoSuites: readonly string[];
  /** Milliseconds a packet. */
  readonly packetTime: number;
}

/** What both sides have agreed for one stream, from this side's view. */
export interface StreamAgreement {
  readonly direction: MediaDirection;
  /** Where to send to. Nothing is sent to a port of 0 or to an unspecified address (the old hold of RFC 2543). */
  readonly remote: {
    readonly address: string;
    readonly port: number;
    /** 0 where no RTCP is wanted. */
    readonly controlPort: number;
    /** Where RTCP goes when it does not go to `address`. */
    readonly controlAddress?: string | undefined;
  };
  /** True where RTP and RTCP share a port (RFC 5761). */
  readonly multiplexed: boolean;
  /** The format to send, with the far end's payload type. */
  readonly send: MediaFormat;
  /** What may come, with the payload types of this side. */
  readonly receive: readonly MediaFormat[];
  /** What digits are sent as (RFC 4733), with the far end's payload type: at the clock rate of `send` where it takes that. */
  readonly sendEvents?: Pick<MediaFormat, 'payloadType' | 'clockRate'> | undefined;
  /** Milliseconds a packet, as the far end wishes. */
  readonly packetTime: number;
  readonly crypto?: { readonly send: CryptoAttribute; readonly receive: CryptoAttribute } | undefined;
}

/** One stream of an engine: a port that is open, and what goes over it once it is agreed. */
export interface MediaStream {
  /** What c= and m= say: the address that the far end can reach, the ports of RTP and RTCP. */
  readonly local: { readonly address: string; readonly port: number; readonly controlPort: number };
  /** One key for each suite of the capability, made for this stream alone; empty where it is not protected. */
  readonly crypto: readonly CryptoAttribute[];
  /** As {@link MediaNegotiation.lastReceived} has it. */
  readonly lastReceived?: number | undefined;
  /** Puts an agreement into effect, the first or another one. */
  apply(agreement: StreamAgreement): void;
  close(): void;
}

/** Where streams come from. */
export interface MediaEngine {
  readonly capabilities: readonly MediaCapability[];
  /** Opens a port for a stream of that kind. Rejects when there is none. `remote` is known when it answers an offer. */
  open(kind: MediaCapability['kind'], remote?: string): Promise<MediaStream>;
}
