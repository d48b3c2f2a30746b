import type { AudioCodec, AudioDecoder, AudioEncoder } from '../audio.ts';

/** Half a megabyte of program, for those who have calls in Opus. */
const libopus = () => import('libopus-wasm');

const sampleRate = 48_000;

/** Bits a second: speech in full band (RFC 7587 3.1.1 has 28 to 40 kbit/s). */
const bitrate = 32_000;

/** What share of packets the encoder is to reckon with: its in-band repetition of what may be lost costs bits, too. */
const expectedLoss = 10;

/** Concealment comes in steps of 2.5 ms, 120 ms at most. */
const step = sampleRate / 400;
const longest = 48 * step;

/** A packet of 20 ms in which nothing is sent (RFC 6716 3.1: fullband CELT; 3.2.1: a frame of no bytes). */
const emptyPacket = 0xf8;

/**
 * Something of libopus. The library gives it by a promise that waits for nothing once the module is loaded: it is there
 * before the next packet, which a timer or a socket brings. Until then, and once it is closed, there is none.
 */
class Handle<T extends { free(): void }> {
  value: T | undefined;
  #closed = false;

  constructor(created: Promise<T>) {
    created.then(
      (value) => {
        if (this.#closed) value.free();
        else this.value = value;
      },
      // No memory left for another one: the call is silent and all others go on.
      () => undefined,
    );
  }

  close(): void {
    this.#closed = true;
    this.value?.free();
    this.value = undefined;
  }
}

function encoder(): AudioEncoder {
  const handle = new Handle(
    libopus().then(({ Application, createEncoder }) =>
      createEncoder({
        sampleRate,
        channels: 1,
        application: Application.Voip,
        bitrate,
        fec: true,
        packetLossPercent: expectedLoss,
      }),
    ),
  );
  return {
    encode: (frame) => handle.value?.encode(frame, { frameSize: frame.length }) ?? Uint8Array.of(emptyPacket),
    close: () => handle.close(),
  };
}

function decoder(): AudioDecoder {
  const handle = new Handle(libopus().then(({ createDecoder }) => createDecoder({ sampleRate, channels: 1 })));

  /** libopus throws for what is no packet of Opus (RFC 6716 3.4). */
  function attempt(decode: () => Int16Array | undefined): Int16Array | undefined {
    try {
      return decode();
    } catch {
      return undefined;
    }
  }

  function fill(length: number, next: Uint8Array | undefined): Int16Array | undefined {
    const frameSize = Math.min(longest, Math.ceil(length / step) * step);
    const useful = next !== undefined && next.length > 0 && frameSize === length;
    const recovered = useful ? attempt(() => handle.value?.decode(next, { decodeFec: true, frameSize })) : undefined;
    return recovered ?? attempt(() => handle.value?.decodePacketLoss(frameSize));
  }

  return {
    decode: (payload) =>
      payload.length === 0
        ? undefined
        : attempt(() => (handle.value === undefined ? new Int16Array(8 * step) : handle.value.decode(payload))),
    conceal(length, next) {
      const samples = new Int16Array(length);
      for (let filled = 0; filled < length;) {
        const piece = fill(length - filled, filled === 0 ? next : undefined)?.subarray(0, length - filled);
        if (piece === undefined || piece.length === 0) break;
        samples.set(piece, filled);
        filled += piece.length;
      }
      return samples;
    },
    close: () => handle.close(),
  };
}

/**
 * Opus (RFC 6716, RFC 7587): mono at 48 kHz, 32 kbit/s, with in-band repetition against loss. libopus is loaded with
 * the first call; until it is there, some tens of milliseconds, that call is silent. {@link loadOpus} has it loaded
 * before.
 */
export const opus: AudioCodec = {
  encoding: 'opus',
  payloadType: undefined,
  clockRate: sampleRate,
  channels: 2,
  sampleRate,
  parameters: 'minptime=10;useinbandfec=1',
  packetTimes: [10, 20, 40, 60],
  createEncoder: encoder,
  createDecoder: decoder,
};

/** {@link opus}, once libopus is loaded. */
export async function loadOpus(): Promise<AudioCodec> {
  const { loadLibopus } = await libopus();
  await loadLibopus();
  return opus;
}
