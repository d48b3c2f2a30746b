/**
 * `npm run bench:media`: 100 calls of PCMU at once in one process, in the clear and with SRTP, in turns; then 100 three-way
 * rooms beside them: two calls and the person each, mixed.
 *
 * The process that is measured makes one end of each call; the other end of all is in a second process, on the other core,
 * so that what is measured is what a telephone system would do for 100 calls: encode, send, receive, buffer, decode.
 * How late a packet is, is the time from its moment on a grid of 20 ms to when it is handed to the socket. The
 * scheduler's own lateness is measured beside it, in the same process and run, by a plain timer of the machine every 5 ms.
 *
 * Options: --rooms (only calls and rooms, in turns), --calls N (100), --seconds N (20), --rounds N (3), --codec NAME (PCMU).
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { audioCodecs, AudioEngine, Mixer, silence, ToneSource, tone, UdpNetwork } from '@switchhook/media';
import type { AudioCodec, AudioSession, AudioSink, DatagramNetwork, DatagramPort } from '@switchhook/media';
import { systemContext } from '@switchhook/node';
import type { CryptoAttribute, MediaStream, StreamAgreement } from '@switchhook/sip';

const { values: options } = parseArgs({
  options: {
    calls: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    codec: { type: 'string', default: 'PCMU' },
    rooms: { type: 'boolean', default: false },
    peer: { type: 'boolean', default: false },
  },
});

/** What one process tells the other of a stream. */
interface Offer {
  readonly local: MediaStream['local'];
  readonly crypto: CryptoAttribute | undefined;
}

/** What the process that is measured tells at the end of a run. */
interface Measured {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  /** Milliseconds of CPU. */
  readonly cpu: number;
  readonly seconds: number;
  readonly lateness: readonly number[];
  readonly scheduler: readonly number[];
}

const ignore = (): void => undefined;
const context = systemContext({ debug: ignore, info: ignore, warn: console.warn, error: console.error });
const suite = 'AES_CM_128_HMAC_SHA1_80';
const frameTime = 20;

/** Tells of each packet when it is handed to a socket, with its timestamp. */
class WatchedNetwork implements DatagramNetwork {
  readonly #network = new UdpNetwork();
  readonly #sent: (port: number, timestamp: number) => void;

  constructor(sent: (port: number, timestamp: number) => void) {
    this.#sent = sent;
  }

  async bind(...[address, port, receive]: Parameters<DatagramNetwork['bind']>): Promise<DatagramPort | undefined> {
    const bound = await this.#network.bind(address, port, receive);
    if (bound === undefined || port % 2 === 1) return bound;
    return {
      port: bound.port,
      send: (data, toPort, toAddress) => {
        bound.send(data, toPort, toAddress);
        this.#sent(port, Buffer.from(data.buffer, data.byteOffset).readUInt32BE(4));
      },
      close: () => bound.close(),
    };
  }

  localAddress(): Promise<string> {
    return Promise.resolve('127.0.0.1');
  }
}

function agreement(codec: AudioCodec, remote: Offer, crypto: CryptoAttribute | undefined): StreamAgreement {
  const { encoding, clockRate, channels, payloadType = 96 } = codec;
  const format = { payloadType, encoding, clockRate, channels };
  return {
    direction: 'sendrecv',
    remote: remote.local,
    multiplexed: false,
    send: format,
    receive: [format],
    packetTime: frameTime,
    ...(crypto && remote.crypto && { crypto: { send: crypto, receive: remote.crypto } }),
  };
}

async function openAll(engine: AudioEngine, count: number): Promise<{ session: AudioSession; stream: MediaStream }[]> {
  const opened: { session: AudioSession; stream: MediaStream }[] = [];
  for (let call = 0; call < count; call += 1) {
    const session = engine.session();
    opened.push({ session, stream: await session.open('audio') });
  }
  return opened;
}

const keyOf = ({ crypto }: MediaStream): CryptoAttribute | undefined => crypto.find((each) => each.suite === suite);

async function codecNamed(name: string): Promise<AudioCodec> {
  const codec = (await audioCodecs()).find(({ encoding }) => encoding === name);
  if (codec === undefined) throw new Error(`no codec is called ${name}`);
  return codec;
}

/** The far end: answers each list of offers by its own, and ends with the process that started it. */
async function peer(): Promise<void> {
  const codec = await codecNamed(options.codec);
  let engine: AudioEngine | undefined = undefined;
  process.on('message', (offers: readonly Offer[]) => {
    engine?.stop();
    const security = offers[0]?.crypto === undefined ? 'none' : 'required';
    const current = new AudioEngine(context, { codecs: [codec], network: new WatchedNetwork(ignore), security });
    engine = current;
    void openAll(current, offers.length).then((opened) => {
      const answers = opened.map(({ session, stream }, index) => {
        const offer = offers[index];
        session.source = silence(codec.sampleRate);
        const own = keyOf(stream);
        if (offer !== undefined) stream.apply(agreement(codec, offer, own));
        return { local: stream.local, crypto: own };
      });
      process.send?.(answers);
    });
  });
  process.on('disconnect', () => process.exit());
}

/**
 * A plain timer of the machine every 5 ms: by how much is it too late? A moment that it slept through counts like all
 * others, as a packet that was due then does.
 */
function watchScheduler(): { stop(): number[] } {
  const period = 5;
  const late: number[] = [];
  let due = performance.now() + period;
  let timer = setTimeout(tick, period);
  function tick(): void {
    const now = performance.now();
    for (; due <= now; due += period) late.push(now - due);
    timer = setTimeout(tick, due - now);
  }
  return {
    stop() {
      clearTimeout(timer);
      return late;
    },
  };
}

