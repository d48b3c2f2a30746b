import { simulatedContext, SimulatedNetwork, type SimulatedContext } from '@switchhook/sim';
import type { MediaDirection, StreamAgreement } from '@switchhook/sip';
import type { AudioCodec, AudioSink, AudioSource } from '../audio.ts';
import { AudioEngine, type AudioEngineOptions } from './audio-engine.ts';
import type { AudioSession } from './audio-session.ts';
import type { AudioStream } from './audio-stream.ts';
import { linearCodec } from './linear-codec.testing.ts';

/** Counts upwards from 100, so that each sample tells its place. */
export class Ramp implements AudioSource {
  readonly sampleRate: number;
  readonly ended = false;
  next = 100;

  constructor(sampleRate = 8_000) {
    this.sampleRate = sampleRate;
  }

  read(frame: Int16Array): void {
    for (let index = 0; index < frame.length; index += 1) {
      frame[index] = this.next;
      this.next = this.next === 30_000 ? 100 : this.next + 1;
    }
  }

  close(): void {
    this.next = 100;
  }
}

/** Keeps what it hears. */
export class Ear implements AudioSink {
  readonly sampleRate: number;
  readonly heard: number[] = [];

  constructor(sampleRate = 8_000) {
    this.sampleRate = sampleRate;
  }

  write(frame: Int16Array): void {
    this.heard.push(...frame);
  }

  /** Without silence. */
  get sound(): number[] {
    return this.heard.filter((sample) => sample !== 0);
  }

  close(): void {
    this.heard.length = 0;
  }
}

export interface Party {
  readonly engine: AudioEngine;
  readonly session: AudioSession;
  readonly stream: AudioStream;
  readonly source: Ramp;
  readonly ear: Ear;
  readonly digits: string[];
}

export interface TestCall {
  readonly context: SimulatedContext;
  readonly network: SimulatedNetwork;
  readonly alice: Party;
  readonly bob: Party;
  /** Puts an agreement into effect on both sides, by the direction that Alice has. */
  agree(direction?: MediaDirection, change?: Partial<StreamAgreement>): void;
}

const mirrored: Readonly<Record<MediaDirection, MediaDirection>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

const eventFormat = { payloadType: 101, encoding: 'telephone-event', channels: 1 };

export function agreementFor(codec: AudioCodec, remote: AudioStream, direction: MediaDirection): StreamAgreement {
  const { encoding, clockRate, channels, payloadType = 96 } = codec;
  const format = { payloadType, encoding, clockRate, channels };
  return {
    direction,
    remote: remote.local,
    multiplexed: false,
    send: format,
    receive: [format, { ...eventFormat, clockRate }],
    sendEvents: { payloadType: 101, clockRate },
    packetTime: 20,
  };
}

export interface TestCallOptions {
  readonly codec?: AudioCodec;
  readonly seed?: number;
  readonly engine?: Partial<AudioEngineOptions>;
}

/** Alice at 192.0.2.1 and Bob at 192.0.2.2 with a stream each, not yet agreed. */
export async function testCall(options: TestCallOptions = {}): Promise<TestCall> {
  const { codec = linearCodec(), seed = 1 } = options;
  const context = simulatedContext(seed);
  const network = new SimulatedNetwork(context.clock, context.random);
  const party = async (name: string, address: string): Promise<Party> => {
    const ports = network.host(name, [address]).ports();
    const engine = new AudioEngine(context, { codecs: [codec], network: ports, address, ...options.engine });
    const session = engine.session();
    await session.open('audio');
    const [stream] = session.streams;
    if (stream === undefined) throw new Error('no stream');
    const source = new Ramp();
    const ear = new Ear();
    const digits: string[] = [];
    session.source = source;
    session.sink = ear;
    session.onDigit = (digit) => digits.push(digit);
    return { engine, session, stream, source, ear, digits };
  };
  const alice = await party('alice', '192.0.2.1');
  const bob = await party('bob', '192.0.2.2');
  return {
    context,
    network,
    alice,
    bob,
    agree(direction = 'sendrecv', change = {}) {
      alice.stream.apply({ ...agreementFor(codec, bob.stream, direction), ...change });
      bob.stream.apply({ ...agreementFor(codec, alice.stream, mirrored[direction]), ...change });
    },
  };
}
