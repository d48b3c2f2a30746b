import type { AudioSink, AudioSource } from '@switchhook/media';
import type { Clock } from '@switchhook/sip';

const sampleRate = 8_000;
/** Samples that are looked at together: 100 ms. */
const windowLength = 800;
/** Milliseconds between two frames that belong together, at most. */
const longestPause = 50;
const amplitude = 4_600;
/** What is softer is not heard. */
const threshold = amplitude / 5;

/** The frequencies by which the sounds of those who take part are told apart, in hertz. */
const frequencies: Readonly<Record<string, number>> = {
  ...{ alice: 425, bob: 650, carol: 1_020, bill: 1_310, dave: 1_730 },
  ...{ b1: 530, b2: 790, b3: 1_170, b4: 1_490, gateway: 905, pc: 2_050 },
};

/** A steady tone that says whose sound it is. */
export class Voice implements AudioSource {
  readonly sampleRate = sampleRate;
  readonly ended = false;
  readonly #step: number;
  #phase = 0;

  constructor(element: string) {
    this.#step = (2 * Math.PI * (frequencies[element] ?? 0)) / sampleRate;
  }

  read(frame: Int16Array): void {
    for (let index = 0; index < frame.length; index += 1) {
      frame[index] = Math.round(amplitude * Math.sin(this.#phase));
      this.#phase += this.#step;
    }
  }

  close(): void {
    this.#phase = 0;
  }
}

/** How strong one frequency is in some samples (Goertzel's algorithm). */
function amplitudeAt(samples: Int16Array, frequency: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / sampleRate);
  let [last, before] = [0, 0];
  for (const sample of samples) [last, before] = [sample + coefficient * last - before, last];
  return (2 * Math.sqrt(last * last + before * before - coefficient * last * before)) / samples.length;
}

/** Hears whose sounds there are, tenth of a second by tenth of a second. */
export class Ear implements AudioSink {
  readonly sampleRate = sampleRate;
  readonly #clock: Clock;
  readonly #heard: (source: string, now: number) => void;
  readonly #other: string | undefined;
  readonly #window = new Int16Array(windowLength);
  #filled = 0;
  #last = 0;

  /** `heard` is told who is heard at a time of the clock; `other`, where it is nobody's voice. */
  constructor(clock: Clock, heard: (source: string, now: number) => void, other?: string) {
    this.#other = other;
    this.#clock = clock;
    this.#heard = heard;
  }

  write(frame: Int16Array): void {
    const now = this.#clock.now();
    // What is written after a pause does not belong to what was before it.
    if (now - this.#last > longestPause) this.#filled = 0;
    this.#last = now;
    for (const sample of frame) {
      this.#window[this.#filled] = sample;
      this.#filled += 1;
      if (this.#filled === windowLength) this.#listen(now);
    }
  }

  close(): void {
    this.#filled = 0;
  }

  #listen(now: number): void {
    this.#filled = 0;
    const voices = Object.entries(frequencies).filter(
      ([, frequency]) => amplitudeAt(this.#window, frequency) >= threshold,
    );
    for (const [element] of voices) this.#heard(element, now);
    if (this.#other === undefined || voices.length > 0) return;
    const power = this.#window.reduce((sum, sample) => sum + sample * sample, 0) / windowLength;
    if (Math.sqrt(2 * power) >= threshold) this.#heard(this.#other, now);
  }
}
