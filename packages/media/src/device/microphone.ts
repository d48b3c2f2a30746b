import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { AudioSource } from '../audio.ts';
import { SampleQueue } from '../sample-queue.ts';
import { SoundProgram } from './sound-program.ts';
import type { SoundDeviceOptions } from './sound-program.ts';
import { recorders } from './sound-tools.ts';

/** Milliseconds of sound that may wait; older ones are dropped. */
const longestWait = 120;
/** Milliseconds that wait before the first is read: programs deliver in bursts. */
const cushion = 40;

const bytesPerSample = 2;

/** How recording goes. */
export interface MicrophoneStats {
  /** The program that records, if one does. */
  readonly program: string | undefined;
  /** Samples that waited for too long. */
  readonly dropped: number;
  /** Samples of silence in the place of those that did not come in time. */
  readonly missing: number;
}

/**
 * The microphone, recorded by a program of the system: PipeWire's, PulseAudio's, ALSA's, sox or ffmpeg, whichever is
 * there and works. What waits is never older than 120 ms. Where there is no sound it is silent, and `onError` hears
 * why.
 */
export class Microphone implements AudioSource {
  readonly sampleRate: number;
  readonly #program: SoundProgram;
  readonly #queue: SampleQueue;
  readonly #cushion: number;
  #filling = true;
  #missing = 0;
  #received = 0;
  #closed = false;

  constructor(options: SoundDeviceOptions = {}) {
    this.sampleRate = options.sampleRate ?? 48_000;
    this.#queue = new SampleQueue((longestWait * this.sampleRate) / 1000);
    this.#cushion = (cushion * this.sampleRate) / 1000;
    this.#program = new SoundProgram(
      {
        name: 'microphone',
        tools: recorders,
        started: (child) => this.#record(child),
        // A second of sound.
        isProven: () => this.#received >= this.sampleRate,
      },
      options,
      this.sampleRate,
    );
  }

  start(): void {
    this.#program.start();
  }

  get ended(): boolean {
    return this.#closed;
  }

  /** Resolves once it is closed and no program is left. */
  get finished(): Promise<void> {
    return this.#program.finished;
  }

  stats(): MicrophoneStats {
    return { program: this.#program.program, dropped: this.#queue.dropped, missing: this.#missing };
  }

  read(frame: Int16Array): void {
    if (this.#queue.length >= Math.max(this.#cushion, frame.length)) this.#filling = false;
    const count = this.#filling ? 0 : this.#queue.read(frame);
    frame.fill(0, count);
    if (count === frame.length) return;
    if (!this.#filling) this.#missing += frame.length - count;
    this.#filling = true;
  }

  close(): void {
    this.#closed = true;
    this.#queue.clear();
    this.#program.close();
  }

  #record(child: ChildProcessWithoutNullStreams): void {
    this.#received = 0;
    let rest = new Uint8Array(0);
    child.stdin.end();
    child.stdout.on('data', (bytes: Buffer) => {
      if (this.#closed) return;
      const whole = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const samples = new Int16Array(Math.floor(whole.length / bytesPerSample));
      for (let index = 0; index < samples.length; index += 1)
        samples[index] = whole.readInt16LE(index * bytesPerSample);
      rest = Uint8Array.from(whole.subarray(samples.length * bytesPerSample));
      this.#received += samples.length;
      this.#queue.write(samples);
    });
  }
}
