import type { AudioSession, AudioSource, MixerParty } from '@switchhook/media';
import type { MediaNegotiation } from '@switchhook/sip';
import type { CallMedia, CallSound, DigitsOutcome, PlayableSound } from '../media.ts';
import type { RoomMember } from './machine-room.ts';
import type { OverlaidSink } from './overlaid-sink.ts';
import type { SharedSound } from './shared-sound.ts';

export interface MachineCallParts {
  readonly microphone: SharedSound<AudioSource>;
  readonly loudspeaker: SharedSound<OverlaidSink>;
  /** It is heard for the first time, or again. */
  heard(): void;
  closed(): void;
}

/** The media of a call on a machine. */
export class MachineCall implements CallMedia, RoomMember {
  readonly negotiation: MediaNegotiation;
  onDigit: ((digit: string) => void) | undefined = undefined;
  readonly #session: AudioSession;
  readonly #parts: MachineCallParts;
  #connected = false;
  #muted = false;
  #played: PlayableSound | undefined = undefined;
  /** What it has in the place of microphone and loudspeaker while it is in a room. */
  #party: MixerParty | undefined = undefined;
  #leaveRoom: (() => void) | undefined = undefined;
  #closed = false;
  readonly #digit = (digit: string): void => this.onDigit?.(digit);

  constructor(negotiation: MediaNegotiation, session: AudioSession, parts: MachineCallParts) {
    this.negotiation = negotiation;
    this.#session = session;
    this.#parts = parts;
    session.onDigit = this.#digit;
  }

  get sound(): CallSound | undefined {
    const agreed = this.#session.streams.find((stream) => stream.agreed !== undefined)?.agreed;
    return agreed && { codec: agreed.send.encoding, encrypted: agreed.crypto !== undefined };
  }

  get connected(): boolean {
    return this.#connected;
  }

  set connected(connected: boolean) {
    this.#connected = connected;
    if (connected) this.#parts.heard();
    void this.#attach();
  }

  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    void this.#attach();
  }

  play(sound: PlayableSound | undefined): void {
    this.#played = sound;
    void this.#attach();
  }

  /** For rooms: samples a second that suit it, once that is agreed. */
  get sampleRate(): number | undefined {
    return this.#session.streams.find(({ sampleRate }) => sampleRate !== undefined)?.sampleRate;
  }

  /** For rooms. */
  enter(party: MixerParty | undefined, leave?: () => void): void {
    this.#leaveRoom?.();
    this.#party = party;
    this.#leaveRoom = leave;
    void this.#attach();
  }

  sendDigits(digits: string): Promise<DigitsOutcome> {
    return this.#session.sendDigits(digits);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connected = false;
    this.#played = undefined;
    this.enter(undefined);
    this.#session.close();
    this.#parts.closed();
  }

  /** Gives the call its ends. A device that takes a while to open finds out whether it is still wanted. */
  async #attach(): Promise<void> {
    const { microphone, loudspeaker } = this.#parts;
    const session = this.#session;
    session.source = this.#played ?? this.#party?.output;
    if (!this.#listens) session.sink = this.#party?.input;
    const [source, sink] = await Promise.all([
      this.#speaks ? microphone.take() : undefined,
      this.#listens ? loudspeaker.take() : undefined,
    ]);
    if (this.#speaks) session.source = source;
    if (!this.#listens || session.sink === sink) return;
    sink?.cut();
    session.sink = sink;
  }

  /** Whether the far end hears the microphone. */
  get #speaks(): boolean {
    return this.#listens && !this.#muted && this.#played === undefined;
  }

  /** Whether the far end is heard in the loudspeaker. */
  get #listens(): boolean {
    return this.#connected && this.#party === undefined;
  }
}
