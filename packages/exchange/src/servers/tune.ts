import { tone, ToneSource } from '@switchhook/media';
import type { AudioSource } from '@switchhook/media';

/** A C major chord up and down, then A minor, F and G: what a music box plays to those for whom there are no files. */
const notes = [
  [262, 330, 392, 523, 392, 330],
  [220, 262, 330, 440, 330, 262],
  [175, 220, 262, 349, 262, 220],
  [196, 247, 294, 392, 294, 247],
].flat();
const noteTime = 0.3;
/** In dBov: softer than people speak. */
const level = -22;

/** Once through, by sample rate: the same for all exchanges of a process. */
const rounds = new Map<number, Int16Array>();

function roundAt(sampleRate: number): Int16Array {
  const known = rounds.get(sampleRate);
  if (known !== undefined) return known;
  const source = new ToneSource(tone(notes.join('/'), `${String(notes.length)}x${String(noteTime)}`), {
    sampleRate,
    level,
  });
  const round = new Int16Array(Math.round(notes.length * noteTime * sampleRate));
  source.read(round);
  rounds.set(sampleRate, round);
  return round;
}

/** The music that comes along, again and again. */
export function tune(sampleRate: number): AudioSource {
  return new Tune(sampleRate, roundAt(sampleRate));
}

class Tune implements AudioSource {
  readonly sampleRate: number;
  ended = false;
  readonly #round: Int16Array;
  #place = 0;

  constructor(sampleRate: number, round: Int16Array) {
    this.sampleRate = sampleRate;
    this.#round = round;
  }

  read(frame: Int16Array): void {
    for (let filled = 0; filled < frame.length;) {
      const piece = this.#round.subarray(this.#place, this.#place + frame.length - filled);
      frame.set(piece, filled);
      filled += piece.length;
      this.#place = (this.#place + piece.length) % this.#round.length;
    }
  }

  close(): void {
    this.ended = true;
  }
}
