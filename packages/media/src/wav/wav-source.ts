import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { AudioSource } from '../audio.ts';
import { MediaError } from '../error.ts';
import { decodeSamples } from './wav-format.ts';
import { fileFault } from './file-fault.ts';
import { readLayout } from './wav-reader.ts';
import type { WavLayout } from './wav-reader.ts';

/** How a WAV file is played. */
export interface WavSourceOptions {
  /** True to begin again at the end, without a gap. */
  readonly loop?: boolean;
}

/** How the reading of a WAV file goes. */
export interface WavSourceStats {
  /** Samples of silence that were given because the disk was late. */
  readonly late: number;
}

/** A file with no more bytes of samples than this is kept in memory. */
const keptSize = 4_194_304;
/** How much is read at a time of a longer one, and how many pieces ahead. */
const pieceSize = 262_144;
const piecesAhead = 4;

/**
 * Plays a WAV file: PCM of 8 or 16 bits, A-law or mu-law, one channel or two (heard as one), from 50 to 192,000
 * samples a second. The sound has the file's rate; {@link resampled} gives it another. A file of up to 4 MiB is in
 * memory once it is open; a longer one is read ahead a megabyte, and the event loop never waits for the disk.
 */
export class WavSource implements AudioSource {
  readonly sampleRate: number;
  readonly #file: FileHandle;
  readonly #layout: WavLayout;
  readonly #loop: boolean;
  readonly #kept: boolean;
  #pieces: Int16Array[] = [];
  /** Where in the first of the pieces the next sample is. */
  #offset = 0;
  /** Where in the file the next piece is. */
  #position: number;
  #late = 0;
  #reading: Promise<void> | undefined;
  #closed = false;

  private constructor(file: FileHandle, layout: WavLayout, options: WavSourceOptions) {
    this.#file = file;
    this.#layout = layout;
    this.#loop = options.loop ?? false;
    this.#kept = layout.end - layout.start <= keptSize;
    this.#position = layout.start;
    this.sampleRate = layout.format.sampleRate;
  }

  /**
   * Rejects with a {@link MediaError} (`sound-file`) when there is no such file, or no sound in it that can be played.
   */
  static async open(path: string, options: WavSourceOptions = {}): Promise<WavSource> {
    const file = await open(path, 'r').catch((error: unknown) => {
      throw new MediaError('sound-file', `${path} cannot be opened: ${fileFault(error)}`);
    });
    try {
      const source = new WavSource(file, await readLayout(file, path), options);
      await source.#readAhead();
      return source;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get ended(): boolean {
    return this.#pieces.length === 0 && this.#readWhole;
  }

  stats(): WavSourceStats {
    return { late: this.#late };
  }

  read(frame: Int16Array): void {
    let filled = 0;
    for (let piece = this.#pieces[0]; piece !== undefined && filled < frame.length; piece = this.#pieces[0]) {
      const taken = piece.subarray(this.#offset, this.#offset + frame.length - filled);
      frame.set(taken, filled);
      filled += taken.length;
      this.#offset += taken.length;
      if (this.#offset < piece.length) break;
      this.#offset = 0;
      if (!this.#kept || !this.#loop) this.#pieces.shift();
    }
    frame.fill(0, filled);
    if (!this.ended) this.#late += frame.length - filled;
    if (!this.#readWhole) this.#reading ??= this.#readAhead().finally(() => (this.#reading = undefined));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pieces = [];
    void (this.#reading ?? Promise.resolve()).then(() => this.#release());
  }

  /** True when no further piece will come from the file. */
  get #readWhole(): boolean {
    return this.#closed || (this.#position >= this.#layout.end && (!this.#loop || this.#kept));
  }

  async #readAhead(): Promise<void> {
    const { format, blockSize, start, end } = this.#layout;
    while (!this.#readWhole && this.#pieces.length < piecesAhead) {
      if (this.#position >= end) this.#position = start;
      const bytes = new Uint8Array(Math.min(end - this.#position, this.#kept ? keptSize : pieceSize));
      const bytesRead = await this.#file.read(bytes, 0, bytes.length, this.#position).then(
        (result) => result.bytesRead,
        () => 0,
      );
      const whole = bytesRead - (bytesRead % blockSize);
      // The file became shorter, or the disk is gone: what was read is all there is.
      if (whole === 0) {
        this.close();
        return;
      }
      this.#position += whole;
      if (!this.#closed) this.#pieces.push(decodeSamples(format, bytes.subarray(0, whole)));
    }
    if (this.#readWhole) await this.#release();
  }

  /** Nothing was written: a file that does not close loses nothing. */
  #release(): Promise<void> {
    return this.#file.close().catch(() => undefined);
  }
}
