import type { AudioCodec, AudioEncoder } from '../audio.ts';
import { higherBand, lowerBand, saturate, scaled } from './g722-band.ts';
import { higherScale, iln, ilp, lowerScale, q6, qm2, qm4, qm6, qmf } from './g722-tables.ts';
import { repeatingDecoder } from './pcm.ts';

const nothing = (): void => undefined;

/** The 24 samples that a quadrature mirror filter looks at, and its two sums over them. */
class MirrorFilter {
  readonly #samples = new Int32Array(2 * qmf.length);
  even = 0;
  odd = 0;

  push(first: number, second: number): void {
    const samples = this.#samples;
    samples.copyWithin(0, 2);
    samples[samples.length - 2] = first;
    samples[samples.length - 1] = second;
    let even = 0;
    let odd = 0;
    for (let index = 0; index < qmf.length; index += 1) {
      odd += (samples[2 * index] ?? 0) * (qmf[index] ?? 0);
      even += (samples[2 * index + 1] ?? 0) * (qmf[qmf.length - 1 - index] ?? 0);
    }
    this.even = even;
    this.odd = odd;
  }
}

/** G.722 clauses 3 and 5: two bands, 6 bits for the lower one and 2 for the higher one of each pair of samples. */
function createEncoder(): AudioEncoder {
  const filter = new MirrorFilter();
  const lower = lowerBand();
  const higher = higherBand();

  function encodeLower(sample: number): number {
    const error = saturate(sample - lower.estimate);
    const magnitude = error < 0 ? -1 - error : error;
    let interval = 1;
    while (interval < q6.length && magnitude >= ((q6[interval] ?? 0) * lower.scale) >> 12) interval += 1;
    const word = (error < 0 ? iln : ilp)[interval] ?? 0;
    lower.adapt(scaled(lower.scale, qm4[word >> 2] ?? 0), lowerScale[word >> 2] ?? 0);
    return word;
  }

  function encodeHigher(sample: number): number {
    const error = saturate(sample - higher.estimate);
    const magnitude = error < 0 ? -1 - error : error;
    const outer = magnitude >= (564 * higher.scale) >> 12;
    const word = (error < 0 ? 0 : 2) + (outer ? 0 : 1);
    higher.adapt(scaled(higher.scale, qm2[word] ?? 0), higherScale[word] ?? 0);
    return word;
  }

  return {
    encode(frame) {
      const payload = new Uint8Array(frame.length >> 1);
      for (let index = 0; index < payload.length; index += 1) {
        filter.push(frame[2 * index] ?? 0, frame[2 * index + 1] ?? 0);
        const low = encodeLower((filter.even + filter.odd) >> 14);
        payload[index] = (encodeHigher((filter.even - filter.odd) >> 14) << 6) | low;
      }
      return payload;
    },
    close: nothing,
  };
}

const limit = (value: number): number => Math.max(-16_384, Math.min(16_383, value));

/** G.722 clause 4, at 64 kbit/s. */
function createDecode(): (payload: Uint8Array) => Int16Array {
  const filter = new MirrorFilter();
  const lower = lowerBand();
  const higher = higherBand();
  return (payload) => {
    const samples = new Int16Array(2 * payload.length);
    for (let index = 0; index < payload.length; index += 1) {
      const byte = payload[index] ?? 0;
      const lowWord = byte & 0x3f;
      const low = limit(lower.estimate + scaled(lower.scale, qm6[lowWord] ?? 0));
      lower.adapt(scaled(lower.scale, qm4[lowWord >> 2] ?? 0), lowerScale[lowWord >> 2] ?? 0);
      const highWord = byte >> 6;
      const difference = scaled(higher.scale, qm2[highWord] ?? 0);
      const high = limit(higher.estimate + difference);
      higher.adapt(difference, higherScale[highWord] ?? 0);
      filter.push(low + high, low - high);
      samples[2 * index] = saturate(filter.even >> 11);
      samples[2 * index + 1] = saturate(filter.odd >> 11);
    }
    return samples;
  };
}

/** G.722 at 64 kbit/s: 16,000 samples a second, while RTP counts 8,000 (RFC 3551 4.5.2). */
export const g722: AudioCodec = {
  encoding: 'G722',
  payloadType: 9,
  clockRate: 8000,
  channels: 1,
  sampleRate: 16_000,
  packetTimes: [10, 20, 30, 40, 50, 60],
  createEncoder,
  createDecoder: () => repeatingDecoder(16_000, createDecode()),
};
