import type { AudioSink, AudioSource } from '../audio.ts';
import { resampled, resampledSink } from '../codec/resampled.ts';
import { SampleQueue } from '../sample-queue.ts';
import { Bus, frameLengthAt } from './bus.ts';
import type { Voice } from './bus.ts';
import { Seam } from './seam.ts';

/** Frames that may wait on either side of the mixer: what came earlier is dropped, so that nobody hears the past. */
const longestWait = 3;

/** Where nobody has said yet what he likes. */
const defaultSampleRate = 16_000;

/** How a mixer mixes. */
export interface MixerOptions {
  /**
   * At which rate it is mixed. Without it by the second best of the parties': what only one has, no other would hear. It then
   * changes as they come and go.
   */
  readonly sampleRate?: number;
}

/** How many a mixer mixes, and what it lost. */
export interface MixerStats {
  readonly parties: number;
  /** Samples that were dropped because nobody took them in time, of all parties so far. */
  readonly dropped: number;
}

/** One who hears all others of a {@link Mixer}, and is heard by them. */
export interface MixerMember {
  /** True while the others do not hear him. He hears them all the same. */
  muted: boolean;
  leave(): void;
}

/** One whose sound comes and goes at its own pace, as that of a call does. */
export interface MixerParty extends MixerMember {
  /** Where what he says goes: the sink of his call. */
  readonly input: AudioSink;
  /** What he hears: the source of his call. It goes on, silent, when he has left. */
  readonly output: AudioSource;
}

/** The two ends of a device, or of anything else that has to be served. */
export interface ServedSound {
  readonly source: AudioSource;
  readonly sink: AudioSink;
}

class Party implements Voice {
  muted = false;
  readonly sampleRate: number;
  readonly said: SampleQueue;
  readonly heard: SampleQueue;
  voice: Int16Array | undefined = undefined;
  readonly #frame: Int16Array;
  readonly #seam: Seam;
  readonly #served: ServedSound | undefined;
  #left = false;
  #sounds = false;
  /** Frames that were mixed since he read one. */
  #unread = 0;

  constructor(sampleRate: number, served: ServedSound | undefined) {
    const frameLength = frameLengthAt(sampleRate);
    this.sampleRate = sampleRate;
    this.said = new SampleQueue(longestWait * frameLength);
    this.heard = new SampleQueue(longestWait * frameLength);
    this.#frame = new Int16Array(frameLength);
    this.#seam = new Seam(sampleRate);
    this.#served = served;
  }

  get dropped(): number {
    return this.said.dropped + this.heard.dropped;
  }

  get frameLength(): number {
    return this.#frame.length;
  }

  /** True when he has said a whole frame that is not mixed yet. */
  get hasSaid(): boolean {
    return this.said.length >= this.#frame.length;
  }

  leave(): void {
    this.#left = true;
  }

  get hasLeft(): boolean {
    return this.#left;
  }

