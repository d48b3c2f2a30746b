/** The payload type of comfort noise at 8,000 Hz, which needs no agreement (RFC 3551 6, RFC 3389 4). */
export const comfortNoisePayloadType = 13;

/** Noise in the pauses of a far end that says how loud it is there (RFC 3389). It is white: what shapes it is not read. */
export class ComfortNoise {
  /** Of the packet that described it last. */
  readonly sequenceNumber: number;
  private readonly peak: number;
  private state: number;

  /** Undefined where the payload says no level (RFC 3389 3.1). */
  static read(payload: Uint8Array, sequenceNumber: number): ComfortNoise | undefined {
    const [level] = payload;
    return level === undefined || level > 127 ? undefined : new ComfortNoise(-level, sequenceNumber);
  }

  private constructor(level: number, sequenceNumber: number) {
    this.sequenceNumber = sequenceNumber;
    this.state = sequenceNumber;
    // Samples spread evenly up to a peak have an effective value of the peak by the root of three.
    this.peak = Math.min(32_767, Math.sqrt(3) * 32_768 * 10 ** (level / 20));
  }

  fill(samples: Int16Array): Int16Array {
    for (let index = 0; index < samples.length; index += 1) {
      this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
      samples[index] = Math.round((this.state / 0x8000_0000 - 1) * this.peak);
    }
    return samples;
  }
}
