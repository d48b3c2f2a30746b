import { readFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { PeerProcess } from './peer-process.ts';
import { freePort } from './ports.ts';

const scenarios = join(import.meta.dirname, '../scenarios');

export interface SippOptions {
  readonly directory: string;
  /** A scenario of `../scenarios` by its name, or the path of one that was written. */
  readonly scenario: string;
  /** Where requests go, `address:port`; none for one that waits to be called. */
  readonly remote?: string;
  readonly port?: number;
  readonly arguments?: readonly string[];
}

/** What a run of SIPp (Debian's sip-tester) counted. */
export interface SippCounts {
  readonly successful: number;
  readonly failed: number;
  readonly retransmissions: number;
}

/** One SIPp with one scenario of `../scenarios`. */
export class Sipp {
  readonly process: PeerProcess;
  readonly port: number;
  readonly #statistics: string;

  private constructor(process: PeerProcess, port: number, statistics: string) {
    this.process = process;
    this.port = port;
    this.#statistics = statistics;
  }

  static async start(options: SippOptions): Promise<Sipp> {
    const port = options.port ?? (await freePort());
    const { scenario } = options;
    const file = isAbsolute(scenario) ? scenario : join(scenarios, `${scenario}.xml`);
    const statistics = join(options.directory, `${basename(file, '.xml')}-${port}.csv`);
    const process = new PeerProcess(
      `sipp ${scenario}`,
      'sipp',
      [
        ...(options.remote === undefined ? [] : [options.remote]),
        ...['-sf', file],
        ...['-i', '127.0.0.1', '-mi', '127.0.0.1', '-p', String(port), '-nostdin'],
        ...['-trace_stat', '-stf', statistics, '-fd', '1', '-trace_err', '-error_file', `${statistics}.errors`],
        ...(options.arguments ?? []),
      ],
      { cwd: options.directory, env: { TERM: 'dumb' } },
    );
    return new Sipp(process, port, statistics);
  }

  /** Waits for the end of its calls (`-m`) and reads what it counted. */
  async finished(): Promise<SippCounts> {
    await this.process.exited;
    return this.counts();
  }

  counts(): SippCounts {
    const lines = readFileSync(this.#statistics, 'latin1').trim().split('\n');
    const names = (lines[0] ?? '').split(';');
    const values = (lines.at(-1) ?? '').split(';');
    const value = (name: string): number => Number(values[names.indexOf(name)] ?? Number.NaN);
    return {
      successful: value('SuccessfulCall(C)'),
      failed: value('FailedCall(C)'),
      retransmissions: value('Retransmissions(C)'),
    };
  }

  async stop(): Promise<void> {
    await this.process.stop('SIGKILL');
  }
}
