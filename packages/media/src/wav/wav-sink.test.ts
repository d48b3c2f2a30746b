import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { MediaError } from '../error.ts';
import { sines } from '../measure/sine.testing.ts';
import { WavSink } from './wav-sink.ts';
import { WavSource } from './wav-source.ts';
import { littleEndian, temporaryPath, wavFile } from './wav.testing.ts';

const sound = sines([440], 8000, 8000);

it('writes what it was given, with a header that says so', async () => {
  const path = await temporaryPath('heard.wav');
  const sink = await WavSink.create(path, 8000);
  for (let start = 0; start < 8000; start += 160) {
    const frame = sound.slice(start, start + 160);
    sink.write(frame);
    // The frame is used again by whoever handed it over.
    frame.fill(0);
  }
  sink.close();
  sink.close();
  await sink.finished;
  expect(sink.stats()).toEqual({ written: 8000, lost: 0 });
  expect((await readFile(path)).equals(wavFile({ data: littleEndian(sound) }))).toBe(true);
});

it('is a whole file when nothing was heard', async () => {
  const path = await temporaryPath('heard.wav');
  const sink = await WavSink.create(path, 16_000);
  sink.close();
  await sink.finished;
  expect((await readFile(path)).equals(wavFile({ sampleRate: 16_000, data: new Uint8Array() }))).toBe(true);
});

it('counts what comes after its end, and more than the disk takes', async () => {
  const sink = await WavSink.create(await temporaryPath('heard.wav'), 48_000);
  const second = new Int16Array(48_000);
  for (let count = 0; count < 30; count += 1) sink.write(second);
  sink.close();
  sink.write(second);
  await sink.finished;
  const fits = Math.floor(1_048_576 / 48_000);
  expect(sink.stats()).toEqual({ written: fits * 48_000, lost: (31 - fits) * 48_000 });
});

it('says when the file cannot be made', async () => {
  await expect(WavSink.create('/nowhere/heard.wav', 8000)).rejects.toThrow(MediaError);
});

it('counts as lost what a full disk does not take', async ({ skip }) => {
  skip(process.platform !== 'linux', '/dev/full is of Linux');
  await expect(WavSink.create('/dev/full', 8000)).rejects.toThrow(/cannot be written/);
});

it('leaves a playable file when the program is killed', async () => {
  const path = await temporaryPath('heard.wav');
  const program = await temporaryPath('program.ts');
  const door = fileURLToPath(new URL('wav-sink.ts', import.meta.url));
  await writeFile(
    program,
    `import { WavSink } from ${JSON.stringify(door)};
     const sink = await WavSink.create(${JSON.stringify(path)}, 8000);
     const frame = new Int16Array(160).fill(1234);
     setInterval(() => {
       sink.write(frame);
       console.log(sink.stats().written);
     }, 1);`,
  );
  const child = spawn(process.execPath, ['--conditions=source', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const promise = async (): Promise<number> => (await readFile(path)).readUInt32LE(40);
  for await (const written of createInterface({ input: child.stdout })) {
    if (Number(written) > 6000 && (await promise()) > 12_000) break;
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  const promised = await promise();
  expect(promised).toBeLessThanOrEqual((await readFile(path)).length - 44);
  const source = await WavSource.open(path);
  const heard = new Int16Array(promised / 2);
  source.read(heard);
  expect(heard.every((sample) => sample === 1234)).toBe(true);
  source.close();
});
