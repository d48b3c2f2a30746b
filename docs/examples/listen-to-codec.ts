import { audioCodecs, fitSines, tone, ToneSource } from '@switchhook/media';
import type { AudioCodec } from '@switchhook/media';

/** Decibels between a tone of 1,004 Hz and the noise that a codec adds to it, over packets of 20 ms. */
async function signalToNoise(codec: AudioCodec): Promise<number> {
  const { sampleRate } = codec;
  const source = new ToneSource(tone('1004', 'continuous'), { sampleRate, level: -13 });
  const encoder = codec.createEncoder();
  const decoder = codec.createDecoder();
  // Opus is there a moment after it was asked for.
  await new Promise(setImmediate);
  const heard: number[] = [];
  const frame = new Int16Array(sampleRate / 50);
  while (heard.length < sampleRate) {
    source.read(frame);
    const samples = decoder.decode(encoder.encode(frame)) ?? decoder.conceal(frame.length);
    heard.push(...samples);
  }
  encoder.close();
  decoder.close();
  return fitSines(heard.slice(sampleRate / 5), sampleRate, [1004]).signalToNoise;
}

/** The same of every codec, by name. */
export async function signalToNoiseOfAll(): Promise<Readonly<Record<string, number>>> {
  const codecs = await audioCodecs();
  const measured = await Promise.all(
    codecs.map(async (codec) => [codec.encoding, await signalToNoise(codec)] as const),
  );
  return Object.fromEntries(measured);
}
