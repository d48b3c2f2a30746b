/** Our RTP and SRTP against ffmpeg's: what one plays, the other hears. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AudioEngine, fitSines, g722, opus, pcma, pcmu, tone, ToneSource } from '@switchhook/media';
import type { AudioCodec, AudioSession, AudioSink, AudioStream } from '@switchhook/media';
import { systemContext } from '@switchhook/node';
import type { CryptoAttribute } from '@switchhook/sip';
import { afterEach, expect, test } from 'vitest';
import { PeerProcess } from './support/peer-process.ts';
import { freePort } from './support/ports.ts';
import { describeWithPeers } from './support/presence.ts';
import { readWav } from './support/sound.ts';

const ignore = (): void => undefined;
const context = systemContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });
const suite = 'AES_CM_128_HMAC_SHA1_80';
const frequency = 1_004;

let ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  ends = [];
});

/** Keeps what it hears, and says when that is enough. */
class Ear implements AudioSink {
  readonly sampleRate = 8_000;
  readonly heard: number[] = [];
  readonly #wanted: number;
  #enough: () => void = ignore;
  readonly enough = new Promise<void>((resolve) => (this.#enough = resolve));

  constructor(seconds: number) {
    this.#wanted = seconds * this.sampleRate;
  }

  write(frame: Int16Array): void {
    // From the first sound on.
    if (this.heard.length > 0 || frame.some((sample) => Math.abs(sample) > 500)) this.heard.push(...frame);
    if (this.heard.length >= this.#wanted) this.#enough();
  }

  close(): void {
    this.heard.length = 0;
  }
}

interface Side {
  readonly session: AudioSession;
  readonly stream: AudioStream;
  readonly key: CryptoAttribute;
}

async function open(codec: AudioCodec): Promise<Side> {
  const engine = new AudioEngine(context, { codecs: [codec], address: '127.0.0.1', security: 'optional' });
  ends.push(() => engine.stop());
  const session = engine.session();
  await session.open('audio');
  const [stream] = session.streams;
  const key = stream?.crypto.find((each) => each.suite === suite);
  if (stream === undefined || key === undefined) throw new Error('no stream');
  return { session, stream, key };
}

function agree({ stream, key }: Side, codec: AudioCodec, port: number, theirs: CryptoAttribute | undefined): void {
  const { encoding, clockRate, channels, payloadType = 96 } = codec;
  const format = { payloadType, encoding, clockRate, channels };
  stream.apply({
    direction: 'sendrecv',
    remote: { address: '127.0.0.1', port, controlPort: port + 1 },
    multiplexed: false,
    send: format,
    receive: [format],
    packetTime: 20,
    ...(theirs && { crypto: { send: key, receive: theirs } }),
  });
}

function ffmpeg(...parameters: string[]): PeerProcess {
  const process = new PeerProcess('ffmpeg', 'ffmpeg', ['-y', '-nostdin', '-loglevel', 'error', ...parameters]);
  ends.push(() => process.stop());
  return process;
}

/**
 * Signal to noise of the best quarter of a second. A machine that does other things too makes ffmpeg send late, so that
 * now and then a packet is left out to catch up; what is wrong with bits or keys is wrong everywhere.
 */
function clarityOf(samples: ArrayLike<number>): number {
  const length = 2_000;
  const starts = Array.from({ length: Math.floor(samples.length / length) }, (_, index) => index * length);
  const pieces = starts.map((start) => Array.from(samples).slice(start, start + length));
  return Math.max(...pieces.map((piece) => fitSines(piece, 8_000, [frequency]).signalToNoise));
}

describeWithPeers('the RTP of ffmpeg', ['ffmpeg'], () => {
  const codecs = [
    ['pcm_mulaw', pcmu, 35],
    ['pcm_alaw', pcma, 35],
    ['g722', g722, 35],
    ['libopus', opus, 25],
  ] as const;
  const rows = codecs.flatMap(([name, codec, noise]) => [
    [name, 'in the clear', codec, noise] as const,
    [name, 'by SRTP', codec, noise] as const,
  ]);

  test.each(rows)('%s, %s: we hear it', async (name, how, codec, noise) => {
    const side = await open(codec);
    const ear = new Ear(2);
    side.session.sink = ear;
    const port = await freePort();
    const isSecure = how === 'by SRTP';
    const key = { tag: 1, suite, key: Buffer.from(context.random.bytes(30)).toString('base64') };
    agree(side, codec, port, isSecure ? key : undefined);
    const rate = String(codec.sampleRate);
    // 20 ms of what has a byte a sample; Opus makes packets of its own length.
    const size = codec === opus ? 1_200 : (isSecure ? 10 : 0) + 172;
    ffmpeg(
      ...['-re', '-f', 'lavfi', '-i', `sine=frequency=${frequency}:sample_rate=${rate}:duration=20`],
      ...['-c:a', name, '-payload_type', String(codec.payloadType ?? 96)],
      ...(isSecure ? ['-srtp_out_suite', suite, '-srtp_out_params', key.key] : []),
      ...['-f', 'rtp'],
      `${isSecure ? 'srtp' : 'rtp'}://127.0.0.1:${side.stream.local.port}?localrtpport=${port}&pkt_size=${size}`,
    );
    await ear.enough;
    expect(clarityOf(ear.heard)).toBeGreaterThan(noise);
    const { dropped, received } = side.stream.stats();
    expect(dropped).toMatchObject({ strangers: 0, unauthentic: 0, malformed: 0, unknownFormat: 0 });
    expect(received).toMatchObject({ lost: 0, undecodable: 0 });
  });

  test.each(rows)('%s, %s: it hears us', async (_, how, codec, noise) => {
    const folder = mkdtempSync(join(tmpdir(), 'switchhook-rtp-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const side = await open(codec);
    side.session.source = new ToneSource(tone(String(frequency), 'continuous'), { sampleRate: codec.sampleRate });
    const port = await freePort();
    const isSecure = how === 'by SRTP';
    const { encoding, clockRate, channels, payloadType = 96 } = codec;
    const description = [
      'v=0',
      'o=- 0 0 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${port} RTP/${isSecure ? 'S' : ''}AVP ${payloadType}`,
      `a=rtpmap:${payloadType} ${encoding}/${clockRate}${channels > 1 ? `/${channels}` : ''}`,
      ...(isSecure ? [`a=crypto:1 ${suite} inline:${side.key.key}`] : []),
    ];
    writeFileSync(join(folder, 'call.sdp'), description.map((line) => `${line}\r\n`).join(''));
    agree(side, codec, port, isSecure ? side.key : undefined);
    const heard = join(folder, 'heard.wav');
    const listener = ffmpeg(
      ...['-protocol_whitelist', 'file,udp,rtp,srtp,crypto', '-i', join(folder, 'call.sdp')],
      ...['-t', '2', '-ar', '8000', '-ac', '1', heard],
    );
    expect(await listener.exited, listener.output).toBe(0);
    expect(clarityOf(readWav(heard))).toBeGreaterThan(noise);
  });
});
