import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { AudioSink } from '../audio.ts';
import { MediaError } from '../error.ts';
import { headerSize, wavHeader } from './wav-format.ts';
import { fileFault } from './file-fault.ts';

/** How the writing of a WAV file goes. */
export interface WavSinkStats {
  /** Samples that are in the file or on the way to it. */
  readonly written: number;
  /** Samples that were lost: the disk was too slow or full, or the file as long as a WAV file can be. */
  readonly lost: number;
}

/** How often sound goes to the disk. */
const piecesPerSecond = 4;
/** Samples that may wait for the disk: 22 s at 48 kHz. */
const maximumPending = 1_048_576;
/** The header counts bytes in 32 bits; at 8 kHz this is three days. */
const maximumSamples = 2_147_400_000;

/**
 * Writes a WAV file: mono, 16 bits. Whatever is in the file is playable: with each piece of sound the header is
 * brought up to date, so the recording of a program that was killed lacks its last quarter of a second and no more.
 */
export class WavSink implements AudioSink {
  readonly sampleRate: number;
  /** Resolves when the file is closed and whole. */
  readonly finished: Promise<void>;
  readonly #file: FileHandle;
  readonly #finish: () => void;
  #waiting: Int16Array[] = [];
  #pending = 0;
  #written = 0;
  #lost = 0;
  #onDisk = 0;
  #closed = false;
  #writing = false;

  private constructor(file: FileHandle, sampleRate: number) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.finished = promise;
    const finish = (): void => resolve(undefined);
    this.#finish = finish;
    this.#file = file;
    this.sampleRate = sampleRate;
  }

  /**
   * Begins the file; one that was there is overwritten. Rejects with a {@link MediaError} (`sound-file`) when that
   * cannot be.
   */
  static async create(path: string, sampleRate: number): Promise<WavSink> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'w');
      await file.write(wavHeader(sampleRate, 0));
      return new WavSink(file, sampleRate);
    } catch (error) {
      await file?.close();
      throw new MediaError('sound-file', `${path} cannot be written: ${fileFault(error)}`);
    }
  }

  stats(): WavSinkStats {
    return { written: this.#written, lost: this.#lost };
  }

  write(frame: Int16Array): void {
    const full = this.#pending + frame.length > maximumPending || this.#written + frame.length > maximumSamples;
    if (this.#closed || full) {
      this.#lost += frame.length;
      return;
    }
    this.#waiting.push(frame.slice());
    this.#pending += frame.length;
    this.#written += frame.length;
    if (this.#pending >= this.sampleRate / piecesPerSecond) this.#work();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#work();
  }

  #work(): void {
    if (this.#writing) return;
    this.#writing = true;
    void this.#drain().finally(() => {
      this.#writing = false;
      if (this.#waiting.length > 0) this.#work();
      else if (this.#closed) this.#file.close().then(this.#finish, this.#finish);
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const frames = this.#waiting;
      this.#waiting = [];
      const samples = frames.reduce((sum, { length }) => sum + length, 0);
      const bytes = new DataView(new ArrayBuffer(2 * samples));
      let offset = 0;
      for (const frame of frames) {
        for (const sample of frame) {
          bytes.setInt16(offset, sample, true);
          offset += 2;
        }
      }
      const stored = await this.#store(bytes);
      this.#written -= samples - stored;
      this.#lost += samples - stored;
      this.#pending -= samples;
    }
  }

  /** How many samples are in the file. The samples go first: a header never promises what is not there. */
  async #store(bytes: DataView): Promise<number> {
    try {
      const { bytesWritten } = await this.#file.write(bytes, 0, bytes.byteLength, headerSize + 2 * this.#onDisk);
      const stored = bytesWritten >> 1;
      await this.#file.write(wavHeader(this.sampleRate, 2 * (this.#onDisk + stored)), 0, headerSize, 0);
      this.#onDisk += stored;
      return stored;
    } catch {
      return 0;
    }
  }
}
