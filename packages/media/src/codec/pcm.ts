import type { AudioCodec, AudioDecoder } from '../audio.ts';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from './g711.ts';
import { WaveformRepetition } from './waveform-repetition.ts';

const nothing = (): void => undefined;

/** A decoder whose lost packets are filled by repeating the waveform. An empty payload is no payload. */
export function repeatingDecoder(sampleRate: number, decode: (payload: Uint8Array) => Int16Array): AudioDecoder {
  const repetition = new WaveformRepetition(sampleRate);
  return {
    decode(payload) {
      if (payload.length === 0) return undefined;
      const samples = decode(payload);
      repetition.received(samples);
      return samples;
    },
    conceal: (length) => repetition.fill(length),
    close: nothing,
  };
}

const narrowband = { clockRate: 8000, channels: 1, sampleRate: 8000, packetTimes: [10, 20, 30, 40, 50, 60] };

/** G.711 mu-law (RFC 3551 4.5.14). */
export const pcmu: AudioCodec = {
  encoding: 'PCMU',
  payloadType: 0,
  ...narrowband,
  createEncoder: () => ({ encode: encodeMuLaw, close: nothing }),
  createDecoder: () => repeatingDecoder(8000, decodeMuLaw),
};

/** G.711 A-law (RFC 3551 4.5.14). */
export const pcma: AudioCodec = {
  encoding: 'PCMA',
  payloadType: 8,
  ...narrowband,
  createEncoder: () => ({ encode: encodeALaw, close: nothing }),
  createDecoder: () => repeatingDecoder(8000, decodeALaw),
};
