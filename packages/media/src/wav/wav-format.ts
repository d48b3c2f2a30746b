import { decodeALaw, decodeMuLaw } from '../codec/g711.ts';
import { isSampleRate, sampleRates } from '../codec/resampler.ts';

/** How the samples of a WAV file are kept. */
export type WavEncoding = 'pcm8' | 'pcm16' | 'a-law' | 'mu-law';

/** What a WAV file says of itself. */
export interface WavFormat {
  readonly encoding: WavEncoding;
  readonly channels: number;
  readonly sampleRate: number;
}

/** The numbers of RFC 2361 (and of every WAV file since). */
const pcm = 1;
const aLaw = 6;
const muLaw = 7;
const extensible = 0xfffe;

/** Bytes of one sample of one channel. */
export function sampleSize({ encoding }: WavFormat): number {
  return encoding === 'pcm16' ? 2 : 1;
}

function encodingOf(tag: number, bits: number): WavEncoding | undefined {
  if (tag === pcm && bits === 16) return 'pcm16';
  if (bits !== 8) return undefined;
  return tag === pcm ? 'pcm8' : tag === aLaw ? 'a-law' : tag === muLaw ? 'mu-law' : undefined;
}

/** Reads a `fmt ` chunk; a text says why it cannot be played. */
export function parseFormat(chunk: DataView): WavFormat | string {
  if (chunk.byteLength < 16) return 'its format is cut off';
  let tag = chunk.getUint16(0, true);
  const channels = chunk.getUint16(2, true);
  const sampleRate = chunk.getUint32(4, true);
  const blockSize = chunk.getUint16(12, true);
  const bits = chunk.getUint16(14, true);
  // An extensible format has the number of its encoding at the head of a GUID.
  if (tag === extensible && chunk.byteLength >= 26) tag = chunk.getUint16(24, true);
  const encoding = encodingOf(tag, bits);
  if (encoding === undefined)
    return `it holds format ${tag} with ${bits} bits: not PCM of 8 or 16 bits, A-law or mu-law`;
  if (channels !== 1 && channels !== 2) return `it has ${channels} channels: not one or two`;
  if (!isSampleRate(sampleRate)) return `it has ${sampleRate} samples a second: not ${sampleRates}`;
  const format = { encoding, channels, sampleRate };
  return blockSize === channels * sampleSize(format) ? format : 'its format contradicts itself';
}

/** Bytes of the file to mono samples; two channels become their mean. */
export function decodeSamples({ encoding, channels }: WavFormat, bytes: Uint8Array): Int16Array {
  const samples = decodeChannels(encoding, bytes);
  if (channels === 1) return samples;
  const mono = new Int16Array(samples.length >> 1);
  for (let index = 0; index < mono.length; index += 1) {
    mono[index] = ((samples[2 * index] ?? 0) + (samples[2 * index + 1] ?? 0)) >> 1;
  }
  return mono;
}

function decodeChannels(encoding: WavEncoding, bytes: Uint8Array): Int16Array {
  switch (encoding) {
    case 'a-law':
      return decodeALaw(bytes);
    case 'mu-law':
      return decodeMuLaw(bytes);
    case 'pcm8':
      return Int16Array.from(bytes, (byte) => (byte - 128) << 8);
    case 'pcm16': {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const samples = new Int16Array(bytes.length >> 1);
      for (let index = 0; index < samples.length; index += 1) samples[index] = view.getInt16(2 * index, true);
      return samples;
    }
  }
}

export const headerSize = 44;

/** The header of a mono file of 16 bits with so many bytes of samples behind it. */
export function wavHeader(sampleRate: number, dataSize: number): Uint8Array {
  const header = new Uint8Array(headerSize);
  const view = new DataView(header.buffer);
  const word = (offset: number, text: string): void => {
    for (let index = 0; index < 4; index += 1) header[offset + index] = text.charCodeAt(index);
  };
  word(0, 'RIFF');
  view.setUint32(4, headerSize - 8 + dataSize, true);
  word(8, 'WAVE');
  word(12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, pcm, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, 'data');
  view.setUint32(40, dataSize, true);
  return header;
}

/** A whole file: mono, 16 bits. */
export function wavFile(samples: Int16Array, sampleRate: number): Uint8Array {
  const file = new Uint8Array(headerSize + 2 * samples.length);
  file.set(wavHeader(sampleRate, 2 * samples.length));
  const view = new DataView(file.buffer, headerSize);
  for (const [index, sample] of samples.entries()) view.setInt16(2 * index, sample, true);
  return file;
}
