/** What README.md shows a newcomer: an exchange, two phones, and a conversation with himself. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import type { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createSocket } from 'node:dgram';
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
  /** How far it was listened to. */
  #heard = 0;
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(words: readonly string[]) {
    const [program = '', ...parameters] = words;
    const env = { ...process.env, TERM: 'xterm', LC_ALL: 'C.UTF-8' };
    this.#child = spawn(program, parameters, { cwd: repository, detached: true, env });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
  }

  type(line: string): void {
    this.press(`${line}\n`);
  }

  press(key: string): void {
    this.#child.stdin.write(key);
  }

  /** Waits until it says so, after all that was waited for before. */
  async says(words: RegExp): Promise<void> {
    await vi.waitFor(() => expect(this.output.slice(this.#heard)).toMatch(words), patience);
    const { index, 0: said } = words.exec(this.output.slice(this.#heard)) ?? { index: 0, 0: '' };
    this.#heard += index + said.length;
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
  return begun(withOptions(command, ...more));
}

/** Runs a command that the README shows in a terminal: what is typed are keys, what is said is drawn. */
function runInTerminal(command: string, ...more: readonly string[]): Running {
  expect(readme).toContain(command);
  const words = withOptions(command, ...more).map((word) => (/[^\w./:-]/.test(word) ? `'${word}'` : word));
  return begun(['script', '--quiet', '--flush', '--return', '--command', words.join(' '), '/dev/null']);
}

/** What npm does for people; a data folder apart keeps theirs out of it. */
function withOptions(command: string, ...more: readonly string[]): string[] {
  const words = command.split(' ');
  return [...words, ...(words.includes('--') ? [] : ['--']), '--data', join(folder, 'data'), ...more];
}

function begun(words: readonly string[]): Running {
  const started = new Running(words);
  running.push(started);
  return started;
}

/** Whether the ports of the demonstration are free: there is one exchange on them, and it may be somebody's. */
async function portsAreFree(): Promise<boolean> {
  for (const port of [5060, 5061, 8060, 8080, 8443]) {
    const probe = createServer();
    if (!(await isFree(probe, () => probe.listen(port, '127.0.0.1')))) return false;
  }
  const probe = createSocket('udp4');
  return isFree(probe, () => probe.bind(5060, '127.0.0.1'));
}

async function isFree(probe: EventEmitter & { close(): unknown }, listen: () => unknown): Promise<boolean> {
  const listening = once(probe, 'listening');
  listen();
  return listening.then(
    () => (probe.close(), true),
    () => false,
  );
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

/** Keys need a terminal, which `script` of Linux makes; elsewhere these tests step aside and say so. */
function needsTerminal(context: TestContext): void {
  needsPorts(context);
  if (process.platform !== 'linux') context.skip('there is no script of util-linux to make terminals');
}

test('two phones in two terminals: one calls, the other answers with Enter, Space holds and takes up again', async (context) => {
  needsTerminal(context);
  const alice = runInTerminal('npm run switchhook -- phone alice', '--no-sound');
  const bob = runInTerminal('npm run switchhook -- phone bob', '--no-sound');
  await Promise.all([alice.says(/● registered/), bob.says(/● registered/)]);
  alice.type('call bob');
  await bob.says(/alice is calling/);
  bob.press('\r');
  await alice.says(/bob answered/);
  alice.press(' ');
  await Promise.all([alice.says(/bob is on hold/), bob.says(/alice has put you on hold/)]);
  alice.press(' ');
  await bob.says(/alice and you are talking again/);
  alice.press('?');
  await alice.says(/Space holds and resumes/);
  alice.press('\u001b');
  await alice.says(/and you are talking again/);
  alice.type('message bob See you');
  await bob.says(/alice: See you/);
  bob.type('hang up');
  await alice.says(/bob hung up/);
  alice.type('quit');
  bob.type('quit');
  expect(await Promise.all([alice.ended(), bob.ended()])).toEqual([0, 0]);
}, 120_000);

test('a third telephone: consultation, transfer, conference, park and pickup, and a call from a shell', async (context) => {
  needsPorts(context);
  const group = "--group '*@127.0.0.1'";
  expect(readme).toContain(group);
  const phone = (user: string): Running =>
    run('npm run switchhook -- phone', user, '--no-sound', '--group', '*@127.0.0.1');
  const [alice, bob, carol] = [phone('alice'), phone('bob'), phone('carol')] as const;
  const phones = [alice, bob, carol];
  await Promise.all(phones.map((each) => each.says(/registered/)));
  const talk = async (from: Running, name: string, to: Running, other: string): Promise<void> => {
    from.type(`call ${other}`);
    await to.says(new RegExp(`${name} is calling`));
    to.type('');
    await from.says(new RegExp(`${other} answered`));
  };

  await talk(alice, 'alice', bob, 'bob');
  await talk(alice, 'alice', carol, 'carol');
  await bob.says(/alice has put you on hold/);
  alice.type('switch');
  await Promise.all([carol.says(/alice has put you on hold/), bob.says(/alice and you are talking again/)]);
  alice.type('hang up');
  await bob.says(/alice hung up/);
  alice.type('hang up');
  await carol.says(/alice hung up/);

  await talk(alice, 'alice', bob, 'bob');
  bob.type('transfer carol');
  await carol.says(/alice is calling/);
  carol.type('');
  await bob.says(/alice and carol have each other/);
  alice.type('hang up');
  await carol.says(/alice hung up/);

  await talk(bob, 'bob', alice, 'alice');
  await talk(bob, 'bob', carol, 'carol');
  await alice.says(/bob has put you on hold/);
  bob.type('conference');
  await Promise.all([alice.says(/bob and you are talking again/), bob.says(/you are in the conference/)]);
  bob.type('end');
  await Promise.all([alice.says(/bob hung up/), carol.says(/bob hung up/)]);

  await talk(alice, 'alice', bob, 'bob');
  bob.type('park');
  await bob.says(/retrieve 701/);
  carol.type('retrieve 701');
  await carol.says(/alice answered/);
  alice.type('hang up');
  await carol.says(/alice hung up/);

  alice.type('call carol');
  await carol.says(/alice is calling/);
  bob.type('pickup carol');
  await Promise.all([carol.says(/bob picked up the call of alice/), alice.says(/bob picks up the call to carol/)]);
  alice.type('hang up');
  await bob.says(/alice hung up/);

  const shell = run('npm run switchhook -- dial --from alice bob');
  await shell.says(/it has taken it on/);
  await bob.says(/alice is calling/);
  bob.type('');
  await alice.says(/bob answered/);
  expect(await shell.ended()).toBe(0);
  for (const each of phones) each.type('quit');
  expect(await Promise.all(phones.map((each) => each.ended()))).toEqual([0, 0, 0]);
}, 180_000);

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
