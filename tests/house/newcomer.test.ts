/** What README.md shows a newcomer: an exchange, two phones, and a conversation with himself. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { levelOf, WavSource } from '@switchhook/media';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { TestContext } from 'vitest';

const repository = join(import.meta.dirname, '../..');
const readme = readFileSync(join(repository, 'README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'switchhook-newcomer-'));
const patience = { timeout: 60_000, interval: 50 };

/** A command of the README, as a person runs it in a terminal of its own. */
class Running {
  output = '';
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(command: string, ...more: readonly string[]) {
    // What npm does for people; a data folder apart keeps theirs out of it.
    const [program = '', ...parameters] = command.split(' ');
    const separator = parameters.includes('--') ? [] : ['--'];
    this.#child = spawn(program, [...parameters, ...separator, '--data', join(folder, 'data'), ...more], {
      cwd: repository,
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
  }

  type(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  async says(words: RegExp): Promise<void> {
    await vi.waitFor(() => expect(this.output).toMatch(words), patience);
  }

  /** The events of a phone that was started with --json. */
  get events(): Record<string, unknown>[] {
    const lines = this.output.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => {
      const value: unknown = JSON.parse(line);
      return typeof value === 'object' && value !== null ? { ...value } : {};
    });
  }

  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      process.kill(-Number(this.#child.pid), signal);
      await once(this.#child, 'exit');
    }
    return this.#child.exitCode;
  }

  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }
}

const running: Running[] = [];

/** Runs a command that the README shows. */
function run(command: string, ...more: readonly string[]): Running {
  expect(readme).toContain(command);
  return start(command, ...more);
}

function start(command: string, ...more: readonly string[]): Running {
  const started = new Running(command, ...more);
  running.push(started);
  return started;
}

/** Whether the ports of the demonstration are free: there is one exchange on them, and it may be somebody's. */
async function portsAreFree(): Promise<boolean> {
  for (const port of [5060, 5061, 8060, 8080, 8443]) {
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    probe.close();
    if (!free) return false;
  }
  return true;
}

/** The level of the loudest tenth of a second of a recording, in dBov. */
async function loudest(file: string): Promise<number> {
  const recording = await WavSource.open(file);
  const frame = new Int16Array(recording.sampleRate / 10);
  let level = -127;
  while (!recording.ended) {
    recording.read(frame);
    level = Math.max(level, levelOf(frame));
  }
  recording.close();
  return level;
}

let free = false;

beforeAll(async () => {
  free = await portsAreFree();
  if (!free && process.env['CI'] === undefined) return;
  const exchange = run('npm start');
  await exchange.says(/^Ready/m);
}, 60_000);

afterAll(async () => {
  for (const each of running.reverse()) await each.end();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Where somebody runs an exchange of his own, these tests step aside and say so; in CI nobody does. */
function needsPorts(context: TestContext): void {
  if (!free && process.env['CI'] === undefined) context.skip('another exchange has the ports of the demonstration');
}

test('two phones in two terminals: one calls, the other answers with Enter, they hold, resume and hang up', async (context) => {
  needsPorts(context);
  const alice = run('npm run switchhook -- phone alice', '--no-sound');
  const bob = run('npm run switchhook -- phone bob', '--no-sound');
  await Promise.all([alice.says(/registered/), bob.says(/registered/)]);
  alice.type('call bob');
  await bob.says(/alice is calling/);
  bob.type('');
  await alice.says(/bob answered/);
  alice.type('hold');
  await Promise.all([alice.says(/bob is on hold/), bob.says(/alice has put you on hold/)]);
  alice.type('resume');
  await bob.says(/alice and you are talking again/);
  alice.type('message bob See you');
  await bob.says(/alice: See you/);
  bob.type('hang up');
  await alice.says(/bob hung up/);
  alice.type('quit');
  expect(await alice.ended()).toBe(0);
  expect(await bob.end()).toBe(0);
}, 120_000);

test('a phone whose commands are a file ends with it', async (context) => {
  needsPorts(context);
  // Files are read otherwise than pipes and terminals are.
  const parameters = ['run', 'switchhook', '--', 'phone', 'bill', '--no-sound', '--data', join(folder, 'data')];
  const phone = spawn('npm', parameters, { cwd: repository, stdio: ['ignore', 'ignore', 'ignore'] });
  await once(phone, 'exit');
  expect(phone.exitCode).toBe(0);
}, 60_000);

test.for(['tls', 'tcp', 'udp', 'ws'])(
  'phones for programs hear each other over %s, encrypted',
  { timeout: 120_000 },
  async (transport, context) => {
    needsPorts(context);
    const recording = join(folder, `${transport}.wav`);
    const options = ['--json', '--transport', transport, '--no-sound'];
    const carol = start('npm run switchhook -- phone carol', ...options, '--srtp', 'required', '--tone', '440');
    const bill = start('npm run switchhook -- phone bill', ...options, '--record', recording);
    await Promise.all([carol.says(/"state":"registered"/), bill.says(/"state":"registered"/)]);
    carol.type('{"command":"call","to":"bill","id":1}');
    await bill.says(/"change":"new"/);
    bill.type('{"command":"answer"}');
    await carol.says(/"event":"done","id":1,"command":"call","call":1/);
    // Each digit takes its time, in which the tone is heard between them.
    carol.type('{"command":"digits","digits":"1234567890#"}');
    await bill.says(/"event":"digit","call":1,"digit":"#"/);
    carol.type('{"command":"hangup","call":1}');
    await bill.says(/"message":"carol hung up"/);
    const sounds = carol.events.filter(({ change }) => change === 'sound');
    expect(sounds.at(-1)).toMatchObject({ encrypted: true });
    bill.type('{"command":"quit"}');
    expect(await bill.ended()).toBe(0);
    expect(bill.events.at(-1)).toMatchObject({ event: 'stopped' });
    expect(await carol.end()).toBe(0);
    expect(await loudest(recording)).toBeGreaterThan(-40);
  },
);
