import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DevelopmentCertificateAuthority, systemContext } from '@switchhook/node';
import { stringify } from 'yaml';
import { cpuTime, droppedDatagrams } from './process-cost.ts';
import { ended, loadCore, Sipp } from './sipp.ts';
import type { SippTransport } from './sipp.ts';

export const callee = 5072;
export const caller = 5074;
/** Where the callee listens when `bench/tls-relay.ts` has his port, and from where on it has one for each server. */
const hiddenCallee = 5073;
const relayed = 5120;
/** Both servers get the receive buffer that the exchange asks for by itself. */
const receiveBuffer = 4 * 1_048_576;
/** Milliseconds after which the last transaction of a call is forgotten (64*T1), and a little more. */
const forgotten = 34_000;
const serverCore = '0';
const kamailioPorts = { udp: 5070, tcp: 5081, tls: 5080 };

const repository = join(import.meta.dirname, '..');
export const node = join(repository, 'node_modules/.bin/node');

const ignore = (): void => undefined;

/** A program that carries the calls of `bench/peer` from the caller's port to the callee's. */
export interface Server {
  readonly name: string;
  readonly port: number;
  readonly command: readonly string[];
  readonly cwd: string;
  /** Where the callee has to register, by digest where he is asked to. */
  readonly registers: boolean;
}

interface Running {
  readonly server: Server;
  readonly child: ChildProcess;
  readonly pid: number;
  readonly costs: number[];
}

export interface Load {
  readonly rounds: number;
  /** Calls a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly transport: SippTransport;
}

/**
 * Servers beside each other in one run, as CPU time per 1,000 calls. They share core 0 and the load has core 1, but only
 * one of them is under load at a time: all are started and warmed up, then they take turns in every round. CPU time is
 * the whole process tree's, from the scheduler's own counter, from before the load until the last transaction is
 * forgotten: windows of equal length, idle time included. A row counts only without a failed call, a retransmission or
 * a dropped datagram; others are marked.
 */
export class SideBySide {
  readonly directory = mkdtempSync(join(tmpdir(), 'switchhook-bench-'));
  readonly #sipp: Sipp;
  readonly #load: Load;
  readonly #certificate = join(this.directory, 'server.pem');
  #exchanges = 0;

  constructor(load: Load) {
    this.#load = load;
    this.#sipp = new Sipp(this.directory, load.transport);
  }

