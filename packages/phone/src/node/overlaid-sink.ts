import type { AudioSink, AudioSource } from '@switchhook/media';

/** A sink in which something else can be heard over what is written: a call that waits, during another one. */
export class OverlaidSink implements AudioSink {
  /** Of the sink's own sample rate. */
  overlay: AudioSource | undefined = undefined;
  readonly #sink: AudioSink;
  #sum = new Int16Array(0);
  #added = new Int16Array(0);

  constructor(sink: AudioSink) {
    this.#sink = sink;
  }

  get sampleRate(): number {
    return this.#sink.sampleRate;
  }

  write(frame: Int16Array): void {
    this.#sink.write(this.overlay === undefined ? frame : this.#mixed(frame, this.overlay));
  }

  close(): void {
    this.overlay = undefined;
    this.#sink.close();
  }

  #mixed(frame: Int16Array, overlay: AudioSource): Int16Array {
    if (this.#sum.length !== frame.length) {
      this.#sum = new Int16Array(frame.length);
      this.#added = new Int16Array(frame.length);
    }
    overlay.read(this.#added);
    for (const [index, sample] of frame.entries()) {
      const sum = sample + (this.#added[index] ?? 0);
      this.#sum[index] = Math.max(-32_768, Math.min(32_767, sum));
    }
    return this.#sum;
  }
}
