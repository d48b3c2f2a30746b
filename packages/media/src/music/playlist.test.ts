import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { MediaError } from '../error.ts';
import { fitSines } from '../measure/sine.ts';
import { sines } from '../measure/sine.testing.ts';
import { littleEndian, temporaryPath, wavFile } from '../wav/wav.testing.ts';
import { Playlist } from './playlist.ts';

/** A file of half a second of a note. */
async function song(note: number, sampleRate = 8_000): Promise<string> {
  const path = await temporaryPath(`${String(note)}.wav`);
  const samples = sines([note], sampleRate, sampleRate / 2);
  await writeFile(path, wavFile({ sampleRate, data: littleEndian(samples) }));
  return path;
}

const notes = [500, 700, 1_100];

/** The notes that are heard, a tenth of a second each. */
async function heard(list: Playlist, seconds: number): Promise<number[]> {
  const found: number[] = [];
  const frame = new Int16Array(list.sampleRate / 10);
  for (let tenth = 0; tenth < 10 * seconds; tenth += 1) {
    list.read(frame);
    await list.prepared();
    const loudest = fitSines(frame, list.sampleRate, notes)
      .sines.map(({ level }, index) => ({ level, note: notes[index] ?? 0 }))
      .sort((one, other) => other.level - one.level)[0];
    if (loudest !== undefined && loudest.level > -20 && found.at(-1) !== loudest.note) found.push(loudest.note);
  }
  return found;
}

test('plays its files one behind the other, whatever their rates, and begins again', async () => {
  const list = await Playlist.open([await song(500), await song(700, 44_100), await song(1_100, 16_000)]);
  expect(list.sampleRate).toBe(16_000);
  expect(await heard(list, 4)).toEqual([500, 700, 1_100, 500, 700, 1_100, 500, 700]);
  expect(list.ended).toBe(false);
  list.close();
  expect(list.ended).toBe(true);
});

test('one file goes round without a gap', async () => {
  const list = await Playlist.open([await song(500)], { sampleRate: 8_000 });
  const samples = new Int16Array(16_000);
  list.read(samples);
  expect(fitSines(samples, 8_000, [500]).signalToNoise).toBeGreaterThan(60);
  list.close();
});

test('leaves out a file that has gone, and ends when all have', async () => {
  const [first, second, third] = [await song(500), await song(700), await song(1_100)];
  const list = await Playlist.open([first, second, third]);
  await rm(third);
  expect(await heard(list, 2)).toEqual([500, 700, 500, 700]);
  await rm(first);
  await rm(second);
  await heard(list, 3);
  expect(list.ended).toBe(true);
  list.close();
});

test('says at the beginning which file cannot be played', async () => {
  await expect(Playlist.open([])).rejects.toThrow(MediaError);
  await expect(Playlist.open([await song(500), '/nowhere/song.wav'])).rejects.toThrow('/nowhere/song.wav');
});
