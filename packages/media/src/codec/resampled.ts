import type { AudioSink, AudioSource } from '../audio.ts';
import { Resampler } from './resampler.ts';

/** A frame that is used again as long as it is asked for in one length. */
function reused(): (length: number) => Int16Array {
  let frame = new Int16Array(0);
  return (length) => {
    if (frame.length !== length) frame = new Int16Array(length);
    return frame;
  };
}

/**
 * The source at another rate; the source itself where it has that rate already. Closing the one closes the other.
 *
 * @throws SwitchhookError `invalid-sample-rate` for a rate that is no multiple of 25 from 50 to 192,000
 */
export function resampled(source: AudioSource, sampleRate: number): AudioSource {
  return source.sampleRate === sampleRate ? source : new ResampledSource(source, sampleRate);
}

class ResampledSource implements AudioSource {
  readonly sampleRate: number;
  readonly #source: AudioSource;
  readonly #resampler: Resampler;
  readonly #frameOf = reused();

  constructor(source: AudioSource, sampleRate: number) {
    this.sampleRate = sampleRate;
    this.#source = source;
    this.#resampler = new Resampler(source.sampleRate, sampleRate);
  }

  get ended(): boolean {
    return this.#source.ended;
  }

  read(frame: Int16Array): void {
    const input = this.#frameOf(this.#resampler.needed(frame.length));
    this.#source.read(input);
    this.#resampler.write(input);
    this.#resampler.read(frame);
  }

  close(): void {
    this.#source.close();
  }
}

/**
 * A sink for another rate; the sink itself where it has that rate already. Closing the one closes the other.
 *
 * @throws SwitchhookError `invalid-sample-rate` for a rate that is no multiple of 25 from 50 to 192,000
 */
export function resampledSink(sink: AudioSink, sampleRate: number): AudioSink {
  if (sink.sampleRate === sampleRate) return sink;
  const resampler = new Resampler(sampleRate, sink.sampleRate);
  const frameOf = reused();
  return {
    sampleRate,
    write(frame) {
      resampler.write(frame);
      const output = frameOf(resampler.available);
      resampler.read(output);
      sink.write(output);
    },
    close: () => sink.close(),
  };
}
