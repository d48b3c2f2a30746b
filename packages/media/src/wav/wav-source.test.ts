import { truncate, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeALaw, encodeMuLaw } from '../codec/g711.ts';
import { MediaError } from '../error.ts';
import { fitSines } from '../measure/sine.ts';
import { sines } from '../measure/sine.testing.ts';
import { WavSource } from './wav-source.ts';
import { chunk, littleEndian, temporaryPath, wavFile } from './wav.testing.ts';

async function opened(file: Uint8Array, options = {}): Promise<WavSource> {
  const path = await temporaryPath('sound.wav');
  await writeFile(path, file);
  return WavSource.open(path, options);
}

function readAll(source: WavSource, samples: number): Int16Array {
  const all = new Int16Array(samples);
  for (let start = 0; start < samples; start += 160) source.read(all.subarray(start, start + 160));
  return all;
}

const reasonOf = (file: Uint8Array): Promise<unknown> =>
  opened(file).then(
    () => 'opened',
    (error: unknown) => (error instanceof MediaError && error.code === 'sound-file' ? error.message : error),
  );

describe('a WAV source', () => {
  const sound = sines([440], 8000, 8000);
  const data = littleEndian(sound);

  it('gives the samples of a file of 16 bits as they are, then silence', async () => {
    const source = await opened(wavFile({ data }));
    expect(source.sampleRate).toBe(8000);
    expect(readAll(source, 7840)).toEqual(sound.subarray(0, 7840));
    expect(source.ended).toBe(false);
    expect(readAll(source, 320)).toEqual(Int16Array.of(...sound.subarray(7840), ...new Int16Array(160)));
    expect(source.ended).toBe(true);
    expect(source.stats()).toEqual({ late: 0 });
    source.close();
    source.close();
  });

  it.each([8000, 16_000, 44_100, 48_000])('plays every encoding at %d samples a second', async (sampleRate) => {
    const tone = sines([440], sampleRate, sampleRate);
    const files = [
      wavFile({ sampleRate, data: littleEndian(tone) }),
      wavFile({ sampleRate, bits: 8, data: Uint8Array.from(tone, (sample) => (sample >> 8) + 128) }),
      wavFile({ sampleRate, bits: 8, format: 6, data: encodeALaw(tone) }),
      wavFile({ sampleRate, bits: 8, format: 7, data: encodeMuLaw(tone) }),
    ];
    const noise = await Promise.all(
      files.map(async (file) => {
        const source = await opened(file);
        expect(source.sampleRate).toBe(sampleRate);
        const samples = readAll(source, sampleRate);
        source.close();
        return fitSines(samples, sampleRate, [440]).signalToNoise;
      }),
    );
    [70, 35, 35, 35].forEach((bound, index) => expect(noise[index]).toBeGreaterThan(bound));
  });

  it('makes one channel of two', async () => {
    const left = sines([440], 8000, 800);
    const right = sines([660], 8000, 800);
    const interleaved = Int16Array.from({ length: 1600 }, (_, i) => (i % 2 === 0 ? left : right)[i >> 1] ?? 0);
    const source = await opened(wavFile({ channels: 2, data: littleEndian(interleaved) }));
    const mono = Int16Array.from({ length: 800 }, (_, i) => ((left[i] ?? 0) + (right[i] ?? 0)) >> 1);
    expect(readAll(source, 800)).toEqual(mono);
    source.close();
  });

  it('begins again without a gap where it loops', async () => {
    const short = sound.subarray(0, 1000);
    const source = await opened(wavFile({ data: littleEndian(short) }), { loop: true });
    const twice = readAll(source, 2400);
    expect(twice).toEqual(Int16Array.of(...short, ...short, ...short.subarray(0, 400)));
    expect(source.ended).toBe(false);
    source.close();
    expect(source.ended).toBe(true);
  });

  it('walks over chunks that it does not know, of odd length too, and reads extensible formats', async () => {
    const source = await opened(
      wavFile({ before: [chunk('LIST', Buffer.alloc(11)), chunk('bext', Buffer.alloc(70_000))], data }),
    );
    expect(readAll(source, 160)).toEqual(sound.subarray(0, 160));
    source.close();
    const extensible = wavFile({ format: 0xfffe, data });
    const guid = Buffer.concat([extensible.subarray(20, 36), Buffer.alloc(8), Buffer.from([1, 0]), Buffer.alloc(14)]);
    const file = chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', guid), chunk('data', data)]));
    const other = await opened(file);
    expect(readAll(other, 160)).toEqual(sound.subarray(0, 160));
    other.close();
  });

  it.each([0, 0xffff_ffff, 1_000_000])(
    'plays to the end of the file where the header promises %d bytes',
    async (promised) => {
      const source = await opened(wavFile({ data, promised }));
      expect(readAll(source, 8000)).toEqual(sound);
      expect(source.ended).toBe(true);
      source.close();
    },
  );

  it('does not play what stands behind the samples', async () => {
    const source = await opened(Buffer.concat([wavFile({ data }), chunk('LIST', Buffer.alloc(400, 7))]));
    readAll(source, 8000);
    expect(source.ended).toBe(true);
    source.close();
  });

  it('says what is wrong with a file', async () => {
    expect(await reasonOf(Buffer.from('no sound at all, this is a text'))).toMatch(/is no WAV file/);
    expect(await reasonOf(new Uint8Array())).toMatch(/is no WAV file/);
    expect(await reasonOf(wavFile({ format: 85, data }))).toMatch(/format 85 with 16 bits/);
    expect(await reasonOf(wavFile({ bits: 24, data }))).toMatch(/format 1 with 24 bits/);
    expect(await reasonOf(wavFile({ channels: 6, data }))).toMatch(/6 channels/);
    expect(await reasonOf(wavFile({ sampleRate: 1, data }))).toMatch(/1 samples a second/);
    expect(await reasonOf(wavFile({ sampleRate: 11_026, data }))).toMatch(/11026 samples a second/);
    expect(await reasonOf(wavFile({ blockSize: 7, data }))).toMatch(/contradicts itself/);
    expect(await reasonOf(wavFile({ data }).subarray(0, 36))).toMatch(/holds no samples/);
    expect(await reasonOf(wavFile({ data }).subarray(0, 30))).toMatch(/cut off/);
    await expect(WavSource.open('/nowhere/sound.wav')).rejects.toThrow(/cannot be opened/);
  });

  it('looks for the samples behind 999 other chunks, and no further', async () => {
    const behind = (count: number): Buffer =>
      wavFile({ data, before: Array.from({ length: count }, () => chunk('LIST', Buffer.alloc(0))) });
    // What says the format is one of them.
    expect(await reasonOf(behind(998))).toBe('opened');
    expect(await reasonOf(behind(999))).toMatch(/holds no samples/);
  });

  it('opens, or says why not, whatever is in the file', async () => {
    const path = await temporaryPath('sound.wav');
    const whole = wavFile({ data: data.subarray(0, 400), before: [chunk('LIST', Buffer.alloc(20))] });
    const damaged = fc
      .tuple(fc.nat(whole.length), fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 6 }))
      .map(([length, changes]) => {
        const file = Buffer.from(whole);
        for (const [place, byte] of changes) file[place] = byte;
        return file.subarray(0, length);
      });
    await fc.assert(
      fc.asyncProperty(damaged, async (file) => {
        await writeFile(path, file);
        const source = await WavSource.open(path).catch((error: unknown) => error);
        if (source instanceof WavSource) {
          readAll(source, 480);
          source.close();
        } else expect(source).toBeInstanceOf(MediaError);
      }),
    );
  });
});

