/** 16-bit mono WAV files at 8 kHz: made for peers to play, and compared with what others heard. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const sampleRate = 8_000;

export function writeWav(path: string, samples: Float64Array): void {
  const data = Buffer.alloc(44 + samples.length * 2);
  data.write('RIFF', 0, 'latin1');
  data.writeUInt32LE(data.length - 8, 4);
  data.write('WAVEfmt ', 8, 'latin1');
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(1, 22);
  data.writeUInt32LE(sampleRate, 24);
  data.writeUInt32LE(sampleRate * 2, 28);
  data.writeUInt16LE(2, 32);
  data.writeUInt16LE(16, 34);
  data.write('data', 36, 'latin1');
  data.writeUInt32LE(samples.length * 2, 40);
  samples.forEach((sample, index) => data.writeInt16LE(Math.round(sample * 32_767), 44 + index * 2));
  writeFileSync(path, data);
}

/** Reads the samples, whatever the header promises of their length (a recorder may be stopped in mid-write). */
export function readWav(path: string): Float64Array {
  const file = readFileSync(path);
  const start = file.indexOf('data', 12, 'latin1') + 8;
  const samples = new Float64Array(Math.max(0, (file.length - start) >> 1));
  for (let index = 0; index < samples.length; index += 1) samples[index] = file.readInt16LE(start + index * 2) / 32_768;
  return samples;
}

/**
 * A melody that no other seed shares: notes of 100 ms, each a telephone-band pitch drawn from the seed. Where two
 * recordings match over a second, they come from the same melody and from the same place in it.
 */
export function melody(seed: number, seconds: number): Float64Array {
  const samples = new Float64Array(seconds * sampleRate);
  const noteLength = sampleRate / 10;
  let state = seed * 2_654_435_761 + 1;
  let phase = 0;
  let step = 0;
  for (let index = 0; index < samples.length; index += 1) {
    if (index % noteLength === 0) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      step = (2 * Math.PI * (300 + ((state >>> 8) % 2_700))) / sampleRate;
    }
    phase += step;
    samples[index] = 0.5 * Math.sin(phase);
  }
  return samples;
}

function correlation(a: Float64Array, aStart: number, b: Float64Array, bStart: number, length: number): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let index = 0; index < length; index += 1) {
    const x = a[aStart + index] ?? 0;
    const y = b[bStart + index] ?? 0;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

/**
 * How much of what was heard is what was played: the share of the recording's 200 ms windows that correlate above
 * 0.97 with some place in the played sound. A clean PCMU path gives close to 1; another melody, or silence, 0.
 */
export function heardShare(played: Float64Array, heard: Float64Array): number {
  const window = sampleRate / 5;
  const windows = Math.floor((heard.length - window) / window);
  if (windows < 5) return 0;
  let good = 0;
  let expected: number | undefined;
  for (let index = 0; index < windows; index += 1) {
    const start = index * window;
    if (expected !== undefined && correlation(played, expected, heard, start, window) > 0.97) {
      good += 1;
      expected += window;
      continue;
    }
    expected = undefined;
    for (let place = 0; place + window <= played.length; place += 1) {
      // A short look first: the whole window only where it may match.
      if (correlation(played, place, heard, start, 64) < 0.8) continue;
      if (correlation(played, place, heard, start, window) > 0.97) {
        good += 1;
        expected = place + window;
        break;
      }
    }
  }
  return good / windows;
}

/** Waits until the recording holds so many seconds, as a person listens until he has heard enough. */
export async function untilRecorded(find: () => string | undefined, seconds: number, timeout = 30_000): Promise<void> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const path = find();
    const size = path === undefined ? 0 : (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    if (size >= seconds * sampleRate * 2) return;
    if (Date.now() > deadline)
      throw new Error(`${path ?? 'a recording'} holds ${size} bytes, not ${seconds} s, after ${timeout} ms`);
    await pause(50);
  }
}
