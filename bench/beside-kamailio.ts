/**
 * `npm run bench`: the exchange beside Kamailio 5.6 with its fast allocator, in one run, as CPU time per 1,000 calls.
 *
 * A call is seven messages (INVITE 100 180 200 ACK BYE 200) through a stateful, record-routing proxy with a location
 * lookup. The servers share core 0 and the load has core 1, but only one of them is under load at a time: both are
 * started and warmed up, then they take turns in every round. CPU time is the whole process tree's, from the scheduler's
 * own counter, from before the load until the last transaction is forgotten: windows of equal length, idle time
 * included. A row counts only without a failed call, a retransmission or a dropped datagram; others are marked.
 *
 * Options: --rounds N (5), --rate CALLS (1000 a second), --seconds N (10), --only (without Kamailio), --profile (writes
 * a CPU profile of the exchange to bench/profiles), --node-options OPTIONS (for the exchange).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { cpuTime, droppedDatagrams } from './process-cost.ts';
import { ended, Sipp } from './sipp.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
    only: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    'node-options': { type: 'string', default: '' },
  },
});
const rounds = Number(options.rounds);
const rate = Number(options.rate);
const calls = rate * Number(options.seconds);

const repository = join(import.meta.dirname, '..');
const peer = join(import.meta.dirname, 'peer');
const directory = mkdtempSync(join(tmpdir(), 'switchhook-bench-'));
const serverCore = '0';
const sipp = new Sipp(directory);
const callee = 5072;
const caller = 5074;
/** Both servers get the receive buffer that the exchange asks for by itself. */
const receiveBuffer = 4 * 1_048_576;
/** Milliseconds after which the last transaction of a call is forgotten (64*T1), and a little more. */
const forgotten = 34_000;

interface Server {
  readonly name: string;
  readonly port: number;
  readonly command: readonly string[];
  readonly cwd: string;
}

function exchangeServer(): Server {
  const cwd = join(directory, 'switchhook');
  mkdirSync(cwd);
  const port = 5090;
  const file = join(cwd, 'switchhook.yaml');
  const configuration = {
    domains: [{ name: 'example.test' }],
    listeners: [{ protocol: 'udp', address: '127.0.0.1', port }],
    subscribers: [{ user: 'bob', password: 'secret' }],
    data: join(cwd, 'data'),
    admin: { port: 0 },
    log: { level: 'warn' },
  };
  writeFileSync(file, stringify(configuration));
  const node = join(repository, 'node_modules/.bin/node');
  const profile = options.profile ? ['--cpu-prof', '--cpu-prof-dir', join(repository, 'bench/profiles')] : [];
  const nodeOptions = options['node-options'].split(' ').filter((option) => option !== '');
  const main = join(repository, 'packages/cli/src/main.ts');
  return {
    name: 'switchhook',
    port,
    cwd,
    command: [node, ...profile, ...nodeOptions, '--conditions=source', main, 'serve', '--config', file],
  };
}

function kamailioServer(): Server {
  const cwd = join(directory, 'kamailio');
  mkdirSync(cwd);
  const command = ['kamailio', '-f', join(peer, 'kamailio.cfg'), '-DD', '-x', 'fm', '-X', 'fm', '-m', '512'];
  command.push('-b', String(receiveBuffer));
  return { name: 'kamailio (fm)', port: 5070, cwd, command: [...command, '-w', cwd, '-Y', cwd] };
}

interface Running {
  readonly server: Server;
  readonly child: ChildProcess;
  readonly pid: number;
  readonly costs: number[];
}

function start(server: Server): Running {
  const child = spawn('taskset', ['-c', serverCore, ...server.command], { cwd: server.cwd, stdio: 'ignore' });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${server.name} did not start`);
  return { server, child, pid, costs: [] };
}

async function register({ name, port }: Server): Promise<void> {
  const users = join(directory, 'users.csv');
  writeFileSync(users, `SEQUENTIAL\nbob;${callee};[authentication username=bob password=secret]\n`);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await pause(1_000);
    await sipp.run('register', caller, [`127.0.0.1:${port}`, '-inf', users, '-m', '1', '-timeout', '5']);
    if (sipp.count('register', 'SuccessfulCall(C)') === 1) return;
  }
  throw new Error(`${name} registers nobody`);
}

/** Makes calls through a server; what went wrong, if anything did. */
async function load({ port }: Server, number: number): Promise<string> {
  const dropped = droppedDatagrams();
  const repeated = sipp.count('uas', 'Retransmissions(C)');
  const timeout = String(Math.ceil(number / rate) + 30);
  await sipp.run('uac', caller, [
    ...[`127.0.0.1:${port}`, '-s', 'bob', '-m', String(number), '-r', String(rate)],
    ...['-d', '0', '-l', '5000', '-timeout', timeout, '-timeout_error'],
  ]);
  // The other side writes its counters every second.
  await pause(1_500);
  const faults: [number, string][] = [
    [number - sipp.count('uac', 'SuccessfulCall(C)'), 'calls without success'],
    [sipp.count('uac', 'Retransmissions(C)') + sipp.count('uas', 'Retransmissions(C)') - repeated, 'retransmissions'],
    [droppedDatagrams() - dropped, 'dropped datagrams'],
  ];
  return faults.flatMap(([amount, what]) => (amount === 0 ? [] : [`${amount} ${what}`])).join(', ');
}

/**
 * One round of every server in turn. While one has the load the others are idle, and nothing of theirs is due yet;
 * each is read when it has forgotten its calls.
 */
async function measure(running: readonly Running[], round: number): Promise<void> {
  const readings: Promise<void>[] = [];
  for (const { server, pid, costs } of running) {
    const before = cpuTime(pid);
    const faults = await load(server, calls);
    const read = async (): Promise<void> => {
      await pause(forgotten);
      const cost = ((cpuTime(pid) - before) / calls) * 1_000;
      if (faults === '') costs.push(cost);
      const remark = faults === '' ? '' : `  not counted: ${faults}`;
      console.log(`round ${round}  ${server.name.padEnd(14)} ${cost.toFixed(1)} ms per 1,000 calls${remark}`);
    };
    readings.push(read());
  }
  await Promise.all(readings);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const versions = spawnSync('kamailio', ['-v'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? '';
console.log(`${versions}; node ${process.version}; ${rate} calls a second, ${calls} calls a round, ${rounds} rounds`);
const servers = options.only ? [exchangeServer()] : [exchangeServer(), kamailioServer()];
const answering = sipp.start('uas', callee, []);
const running = servers.map(start);
try {
  for (const { server } of running) {
    await register(server);
    // The just-in-time compiler and the allocators reach their steady state.
    await load(server, rate * 5);
  }
  await pause(forgotten);
  for (let round = 1; round <= rounds; round += 1) await measure(running, round);
} finally {
  answering.kill('SIGKILL');
  for (const { child } of running) child.kill('SIGTERM');
  await Promise.all(running.map(({ child }) => ended(child)));
}
for (const { server, costs } of running) {
  const range = `${Math.min(...costs).toFixed(1)} to ${Math.max(...costs).toFixed(1)}`;
  console.log(
    `${server.name.padEnd(14)} median ${median(costs).toFixed(1)} (${range}) ms CPU per 1,000 calls, ${costs.length} rounds`,
  );
}
if (!options.only) {
  const [ours = [], theirs = []] = running.map(({ costs }) => costs);
  console.log(`ratio of the medians: ${(median(ours) / median(theirs)).toFixed(2)}`);
}
rmSync(directory, { recursive: true, force: true });
