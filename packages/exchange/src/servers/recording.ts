import { resampled, WavSource } from '@switchhook/media';
import type { AudioSource } from '@switchhook/media';

/** Seconds of a recording; the rest of a longer file is not played. */
const longestRecording = 300;

/** A short sound in memory, for any number of listeners who begin at different times. */
export interface Recording {
  readonly sampleRate: number;
  readonly samples: Int16Array;
}

/** Reads a WAV file. Rejects with a `MediaError` where there is none, or none that can be played. */
export async function readRecording(file: string): Promise<Recording> {
  const source = await WavSource.open(file);
  const { sampleRate } = source;
  const frames: Int16Array[] = [];
  while (!source.ended && frames.length < longestRecording) {
    const second = new Int16Array(sampleRate);
    const { late } = source.stats();
    source.read(second);
    // A long file comes from the disk piece by piece.
    if (source.stats().late > late) {
      frames.push(second.subarray(0, sampleRate - (source.stats().late - late)));
      await new Promise(setImmediate);
    } else frames.push(second);
  }
  source.close();
  return { sampleRate, samples: joined(frames) };
}

function joined(frames: readonly Int16Array[]): Int16Array {
  const samples = new Int16Array(frames.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const frame of frames) {
    samples.set(frame, offset);
    offset += frame.length;
  }
  return samples;
}

/** By what they were made of. */
const atOtherRates = new WeakMap<Recording, Map<number, Recording>>();
/** Samples that come behind the last: so late a filter is. */
const behind = 64;

/** The recording as calls of another rate play it, made once for all of them. */
export function atRate(recording: Recording, sampleRate: number): Recording {
  if (recording.sampleRate === sampleRate) return recording;
  const made = atOtherRates.get(recording) ?? new Map<number, Recording>();
  atOtherRates.set(recording, made);
  const known = made.get(sampleRate);
  if (known !== undefined) return known;
  const length = Math.ceil((recording.samples.length * sampleRate) / recording.sampleRate) + behind;
  const samples = new Int16Array(length);
  resampled(new RecordingSource(recording, () => undefined), sampleRate).read(samples);
  const another = { sampleRate, samples };
  made.set(sampleRate, another);
  return another;
}

/** Plays a recording once, and says when all of it was read. */
export class RecordingSource implements AudioSource {
  readonly sampleRate: number;
  readonly #samples: Int16Array;
  readonly #played: () => void;
  #position = 0;
  #told = false;

  constructor({ sampleRate, samples }: Recording, played: () => void) {
    this.sampleRate = sampleRate;
    this.#samples = samples;
    this.#played = played;
  }

  get ended(): boolean {
    return this.#position >= this.#samples.length;
  }

  read(frame: Int16Array): void {
    const part = this.#samples.subarray(this.#position, this.#position + frame.length);
    frame.set(part);
    frame.fill(0, part.length);
    this.#position += part.length;
    if (!this.ended || this.#told) return;
    this.#told = true;
    this.#played();
  }

  close(): void {
    this.#position = this.#samples.length;
  }
}
