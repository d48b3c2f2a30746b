import { Seam } from '@switchhook/media';
import type { AudioSink, AudioSource } from '@switchhook/media';

/**
 * A sink in which something else can be heard over what is written: a call that waits, during another one. Those who write to
 * it one after the other say so by {@link cut}, and no click is heard between them.
 */
export class OverlaidSink implements AudioSink {
  /** Of the sink's own sample rate. */
  overlay: AudioSource | undefined = undefined;
  readonly #sink: AudioSink;
  readonly #seam: Seam;
  #sum = new Int16Array(0);
  #added = new Int16Array(0);

  constructor(sink: AudioSink) {
    this.#sink = sink;
    this.#seam = new Seam(sink.sampleRate);
  }

  get sampleRate(): number {
    return this.#sink.sampleRate;
  }

  /** Somebody else writes from now on. */
  cut(): void {
    this.#seam.cut();
  }

  write(frame: Int16Array): void {
    const joined = this.#joined(frame);
    this.#sink.write(this.overlay === undefined ? joined : this.#mixed(joined, this.overlay));
  }

  close(): void {
    this.overlay = undefined;
    this.#sink.close();
  }

  /** The frame is its writer's: it is copied where it is changed. */
  #joined(frame: Int16Array): Int16Array {
    const joined = this.#seam.isCut ? frame.slice() : frame;
    this.#seam.smooth(joined);
    return joined;
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
