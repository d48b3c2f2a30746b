import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface WavParts {
  readonly format?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly bits?: number;
  readonly blockSize?: number;
  /** Chunks before the samples. */
  readonly before?: readonly Buffer[];
  /** What the header says of the samples' length, where it lies. */
  readonly promised?: number;
  readonly data: Uint8Array;
}

export function chunk(id: string, body: Uint8Array, promised = body.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(promised, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

/** A WAV file, put together by hand. */
export function wavFile(parts: WavParts): Buffer {
  const { format = 1, channels = 1, sampleRate = 8000, bits = 16, before = [], data } = parts;
  const blockSize = parts.blockSize ?? (channels * bits) / 8;
  const fmt = Buffer.alloc(16);
  fmt.writeUInt16LE(format, 0);
  fmt.writeUInt16LE(channels, 2);
  fmt.writeUInt32LE(sampleRate, 4);
  fmt.writeUInt32LE(sampleRate * blockSize, 8);
  fmt.writeUInt16LE(blockSize, 12);
  fmt.writeUInt16LE(bits, 14);
  const body = Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', fmt), ...before, chunk('data', data, parts.promised)]);
  return chunk('RIFF', body);
}

/** Samples as they lie in a file of 16 bits. */
export function littleEndian(samples: Int16Array): Buffer {
  const bytes = Buffer.alloc(2 * samples.length);
  samples.forEach((sample, index) => bytes.writeInt16LE(sample, 2 * index));
  return bytes;
}

/** A path in a folder that is gone after the test. */
export async function temporaryPath(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-media-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, name);
}
