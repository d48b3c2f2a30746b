import { Mixer, silence } from '@switchhook/media';
import type { AudioSink, AudioSource, MixerMember, MixerParty } from '@switchhook/media';
import type { CallMedia, MediaRoom, MediaRoomStats } from '../media.ts';
import type { OverlaidSink } from './overlaid-sink.ts';
import type { SharedSound } from './shared-sound.ts';

/** A call as the room of its machine sees it. */
export interface RoomMember {
  readonly sampleRate: number | undefined;
  /** What it hears and where it is heard in the place of microphone and loudspeaker; undefined when it has left. */
  enter(party: MixerParty | undefined, leave?: () => void): void;
}

export interface MachineRoomParts {
  readonly microphone: SharedSound<AudioSource>;
  readonly loudspeaker: SharedSound<OverlaidSink>;
  /** Finds what stands behind the media of a call; throws for a stranger's. */
  memberOf(media: CallMedia): RoomMember;
  /** The person is in it for the first time, or again. */
  heard(): void;
  closed(): void;
}

/** A room on a machine: a mixer between the streams of calls and the devices. */
export class MachineRoom implements MediaRoom {
  readonly #parts: MachineRoomParts;
  readonly #mixer = new Mixer();
  readonly #parties = new Map<RoomMember, MixerParty>();
  #person: MixerMember | undefined = undefined;
  #connected = false;
  #muted = false;

  constructor(parts: MachineRoomParts) {
    this.#parts = parts;
  }

  get connected(): boolean {
    return this.#connected;
  }

  set connected(connected: boolean) {
    if (connected === this.#connected) return;
    this.#connected = connected;
    if (connected) {
      this.#parts.heard();
      void this.#seatPerson();
    } else {
      this.#person?.leave();
      this.#person = undefined;
    }
  }

  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    if (this.#person !== undefined) this.#person.muted = muted;
  }

  add(media: CallMedia): void {
    const member = this.#parts.memberOf(media);
    if (this.#parties.has(member)) return;
    const party = this.#mixer.join(member.sampleRate);
    member.enter(party, () => this.#leave(member, party));
    this.#parties.set(member, party);
  }

  remove(media: CallMedia): void {
    const member = this.#parts.memberOf(media);
    if (this.#parties.has(member)) member.enter(undefined);
  }

  setMuted(media: CallMedia, muted: boolean): void {
    const party = this.#parties.get(this.#parts.memberOf(media));
    if (party !== undefined) party.muted = muted;
  }

  isMuted(media: CallMedia): boolean {
    return this.#parties.get(this.#parts.memberOf(media))?.muted ?? false;
  }

  close(): void {
    for (const member of [...this.#parties.keys()]) member.enter(undefined);
    this.connected = false;
    this.#parts.closed();
  }

  stats(): MediaRoomStats {
    return { members: this.#parties.size, persons: this.#connected ? 1 : 0 };
  }

  #leave(member: RoomMember, party: MixerParty): void {
    party.leave();
    this.#parties.delete(member);
  }

  /** A device that takes a while to open finds out whether it is still wanted. */
  async #seatPerson(): Promise<void> {
    const { microphone, loudspeaker } = this.#parts;
    const [source, sink] = await Promise.all([microphone.take(), loudspeaker.take()]);
    if (!this.connected || this.#person !== undefined) return;
    const { sampleRate } = sink ?? source ?? this.#mixer;
    sink?.cut();
    this.#person = this.#mixer.serve({ source: source ?? silence(sampleRate), sink: sink ?? deaf(sampleRate) });
    this.#person.muted = this.#muted;
  }
}

/** Where there is no loudspeaker. */
function deaf(sampleRate: number): AudioSink {
  return { sampleRate, write: () => undefined, close: () => undefined };
}
