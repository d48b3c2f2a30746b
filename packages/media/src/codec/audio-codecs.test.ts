import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AudioCodec, AudioDecoder, AudioEncoder } from '../audio.ts';
import { levelOf } from '../measure/level.ts';
import { fitSines } from '../measure/sine.ts';
import { sines } from '../measure/sine.testing.ts';
import { audioCodecs } from './audio-codecs.ts';
import { largestStep, vowel } from './sounds.testing.ts';

const codecs = await audioCodecs();

async function pairOf(codec: AudioCodec): Promise<{ encoder: AudioEncoder; decoder: AudioDecoder }> {
  const encoder = codec.createEncoder();
  const decoder = codec.createDecoder();
  onTestFinished(() => {
    encoder.close();
    decoder.close();
  });
  await new Promise(setImmediate);
  return { encoder, decoder };
}

/** The sound by packets of 20 ms, of which those that `lost` names do not come. */
async function carried(
  codec: AudioCodec,
  sound: Int16Array,
  { lost = () => false, repeated = false }: { lost?: (packet: number) => boolean; repeated?: boolean } = {},
): Promise<Int16Array> {
  const { encoder, decoder } = await pairOf(codec);
  const size = codec.sampleRate / 50;
  const packets = Array.from({ length: sound.length / size }, (_, index) =>
    encoder.encode(sound.subarray(index * size, (index + 1) * size)),
  );
  const heard = new Int16Array(sound.length);
  packets.forEach((packet, index) => {
    const next = repeated ? packets[index + 1] : undefined;
    const samples = lost(index) ? decoder.conceal(size, next) : decoder.decode(packet);
    expect(samples).toHaveLength(size);
    heard.set(samples ?? [], index * size);
  });
  return heard;
}

/**
 * What a tone keeps of its distance to noise. G.711 has about 38 dB over most of its range by its definition. G.722
 * spends 6 bits on the band below 4 kHz, which is 40 dB and more on a tone that its predictor follows. Opus codes what
 * is heard, not the waveform; at 32 kbit/s a single tone is its easy case.
 */
const signalToNoise: Readonly<Record<string, number>> = { PCMU: 35, PCMA: 35, G722: 40, opus: 30 };

/**
 * By how many decibels 20 ms in the place of a lost packet, or right behind it, may be louder or softer than they would
 * have been. Opus does not repeat the waveform, but lets the voice that it last heard go on from noise and pitch.
 */
const concealment: Readonly<Record<string, number>> = { PCMU: 4, PCMA: 4, G722: 4, opus: 7 };

