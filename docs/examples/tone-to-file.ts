import { callProgressTones, resampled, ToneSource, WavSink } from '@switchhook/media';
import type { AudioSink, AudioSource, ToneCountry } from '@switchhook/media';

/** Moves sound from a source to a sink of the same rate, 20 ms at a time and as fast as it goes. */
export function move(source: AudioSource, sink: AudioSink, milliseconds: number): void {
  const frame = new Int16Array(sink.sampleRate / 50);
  for (let moved = 0; moved < milliseconds && !source.ended; moved += 20) {
    source.read(frame);
    sink.write(frame);
  }
}

/** Writes what a caller hears in that country while the far end rings. */
export async function writeRingback(country: ToneCountry, path: string, milliseconds: number): Promise<void> {
  const tone = new ToneSource(callProgressTones[country].ringback, { sampleRate: 8000 });
  const sink = await WavSink.create(path, 16_000);
  move(resampled(tone, sink.sampleRate), sink, milliseconds);
  sink.close();
  await sink.finished;
}
