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
 * @throws SwitchhookError `invalid-sample-rate` for a rate that is no multiple of 25 from 4,000 to 192,000
 */
export function resampled(source: AudioSource, sampleRate: number): AudioSource {
  if (source.sampleRate === sampleRate) return source;
  const resampler = new Resampler(source.sampleRate, sampleRate);
  const frameOf = reused();
  return {
    sampleRate,
    get ended() {
      return source.ended;
    },
    read(frame) {
      const input = frameOf(resampler.needed(frame.length));
      source.read(input);
      resampler.write(input);
      resampler.read(frame);
    },
    close: () => source.close(),
  };
}

/**
 * A sink for another rate; the sink itself where it has that rate already. Closing the one closes the other.
 *
 * @throws SwitchhookError `invalid-sample-rate` for a rate that is no multiple of 25 from 4,000 to 192,000
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
