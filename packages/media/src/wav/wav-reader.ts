import type { FileHandle } from 'node:fs/promises';
import { MediaError } from '../error.ts';
import { parseFormat, sampleSize } from './wav-format.ts';
import type { WavFormat } from './wav-format.ts';

/** Where the samples of a file are, and what they are. */
export interface WavLayout {
  readonly format: WavFormat;
  /** Bytes of one sample of all channels. */
  readonly blockSize: number;
  /** Of the first sample. */
  readonly start: number;
  /** Behind the last whole sample. */
  readonly end: number;
}

/** More chunks than this before the samples, and it is no file of sound. */
const maximumChunks = 1_000;

const idOf = (bytes: Uint8Array, offset: number): string => String.fromCharCode(...bytes.subarray(offset, offset + 4));

async function readAt(file: FileHandle, position: number, length: number): Promise<DataView<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  return new DataView(bytes.buffer, 0, bytesRead);
}

/** Walks the chunks of a RIFF file up to its samples. Rejects with a {@link MediaError} when there are none to play. */
export async function readLayout(file: FileHandle, path: string): Promise<WavLayout> {
  const bad = (reason: string): MediaError => new MediaError('sound-file', `${path} cannot be played: ${reason}`);
  const { size } = await file.stat();
  const head = await readAt(file, 0, 12);
  if (
    head.byteLength < 12 ||
    idOf(new Uint8Array(head.buffer), 0) !== 'RIFF' ||
    idOf(new Uint8Array(head.buffer), 8) !== 'WAVE'
  ) {
    throw bad('it is no WAV file');
  }
  let format: WavFormat | undefined;
  let position = 12;
  for (let count = 0; count < maximumChunks && position + 8 <= size; count += 1) {
    const chunk = await readAt(file, position, 8);
    if (chunk.byteLength < 8) break;
    const id = idOf(new Uint8Array(chunk.buffer), 0);
    const length = chunk.getUint32(4, true);
    position += 8;
    if (id === 'fmt ') {
      const parsed = parseFormat(await readAt(file, position, Math.min(length, 40)));
      if (typeof parsed === 'string') throw bad(parsed);
      format = parsed;
    } else if (id === 'data') {
      if (format === undefined) throw bad('its samples come before their format');
      const blockSize = format.channels * sampleSize(format);
      // A recorder that was killed, or wrote into a pipe, left a length of 0 or of the greatest number.
      const promised = length === 0 || length === 0xffff_ffff ? Infinity : length;
      const available = Math.min(size - position, promised);
      return { format, blockSize, start: position, end: position + available - (available % blockSize) };
    }
    // Chunks begin on even bytes.
    position += length + (length % 2);
  }
  throw bad('it holds no samples');
}
