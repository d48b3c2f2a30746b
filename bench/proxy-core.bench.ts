/**
 * What the core costs per proxied call, without sockets: transport layer, transaction layer and proxy, for the seven
 * messages of a call (INVITE 180 200 ACK BYE 200 and the exchange's own 100), over a transport that only takes the text.
 * A first run answers what the proxy sends and records it; the measured ones replay the record, so that no phone is
 * measured. Run it with `node --conditions=source bench/proxy-core.bench.ts`.
 *
 * `--between BYTES` reads that much other memory before each message, which is taken off the result again: so it goes in
 * a process that waits for its messages, while the kernel and other processes use the caches.
 */
import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { portableHashes } from '@switchhook/sip';
import type { RandomSource, SipContext } from '@switchhook/sip';
import { playCall } from './call-script.ts';
import { bob, MemoryCore } from './memory-core.ts';

const { values: options } = parseArgs({ options: { between: { type: 'string', default: '0' } } });
const other = new Float64Array(Number(options.between) / Float64Array.BYTES_PER_ELEMENT);
/** One number of each line of a cache. */
const stride = 8;
const calls = 3_000;
const rounds = 9;
const ignore = (): void => undefined;

/** Tokens that come again in the next run. */
class CountingRandom implements RandomSource {
  #count = 0;

  token(): string {
    this.#count += 1;
    return `7f3a90c1d2e4${String(this.#count)}`;
  }

  fraction(): number {
    return 0.5;
  }

  bytes(length: number): Uint8Array {
    return new Uint8Array(length).fill(7);
  }
}

function context(): SipContext {
  return {
    clock: {
      now: () => performance.now(),
      date: () => Date.now(),
      after: (milliseconds, action) => {
        const timer = setTimeout(action, milliseconds);
        return { cancel: () => clearTimeout(timer) };
      },
    },
    random: new CountingRandom(),
    hashes: portableHashes,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  };
}

interface Step {
  readonly bytes: Buffer;
  readonly fromAlice: boolean;
}

/** Plays both phones once and keeps what they said. */
async function record(): Promise<Step[]> {
  const steps: Step[] = [];
  let heard = '';
  const core = new MemoryCore(context(), (text, flow) => {
    if (flow.remote === bob) heard = text;
  });
  const receiver = await core.start();
  const say = (text: string, fromAlice: boolean): void => {
    steps.push({ bytes: Buffer.from(text, 'latin1'), fromAlice });
    receiver.message(text, fromAlice ? core.transport.alice : core.transport.bob);
  };
  for (let number = 0; number < calls; number += 1) playCall(number, say, () => heard);
  await core.transactions.stop();
  return steps;
}

let sum = 0;
function readOther(): void {
  for (let at = 0; at < other.length; at += stride) sum += other[at] ?? 0;
}

/** Microseconds of the processor that something takes. */
function cost(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function replay(steps: readonly Step[]): Promise<number> {
  let sent = 0;
  const core = new MemoryCore(context(), (text) => {
    // The socket would need the flat text.
    sent += Buffer.byteLength(text, 'latin1') > 0 ? 1 : 0;
  });
  const receiver = await core.start();
  const { alice: fromAlice, bob: fromBob } = core.transport;
  const reading = cost(() => {
    for (let step = 0; step < steps.length; step += 1) readOther();
  });
  const whole = cost(() => {
    for (const step of steps) {
      readOther();
      receiver.message(step.bytes.toString('latin1'), step.fromAlice ? fromAlice : fromBob);
    }
  });
  await core.transactions.stop();
  if (sent !== calls * 7) throw new Error(`${String(sent)} messages went out for ${String(calls)} calls`);
  return (whole - reading) / calls;
}

const steps = await record();
const costs: number[] = [];
for (let round = 0; round < rounds; round += 1) costs.push(await replay(steps));
costs.sort((one, other) => one - other);
const median = costs[rounds >> 1] ?? 0;
console.log(
  `median ${median.toFixed(1)} us a call, best ${(costs[0] ?? 0).toFixed(1)} us, of ${String(rounds)} rounds of ${String(calls)} calls; ${String(sum)} from other memory`,
);
