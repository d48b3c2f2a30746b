import { pcma, pcmu } from '@switchhook/media';
import type { AudioCodec, AudioDecoder, AudioSink, AudioSource, EncodedSource } from '@switchhook/media';
import { Choir, Voice } from '../stage/voice.ts';

/** Milliseconds of sound that are moved at a time, and of a packet. */
export const coarseFrameTime = 100;

/** Voices that can be told apart at a rate at which few samples are moved; all are above the notes of the music that comes along. */
export const coarseChoir = new Choir(2_000, {
  ...{ alice: 580, bob: 620, carol: 660, bill: 700, dave: 740 },
  ...{ b1: 780, b2: 820, b3: 860, b4: 900, gateway: 940, pc: 980 },
});

/** A codec whose lost packets are silence, and of which few packets go. */
function coarse(codec: AudioCodec): AudioCodec {
  const levels =
    codec.createDecoder().decode(Uint8Array.from({ length: 256 }, (_, octet) => octet)) ?? new Int16Array(0);
  return {
    ...codec,
    sampleRate: coarseChoir.sampleRate,
    packetTimes: [coarseFrameTime],
    createDecoder: () => new CoarseDecoder(levels),
  };
}

/** Makes samples of octets by a table, each packet in the place of the one before. */
class CoarseDecoder implements AudioDecoder {
  readonly #levels: Int16Array;
  #samples = new Int16Array(0);

  constructor(levels: Int16Array) {
    this.#levels = levels;
  }

  decode(payload: Uint8Array): Int16Array {
    const samples = this.#room(payload.length);
    for (let index = 0; index < samples.length; index += 1) samples[index] = this.#levels[payload[index] ?? 0] ?? 0;
    return samples;
  }

  conceal(length: number): Int16Array {
    return this.#room(length).fill(0);
  }

  close(): void {
    this.#samples = new Int16Array(0);
  }

  #room(length: number): Int16Array {
    if (this.#samples.length < length) this.#samples = new Int16Array(length);
    return this.#samples.subarray(0, length);
  }
}

/**
 * Sound by which it can be told who hears whom and no more, for stories of which thousands are played: a gap that is filled
 * well, and a packet every 20 ms, take longer than all that is said.
 */
export const coarseCodecs: readonly AudioCodec[] = [pcmu, pcma].map(coarse);

/** Milliseconds between two packets that only say that somebody is there. */
export const signTime = 4_000;

/** Samples a second of what nobody hears: one for each frame of a mixer. */
const signRate = 50;
const sign = new Uint8Array(1);

/** A codec whose packets hold no sound. */
function silent(codec: AudioCodec): AudioCodec {
  return {
    ...codec,
    sampleRate: signRate,
    packetTimes: [signTime],
    createEncoder: () => ({ encode: () => sign, close: () => undefined }),
    createDecoder: () => ({
      decode: () => new Int16Array(1),
      conceal: (length) => new Int16Array(length),
      close: () => undefined,
    }),
  };
}

/** For stories of which only is looked at what is left in the end, hours later perhaps: whoever talks shows that he is there. */
export const signsOfLife: readonly AudioCodec[] = [pcmu, pcma].map(silent);

/** A second of packets of each voice, by element, codec and packet time: no call encodes what another one has. */
const seconds = new Map<string, readonly Uint8Array[]>();

function secondOf(element: string, codec: AudioCodec, packetTime: number): readonly Uint8Array[] {
  const key = `${element} ${codec.encoding} ${packetTime}`;
  const known = seconds.get(key);
  if (known !== undefined) return known;
  const voice = new Voice(element, coarseChoir);
  const encoder = codec.createEncoder();
  const packets = Array.from({ length: 1_000 / packetTime }, () => {
    const frame = new Int16Array((codec.sampleRate * packetTime) / 1_000);
    voice.read(frame);
    return encoder.encode(frame).slice();
  });
  encoder.close();
  seconds.set(key, packets);
  return packets;
}

/** Somebody's voice, which calls get encoded once for all of them, as they get music. */
export function coarseVoice(element: string): AudioSource {
  const voice = new Voice(element, coarseChoir);
  return {
    sampleRate: voice.sampleRate,
    ended: false,
    read: (frame) => voice.read(frame),
    encoded: (codec, packetTime) => packetsOf(secondOf(element, codec, packetTime)),
    close: () => voice.close(),
  };
}

/** Says nothing, and is there. */
export function mute(): AudioSource {
  return {
    sampleRate: signRate,
    ended: false,
    read: (frame) => void frame.fill(0),
    encoded: () => packetsOf([sign]),
    close: () => undefined,
  };
}

/** Hears nothing. */
export function deaf(): AudioSink {
  return { sampleRate: signRate, write: () => undefined, close: () => undefined };
}

function packetsOf(packets: readonly Uint8Array[]): EncodedSource {
  let place = 0;
  return {
    level: Voice.level,
    next: () => {
      const packet = packets[place % packets.length];
      place += 1;
      return packet ?? new Uint8Array(0);
    },
    close: () => undefined,
  };
}
