/** Our codecs and files against ffmpeg's, and our devices served by a real program of ALSA. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  audioCodecs,
  fitSines,
  g722,
  likenessOf,
  Loudspeaker,
  melody,
  Microphone,
  pcma,
  pcmu,
  wavFile,
  WavSource,
} from '@switchhook/media';
import type { AudioCodec } from '@switchhook/media';
import { describeWithPeers } from './support/presence.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchhook-sound-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function ffmpeg(...parameters: string[]): void {
  execFileSync('ffmpeg', ['-y', '-loglevel', 'error', '-nostdin', ...parameters], { cwd: folder });
}

function samplesOf(file: string): Int16Array {
  const bytes = readFileSync(join(folder, file));
  return Int16Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readInt16LE(2 * index));
}

/** Two seconds of a melody, one of noise at full range, one of noise that is hardly there. */
function trial(sampleRate: number): Int16Array {
  let state = 1;
  const noise = (shift: number): Int16Array =>
    Int16Array.from({ length: sampleRate }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return ((state >>> 16) - 32_768) >> shift;
    });
  return Int16Array.of(...melody(5, 2, sampleRate), ...noise(0), ...noise(8));
}

describeWithPeers('the codecs of ffmpeg', ['ffmpeg'], () => {
  const named: readonly (readonly [name: string, format: string, codec: AudioCodec])[] = [
    ['pcm_mulaw', 'mulaw', pcmu],
    ['pcm_alaw', 'alaw', pcma],
    ['g722', 'g722', g722],
  ];

  test.each(named)('%s decodes every bit as ours does', (name, format, codec) => {
    const sound = trial(codec.sampleRate);
    const payload = codec.createEncoder().encode(sound);
    writeFileSync(join(folder, name), payload);
    ffmpeg('-f', format, '-i', name, '-f', 's16le', `${name}.raw`);
    expect(codec.createDecoder().decode(payload)).toEqual(samplesOf(`${name}.raw`));
  });

  test('g722 encodes every bit as ours does', () => {
    const sound = trial(16_000);
    writeFileSync(join(folder, 'sound.wav'), wavFile(sound, 16_000));
    ffmpeg('-i', 'sound.wav', '-c:a', 'g722', '-f', 'g722', 'sound.g722');
    const payload = g722.createEncoder().encode(sound);
    expect(Buffer.from(payload).equals(readFileSync(join(folder, 'sound.g722')))).toBe(true);
  });

  test('libopus decodes what our Opus sends', async () => {
    const opus = (await audioCodecs()).find(({ encoding }) => encoding === 'opus');
    if (opus === undefined) throw new Error('there is no Opus');
    const encoder = opus.createEncoder();
    await vi.waitUntil(() => encoder.encode(new Int16Array(960)).length > 1);
    const sound = Int16Array.from(
      { length: 96_000 },
      (_, index) => 8000 * Math.sin((2 * Math.PI * 1004 * index) / 48_000),
    );
    const packets = Array.from({ length: 100 }, (_, index) =>
      encoder.encode(sound.subarray(index * 960, (index + 1) * 960)),
    );
    encoder.close();
    writeFileSync(join(folder, 'sound.opus'), oggOpus(packets));
    ffmpeg('-c:a', 'libopus', '-i', 'sound.opus', '-f', 's16le', '-ac', '1', '-ar', '48000', 'opus.raw');
    const heard = samplesOf('opus.raw');
    expect(heard.length).toBeGreaterThan(90_000);
    expect(fitSines(heard.subarray(24_000, 72_000), 48_000, [1004]).signalToNoise).toBeGreaterThan(30);
  });
});

