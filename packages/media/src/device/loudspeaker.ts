import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { AudioSink } from '../audio.ts';
import { SoundProgram } from './sound-program.ts';
import type { SoundDeviceOptions } from './sound-program.ts';
import { players } from './sound-tools.ts';

/** Milliseconds of sound that may wait on our side of the pipe. */
const longestWait = 120;

const bytesPerSample = 2;

/** More bytes than a pipe holds on any system: a program that was given more has read of them. */
const pipeSize = 262_144;

const mostDelays = 3;

/** How playing goes. */
export interface LoudspeakerStats {
  /** The program that plays, if one does. */
  readonly program: string | undefined;
  /** Samples that nobody played: there was no program, or it did not keep up. */
  readonly dropped: number;
}

/**
 * The loudspeaker, played by a program of the system: PipeWire's, PulseAudio's, ALSA's, sox or ffmpeg, whichever is
 * there and works. One that falls behind is started anew, and what waited for it is dropped: nobody hears the past.
 * Where there is no sound, `onError` hears why.
 */
export class Loudspeaker implements AudioSink {
  readonly sampleRate: number;
  readonly #program: SoundProgram;
  #child: ChildProcessWithoutNullStreams | undefined;
  #written = 0;
  #dropped = 0;
  #fellBehind = false;
  /** How often a program fell behind before it was known to have read. */
  #delays = 0;

  constructor(options: SoundDeviceOptions = {}) {
    this.sampleRate = options.sampleRate ?? 48_000;
    this.#program = new SoundProgram(
      {
        name: 'loudspeaker',
        tools: players,
        started: (child) => this.#play(child),
        isProven: () => this.#isProven,
      },
      options,
      this.sampleRate,
    );
  }

  start(): void {
    this.#program.start();
  }

  /** Resolves once it is closed and no program is left. */
  get finished(): Promise<void> {
    return this.#program.finished;
  }

  stats(): LoudspeakerStats {
    return { program: this.#program.program, dropped: this.#dropped };
  }

  write(frame: Int16Array): void {
    const child = this.#child;
    if (child === undefined) {
      this.#dropped += frame.length;
      return;
    }
    const waiting = child.stdin.writableLength / bytesPerSample;
    if (waiting > (longestWait * this.sampleRate) / 1000) {
      // The pipe is full, and with it more than a person should wait for.
      this.#dropped += frame.length + waiting;
      this.#child = undefined;
      this.#delays += 1;
      this.#fellBehind = true;
      this.#program.restart();
      return;
    }
    const bytes = Buffer.alloc(frame.length * bytesPerSample);
    for (const [index, sample] of frame.entries()) bytes.writeInt16LE(sample, index * bytesPerSample);
    child.stdin.write(bytes);
    this.#written += frame.length;
    if (this.#hasRead) this.#delays = 0;
  }

  close(): void {
    this.#child = undefined;
    this.#program.close();
  }

  get #hasRead(): boolean {
    return this.#written * bytesPerSample > pipeSize;
  }

  /** One that fell behind may have been kept from its work, but not over and over: then it does not play at all. */
  get #isProven(): boolean {
    return this.#hasRead || (this.#fellBehind && this.#delays < mostDelays);
  }

  #play(child: ChildProcessWithoutNullStreams): void {
    this.#written = 0;
    this.#fellBehind = false;
    child.stdout.resume();
    // What is said before the program runs would be heard late.
    child.once('spawn', () => (this.#child = child));
    child.once('close', () => {
      if (this.#child === child) this.#child = undefined;
    });
  }
}