  /** Takes the next frame of what he says. One that is not there whole yet is left for the next time. */
  listen(): void {
    const frame = this.#frame;
    const sounded = this.#sounds;
    this.#sounds = this.#take() && !this.muted;
    if (this.#sounds !== sounded) this.#seam.cut();
    if (!this.#sounds) frame.fill(0);
    // The first frame of silence has the end of what was heard.
    this.voice = this.#sounds || sounded ? frame : undefined;
    if (this.voice !== undefined) this.#seam.smooth(frame);
  }

  speak(frame: Int16Array): void {
    if (this.#left) return;
    this.#unread += 1;
    if (this.#served === undefined) this.heard.write(frame);
    else this.#served.sink.write(frame);
  }

  /** Gives him what waits for him. Where he was away, that is only the newest of it. */
  read(frame: Int16Array): void {
    if (this.#unread >= longestWait) this.heard.keep(this.#frame.length);
    this.#unread = 0;
    frame.fill(0, this.heard.read(frame));
  }

  #take(): boolean {
    if (this.#left) return false;
    if (this.#served === undefined) return this.hasSaid && this.said.read(this.#frame) > 0;
    this.#served.source.read(this.#frame);
    return true;
  }
}

/**
 * Mixes the voices of any number of parties: each hears the sum of all others, and not himself. It has no clock of its
 * own: whoever reads first makes it mix the next 20 ms, and the others find theirs waiting; where nobody reads, whoever
 * speaks does. Its cost grows with the parties, not with their pairs. A sum that is too loud is turned down, not cut off,
 * and nobody who comes, goes or is muted makes a click.
 */
export class Mixer {
  readonly #fixedRate: number | undefined;
  /** Those who have left are mixed once more: so long they fade away. */
  readonly #parties = new Set<Party>();
  #bus: Bus;
  /** What takes over: it is mixed once before it is heard. */
  #nextBus: { readonly bus: Bus; isReady: boolean } | undefined = undefined;
  /** Nobody has heard anything yet, so that nothing has to be faded. */
  #isFresh = true;
  /** Who makes it mix by what he says, because nobody reads. */
  #speaker: Party | undefined = undefined;
  /** Of those who have left. */
  #dropped = 0;

  constructor(options: MixerOptions = {}) {
    this.#fixedRate = options.sampleRate;
    this.#bus = new Bus(options.sampleRate ?? defaultSampleRate);
  }

  /** At which rate it is mixed now. */
  get sampleRate(): number {
    return this.#bus.sampleRate;
  }

  stats(): MixerStats {
    const present = [...this.#parties].filter(({ hasLeft }) => !hasLeft);
    return {
      parties: present.length,
      dropped: present.reduce((sum, { dropped }) => sum + dropped, this.#dropped),
    };
  }

  /**
   * Lets in somebody whose sound comes and goes at its own pace.
   *
   * @param sampleRate of his input and his output; the mixer's where it is not given
   */
  join(sampleRate = this.sampleRate): MixerParty {
    const party = this.#enter(sampleRate, undefined);
    const leave = (): void => this.#leave(party);
    const input: AudioSink = {
      sampleRate: party.sampleRate,
      write: (frame) => this.#hear(party, frame),
      close: leave,
    };
    const output = new PartyOutput(party, leave, (frame) => this.#tell(party, frame));
    return Object.assign(new Member(party, leave), {
      input: resampledSink(input, sampleRate),
      output: resampled(output, sampleRate),
    });
  }

  /**
   * Lets in somebody whose sound the mixer fetches and brings whenever it mixes: the person at the microphone. Source and
   * sink stay his: they are not closed when he leaves.
   */
  serve({ source, sink }: ServedSound): MixerMember {
    const sampleRate = wholeRate(Math.max(source.sampleRate, sink.sampleRate));
    const party = this.#enter(sampleRate, {
      source: resampled(source, sampleRate),
      sink: resampledSink(sink, sampleRate),
    });
    return new Member(party, () => this.#leave(party));
  }

  #enter(sampleRate: number, served: ServedSound | undefined): Party {
    const party = new Party(wholeRate(sampleRate), served);
    this.#parties.add(party);
    this.#tune();
    return party;
  }

  #leave(party: Party): void {
    if (party.hasLeft) return;
    party.leave();
    this.#dropped += party.dropped;
    if (this.#speaker === party) this.#speaker = undefined;
    this.#tune();
  }

  #hear(party: Party, frame: Int16Array): void {
    if (party.hasLeft) return;
    // Those who only listen would wait for ever where nobody reads: on hold, or hearing something else.
    if (party.said.isFull) this.#speaker = party;
    this.#mixWhatHeSays(party);
    party.said.write(frame);
    this.#mixWhatHeSays(party);
  }

  #mixWhatHeSays(party: Party): void {
    while (this.#speaker === party && party.hasSaid) this.#mix();
  }

  #tell(party: Party, frame: Int16Array): void {
    if (party.heard.length < frame.length && !party.hasLeft) {
      this.#speaker = undefined;
      this.#mix();
    }
    party.read(frame);
  }

  #mix(): void {
    this.#isFresh = false;
    for (const party of this.#parties) party.listen();
    this.#bus.mix(this.#parties);
    const next = this.#nextBus;
    next?.bus.mix(this.#parties);
    for (const party of this.#parties) {
      const heard = this.#bus.heardBy(party);
      if (next?.isReady === true) crossFade(heard, next.bus.heardBy(party));
      party.speak(heard);
      if (party.hasLeft && party.voice === undefined) this.#forget(party);
    }
    if (next?.isReady === true) {
      this.#bus = next.bus;
      this.#nextBus = undefined;
    } else if (next !== undefined) next.isReady = true;
  }

  #forget(party: Party): void {
    this.#parties.delete(party);
    this.#bus.leave(party);
    this.#nextBus?.bus.leave(party);
  }

  /** Mixes from now on at the rate that the parties who are there like. */
  #tune(): void {
    if (this.#fixedRate !== undefined) return;
    const rates = [...this.#parties].filter(({ hasLeft }) => !hasLeft).map(({ sampleRate }) => sampleRate);
    rates.sort((one, other) => other - one);
    const wanted = rates[1] ?? rates[0] ?? this.sampleRate;
    if (this.#isFresh) this.#bus = new Bus(wanted);
    else if (wanted === this.#bus.sampleRate) this.#nextBus = undefined;
    else if (wanted !== this.#nextBus?.bus.sampleRate) this.#nextBus = { bus: new Bus(wanted), isReady: false };
  }
}

/** From one sound to another over the whole frame, in the place of the first. */
function crossFade(from: Int16Array, to: Int16Array): void {
  for (let index = 0; index < from.length; index += 1) {
    const share = (index + 1) / from.length;
    from[index] = Math.round((from[index] ?? 0) * (1 - share) + (to[index] ?? 0) * share);
  }
}

/** The rate itself, or, where 20 ms of it are no whole number of samples, another. */
function wholeRate(sampleRate: number): number {
  return Number.isInteger(frameLengthAt(sampleRate)) ? sampleRate : defaultSampleRate;
}

/** What somebody hears, frame by frame. */
class PartyOutput implements AudioSource {
  readonly sampleRate: number;
  readonly close: () => void;
  readonly #party: Party;
  readonly #tell: (frame: Int16Array) => void;

  constructor(party: Party, leave: () => void, tell: (frame: Int16Array) => void) {
    this.sampleRate = party.sampleRate;
    this.close = leave;
    this.#party = party;
    this.#tell = tell;
  }

  get ended(): boolean {
    return this.#party.hasLeft;
  }

  read(frame: Int16Array): void {
    const { frameLength } = this.#party;
    for (let start = 0; start < frame.length; start += frameLength) {
      this.#tell(frame.subarray(start, start + frameLength));
    }
  }
}

class Member implements MixerMember {
  readonly leave: () => void;
  readonly #party: Party;

  constructor(party: Party, leave: () => void) {
    this.leave = leave;
    this.#party = party;
  }

  get muted(): boolean {
    return this.#party.muted;
  }

  set muted(muted: boolean) {
    this.#party.muted = muted;
  }
}
