import type { AudioSink, AudioSource } from '@switchhook/media';
import type { Clock } from '@switchhook/sip';

/** Milliseconds of sound that are looked at together. */
const windowTime = 100;
/** Milliseconds between two frames that belong together, at most. */
const longestPause = 50;
const amplitude = 4_600;
/** So many windows in a row that are nobody's voice are somebody else's sound. In one alone a voice may have jumped, so that its waves cancel. */
const fewestStrange = 2;
/** So many windows of silence between two of a sound may be what was lost of it. */
const longestGap = 1;
/** What is softer is not heard. */
const threshold = amplitude / 5;

type Pitch = readonly [element: string, frequency: number];

/** The frequencies by which the sounds of those who take part are told apart, at a rate at which all can be heard. */
export class Choir {
  /** Samples a second. */
  readonly sampleRate: number;
  readonly #frequencies: Readonly<Record<string, number>>;
  /** Of those who take part, by all their names. */
  readonly #pitches = new Map<string, readonly Pitch[]>();
  readonly #seconds = new Map<string, Int16Array>();

  /** `frequencies` are whole numbers of hertz, below half the rate. */
  constructor(sampleRate: number, frequencies: Readonly<Record<string, number>>) {
    this.sampleRate = sampleRate;
    this.#frequencies = frequencies;
  }

  pitchesOf(elements: readonly string[] = Object.keys(this.#frequencies)): readonly Pitch[] {
    const key = elements.join();
    const known = this.#pitches.get(key);
    if (known !== undefined) return known;
    const found = Object.entries(this.#frequencies).filter(([element]) => elements.includes(element));
    this.#pitches.set(key, found);
    return found;
  }

  /** A second of somebody's voice: its frequency is a whole number, so it goes on as it began. */
  secondOf(element: string): Int16Array {
    const known = this.#seconds.get(element);
    if (known !== undefined) return known;
    const { sampleRate } = this;
    const step = (2 * Math.PI * (this.#frequencies[element] ?? 0)) / sampleRate;
    const second = Int16Array.from({ length: sampleRate }, (_, index) =>
      Math.round(amplitude * Math.sin(step * index)),
    );
    this.#seconds.set(element, second);
    return second;
  }
}

/** What telephones carry. */
const telephoneChoir = new Choir(8_000, {
  ...{ alice: 425, bob: 650, carol: 1_020, bill: 1_310, dave: 1_730 },
  ...{ b1: 530, b2: 790, b3: 1_170, b4: 1_490, gateway: 905, pc: 2_050 },
});

/** A steady tone that says whose sound it is. */
export class Voice implements AudioSource {
  /** In dBov: that of a sine of its amplitude. */
  static readonly level = 20 * Math.log10(amplitude / Math.SQRT2 / 32_768);
  readonly sampleRate: number;
  readonly ended = false;
  readonly #second: Int16Array;
  #place = 0;

  constructor(element: string, choir = telephoneChoir) {
    this.sampleRate = choir.sampleRate;
    this.#second = choir.secondOf(element);
  }

  read(frame: Int16Array): void {
    for (let filled = 0; filled < frame.length;) {
      const piece = this.#second.subarray(this.#place, this.#place + frame.length - filled);
      frame.set(piece, filled);
      filled += piece.length;
      this.#place = (this.#place + piece.length) % this.sampleRate;
    }
  }

  close(): void {
    this.#place = 0;
  }
}

/** How strong one frequency is in some samples (Goertzel's algorithm). */
function amplitudeAt(samples: Int16Array, cyclesPerSample: number): number {
  const coefficient = 2 * Math.cos(2 * Math.PI * cyclesPerSample);
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
  readonly sampleRate: number;
  readonly #clock: Clock;
  readonly #heard: (source: string, now: number) => void;
  readonly #pitches: readonly Pitch[];
  readonly #other: string | undefined;
  readonly #window: Int16Array;
  #filled = 0;
  #last = 0;
  /** How many windows in a row have been nobody's voice, but for gaps. */
  #strange = 0;
  /** How many in a row have been silence. */
  #silent = 0;

  /**
   * `heard` is told who of `elements` is heard at a time of the clock, all of whom there are voices for without it; `other`,
   * where it is nobody's voice.
   */
  constructor(
    clock: Clock,
    heard: (source: string, now: number) => void,
    other?: string,
    elements?: readonly string[],
    choir = telephoneChoir,
  ) {
    this.sampleRate = choir.sampleRate;
    this.#window = new Int16Array((choir.sampleRate * windowTime) / 1_000);
    this.#other = other;
    this.#pitches = choir.pitchesOf(elements);
    this.#clock = clock;
    this.#heard = heard;
  }

  write(frame: Int16Array): void {
    const now = this.#clock.now();
    // What is written after a pause does not belong to what was before it.
    if (now - this.#last > longestPause) this.#filled = 0;
    this.#last = now;
    for (let taken = 0; taken < frame.length;) {
      const piece = frame.subarray(taken, taken + this.#window.length - this.#filled);
      this.#window.set(piece, this.#filled);
      this.#filled += piece.length;
      taken += piece.length;
      if (this.#filled === this.#window.length) this.#listen(now);
    }
  }

  close(): void {
    this.#filled = 0;
    this.#strange = 0;
  }

  #listen(now: number): void {
    this.#filled = 0;
    const power = powerOf(this.#window);
    // Most of what is not heard is silence; what was lost of a sound is, too, and no end of it.
    if (power === 0) {
      this.#silent += 1;
      if (this.#silent > longestGap) this.#strange = 0;
      return;
    }
    this.#silent = 0;
    let strongest = 0;
    for (const [element, frequency] of this.#pitches) {
      const found = amplitudeAt(this.#window, frequency / this.sampleRate);
      strongest = Math.max(strongest, found);
      if (found >= threshold) this.#heard(element, now);
    }
    // A voice that fills the window in part alone is weaker than what there is in all, but still much of it.
    const all = Math.sqrt(2 * power);
    const isStrange = all >= threshold && strongest < Math.min(threshold, all / 4);
    this.#strange = isStrange ? this.#strange + 1 : 0;
    if (this.#other !== undefined && this.#strange >= fewestStrange) this.#heard(this.#other, now);
  }
}
