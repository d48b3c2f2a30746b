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
  /** The far end takes none, or nothing is sent to it at the moment. */
  | 'not-possible'
  /** The call was put on hold, or ended, before all of them were sent. */
  | 'interrupted';

/** The media of one call: what is negotiated, and what a person hears and says. */
export interface CallMedia {
  readonly negotiation: MediaNegotiation;
  /** Undefined before anything is agreed. */
  readonly sound: CallSound | undefined;
  /** Whether this call has the microphone and the loudspeaker; of the calls of a phone one has at most. */
  connected: boolean;
  /** Whether the far end hears silence in place of the microphone. */
  muted: boolean;
  /** Hears each digit that the far end sends, once: `0` to `9`, `*`, `#`, `A` to `D`. */
  onDigit: ((digit: string) => void) | undefined;
  sendDigits(digits: string): Promise<DigitsOutcome>;
  /** Lets go of everything; the session has closed what it negotiated. */
  close(): void;
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
  /** Lets the person hear that, until it is something else or nothing. */
  signal(signal: Signal | undefined): void;
  stop(): Promise<void>;
  stats(): PhoneMediaStats;
}
