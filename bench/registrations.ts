/**
 * `npm run bench:registrations`: the memory of 10,000 registrations. Starts the exchange with that
 * many subscribers, measures it empty, lets SIPp register a contact for each of them with digest, waits until the
 * transactions are forgotten, and measures again; each time after a garbage collection, which the inspector asks for.
 * Prints the CPU time per 1,000 registrations, two REGISTERs each, beside that of Kamailio, unless `--only` is given.
 *
 * Options: --subscribers N (10000), --rate REGISTRATIONS (500 a second), --only.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { cpuTime, residentBytes } from './process-cost.ts';
import { ended, Sipp } from './sipp.ts';

const { values: options } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '500' },
    only: { type: 'boolean', default: false },
  },
});
const subscribers = Number(options.subscribers);
const repository = join(import.meta.dirname, '..');
const directory = mkdtempSync(join(tmpdir(), 'switchhook-registrations-'));
const sipp = new Sipp(directory);
const users = join(directory, 'users.csv');
const forgotten = 34_000;
const megabyte = 1_048_576;

const names = Array.from({ length: subscribers }, (_, number) => `user${String(number)}`);
const line = (user: string, at: number): string =>
  `${user};${String(10_000 + at)};[authentication username=${user} password=secret]\n`;
writeFileSync(users, `SEQUENTIAL\n${names.map(line).join('')}`);

async function registerAll(port: number): Promise<void> {
  const args = [`127.0.0.1:${String(port)}`, '-inf', users, '-m', String(subscribers), '-r', options.rate];
  await sipp.run('register', 5074, [...args, '-l', '2000', '-timeout', '300', '-timeout_error']);
  const successes = sipp.count('register', 'SuccessfulCall(C)');
  const retransmissions = sipp.count('register', 'Retransmissions(C)');
  if (successes !== subscribers || retransmissions !== 0) {
    console.log(`  ${String(successes)} registered, ${String(retransmissions)} retransmissions`);
  }
}

/** The line that begins so. */
async function lineOf(stream: Readable, beginning: string): Promise<string> {
  for await (const text of createInterface(stream)) if (text.includes(beginning)) return text;
  throw new Error(`ended without "${beginning}"`);
}

/** Asks a Node process for garbage collections through its inspector. */
class Inspector {
  readonly #socket: WebSocket;
  #id = 0;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
  }

  async open(): Promise<void> {
    await once(this.#socket, 'open');
  }

  async collectGarbage(): Promise<void> {
    // The second one takes what the finalizers of the first have let go.
    for (let times = 0; times < 2; times += 1) {
      this.#id += 1;
      this.#socket.send(JSON.stringify({ id: this.#id, method: 'HeapProfiler.collectGarbage' }));
      await once(this.#socket, 'message');
    }
  }

  close(): void {
    this.#socket.close();
  }
}

async function settled(inspector: Inspector, pid: number): Promise<number> {
  await inspector.collectGarbage();
  await pause(2_000);
  await inspector.collectGarbage();
  await pause(1_000);
  return residentBytes(pid);
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('a server did not start');
  return pid;
}

async function measureExchange(): Promise<void> {
  const port = 5090;
  const file = join(directory, 'switchhook.yaml');
  const configuration = {
    domains: [{ name: 'example.test' }],
    listeners: [{ protocol: 'udp', address: '127.0.0.1', port }],
    subscribers: names.map((user) => ({ user, password: 'secret' })),
    data: join(directory, 'data'),
    admin: { port: 0 },
  };
  writeFileSync(file, stringify(configuration));
  const node = join(repository, 'node_modules/.bin/node');
  const main = join(repository, 'packages/cli/src/main.ts');
  const args = ['--inspect=127.0.0.1:0', '--conditions=source', main, 'serve', '--config', file];
  const child = spawn('taskset', ['-c', '0', node, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const pid = pidOf(child);
  try {
    const url = /ws:\S+/.exec(await lineOf(child.stderr, 'ws:'))?.[0] ?? '';
    await lineOf(child.stdout, 'Ready');
    child.stdout.resume();
    child.stderr.resume();
    const inspector = new Inspector(url);
    await inspector.open();
    const empty = await settled(inspector, pid);
    const before = cpuTime(pid);
    await registerAll(port);
    await pause(forgotten);
    const used = cpuTime(pid) - before;
    const full = await settled(inspector, pid);
    inspector.close();
    const inMegabytes = (bytes: number): string => (bytes / megabyte).toFixed(1);
    console.log(`empty, ${String(subscribers)} subscribers: ${inMegabytes(empty)} MB`);
    console.log(`${String(subscribers)} registrations: ${inMegabytes(full)} MB, ${inMegabytes(full - empty)} MB more`);
    console.log(`switchhook: ${((used / subscribers) * 1_000).toFixed(1)} ms CPU per 1,000 registrations`);
  } finally {
    child.kill('SIGTERM');
    await ended(child);
  }
}

async function measureKamailio(): Promise<void> {
  const cwd = join(directory, 'kamailio');
  mkdirSync(cwd);
  const command = ['kamailio', '-f', join(import.meta.dirname, 'peer/kamailio.cfg'), '-DD', '-A', 'WITH_AUTH'];
  const memory = ['-x', 'fm', '-X', 'fm', '-m', '512'];
  const child = spawn('taskset', ['-c', '0', ...command, ...memory, '-w', cwd, '-Y', cwd], { cwd, stdio: 'ignore' });
  const pid = pidOf(child);
  try {
    await pause(2_000);
    const before = cpuTime(pid);
    await registerAll(5070);
    await pause(forgotten);
    const used = cpuTime(pid) - before;
    console.log(`kamailio (fm): ${((used / subscribers) * 1_000).toFixed(1)} ms CPU per 1,000 registrations`);
  } finally {
    child.kill('SIGTERM');
    await ended(child);
  }
}

try {
  await measureExchange();
  if (!options.only) await measureKamailio();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
