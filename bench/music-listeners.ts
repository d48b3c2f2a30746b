/**
 * `npm run bench:music`: so many listeners to one music in one process, as the music server of an exchange has them, over
 * sockets of this machine; nobody answers at the other end.
 *
 * A packet is late by the time from its moment on a grid of 20 ms to when it is handed to its socket. What a shared encoder
 * saves is told by a second run in which each listener has his own. The scheduler's own lateness is measured beside both, in
 * the same process, by a plain timer of the machine every 5 ms.
 *
 * Options: --listeners N (1000), --seconds N (10), --codec NAME (PCMU).
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { audioCodecs, AudioEngine, Broadcast, tone, ToneSource, UdpNetwork } from '@switchhook/media';
import type { AudioCodec, AudioSource, DatagramNetwork } from '@switchhook/media';
import { systemContext } from '@switchhook/node';

const { values: options } = parseArgs({
  options: {
    listeners: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
    codec: { type: 'string', default: 'PCMU' },
  },
});

const ignore = (): void => undefined;
const context = systemContext({ debug: ignore, info: ignore, warn: console.warn, error: console.error });
const frameTime = 20;
const listeners = Number(options.listeners);
const seconds = Number(options.seconds);

/** Tells when a packet of sound is handed to a socket. */
function watched(sent: (port: number) => void): DatagramNetwork {
  const network = new UdpNetwork();
  return {
    localAddress: (...parameters) => network.localAddress(...parameters),
    async bind(address, port, receive) {
      const bound = await network.bind(address, port, receive);
      if (bound === undefined || port % 2 === 1) return bound;
      return {
        port: bound.port,
        send: (data, toPort, toAddress) => {
          sent(port);
          bound.send(data, toPort, toAddress);
        },
        close: () => {
          bound.close();
        },
      };
    },
  };
}

/** At the far end: takes what comes, and forgets it. */
async function sink(): Promise<{ readonly port: number; close(): void }> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, close: () => socket.close() };
}

interface Run {
  readonly packets: number;
  /** Milliseconds, ascending. */
  readonly lateness: readonly number[];
  readonly scheduler: readonly number[];
  /** Of one core. */
  readonly cpu: number;
  readonly encoders: number;
}

async function run(codec: AudioCodec, isShared: boolean): Promise<Run> {
  const begins = new Map<number, number>();
  const counts = new Map<number, number>();
  const lateness: number[] = [];
  let isMeasuring = false;
  let packets = 0;
  const network = watched((port) => {
    const now = performance.now();
    const count = (counts.get(port) ?? 0) + 1;
    counts.set(port, count);
    const begin = begins.get(port);
    // The grid of a listener is that of his earliest packet.
    const offset = now - (count - 1) * frameTime;
    if (begin === undefined || offset < begin) begins.set(port, offset);
    if (!isMeasuring) return;
    packets += 1;
    lateness.push(offset - (begins.get(port) ?? offset));
  });
  const far = await sink();
  const engine = new AudioEngine(context, { codecs: [codec], network, address: '127.0.0.1' });
  const music = (): AudioSource => new ToneSource(tone('440+554+659', 'continuous'), { sampleRate: 16_000 });
  const broadcast = new Broadcast(music());
  const format = { ...codec, payloadType: codec.payloadType ?? 96 };
  for (let count = 0; count < listeners; count += 1) {
    const session = engine.session();
    session.source = isShared ? broadcast.listen() : music();
    const stream = await session.open('audio');
    stream.apply({
      direction: 'sendonly',
      remote: { address: '127.0.0.1', port: far.port, controlPort: far.port },
      multiplexed: false,
      send: format,
      receive: [format],
      packetTime: frameTime,
    });
  }
  await pause(3_000);
  const scheduler: number[] = [];
  let expected = performance.now() + 5;
  const timer = setInterval(() => {
    const now = performance.now();
    scheduler.push(Math.max(0, now - expected));
    expected = now + 5;
  }, 5);
  isMeasuring = true;
  const before = process.cpuUsage();
  const from = performance.now();
  await pause(seconds * 1_000);
  isMeasuring = false;
  const { user, system } = process.cpuUsage(before);
  const elapsed = performance.now() - from;
  clearInterval(timer);
  const { encoders } = broadcast.stats();
  engine.stop();
  far.close();
  const ascending = (values: number[]): number[] => values.sort((one, other) => one - other);
  return {
    packets,
    lateness: ascending(lateness),
    scheduler: ascending(scheduler),
    cpu: (user + system) / 1_000 / elapsed,
    encoders,
  };
}

const at = (values: readonly number[], share: number): string =>
  (values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0).toFixed(2);

const codec = (await audioCodecs()).find(({ encoding }) => encoding.toLowerCase() === options.codec.toLowerCase());
if (codec === undefined) throw new Error(`there is no codec ${options.codec}`);
for (const isShared of [true, false]) {
  const { packets, lateness, scheduler, cpu, encoders } = await run(codec, isShared);
  const late = lateness.filter((each) => each > frameTime).length;
  console.log(
    `${String(listeners)} listeners, ${codec.encoding}, ${isShared ? `${String(encoders)} encoder for all` : 'an encoder each'}: ` +
      `${String(packets)} packets in ${String(seconds)} s (${(packets / listeners / seconds / 0.5).toFixed(1)} %), ` +
      `late by more than a packet ${String(late)}; late 50 % ${at(lateness, 0.5)}, 99 % ${at(lateness, 0.99)}, ` +
      `most ${at(lateness, 1)} ms; scheduler late 99 % ${at(scheduler, 0.99)}, most ${at(scheduler, 1)} ms; ` +
      `CPU ${(cpu * 100).toFixed(1)} % of a core`,
  );
}
