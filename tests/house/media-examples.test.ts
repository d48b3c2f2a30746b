/** The examples of docs/media.md run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fitSines, levelOf, LevelMeter, pcmu, silence, tone, ToneSource, WavSource } from '@switchhook/media';
import type { AudioSink, AudioSource } from '@switchhook/media';
import { expect, onTestFinished, test } from 'vitest';
import { confer } from '../../docs/examples/conference.ts';
import { openDevices } from '../../docs/examples/devices.ts';
import { signalToNoiseOfAll } from '../../docs/examples/listen-to-codec.ts';
import { musicFrom } from '../../docs/examples/music.ts';
import { move, writeRingback } from '../../docs/examples/tone-to-file.ts';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-examples-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('tone-to-file.ts', async () => {
  const path = join(await temporaryFolder(), 'ringback.wav');
  await writeRingback('GB', path, 3000);
  const source = await WavSource.open(path);
  expect(source.sampleRate).toBe(16_000);
  const samples = new Int16Array(48_000);
  source.read(samples);
  expect(source.ended).toBe(true);
  expect(fitSines(samples.subarray(1600, 6000), 16_000, [400, 450]).signalToNoise).toBeGreaterThan(50);
  expect(levelOf(samples.subarray(16_400, 47_000))).toBeLessThan(-100);
  const meter = new LevelMeter(16_000);
  move(silence(16_000), meter, 100);
  expect(meter.take().samples).toBe(1600);
});

test('listen-to-codec.ts', async () => {
  const measured = await signalToNoiseOfAll();
  expect(Object.keys(measured)).toEqual(['opus', 'G722', 'PCMU', 'PCMA']);
  for (const decibels of Object.values(measured)) expect(decibels).toBeGreaterThan(30);
});

test('music.ts', async () => {
  const path = join(await temporaryFolder(), 'music.wav');
  await writeRingback('GB', path, 3000);
  const music = await musicFrom([path]);
  const calls = [1, 2, 3].map(() => ({ source: undefined as AudioSource | undefined }));
  const ends = calls.map((call) => music.playTo(call));
  const payloads = calls.map(({ source }) => source?.encoded?.(pcmu, 20).next());
  expect(payloads[0]?.length).toBe(160);
  expect(payloads[1]).toBe(payloads[0]);
  expect(payloads[2]).toBe(payloads[0]);
  for (const end of ends) end();
  expect(calls.map(({ source }) => source)).toEqual([undefined, undefined, undefined]);
});

test('conference.ts', () => {
  const voice = (frequency: number): ToneSource =>
    new ToneSource(tone(String(frequency), 'continuous'), { sampleRate: 16_000, level: -20 });
  const calls = [400, 700].map((frequency) => ({
    voice: voice(frequency),
    heard: [] as number[],
    source: undefined as AudioSource | undefined,
    sink: undefined as AudioSink | undefined,
  }));
  const spoken: number[] = [];
  const loudspeaker: AudioSink = { sampleRate: 16_000, write: (frame) => void spoken.push(...frame), close() {} };
  const person = confer(calls, voice(1100), loudspeaker);
  const frame = new Int16Array(320);
  const talk = (): void => {
    for (let count = 0; count < 50; count += 1) {
      for (const { voice, sink } of calls) {
        voice.read(frame);
        sink?.write(frame);
      }
      for (const { source, heard } of calls) {
        source?.read(frame);
        heard.push(...frame);
      }
    }
  };
  const levels = (heard: readonly number[]): number[] =>
    fitSines(heard.slice(-8000), 16_000, [400, 700, 1100]).sines.map(({ level }) => Math.round(Math.max(level, -60)));
  talk();
  expect([...calls.map(({ heard }) => levels(heard)), levels(spoken)]).toEqual([
    [-60, -20, -20],
    [-20, -60, -20],
    [-20, -20, -60],
  ]);
  person.muted = true;
  talk();
  expect(calls.map(({ heard }) => levels(heard)[2])).toEqual([-60, -60]);
});

test('devices.ts, on a machine without any', async () => {
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const tell = (message: string): void => {
    told.push(message);
    if (told.length === 2) resolve(undefined);
  };
  const devices = openDevices(tell, { environment: { PATH: await temporaryFolder() } });
  await promise;
  expect(told.sort()).toEqual([
    expect.stringMatching(/loudspeaker.*Install one of/),
    expect.stringMatching(/microphone.*Install one of/),
  ]);
  const frame = new Int16Array(320).fill(1);
  devices.microphone.read(frame);
  devices.loudspeaker.write(frame);
  expect(levelOf(frame)).toBe(-127);
  await devices.close();
});
