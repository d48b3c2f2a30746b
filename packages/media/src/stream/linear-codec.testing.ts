import type { AudioCodec } from '../audio.ts';

/** L16 of RFC 3551 4.5.11: what comes out is what went in, so a test can tell each sample. Conceals with ones. */
export function linearCodec(clockRate = 8_000, sampleRate = clockRate): AudioCodec {
  return {
    encoding: 'L16',
    payloadType: undefined,
    clockRate,
    channels: 1,
    sampleRate,
    packetTimes: [10, 20, 30, 40, 60],
    createEncoder: () => ({
      encode: (frame) => new Uint8Array(frame.slice().buffer),
      close: () => undefined,
    }),
    createDecoder: () => ({
      decode: (payload) => (payload.length % 2 === 0 ? new Int16Array(payload.slice().buffer) : undefined),
      conceal: (length) => new Int16Array(length).fill(1),
      close: () => undefined,
    }),
  };
}
