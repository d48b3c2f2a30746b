import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tone, ToneSource, WavSink } from '@switchhook/media';
import { expect, onTestFinished, test } from 'vitest';
import { atRate, readRecording } from './recording.ts';

const sampleRate = 8_000;
const samples = new Int16Array(sampleRate);
new ToneSource(tone('500', 'continuous'), { sampleRate, level: -10 }).read(samples);
const recording = { sampleRate, samples };

/** How often it goes from below zero to above. */
const wavesIn = (sound: Int16Array): number =>
  sound.filter((sample, index) => sample >= 0 && (sound[index - 1] ?? 0) < 0).length;

test('a recording at its own rate is itself, and at another is made once', () => {
  expect(atRate(recording, sampleRate)).toBe(recording);
  expect(atRate(recording, 16_000)).toBe(atRate(recording, 16_000));
});

test.each([2_000, 16_000])('at %i samples a second it is as long, and sounds the same', (rate) => {
  const other = atRate(recording, rate);
  expect(other.sampleRate).toBe(rate);
  expect(other.samples.length / rate).toBeGreaterThanOrEqual(1);
  expect(other.samples.length / rate).toBeLessThan(1.04);
  // Without its ends, which are let go softly.
  expect(Math.abs(wavesIn(other.samples.subarray(0.1 * rate, 0.9 * rate)) - 400)).toBeLessThan(2);
});

test.each([299, 301])('of a file of %i seconds five minutes are kept at most', async (seconds) => {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-recording-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'long.wav');
  const rate = 50;
  const sink = await WavSink.create(file, rate);
  sink.write(new Int16Array(seconds * rate).fill(1));
  sink.close();
  await sink.finished;
  const long = await readRecording(file);
  expect(long.samples.length / long.sampleRate).toBe(Math.min(seconds, 300));
});
