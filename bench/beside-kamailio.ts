/**
 * `npm run bench`: the exchange beside Kamailio 5.6 with its fast allocator, in one run, as CPU time per 1,000 calls.
 *
 * A call is seven messages (INVITE 100 180 200 ACK BYE 200) through a stateful, record-routing proxy with a location
 * lookup. The server has core 0 to itself, the load core 1. The servers take turns within each round; CPU time is the
 * whole process's, from the scheduler's own counter, from before the load until the last transaction is forgotten.
 * A row counts only without a failed call, a retransmission or a dropped datagram.
 *
 * Options: --rounds N (5), --rate CALLS (1000 a second), --seconds N (10), --profile (writes a CPU profile of ours).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
    profile: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const rate = Number(options.rate);
const calls = rate * Number(options.seconds);

const repository = join(import.meta.dirname, '..');
const peer = join(import.meta.dirname, 'peer');
const directory = mkdtempSync(join(tmpdir(), 'switchhook-bench-'));
const serverCore = '0';
const loadCore = '1';
const callee = 5072;
const caller = 5074;

interface Server {
  readonly name: string;
  readonly port: number;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly prepare?: () => void;
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
  const main = join(repository, 'packages/cli/src/main.ts');
  return {
    name: 'switchhook',
    port,
    cwd,
    command: [node, ...profile, '--conditions=source', main, 'serve', '--config', file],
  };
}

function kamailioServer(): Server {
  const cwd = join(directory, 'kamailio');
  mkdirSync(cwd);
  const command = ['kamailio', '-f', join(peer, 'kamailio.cfg'), '-DD', '-x', 'fm', '-X', 'fm', '-m', '512'];
  return { name: 'kamailio (fm)', port: 5070, cwd, command: [...command, '-w', cwd, '-Y', cwd] };
}

function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // It ended between the listing and the reading.
    }
  }
  const tree = [root];
  for (const process of tree) tree.push(...(children.get(process) ?? []));
  return tree;
}

/** Milliseconds that the process and all under it have run on a core. */
function cpuTime(root: number): number {
  let nanoseconds = 0;
  for (const process of processTree(root)) {
    for (const task of readdirSync(`/proc/${process}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${process}/task/${task}/schedstat`, 'latin1').split(' ')[0]);
    }
  }
  return nanoseconds / 1e6;
}

/** Datagrams that the kernel dropped at any UDP socket of the machine so far. */
function droppedDatagrams(): number {
  const lines = readFileSync('/proc/net/udp', 'latin1').trim().split('\n').slice(1);
  return lines.reduce((sum, line) => sum + Number(line.trim().split(/\s+/).at(-1)), 0);
}

function sipp(scenario: string, port: number, args: readonly string[]): ChildProcess {
  const statistics = join(directory, `${scenario}.csv`);
  rmSync(statistics, { force: true });
  return spawn(
    'taskset',
    ['-c', loadCore, 'sipp', '-sf', join(peer, `${scenario}.xml`), '-i', '127.0.0.1', '-p', String(port)]
      .concat(['-nostdin', '-trace_stat', '-stf', statistics, '-fd', '1', '-buff_size', '4194304'])
      .concat(args),
    { cwd: directory, stdio: 'ignore', env: { ...process.env, TERM: 'dumb' } },
  );
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));

function count(scenario: string, name: string): number {
  const lines = readFileSync(join(directory, `${scenario}.csv`), 'latin1')
    .trim()
    .split('\n');
  return Number((lines.at(-1) ?? '').split(';')[(lines[0] ?? '').split(';').indexOf(name)]);
}

async function round(server: Server): Promise<number> {
  const child = spawn('taskset', ['-c', serverCore, ...server.command], { cwd: server.cwd, stdio: 'ignore' });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${server.name} did not start`);
  const answering = sipp('uas', callee, []);
  try {
    const users = join(directory, 'users.csv');
    writeFileSync(users, `SEQUENTIAL\nbob;${callee};[authentication username=bob password=secret]\n`);
    for (let attempt = 0; ; attempt += 1) {
      await pause(1_000);
      await ended(sipp('register', caller, [`127.0.0.1:${server.port}`, '-inf', users, '-m', '1', '-timeout', '5']));
      if (count('register', 'SuccessfulCall(C)') === 1) break;
      if (attempt === 5) throw new Error(`${server.name} registers nobody`);
    }
    // One short load first: the just-in-time compiler and the allocators reach their steady state.
    const load = (number: number): readonly string[] => [
      ...[`127.0.0.1:${server.port}`, '-s', 'bob', '-m', String(number)],
      ...['-r', String(rate), '-d', '0', '-l', '5000'],
    ];
    await ended(sipp('uac', caller, load(rate * 5)));
    await pause(34_000);
    const before = cpuTime(pid);
    const dropped = droppedDatagrams();
    await ended(sipp('uac', caller, load(calls)));
    // 64*T1 after the last call its last transaction is forgotten.
    await pause(34_000);
    const used = cpuTime(pid) - before;
    const faults = [
      [count('uac', 'FailedCall(C)'), 'failed calls'],
      [count('uac', 'Retransmissions(C)') + count('uas', 'Retransmissions(C)'), 'retransmissions'],
      [droppedDatagrams() - dropped, 'dropped datagrams'],
    ] as const;
    for (const [number, what] of faults) if (number !== 0) console.log(`  ${server.name}: ${number} ${what}`);
    if (count('uac', 'SuccessfulCall(C)') !== calls) console.log(`  ${server.name}: not all calls succeeded`);
    return (used / calls) * 1_000;
  } finally {
    answering.kill('SIGKILL');
    child.kill('SIGTERM');
    await ended(child);
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const versions = spawnSync('kamailio', ['-v'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? '';
console.log(`${versions}; node ${process.version}; ${rate} calls a second, ${calls} calls a round, ${rounds} rounds`);
const servers = [exchangeServer(), kamailioServer()];
const results = servers.map((): number[] => []);
for (let index = 0; index < rounds; index += 1) {
  for (const [place, server] of servers.entries()) {
    const cost = await round(server);
    results[place]?.push(cost);
    console.log(`round ${index + 1}  ${server.name.padEnd(14)} ${cost.toFixed(1)} ms per 1,000 calls`);
  }
}
for (const [place, server] of servers.entries()) {
  const values = results[place] ?? [];
  const range = `${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}`;
  console.log(`${server.name.padEnd(14)} median ${median(values).toFixed(1)} (${range}) ms CPU per 1,000 calls`);
}
console.log(`ratio of the medians: ${(median(results[0] ?? []) / median(results[1] ?? [])).toFixed(2)}`);
rmSync(directory, { recursive: true, force: true });
