/** `switchhook dial` as a person and his desktop run it: the command, phones and an exchange, each a process. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExchangeProcess, passwordOf } from '../peers/support/exchange-process.ts';
import { PeerProcess } from '../peers/support/peer-process.ts';
import { freePort } from '../peers/support/ports.ts';
import { writeWav } from '../peers/support/sound.ts';
import { SwitchhookPhone } from '../peers/support/switchhook-phone.ts';

const repository = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'switchhook-dial-'));
const silence = join(directory, 'silence.wav');
let exchange: ExchangeProcess;
let alice: SwitchhookPhone;
let bob: SwitchhookPhone;

beforeAll(async () => {
  writeWav(silence, new Int16Array(960_000));
  exchange = await ExchangeProcess.start({ directory });
  [alice, bob] = await Promise.all([phone('alice', 'alice'), phone('bob', 'bob')]);
}, 60_000);

afterAll(async () => {
  await Promise.all([alice.stop(), bob.stop()]);
  await exchange.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function phone(name: string, user: string): Promise<SwitchhookPhone> {
  const folder = join(directory, name);
  const started = await SwitchhookPhone.start(name, {
    directory: folder,
    exchange,
    user,
    transport: 'tls',
    srtp: 'optional',
    plays: silence,
  });
  await started.tells({ event: 'registration', state: 'registered' });
  return started;
}

function switchhook(...parameters: string[]): PeerProcess {
  const main = join(repository, 'packages/cli/src/main.ts');
  const options = { env: { XDG_DATA_HOME: join(directory, 'share') } };
  const node = join(repository, 'node_modules/.bin/node');
  return new PeerProcess('switchhook dial', node, ['--conditions=source', main, 'dial', ...parameters], options);
}

/** Dials for somebody with the exchange's own account of him. */
function dial(from: string, ...parameters: string[]): PeerProcess {
  const passwordFile = join(directory, `password-of-${from}`);
  writeFileSync(passwordFile, passwordOf(from));
  return switchhook('--from', from, '--data', exchange.data, '--password-file', passwordFile, ...parameters);
}

/** Waits until alice's telephone rings at bob's, and ends that. */
async function callOfAlice(told: number): Promise<void> {
  const { uri } = await bob.tells({ event: 'call', change: 'new', direction: 'incoming' }, { from: told });
  expect(uri).toBe('sip:alice@127.0.0.1');
  await alice.command('hangup');
  await bob.tells({ event: 'call', change: 'ended' }, { from: told });
}

test('one telephone is registered: it calls at once, and says so in lines', async () => {
  const told = bob.told.length;
  const dialled = dial('alice', 'bob');
  expect(await dialled.exited).toBe(0);
  expect(dialled.output).toMatch(/^asking the telephone at sip:\S+ to call bob\nit has taken it on\n$/);
  await callOfAlice(told);
}, 60_000);

test('a hostile link calls whom it names, and does nothing else', async () => {
  const told = bob.told.length;
  const link = 'sip:bob@127.0.0.1;method=BYE?Route=%3Csip:127.0.0.1:9%3E&Replaces=1%3Bto-tag%3D2%3Bfrom-tag%3D3&body=x';
  const dialled = dial('alice', '--json', '--', link);
  expect(await dialled.exited).toBe(0);
  const lines = dialled.output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    { event: 'asking', to: 'sip:bob@127.0.0.1' },
    { event: 'accepted', to: 'sip:bob@127.0.0.1' },
  ]);
  await callOfAlice(told);
}, 60_000);

test('C2.18-08 several telephones are registered: it says how to choose, and the chosen one calls', async () => {
  const second = await phone('second', 'alice');
  const dialled = dial('alice', 'bob');
  expect(await dialled.exited).toBe(1);
  const [, first = '', other = ''] = /--phone "(\S+)" or --phone "(\S+)"/.exec(dialled.output) ?? [];
  expect(other).not.toBe(first);
  const told = bob.told.length;
  expect(await dial('alice', '--phone', first, 'bob').exited).toBe(0);
  const { call } = await bob.tells({ event: 'call', change: 'new' }, { from: told });
  await bob.command('reject', { call });
  await second.stop();
}, 90_000);

test('no telephone is registered: it says what to do, or calls itself when that is said', async () => {
  const lonely = dial('carol', 'bob');
  expect(await lonely.exited).toBe(1);
  expect(lonely.output).toContain('no telephone is registered for sip:carol@127.0.0.1; start one, or say --here');
  const told = bob.told.length;
  const here = dial('carol', '--here', '--no-sound', 'bob');
  const { call } = await bob.tells({ event: 'call', change: 'new', uri: 'sip:carol@127.0.0.1' }, { from: told });
  await bob.command('answer', { call });
  await here.waitFor(/bob answered/);
  expect(await here.stop('SIGINT')).toBe(0);
  expect(here.output).toContain('you hung up on bob');
  await bob.tells({ event: 'call', change: 'ended' }, { from: told });
}, 90_000);

test('what comes to nothing says what to do, and fails', async () => {
  const proxy = `127.0.0.1:${String(await freePort())}`;
  const away = dial('alice', '--json', '--transport', 'tcp', '--proxy', proxy, 'bob');
  expect(await away.exited).toBe(1);
  expect(JSON.parse(away.output)).toMatchObject({ event: 'failed', kind: 'unreachable' });
  expect(away.output).toContain('see that the exchange runs, or say --proxy HOST');
  const wrong = switchhook('--from=alice', `--data=${exchange.data}`, `--password-file=${silence}`, 'bob');
  expect(await wrong.exited).toBe(1);
  expect(wrong.output).toContain('did not accept the password');
  // Nobody's telephone was asked, and --here is there already.
  const nobody = dial('carol', '--here', '--no-sound', 'bill');
  expect(await nobody.exited).toBe(1);
  expect(nobody.output).toContain('bill cannot be reached at the moment (480)\n');
}, 60_000);

test.runIf(process.platform === 'linux')(
  'a link that the desktop hands to the installed handler is dialled',
  async () => {
    const installed = dial('alice', '--install-handler');
    expect(await installed.exited).toBe(0);
    expect(installed.output).toContain('xdg-mime default switchhook-dial.desktop');
    const entry = readFileSync(join(directory, 'share/applications/switchhook-dial.desktop'), 'utf8');
    const exec = /^Exec=(.*) -- %u$/m.exec(entry)?.[1] ?? '';
    const told = bob.told.length;
    // A shell reads the plain arguments of this one as Exec is read.
    execFileSync('sh', ['-c', `${exec} -- "$1"`, 'sh', 'sip:bob@127.0.0.1'], { cwd: tmpdir() });
    await callOfAlice(told);
    expect(() => execFileSync('sh', ['-c', `${exec} -- "$1"`, 'sh', '--install-handler'], { stdio: 'pipe' })).toThrow(
      'is nobody who can be called',
    );
  },
  60_000,
);
