/** Samples on their way from who writes to who reads, in the order they came; the oldest give way when there are too many. */
export class SampleQueue {
  readonly #samples: Int16Array;
  #start = 0;
  #length = 0;
  #dropped = 0;

  /** @param capacity samples that may wait */
  constructor(capacity: number) {
    this.#samples = new Int16Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** True when the next sample makes another give way. */
  get isFull(): boolean {
    return this.#length === this.#samples.length;
  }

  /** Samples that gave way. */
  get dropped(): number {
    return this.#dropped;
  }

  write(frame: Int16Array): void {
    const samples = this.#samples;
    const kept = frame.subarray(Math.max(0, frame.length - samples.length));
    const surplus = Math.max(0, this.#length + kept.length - samples.length);
    this.#dropped += surplus + frame.length - kept.length;
    this.#skip(surplus);
    const end = (this.#start + this.#length) % samples.length;
    const head = kept.subarray(0, samples.length - end);
    samples.set(head, end);
    samples.set(kept.subarray(head.length), 0);
    this.#length += kept.length;
  }

  /** Fills the frame from its beginning, and says how many samples there were. */
  read(frame: Int16Array): number {
    const samples = this.#samples;
    const length = Math.min(frame.length, this.#length);
    const head = samples.subarray(this.#start, this.#start + length);
    frame.set(head);
    frame.set(samples.subarray(0, length - head.length), head.length);
    this.#skip(length);
    return length;
  }

  /** Lets go of all but the newest. */
  keep(count: number): void {
    this.#skip(Math.max(0, this.#length - count));
  }

  clear(): void {
    this.#skip(this.#length);
  }

  #skip(count: number): void {
    this.#start = (this.#start + count) % this.#samples.length;
    this.#length -= count;
  }
}
