import type { AudioSink, AudioSource } from '../audio.ts';
import { resampled, resampledSink } from '../codec/resampled.ts';
import { SampleQueue } from '../sample-queue.ts';
import { Limiter } from './limiter.ts';

/** Milliseconds that are mixed at a time. */
const frameTime = 20;

/** Frames that may wait on either side of the mixer: what came earlier is dropped, so that nobody hears the past. */
const longestWait = 3;

export interface MixerOptions {
  /** At which rate it is mixed: no less than the best of the parties wants. 16,000 where it is not given. */
  readonly sampleRate?: number;
}

export interface MixerStats {
  readonly parties: number;
  /** Samples, at the mixer's rate, that were dropped because nobody took them in time, of all parties so far. */
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

class Party {
  muted = false;
  readonly said: SampleQueue;
  readonly heard: SampleQueue;
  /** What he adds to the sum of the frame that is being mixed; undefined when that is nothing. */
  voice: Int16Array | undefined = undefined;
  readonly limiter: Limiter;
  readonly #frame: Int16Array;
  readonly #served: ServedSound | undefined;

  constructor(sampleRate: number, frameLength: number, served: ServedSound | undefined) {
    this.said = new SampleQueue(longestWait * frameLength);
    this.heard = new SampleQueue(longestWait * frameLength);
    this.limiter = new Limiter(sampleRate);
    this.#frame = new Int16Array(frameLength);
    this.#served = served;
  }

  get dropped(): number {
    return this.said.dropped + this.heard.dropped;
  }

  /** Takes the next frame of what he says. One that is not there whole yet is left for the next time. */
  listen(): void {
    this.voice = undefined;
    if (this.#served !== undefined) this.#served.source.read(this.#frame);
    else if (this.said.length < this.#frame.length) return;
    else this.said.read(this.#frame);
    if (!this.muted) this.voice = this.#frame;
  }

  speak(frame: Int16Array): void {
    if (this.#served === undefined) this.heard.write(frame);
    else this.#served.sink.write(frame);
  }
}

/**
 * Mixes the voices of any number of parties: each hears the sum of all others, and not himself. It has no clock of its
 * own: whoever reads first makes it mix the next 20 ms, and the others find theirs waiting; where nobody reads, whoever
 * speaks does. Its cost grows with the parties, not with their pairs. A sum that is too loud is turned down, not cut off.
 */
export class Mixer {
  readonly sampleRate: number;
  readonly #frameLength: number;
  readonly #sum: Int32Array;
  readonly #output: Int16Array;
  readonly #parties = new Set<Party>();
  /** Of those who have left. */
  #dropped = 0;

  constructor(options: MixerOptions = {}) {
    this.sampleRate = options.sampleRate ?? 16_000;
    this.#frameLength = (this.sampleRate * frameTime) / 1000;
    this.#sum = new Int32Array(this.#frameLength);
    this.#output = new Int16Array(this.#frameLength);
  }

  stats(): MixerStats {
    let dropped = this.#dropped;
    for (const party of this.#parties) dropped += party.dropped;
    return { parties: this.#parties.size, dropped };
  }

  /**
   * Lets in somebody whose sound comes and goes at its own pace.
   *
   * @param sampleRate of his input and his output; the mixer's where it is not given
   */
  join(sampleRate = this.sampleRate): MixerParty {
    const party = this.#enter(undefined);
    const leave = (): void => this.#leave(party);
    const parties = this.#parties;
    const input: AudioSink = {
      sampleRate: this.sampleRate,
      write: (frame) => {
        if (!parties.has(party)) return;
        // Those who only listen would wait for ever where nobody reads: on hold, or hearing something else.
        if (party.said.isFull) this.#mix();
        party.said.write(frame);
      },
      close: leave,
    };
    const output: AudioSource = {
      sampleRate: this.sampleRate,
      get ended() {
        return !parties.has(party);
      },
      read: (frame) => {
        for (let start = 0; start < frame.length; start += this.#frameLength) {
          this.#hear(party, frame.subarray(start, start + this.#frameLength));
        }
      },
      close: leave,
    };
    return Object.assign(memberOf(party, leave), {
      input: resampledSink(input, sampleRate),
      output: resampled(output, sampleRate),
    });
  }

  /**
   * Lets in somebody whose sound the mixer fetches and brings whenever it mixes: the person at the microphone. Source and
   * sink stay his: they are not closed when he leaves.
   */
  serve({ source, sink }: ServedSound): MixerMember {
    const party = this.#enter({
      source: resampled(source, this.sampleRate),
      sink: resampledSink(sink, this.sampleRate),
    });
    return memberOf(party, () => this.#leave(party));
  }

  #enter(served: ServedSound | undefined): Party {
    const party = new Party(this.sampleRate, this.#frameLength, served);
    this.#parties.add(party);
    return party;
  }

  #leave(party: Party): void {
    if (this.#parties.delete(party)) this.#dropped += party.dropped;
  }

  #hear(party: Party, frame: Int16Array): void {
    if (party.heard.length < frame.length && this.#parties.has(party)) this.#mix();
    frame.fill(0, party.heard.read(frame));
  }

  #mix(): void {
    const sum = this.#sum.fill(0);
    for (const party of this.#parties) {
      party.listen();
      const { voice } = party;
      if (voice === undefined) continue;
      for (let index = 0; index < sum.length; index += 1) sum[index] = (sum[index] ?? 0) + (voice[index] ?? 0);
    }
    for (const party of this.#parties) {
      party.limiter.subtract(sum, party.voice, this.#output);
      party.speak(this.#output);
    }
  }
}

function memberOf(party: Party, leave: () => void): MixerMember {
  return {
    get muted() {
      return party.muted;
    },
    set muted(muted) {
      party.muted = muted;
    },
    leave,
  };
}