describe('a long file', () => {
  /** Ten megabytes, each sample the low bits of its place. */
  const samples = Int16Array.from({ length: 5_000_000 }, (_, index) => index % 32_749);
  const data = littleEndian(samples);

  /** Reads until so many samples came, and lets the disk work where they are late. */
  async function readPatiently(source: WavSource, count: number): Promise<Int16Array> {
    const all = new Int16Array(count);
    for (let filled = 0; filled < count;) {
      const frame = all.subarray(filled, filled + 4000);
      const { late } = source.stats();
      source.read(frame);
      const missing = source.stats().late - late;
      filled += frame.length - missing;
      if (missing > 0) await new Promise(setImmediate);
    }
    return all;
  }

  it('comes whole and in order, piece by piece', async () => {
    const source = await opened(wavFile({ data }));
    expect(Buffer.from((await readPatiently(source, 5_000_000)).buffer).equals(Buffer.from(samples.buffer))).toBe(true);
    expect(source.ended).toBe(true);
    source.close();
  });

  it('begins again without a gap where it loops', async () => {
    const source = await opened(wavFile({ data }), { loop: true });
    await readPatiently(source, 4_999_000);
    const around = await readPatiently(source, 2000);
    expect(around).toEqual(Int16Array.of(...samples.subarray(4_999_000), ...samples.subarray(0, 1000)));
    source.close();
  });

  it('is silent, and says so, when it is read faster than the disk can', async () => {
    const source = await opened(wavFile({ data }));
    const frame = new Int16Array(1_000_000);
    source.read(frame);
    expect(source.stats()).toEqual({ late: 1_000_000 - (4 * 262_144) / 2 });
    expect(source.ended).toBe(false);
    source.close();
  });

  it('ends where the file was cut off while it played', async () => {
    const path = await temporaryPath('sound.wav');
    await writeFile(path, wavFile({ data }));
    const source = await WavSource.open(path, { loop: true });
    await truncate(path, 100);
    const frame = new Int16Array(4000);
    const readOn = (): boolean => {
      source.read(frame);
      return source.ended;
    };
    await expect.poll(readOn, { interval: 1, timeout: 20_000 }).toBe(true);
  });
});
