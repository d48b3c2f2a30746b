import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const peer = join(import.meta.dirname, 'peer');
export const loadCore = '1';

/** What calls are made over. Debian's SIPp has no TLS: it speaks TCP to `bench/tls-relay.ts`, and says TLS. */
export type SippTransport = 'udp' | 'tcp' | 'tls';

export const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/** SIPp on a core of its own, with its statistics in a directory. */
export class Sipp {
  readonly #directory: string;
  readonly #transport: SippTransport;

  constructor(directory: string, transport: SippTransport = 'udp') {
    this.#directory = directory;
    this.#transport = transport;
  }

  /** `named` is the port that its messages name as its own, where something stands before it. */
  start(scenario: string, port: number, args: readonly string[], named = port): ChildProcess {
    const statistics = join(this.#directory, `${scenario}.csv`);
    rmSync(statistics, { force: true });
    const text = readFileSync(join(peer, `${scenario}.xml`), 'latin1')
      .replaceAll('[transport]', this.#transport.toUpperCase())
      .replaceAll('[local_port]', String(named));
    const file = join(this.#directory, `${scenario}.xml`);
    writeFileSync(file, text, 'latin1');
    const over = this.#transport === 'udp' ? 'u1' : 't1';
    const command = ['sipp', '-sf', file, '-t', over, '-i', '127.0.0.1', '-p', String(port), '-nostdin'];
    const recording = ['-trace_stat', '-stf', statistics, '-fd', '1', '-buff_size', '4194304'];
    return spawn('taskset', ['-c', loadCore, ...command, ...recording, ...args], {
      cwd: this.#directory,
      stdio: 'ignore',
      env: { ...process.env, TERM: 'dumb' },
    });
  }

  /** Runs a scenario to its end. */
  async run(scenario: string, port: number, args: readonly string[]): Promise<void> {
    await ended(this.start(scenario, port, args));
  }

  /** The latest value of a counter of the scenario that ran last. */
  count(scenario: string, name: string): number {
    const lines = readFileSync(join(this.#directory, `${scenario}.csv`), 'latin1')
      .trim()
      .split('\n');
    return Number((lines.at(-1) ?? '').split(';')[(lines[0] ?? '').split(';').indexOf(name)]);
  }
}