  /** The exchange of a checkout of this repository. */
  exchange(nodeOptions: readonly string[], checkout = repository): Server {
    const port = 5090 + this.#exchanges;
    const cwd = join(this.directory, `switchhook-${String(this.#exchanges)}`);
    this.#exchanges += 1;
    mkdirSync(cwd);
    const { transport } = this.#load;
    const file = join(cwd, 'switchhook.yaml');
    const configuration = {
      domains: [{ name: 'example.test' }],
      listeners: [{ protocol: transport, address: '127.0.0.1', port }],
      ...(transport === 'tls' && {
        tls: { certificate: this.#certificate, key: this.#certificate, ca: this.#certificate },
      }),
      subscribers: [{ user: 'bob', password: 'secret' }],
      data: join(cwd, 'data'),
      admin: { port: 0 },
      log: { level: 'warn' },
    };
    writeFileSync(file, stringify(configuration));
    const main = join(checkout, 'packages/cli/src/main.ts');
    const command = [node, ...nodeOptions, '--conditions=source', main, 'serve', '--config', file];
    const name = checkout === repository ? 'switchhook' : `switchhook of ${basename(checkout)}`;
    return { name, port, cwd, command, registers: true };
  }

  kamailio(): Server {
    const cwd = join(this.directory, 'kamailio');
    mkdirSync(cwd);
    const configuration = join(import.meta.dirname, 'peer/kamailio.cfg');
    const command = ['kamailio', '-f', configuration, '-DD', '-x', 'fm', '-X', 'fm', '-m', '512'];
    command.push('-b', String(receiveBuffer), '-w', cwd, '-Y', cwd);
    const { transport } = this.#load;
    if (transport !== 'udp') command.push('-A', `WITH_${transport.toUpperCase()}`);
    const keys = `private_key = ${this.#certificate}\ncertificate = ${this.#certificate}\n`;
    const method = 'method = TLSv1.2+\nverify_certificate = no\nrequire_certificate = no\n';
    writeFileSync(join(cwd, 'tls.cfg'), `[server:default]\n${method}${keys}[client:default]\n${method}`);
    return { name: 'kamailio (fm)', port: kamailioPorts[transport], cwd, command, registers: true };
  }

  /** Runs all rounds, prints every row, and returns the median of each server's costs in milliseconds. */
  async run(servers: readonly Server[]): Promise<number[]> {
    const { rounds, rate } = this.#load;
    const { transport } = this.#load;
    const secure = transport === 'tls';
    if (secure) await this.#makeCertificate();
    const helping = secure ? [this.#relay(servers)] : [];
    helping.push(this.#sipp.start('uas', secure ? hiddenCallee : callee, [], callee));
    const running = servers.map((server, at) => start(secure ? { ...server, port: relayed + at } : server));
    try {
      for (const { server } of running) {
        if (server.registers) await this.#register(server);
        else await pause(1_000);
        // The just-in-time compiler and the allocators reach their steady state.
        await this.#call(server, rate * 5);
      }
      await pause(forgotten);
      for (let round = 1; round <= rounds; round += 1) await this.#measure(running, round);
    } finally {
      for (const child of helping) child.kill('SIGKILL');
      for (const { child } of running) child.kill('SIGTERM');
      await Promise.all(running.map(({ child }) => ended(child)));
      rmSync(this.directory, { recursive: true, force: true });
    }
    return running.map(({ server, costs }) => {
      const range = `${Math.min(...costs).toFixed(1)} to ${Math.max(...costs).toFixed(1)}`;
      const cost = median(costs);
      console.log(
        `${server.name.padEnd(14)} median ${cost.toFixed(1)} (${range}) ms CPU per 1,000 calls, ${costs.length} rounds`,
      );
      return cost;
    });
  }

  /** One for the servers and for whom they call. */
  async #makeCertificate(): Promise<void> {
    const context = systemContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });
    const authority = await DevelopmentCertificateAuthority.open(join(this.directory, 'ca'), context);
    const made = await authority.issue({ addresses: ['127.0.0.1'], sipDomains: ['sip:example.test'] });
    writeFileSync(this.#certificate, `${made.privateKeyPem}${made.certificatePem}${made.caCertificatePem}`);
  }

  #relay(servers: readonly Server[]): ChildProcess {
    const seals = servers.map(({ port }, at) => `seal:${String(relayed + at)}:${String(port)}`);
    const program = join(import.meta.dirname, 'tls-relay.ts');
    const ways = [`open:${String(callee)}:${String(hiddenCallee)}`, ...seals];
    return spawn('taskset', ['-c', loadCore, node, program, this.#certificate, ...ways], { stdio: 'ignore' });
  }

  async #register({ name, port }: Server): Promise<void> {
    const users = join(this.directory, 'users.csv');
    writeFileSync(users, `SEQUENTIAL\nbob;${callee};[authentication username=bob password=secret]\n`);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await pause(1_000);
      await this.#sipp.run('register', caller, [`127.0.0.1:${port}`, '-inf', users, '-m', '1', '-timeout', '5']);
      if (this.#sipp.count('register', 'SuccessfulCall(C)') === 1) return;
    }
    throw new Error(`${name} registers nobody`);
  }

  /** Makes calls through a server; what went wrong, if anything did. */
  async #call({ port }: Server, number: number): Promise<string> {
    const { rate } = this.#load;
    const dropped = droppedDatagrams();
    const repeated = this.#sipp.count('uas', 'Retransmissions(C)');
    const timeout = String(Math.ceil(number / rate) + 30);
    await this.#sipp.run('uac', caller, [
      ...[`127.0.0.1:${port}`, '-s', 'bob', '-m', String(number), '-r', String(rate)],
      ...['-d', '0', '-l', '5000', '-timeout', timeout, '-timeout_error'],
    ]);
    // The other side writes its counters every second.
    await pause(1_500);
    const retransmissions =
      this.#sipp.count('uac', 'Retransmissions(C)') + this.#sipp.count('uas', 'Retransmissions(C)') - repeated;
    const faults: [number, string][] = [
      [number - this.#sipp.count('uac', 'SuccessfulCall(C)'), 'calls without success'],
      [retransmissions, 'retransmissions'],
      [droppedDatagrams() - dropped, 'dropped datagrams'],
    ];
    return faults.flatMap(([amount, what]) => (amount === 0 ? [] : [`${amount} ${what}`])).join(', ');
  }

  /**
   * One round of every server in turn. While one has the load the others are idle, and nothing of theirs is due yet;
   * each is read when it has forgotten its calls.
   */
  async #measure(running: readonly Running[], round: number): Promise<void> {
    const calls = this.#load.rate * this.#load.seconds;
    const readings: Promise<void>[] = [];
    for (const { server, pid, costs } of running) {
      const before = cpuTime(pid);
      const faults = await this.#call(server, calls);
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
}

function start(server: Server): Running {
  const child = spawn('taskset', ['-c', serverCore, ...server.command], { cwd: server.cwd, stdio: 'ignore' });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${server.name} did not start`);
  return { server, child, pid, costs: [] };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
