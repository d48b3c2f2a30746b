/** 16-bit mono WAV files: made at 8 kHz for peers to play, and compared with what others heard at any multiple of that. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { likenessOf, melody as anyMelody, wavFile } from '@switchhook/media';

const sampleRate = 8_000;
const headerLength = 44;

export function writeWav(path: string, samples: Int16Array): void {
  writeFileSync(path, wavFile(samples, sampleRate));
}

/** Samples a second of a recording: what its header says, once it does; some write it only at the end. */
function rateOf(header: Buffer, whileRecording: number): number {
  return (header.length < headerLength ? 0 : header.readUInt32LE(24)) || whileRecording;
}

/**
 * Reads the samples at 8 kHz, whatever the header promises of their length (a recorder may be stopped in mid-write).
 * Melodies have nothing above 3 kHz, so of a higher rate every so many samples are enough.
 */
export function readWav(path: string, rateWhileRecording = sampleRate): Int16Array {
  const file = readFileSync(path);
  const marker = file.indexOf('data', 12, 'latin1');
  const start = marker < 0 ? headerLength : marker + 8;
  const step = rateOf(file, rateWhileRecording) / sampleRate;
  const length = Math.max(0, Math.floor((file.length - start) / 2 / step));
  return Int16Array.from({ length }, (_, index) => file.readInt16LE(start + index * step * 2));
}

export function melody(seed: number, seconds: number): Int16Array {
  return anyMelody(seed, seconds, sampleRate);
}

/** How much of what was heard is what was played: close to 1 for a clean PCMU path, 0 for another melody, or silence. */
function heardShare(played: Int16Array, heard: Int16Array): number {
  return likenessOf(played, heard, sampleRate).share;
}

/**
 * More often than this nobody is listened to who is not heard: a minute, for a machine so busy that a peer's sound stumbles for
 * half of that. Whoever is heard is listened to no longer than it takes.
 */
const hearings = 10;

/**
 * Listens, and listens on, until at least half of one hearing is what was played: sound stumbles for a moment on a
 * machine that does other things too, and then goes on. Throws when it never does.
 */
export async function untilHeard(played: Int16Array, listen: () => Promise<Int16Array>): Promise<void> {
  const shares: number[] = [];
  while (shares.length < hearings) {
    const share = heardShare(played, await listen());
    if (share > 0.5) return;
    shares.push(share);
    // To have looked in vain took seconds, in which the phones of this process took no packets: they catch up first.
    await listen();
  }
  throw new Error(`what was played is not heard: shares of it in ${String(hearings)} hearings: ${shares.join(', ')}`);
}

/** Seconds of sound: enough to be recognised. */
export const enoughSound = 3;

/** Who records what it hears. */
export interface Listener {
  heard(): Int16Array;
  /** Waits until its recording holds so many seconds. */
  hears(seconds: number): Promise<void>;
}

/** From now on the listener hears what somebody plays. */
export function hears(listener: Listener, played: Int16Array): Promise<void> {
  return untilHeard(played, async () => {
    const from = listener.heard().length;
    await listener.hears(from / sampleRate + enoughSound);
    return listener.heard().subarray(from);
  });
}

/** Waits until the recording holds so many seconds, as a person listens until he has heard enough. */
export async function untilRecorded(
  find: () => string | undefined,
  seconds: number,
  rateWhileRecording = sampleRate,
): Promise<void> {
  const timeout = 30_000;
  const deadline = Date.now() + timeout;
  for (;;) {
    const path = find();
    const held = path === undefined || !existsSync(path) ? 0 : readWav(path, rateWhileRecording).length / sampleRate;
    if (held >= seconds) return;
    if (Date.now() > deadline)
      throw new Error(`${path ?? 'a recording'} holds ${held} s, not ${seconds} s, after ${timeout} ms`);
    await pause(50);
  }
}
