import { Resampler } from '../codec/resampler.ts';
import { Limiter } from './limiter.ts';

/** Milliseconds that are mixed at a time. */
const frameTime = 20;

/** Samples of a frame at a rate that is a multiple of 50. */
export const frameLengthAt = (sampleRate: number): number => (sampleRate * frameTime) / 1_000;

/** One whose frame is mixed with those of others. */
export interface Voice {
  readonly sampleRate: number;
  /** What he says in this frame, at his own rate; undefined for silence. */
  readonly voice: Int16Array | undefined;
}

/** Mixes frames at one rate, of parties that have any: each gets the sum of all others, at his own. */
export class Bus {
  readonly sampleRate: number;
  readonly #sum: Int32Array;
  readonly #seats = new Map<Voice, Seat>();

  constructor(sampleRate: number) {
    this.sampleRate = sampleRate;
    this.#sum = new Int32Array(frameLengthAt(sampleRate));
  }

  mix(parties: Iterable<Voice>): void {
    const sum = this.#sum.fill(0);
    for (const party of parties) {
      const { voice } = this.#seatOf(party).listen(party.voice);
      if (voice === undefined) continue;
      for (let index = 0; index < sum.length; index += 1) sum[index] = (sum[index] ?? 0) + (voice[index] ?? 0);
    }
    for (const party of parties) this.#seatOf(party).speak(sum);
  }

  /** What he hears of what was mixed last. It is used again. */
  heardBy(party: Voice): Int16Array {
    return this.#seatOf(party).heard;
  }

  leave(party: Voice): void {
    this.#seats.delete(party);
  }

  #seatOf(party: Voice): Seat {
    const known = this.#seats.get(party);
    if (known !== undefined) return known;
    const seat = new Seat(party.sampleRate, this.sampleRate);
    this.#seats.set(party, seat);
    return seat;
  }
}

/** What stands between a party and the bus. */
class Seat {
  /** What he says, at the rate of the bus; undefined for silence. */
  voice: Int16Array | undefined = undefined;
  /** What he hears, at his rate. */
  readonly heard: Int16Array;
  readonly #limiter: Limiter;
  readonly #up: Resampler | undefined;
  readonly #down: Resampler | undefined;
  readonly #said: Int16Array;
  readonly #mixed: Int16Array;
  readonly #silence: Int16Array;
  /** Whether the resampler still holds sound. */
  #sounds = false;

  constructor(own: number, bus: number) {
    const isSame = own === bus;
    this.heard = new Int16Array(frameLengthAt(own));
    this.#limiter = new Limiter(bus);
    this.#up = isSame ? undefined : new Resampler(own, bus);
    this.#down = isSame ? undefined : new Resampler(bus, own);
    this.#said = new Int16Array(frameLengthAt(bus));
    this.#mixed = isSame ? this.heard : new Int16Array(frameLengthAt(bus));
    this.#silence = new Int16Array(frameLengthAt(own));
  }

  listen(voice: Int16Array | undefined): this {
    // What is silent for a whole frame has left nothing in the resampler.
    const isSilent = voice === undefined && !this.#sounds;
    this.#sounds = voice !== undefined;
    if (isSilent) this.voice = undefined;
    else if (this.#up === undefined) this.voice = voice;
    else {
      this.#up.write(voice ?? this.#silence);
      this.#up.read(this.#said);
      this.voice = this.#said;
    }
    return this;
  }

  speak(sum: Int32Array): void {
    this.#limiter.subtract(sum, this.voice, this.#mixed);
    if (this.#down === undefined) return;
    this.#down.write(this.#mixed);
    this.#down.read(this.heard);
  }
}
