import { ToneSource } from '@switchhook/media';
import type { CallProgressTones } from '@switchhook/media';
import type { Clock, Timer } from '@switchhook/sip';
import type { Signal } from '../media.ts';
import type { OverlaidSink } from './overlaid-sink.ts';
import type { SharedSound } from './shared-sound.ts';

/** Milliseconds of sound that are moved at a time. */
const frameTime = 20;
/** In dBov: what waits behind a conversation must not drown it. */
const waitingLevel = -30;

/** Plays to the loudspeaker what tells of calls: that one comes, that it rings at the far end. */
export class SignalPlayer {
  readonly #clock: Clock;
  readonly #tones: CallProgressTones;
  readonly #loudspeaker: SharedSound<OverlaidSink>;
  #signal: Signal | undefined = undefined;
  #sink: OverlaidSink | undefined = undefined;
  #source: ToneSource | undefined = undefined;
  #timer: Timer | undefined = undefined;

  constructor(clock: Clock, tones: CallProgressTones, loudspeaker: SharedSound<OverlaidSink>) {
    this.#clock = clock;
    this.#tones = tones;
    this.#loudspeaker = loudspeaker;
  }

  play(signal: Signal | undefined): void {
    if (signal === this.#signal) return;
    this.#signal = signal;
    this.#source = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#sink !== undefined) this.#sink.overlay = undefined;
    if (signal !== undefined) void this.#begin(signal);
  }

  async #begin(signal: Signal): Promise<void> {
    const sink = await this.#loudspeaker.take();
    if (sink === undefined || this.#signal !== signal) return;
    const { sampleRate } = sink;
    this.#sink = sink;
    if (signal === 'call-waiting') {
      // The call in progress writes to the sink; another writer beside it would make one stream of two.
      sink.overlay = new ToneSource(this.#tones.callWaiting, { sampleRate, level: waitingLevel });
      return;
    }
    this.#source = new ToneSource(this.#tones.ringback, { sampleRate });
    this.#push(sink, this.#source, new Int16Array((sampleRate * frameTime) / 1_000), this.#clock.now());
  }

  /** On a grid of time, so that lateness does not add up. */
  #push(sink: OverlaidSink, source: ToneSource, frame: Int16Array, due: number): void {
    if (source !== this.#source) return;
    source.read(frame);
    sink.write(frame);
    const next = due + frameTime;
    this.#timer = this.#clock.after(next - this.#clock.now(), () => this.#push(sink, source, frame, next));
  }
}