/** What is measured: calls in the clear or with SRTP, a call each, or rooms of two calls and a person. */
type Kind = 'RTP' | 'SRTP' | 'rooms';

const voice = (sampleRate: number): ToneSource => new ToneSource(tone('440', 'continuous'), { sampleRate });

/** Two calls and a person who has a microphone and a loudspeaker of the same rate, as a plain call has. */
function confer(calls: readonly AudioSession[], sampleRate: number): void {
  const mixer = new Mixer();
  for (const call of calls) {
    const party = mixer.join(sampleRate);
    call.source = party.output;
    call.sink = party.input;
  }
  mixer.serve({ source: voice(sampleRate), sink: deaf(sampleRate) });
}

const deaf = (sampleRate: number): AudioSink => ({ sampleRate, write: ignore, close: ignore });

const settle = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function measure(far: ChildProcess, codec: AudioCodec, kind: Kind): Promise<Measured> {
  /** Of each port: when a packet was sent, and its timestamp. From these follow the moments of all others. */
  const grids = new Map<number, { start: number; timestamp: number; late: number[] }>();
  const network = new WatchedNetwork((port, timestamp) => {
    const now = performance.now();
    const grid = grids.get(port);
    if (grid === undefined) grids.set(port, { start: now, timestamp, late: [] });
    else grid.late.push(now - grid.start - (((timestamp - grid.timestamp) | 0) * 1_000) / codec.clockRate);
  });
  const engine = new AudioEngine(context, {
    codecs: [codec],
    network,
    security: kind === 'SRTP' ? 'required' : 'none',
  });
  const opened = await openAll(engine, Number(options.calls) * (kind === 'rooms' ? 2 : 1));
  far.send(opened.map(({ stream }): Offer => ({ local: stream.local, crypto: keyOf(stream) })));
  const [answers] = (await once(far, 'message')) as [Offer[]];
  for (const [index, { session, stream }] of opened.entries()) {
    session.source = voice(codec.sampleRate);
    session.sink = deaf(codec.sampleRate);
    const answer = answers[index];
    if (answer !== undefined) stream.apply(agreement(codec, answer, keyOf(stream)));
  }
  const sessions = opened.map(({ session }) => session);
  if (kind === 'rooms') while (sessions.length > 0) confer(sessions.splice(0, 2), codec.sampleRate);
  await settle(2_000);
  grids.clear();
  const before = opened.map(({ session }) => session.streams[0]?.stats());
  const scheduler = watchScheduler();
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  await settle(Number(options.seconds) * 1_000);
  const { user, system } = process.cpuUsage(cpuBefore);
  const seconds = (performance.now() - started) / 1_000;
  const late = scheduler.stop();
  const after = opened.map(({ session }) => session.streams[0]?.stats());
  engine.stop();
  const sum = (pick: (stats: (typeof after)[number]) => number | undefined): number =>
    after.reduce((total, stats, index) => total + (pick(stats) ?? 0) - (pick(before[index]) ?? 0), 0);
  return {
    sent: sum((stats) => stats?.sent.packets),
    received: sum((stats) => stats?.received.packets),
    lost: sum((stats) => stats?.received.lost),
    cpu: (user + system) / 1_000,
    seconds,
    lateness: [...grids.values()].flatMap((grid) => fromEarliest(grid.late)),
    scheduler: late,
  };
}

function percentile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((one, other) => one - other);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);
}

/** The first packet of a grid may itself have been late: the earliest one is the measure of all. */
function fromEarliest(late: readonly number[]): number[] {
  const earliest = late.reduce((least, each) => Math.min(least, each), 0);
  return late.map((each) => each - earliest);
}

function tell(name: string, { sent, received, lost, cpu, seconds, lateness, scheduler }: Measured): void {
  const load = cpu / seconds / 10;
  console.log(
    `${name.padEnd(10)} ${sent} sent, ${received} received, ${lost} lost; CPU ${load.toFixed(1)} % of a core, ` +
      `${((cpu * 1_000) / (sent + received)).toFixed(1)} us a packet`,
  );
  for (const [who, values] of [
    ['packets', lateness],
    ['scheduler', scheduler],
  ] as const) {
    const shares = [0.5, 0.99, 0.999].map((share) => percentile(values, share));
    console.log(`           ${who} late by ${shares.join(', ')} ms (median, 99 %, 99.9 %)`);
  }
}

async function main(): Promise<void> {
  const codec = await codecNamed(options.codec);
  const far = fork(import.meta.filename, ['--peer', '--codec', options.codec]);
  await settle(1_000);
  const kinds: readonly Kind[] = options.rooms ? ['RTP', 'rooms'] : ['RTP', 'SRTP', 'rooms'];
  const costs = new Map(kinds.map((kind) => [kind, [] as number[]]));
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const kind of kinds) {
      const measured = await measure(far, codec, kind);
      tell(kind, measured);
      costs.get(kind)?.push(measured.cpu / measured.seconds);
    }
  }
  const median = (values: number[] = []): number =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  for (const kind of kinds.slice(1)) {
    const ratios = costs.get(kind)?.map((cost, round) => cost / (costs.get('RTP')?.[round] ?? cost));
    const each = ratios?.map((ratio) => ratio.toFixed(2)).join(', ') ?? '';
    console.log(`${kind} cost ${median(ratios).toFixed(2)} times RTP (median of the rounds' ratios: ${each})`);
  }
  far.disconnect();
}

await (options.peer ? peer() : main());
