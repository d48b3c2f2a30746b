/** The payload type of comfort noise at 8,000 Hz, which needs no agreement (RFC 3551 6, RFC 3389 4). */
export const comfortNoisePayloadType = 13;

/** Reflection coefficients that are listened to: a decoder may leave out the higher ones (RFC 3389 3). */
const longestModel = 16;

/** An index that is reserved; the others mean -1 to 1, both left out (RFC 3389 3.2). */
const reservedIndex = 255;

/** Noise in the pauses of a far end that says how loud it is there, and how it sounds (RFC 3389). */
export class ComfortNoise {
  /** Of the packet that described it last. */
  readonly sequenceNumber: number;
  private readonly peak: number;
  private readonly reflections: Float64Array;
  /** What the lattice remembers of the sample before: the backward errors (RFC 3389 3: an all-pole model). */
  private readonly backward: Float64Array;
  private state: number;

  /** Undefined where the payload says no level (RFC 3389 3.1). */
  static read(payload: Uint8Array, sequenceNumber: number): ComfortNoise | undefined {
    const [level, ...indices] = payload.subarray(0, 1 + longestModel);
    if (level === undefined || level > 127) return undefined;
    const reserved = indices.indexOf(reservedIndex);
    const read = reserved === -1 ? indices : indices.slice(0, reserved);
    return new ComfortNoise(
      -level,
      sequenceNumber,
      Float64Array.from(read, (index) => (258 * (index - 127)) / 32_768),
    );
  }

  private constructor(level: number, sequenceNumber: number, reflections: Float64Array) {
    this.sequenceNumber = sequenceNumber;
    this.state = sequenceNumber;
    this.reflections = reflections;
    this.backward = new Float64Array(reflections.length);
    // What a model resonates with is taken from what excites it, so that the level is that of the noise.
    const excitation = reflections.reduce((share, reflection) => share * Math.sqrt(1 - reflection ** 2), 1);
    // Samples spread evenly up to a peak have an effective value of the peak by the root of three.
    this.peak = Math.sqrt(3) * 32_768 * 10 ** (level / 20) * excitation;
  }

  fill(samples: Int16Array): Int16Array {
    for (let index = 0; index < samples.length; index += 1) {
      this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
      const sample = this.shape((this.state / 0x8000_0000 - 1) * this.peak);
      samples[index] = Math.max(-32_768, Math.min(32_767, Math.round(sample)));
    }
    return samples;
  }

  /** One step of the lattice whose poles the coefficients are; it is stable whatever they are. */
  private shape(excitation: number): number {
    const { reflections, backward } = this;
    let forward = excitation;
    for (let order = reflections.length - 1; order >= 0; order -= 1) {
      const reflection = reflections[order] ?? 0;
      const before = backward[order] ?? 0;
      forward -= reflection * before;
      if (order + 1 < backward.length) backward[order + 1] = before + reflection * forward;
    }
    if (backward.length > 0) backward[0] = forward;
    return forward;
  }
}
