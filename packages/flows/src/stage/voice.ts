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

/** Of those who take part, by all their names. */
const known = new Map<string, readonly (readonly [element: string, frequency: number])[]>();

function voicesOf(elements: readonly string[]): readonly (readonly [element: string, frequency: number])[] {
  const key = elements.join();
  const found = known.get(key) ?? Object.entries(frequencies).filter(([element]) => elements.includes(element));
  known.set(key, found);
  return found;
}

/** A second of each voice: its frequency is a whole number, so it goes on as it began. */
const seconds = new Map<string, Int16Array>();

function secondOf(element: string): Int16Array {
  const known = seconds.get(element);
  if (known !== undefined) return known;
  const step = (2 * Math.PI * (frequencies[element] ?? 0)) / sampleRate;
  const second = Int16Array.from({ length: sampleRate }, (_, index) => Math.round(amplitude * Math.sin(step * index)));
  seconds.set(element, second);
  return second;
}

/** A steady tone that says whose sound it is. */
export class Voice implements AudioSource {
  /** In dBov: that of a sine of its amplitude. */
  static readonly level = 20 * Math.log10(amplitude / Math.SQRT2 / 32_768);
  readonly sampleRate = sampleRate;
  readonly ended = false;
  readonly #second: Int16Array;
  #place = 0;

  constructor(element: string) {
    this.#second = secondOf(element);
  }

  read(frame: Int16Array): void {
    for (let filled = 0; filled < frame.length;) {
      const piece = this.#second.subarray(this.#place, this.#place + frame.length - filled);
      frame.set(piece, filled);
      filled += piece.length;
      this.#place = (this.#place + piece.length) % sampleRate;
    }
  }

  close(): void {
    this.#place = 0;
  }
}

/** How strong one frequency is in some samples (Goertzel's algorithm). */
function amplitudeAt(samples: Int16Array, frequency: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / sampleRate);
  let last = 0;
  let before = 0;
  for (let index = 0; index < samples.length; index += 1) {
    const now = (samples[index] ?? 0) + coefficient * last - before;
    before = last;
    last = now;
  }
  return (2 * Math.sqrt(last * last + before * before - coefficient * last * before)) / samples.length;
}

function powerOf(samples: Int16Array): number {
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) sum += (samples[index] ?? 0) ** 2;
  return sum / samples.length;
}

/** Hears whose sounds there are, tenth of a second by tenth of a second. */
export class Ear implements AudioSink {
  readonly sampleRate = sampleRate;
  readonly #clock: Clock;
  readonly #heard: (source: string, now: number) => void;
  readonly #voices: readonly (readonly [element: string, frequency: number])[];
  readonly #other: string | undefined;
  readonly #window = new Int16Array(windowLength);
  #filled = 0;
  #last = 0;

  /**
   * `heard` is told who of `elements` is heard at a time of the clock, all of whom there are voices for without it; `other`,
   * where it is nobody's voice.
   */
  constructor(
    clock: Clock,
    heard: (source: string, now: number) => void,
    other?: string,
    elements: readonly string[] = Object.keys(frequencies),
  ) {
    this.#other = other;
    this.#voices = voicesOf(elements);
    this.#clock = clock;
    this.#heard = heard;
  }

  write(frame: Int16Array): void {
    const now = this.#clock.now();
    // What is written after a pause does not belong to what was before it.
    if (now - this.#last > longestPause) this.#filled = 0;
    this.#last = now;
    for (let taken = 0; taken < frame.length;) {
      const piece = frame.subarray(taken, taken + windowLength - this.#filled);
      this.#window.set(piece, this.#filled);
      this.#filled += piece.length;
      taken += piece.length;
      if (this.#filled === windowLength) this.#listen(now);
    }
  }

  close(): void {
    this.#filled = 0;
  }

  #listen(now: number): void {
    this.#filled = 0;
    const power = powerOf(this.#window);
    // Most of what is not heard is silence.
    if (power === 0) return;
    let strongest = 0;
    for (const [element, frequency] of this.#voices) {
      const found = amplitudeAt(this.#window, frequency);
      strongest = Math.max(strongest, found);
      if (found >= threshold) this.#heard(element, now);
    }
    // A voice that fills the window in part alone is weaker than what there is in all, but still much of it.
    const all = Math.sqrt(2 * power);
    if (this.#other !== undefined && all >= threshold && strongest < Math.min(threshold, all / 4))
      this.#heard(this.#other, now);
  }
}
