import type { MediaNegotiation } from '@switchhook/sip';

/** What both sides have agreed about the sound of a call. */
export interface CallSound {
  /** `PCMU`, `opus`. */
  readonly codec: string;
  /** Whether nobody on the way can listen in without the keys. */
  readonly encrypted: boolean;
}

/** What became of digits that were to be sent. */
export type DigitsOutcome =
  | 'sent'
  /** Nothing is sent to the far end at the moment, or too many digits wait. */
  | 'not-possible'
  /** The far end takes none (RFC 4733). */
  | 'not-taken'
  /** The call was put on hold, or ended, before all of them were sent. */
  | 'interrupted';

/** Sound to be played to far ends: mono, 16 bits. The sources of `@switchhook/media` are such; nobody closes it but its owner. */
export interface PlayableSound {
  /** Samples a second. */
  readonly sampleRate: number;
  /** True once there will be nothing but silence. */
  readonly ended: boolean;
  /** Fills the frame with the next samples. */
  read(frame: Int16Array): void;
  close(): void;
}

/** The media of one call: what is negotiated, and what a person hears and says. */
export interface CallMedia {
  readonly negotiation: MediaNegotiation;
  /** Undefined before anything is agreed. */
  readonly sound: CallSound | undefined;
  /** Whether this call has the microphone and the loudspeaker; of the calls of a phone one has at most. */
  connected: boolean;
  /** Whether the far end hears silence in place of the microphone. */
  muted: boolean;
  /** Lets the far end hear that in place of anything else, music perhaps, until it is something else or nothing. */
  play(sound: PlayableSound | undefined): void;
  /** Hears each digit that the far end sends, once: `0` to `9`, `*`, `#`, `A` to `D`. */
  onDigit: ((digit: string) => void) | undefined;
  sendDigits(digits: string): Promise<DigitsOutcome>;
  /** Lets go of everything; the session has closed what it negotiated. */
  close(): void;
}

/** Counts of what a room holds; all zeros once it is closed. */
export interface MediaRoomStats {
  /** Calls that are in it. */
  readonly members: number;
  /** 1 while the person is. */
  readonly persons: number;
}

/**
 * Where calls are mixed: each member hears all others and the person, and never himself; the person hears all members.
 * While a call is in a room, the room is what its far end hears and is heard by, whether it is `connected` or `muted` or
 * not; a call that is on hold neither hears nor is heard. It comes and goes while sound flows.
 */
export interface MediaRoom {
  /** Whether the person is in it, with the microphone and the loudspeaker. The members hear each other all the same. */
  connected: boolean;
  /** Whether the members hear the person. He hears them all the same. */
  muted: boolean;
  /** Lets a call in; one that is in another room leaves that. A call that ends leaves by itself. */
  add(media: CallMedia): void;
  /** Lets a call go on by itself. */
  remove(media: CallMedia): void;
  /** Whether nobody hears a member. He hears the others all the same. */
  setMuted(media: CallMedia, muted: boolean): void;
  isMuted(media: CallMedia): boolean;
  /** Lets go of all members and of the person. Calls go on, each by itself. */
  close(): void;
  stats(): MediaRoomStats;
}

/** What a person hears beside calls. */
export type Signal =
  /** Somebody calls. */
  | 'ringing'
  /** Somebody calls while another call is talked in. */
  | 'call-waiting'
  /** It rings at the far end. */
  | 'ringback';

/** Counts of what a phone's media hold; all zeros after the last call. */
export interface PhoneMediaStats {
  readonly streams: number;
  /** Microphones, loudspeakers, files that are open. */
  readonly devices: number;
}

/** Where the media of calls come from: RTP and the sound of a machine, WebRTC in a browser. */
export interface PhoneMedia {
  /** Hears, for a person, what sound cannot be had. The call goes on without it. */
  onFault: ((message: string) => void) | undefined;
  /** The media of one more call. `secure` where it is by a sips URI: then nothing may go in clear. */
  open(secure: boolean): CallMedia;
  /** A room in which calls of this phone are mixed, with nobody in it yet. */
  room(): MediaRoom;
  /** Lets the person hear that, until it is something else or nothing. */
  signal(signal: Signal | undefined): void;
  stop(): Promise<void>;
  stats(): PhoneMediaStats;
}