describe.each(codecs.map((codec) => [codec.encoding, codec] as const))('%s', (encoding, codec) => {
  const milliseconds = (count: number): number => (codec.sampleRate * count) / 1000;

  it.each([
    [440, -13],
    [1004, -6],
    [1004, -13],
    [1004, -20],
    [1004, -26],
    [3000, -13],
  ])('carries a tone of %d Hz at %d dBov', async (frequency, level) => {
    const heard = await carried(codec, sines([frequency], codec.sampleRate, codec.sampleRate, level));
    const fit = fitSines(heard.subarray(milliseconds(200)), codec.sampleRate, [frequency]);
    expect(fit.signalToNoise).toBeGreaterThan(signalToNoise[encoding] ?? NaN);
    expect(Math.abs((fit.sines[0]?.level ?? NaN) - level)).toBeLessThan(0.25);
  });

  it('is silent when nothing is said', async () => {
    expect(levelOf(await carried(codec, new Int16Array(codec.sampleRate)))).toBeLessThan(-70);
  });

  it.each(codec.packetTimes)('takes packets of %d ms', async (packetTime) => {
    const { encoder, decoder } = await pairOf(codec);
    const sound = sines([1004], codec.sampleRate, milliseconds(packetTime));
    const payload = encoder.encode(sound);
    expect(payload.length).toBeGreaterThan(0);
    expect(decoder.decode(payload)).toHaveLength(sound.length);
    // What RTP counts has nothing to do with the rate of the samples (RFC 3551 4.5.2).
    if (codec.payloadType !== undefined) expect(payload).toHaveLength((codec.clockRate * packetTime) / 1000);
  });

  it('takes any bytes, and only an empty payload surely for none', async () => {
    const { decoder } = await pairOf(codec);
    expect(decoder.decode(new Uint8Array())).toBeUndefined();
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 1500 }),
        fc.integer({ min: 1, max: 6000 }),
        (payload, gap) => {
          const samples = decoder.decode(payload);
          if (codec.payloadType !== undefined) expect(samples).toHaveLength((payload.length * codec.sampleRate) / 8000);
          expect(decoder.conceal(gap, payload)).toHaveLength(gap);
        },
      ),
    );
  });

  it('is silent in the place of what was lost before anything came', async () => {
    const { decoder } = await pairOf(codec);
    expect(levelOf(decoder.conceal(milliseconds(20)))).toBe(-127);
  });

  it('conceals 5% of lost packets of a vowel without a click and without a hole', async () => {
    const sound = vowel(120, codec.sampleRate, 4000);
    const whole = await carried(codec, sound);
    const heard = await carried(codec, sound, { lost: (packet) => packet % 20 === 10, repeated: true });
    expect(largestStep(heard)).toBeLessThan(1.5 * largestStep(whole));
    for (let start = milliseconds(200); start < heard.length; start += milliseconds(20)) {
      const piece = (samples: Int16Array): number => levelOf(samples.subarray(start, start + milliseconds(20)));
      expect(Math.abs(piece(heard) - piece(whole)), `at ${start}`).toBeLessThan(concealment[encoding] ?? NaN);
    }
  });

  it('is silent within 120 ms when nothing comes any more', async () => {
    const heard = await carried(codec, vowel(120, codec.sampleRate, 1000), { lost: (packet) => packet >= 25 });
    expect(levelOf(heard.subarray(milliseconds(620)))).toBeLessThan(levelOf(heard.subarray(0, milliseconds(500))) - 20);
  });

  it('does nothing after it was closed that would throw', async () => {
    const { encoder, decoder } = await pairOf(codec);
    const payload = encoder.encode(new Int16Array(milliseconds(20)));
    encoder.close();
    decoder.close();
    encoder.close();
    decoder.close();
    expect(encoder.encode(new Int16Array(milliseconds(20)))).toBeInstanceOf(Uint8Array);
    expect(decoder.decode(payload)).toHaveLength(milliseconds(20));
  });
});

describe('Opus', () => {
  const opus = codecs.find(({ encoding }) => encoding === 'opus');
  if (opus === undefined) throw new Error('there is no Opus');

  it('repairs a lost packet from the one behind it', async () => {
    // A pitch that glides cannot be guessed from what was before.
    const sound = Int16Array.from({ length: 96_000 }, (_, index) => {
      const time = index / 48_000;
      const phase = 2 * Math.PI * (110 * time + (60 * Math.sin(2 * Math.PI * 2.5 * time)) / (2 * Math.PI * 2.5));
      let sum = 0;
      for (let harmonic = 1; harmonic < 20; harmonic += 1) sum += Math.sin(harmonic * phase) / harmonic;
      return Math.round(5000 * sum);
    });
    const lost = (packet: number): boolean => packet > 10 && packet % 7 === 0;
    const whole = await carried(opus, sound);
    const error = (heard: Int16Array): number => {
      const differences = Array.from(heard, (sample, index) => sample - (whole[index] ?? 0));
      return levelOf(differences);
    };
    const guessed = error(await carried(opus, sound, { lost }));
    const repaired = error(await carried(opus, sound, { lost, repeated: true }));
    expect(repaired).toBeLessThan(guessed - 3);
  });

  it('speaks a valid packet and hears silence before libopus has answered', () => {
    const encoder = opus.createEncoder();
    const decoder = opus.createDecoder();
    const payload = encoder.encode(new Int16Array(960));
    expect(payload).toEqual(Uint8Array.of(0xf8));
    expect(decoder.decode(payload)).toEqual(new Int16Array(960));
    expect(decoder.conceal(960)).toEqual(new Int16Array(960));
    encoder.close();
    decoder.close();
  });
});
