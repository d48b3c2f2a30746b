import type { AudioSource } from '../audio.ts';

/** Turns frames of one sample rate into frames of another, sample after sample along a straight line. */
export class SampleRateConverter {
  readonly from: number;
  readonly to: number;
  private last = 0;
  private input = new Int16Array(0);
  private output = new Int16Array(0);

  constructor(from: number, to: number) {
    this.from = from;
    this.to = to;
  }

  /** As many samples of the other rate as last as long. They hold until the next call. */
  convert(frame: Int16Array): Int16Array {
    const length = Math.round((frame.length * this.to) / this.from);
    if (this.output.length !== length) this.output = new Int16Array(length);
    this.fill(frame, this.output);
    return this.output;
  }

  /** Fills a frame from a source of the rate that this converts from. */
  read(source: AudioSource, frame: Int16Array): void {
    const length = Math.round((frame.length * this.from) / this.to);
    if (this.input.length !== length) this.input = new Int16Array(length);
    source.read(this.input);
    this.fill(this.input, frame);
  }

  private fill(input: Int16Array, output: Int16Array): void {
    const step = input.length / output.length;
    for (let index = 0; index < output.length; index += 1) {
      const position = (index + 1) * step - 1;
      const whole = Math.floor(position);
      const before = whole < 0 ? this.last : (input[whole] ?? 0);
      const after = input[whole + 1] ?? before;
      output[index] = Math.round(before + (after - before) * (position - whole));
    }
    this.last = input[input.length - 1] ?? this.last;
  }
}
