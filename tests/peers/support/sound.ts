/** 16-bit mono WAV files at 8 kHz: made for peers to play, and compared with what others heard. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { likenessOf, melody as anyMelody, wavFile } from '@switchhook/media';

const sampleRate = 8_000;

export function writeWav(path: string, samples: Int16Array): void {
  writeFileSync(path, wavFile(samples, sampleRate));
}

/** Reads the samples, whatever the header promises of their length (a recorder may be stopped in mid-write). */
export function readWav(path: string): Int16Array {
  const file = readFileSync(path);
  const start = file.indexOf('data', 12, 'latin1') + 8;
  const length = Math.max(0, (file.length - start) >> 1);
  return Int16Array.from({ length }, (_, index) => file.readInt16LE(start + index * 2));
}

export function melody(seed: number, seconds: number): Int16Array {
  return anyMelody(seed, seconds, sampleRate);
}

/** How much of what was heard is what was played: close to 1 for a clean PCMU path, 0 for another melody, or silence. */
export function heardShare(played: Int16Array, heard: Int16Array): number {
  return likenessOf(played, heard, sampleRate).share;
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
