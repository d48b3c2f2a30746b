import type { AudioSource } from '../audio.ts';
import { resampled } from '../codec/resampled.ts';
import { MediaError } from '../error.ts';
import { WavSource } from '../wav/wav-source.ts';

/** How a playlist sounds. */
export interface PlaylistOptions {
  /** Samples a second of what comes out, whatever the files have; 16,000 where it is not given. */
  readonly sampleRate?: number;
}

/**
 * Plays WAV files one behind the other, again and again. The next one is opened while one plays, so a long list takes no
 * more memory than two files do. A file that has gone meanwhile is left out.
 */
export class Playlist implements AudioSource {
  readonly sampleRate: number;
  readonly #paths: readonly string[];
  /** Of the file that is opened next. */
  #next = 0;
  #current: AudioSource;
  #following: AudioSource | undefined = undefined;
  #opening: Promise<void> | undefined = undefined;
  #closed = false;

  private constructor(paths: readonly string[], sampleRate: number, first: AudioSource) {
    this.#paths = paths;
    this.sampleRate = sampleRate;
    this.#current = first;
    this.#next = 1 % paths.length;
    this.#prepare();
  }

  /** Rejects with a {@link MediaError} (`sound-file`) when there is no file, or one that cannot be played. */
  static async open(paths: readonly string[], { sampleRate = 16_000 }: PlaylistOptions = {}): Promise<Playlist> {
    const [path, ...others] = paths;
    if (path === undefined) throw new MediaError('sound-file', 'there is no file in the list');
    for (const other of others) (await WavSource.open(other)).close();
    const first = await WavSource.open(path, { loop: paths.length === 1 });
    return new Playlist(paths, sampleRate, resampled(first, sampleRate));
  }

  get ended(): boolean {
    const isLast = this.#following === undefined && this.#opening === undefined;
    return this.#closed || (isLast && this.#current.ended);
  }

  read(frame: Int16Array): void {
    if (this.#current.ended && this.#following !== undefined) {
      this.#current.close();
      this.#current = this.#following;
      this.#following = undefined;
      this.#prepare();
    }
    this.#current.read(frame);
  }

  /** Resolves when the next file is open: for who reads faster than it is heard. */
  async prepared(): Promise<void> {
    await this.#opening;
  }

  close(): void {
    this.#closed = true;
    this.#current.close();
    this.#following?.close();
    this.#following = undefined;
  }

  /** Opens what comes next. One file alone goes round by itself. */
  #prepare(): void {
    if (this.#paths.length > 1) this.#opening ??= this.#openNext().finally(() => (this.#opening = undefined));
  }

  async #openNext(): Promise<void> {
    for (let tried = 0; tried < this.#paths.length; tried += 1) {
      const path = this.#paths[this.#next] ?? '';
      this.#next = (this.#next + 1) % this.#paths.length;
      const opened = await WavSource.open(path).catch(() => undefined);
      if (this.#closed) opened?.close();
      else if (opened !== undefined) this.#following = resampled(opened, this.sampleRate);
      if (this.#closed || opened !== undefined) return;
    }
    // All of them have gone: what plays now is the last one.
  }
}