/** Packets of Opus in an Ogg file (RFC 7845), a page each. */
function oggOpus(packets: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(19);
  head.write('OpusHead', 'latin1');
  head.writeUInt8(1, 8);
  head.writeUInt8(1, 9);
  head.writeUInt32LE(48_000, 12);
  const tags = Buffer.alloc(16);
  tags.write('OpusTags', 'latin1');
  return Buffer.concat(
    [head, tags, ...packets].map((packet, number, all) => {
      const flags = number === 0 ? 2 : number === all.length - 1 ? 4 : 0;
      return oggPage(packet, number, Math.max(0, number - 1) * 960, flags);
    }),
  );
}

function oggPage(packet: Uint8Array, number: number, position: number, flags: number): Buffer {
  const lacing = [...Array<number>(Math.floor(packet.length / 255)).fill(255), packet.length % 255];
  const page = Buffer.concat([Buffer.alloc(27), Buffer.from([...lacing]), packet]);
  page.write('OggS', 'latin1');
  page.writeUInt8(flags, 5);
  page.writeBigUInt64LE(BigInt(position), 6);
  page.writeUInt32LE(1, 14);
  page.writeUInt32LE(number, 18);
  page.writeUInt8(lacing.length, 26);
  let sum = 0;
  for (const byte of page) {
    sum = (sum ^ (byte << 24)) >>> 0;
    for (let bit = 0; bit < 8; bit += 1) sum = ((sum & 0x8000_0000) === 0 ? sum << 1 : (sum << 1) ^ 0x04c1_1db7) >>> 0;
  }
  page.writeUInt32LE(sum, 22);
  return page;
}

describeWithPeers('the WAV files of ffmpeg', ['ffmpeg'], () => {
  test.each(['pcm_u8', 'pcm_s16le', 'pcm_alaw', 'pcm_mulaw'])(
    'are played: %s, from stereo at 44,100 Hz',
    async (encoding) => {
      const played = melody(9, 3, 44_100);
      writeFileSync(join(folder, 'melody.wav'), wavFile(played, 44_100));
      ffmpeg('-i', 'melody.wav', '-ac', '2', '-c:a', encoding, `${encoding}.wav`);
      const source = await WavSource.open(join(folder, `${encoding}.wav`));
      const heard = new Int16Array(played.length);
      source.read(heard);
      expect(source.sampleRate).toBe(44_100);
      expect(likenessOf(played, heard, 44_100)).toEqual({ share: 1, delay: 0 });
      source.close();
    },
  );
});

describeWithPeers('devices of ALSA', ['aplay', 'arecord', 'play', 'rec', 'ffmpeg'], () => {
  test.each([
    ['alsa', 'arecord', 'aplay'],
    ['sox', 'rec', 'play'],
    ['ffmpeg', 'ffmpeg', 'ffmpeg'],
  ] as const)('are served by the programs of %s, as we call them', async (system, recorder, player) => {
    const errors: string[] = [];
    // A device that every ALSA has: it swallows what is played, and records silence.
    const options = { system, device: 'null', onError: ({ message }: Error) => errors.push(message) } as const;
    const loudspeaker = new Loudspeaker(options);
    const microphone = new Microphone(options);
    loudspeaker.start();
    microphone.start();
    const frame = melody(1, 0.02, 48_000);
    await vi.waitUntil(
      () => {
        loudspeaker.write(frame);
        return microphone.stats().dropped > 4800 && loudspeaker.stats().program === player;
      },
      { timeout: 20_000, interval: 10 },
    );
    expect(microphone.stats().program).toBe(recorder);
    loudspeaker.close();
    microphone.close();
    await Promise.all([loudspeaker.finished, microphone.finished]);
    expect(errors).toEqual([]);
  });

  test('that are not there are told with what their program says', async () => {
    const { promise, resolve } = Promise.withResolvers<Error>();
    const loudspeaker = new Loudspeaker({ system: 'alsa', device: 'no-such-device', onError: resolve });
    loudspeaker.start();
    expect((await promise).message).toMatch(/^the loudspeaker does not work: aplay: .*audio open error/);
    await loudspeaker.finished;
  });
});
