import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const peer = join(import.meta.dirname, 'peer');
const core = '1';

export const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/** SIPp on a core of its own, with its statistics in a directory. */
export class Sipp {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  start(scenario: string, port: number, args: readonly string[]): ChildProcess {
    const statistics = join(this.#directory, `${scenario}.csv`);
    rmSync(statistics, { force: true });
    const command = ['sipp', '-sf', join(peer, `${scenario}.xml`), '-i', '127.0.0.1', '-p', String(port), '-nostdin'];
    const recording = ['-trace_stat', '-stf', statistics, '-fd', '1', '-buff_size', '4194304'];
    return spawn('taskset', ['-c', core, ...command, ...recording, ...args], {
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
