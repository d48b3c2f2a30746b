import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { PeerProcess } from './peer-process.ts';
import { freePort } from './ports.ts';

const repository = join(import.meta.dirname, '../../..');

export interface ExchangeOptions {
  readonly directory: string;
  readonly domains?: readonly string[];
  readonly subscribers?: readonly string[];
  /** What the listeners are called in what they send; their address without it. */
  readonly publicName?: string;
  /** Anything the configuration file may hold, over what is set here. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly arguments?: readonly string[];
}

/** The password that the tests give to a user. */
export const passwordOf = (user: string): string => `${user}-knows-this`;

/** The exchange as a person runs it: the command, a configuration file and a data folder. */
export class ExchangeProcess {
  readonly ports: Readonly<Record<'udp' | 'tcp' | 'tls' | 'ws' | 'wss' | 'admin', number>>;
  readonly data: string;
  readonly certificateAuthority: string;

  readonly #run: () => Promise<PeerProcess>;
  #process: PeerProcess;

  private constructor(
    process: PeerProcess,
    run: () => Promise<PeerProcess>,
    ports: ExchangeProcess['ports'],
    data: string,
  ) {
    this.#process = process;
    this.#run = run;
    this.ports = ports;
    this.data = data;
    this.certificateAuthority = join(data, 'ca', 'ca.pem');
  }

  static async start(options: ExchangeOptions): Promise<ExchangeProcess> {
    mkdirSync(options.directory, { recursive: true });
    const data = join(options.directory, 'data');
    const udp = await freePort();
    const tls = await freePort();
    const ports = { udp, tcp: udp, tls, ws: await freePort(), wss: await freePort(), admin: await freePort() };
    const configuration = {
      domains: (options.domains ?? ['127.0.0.1']).map((name) => ({ name })),
      listeners: (['udp', 'tcp', 'tls', 'ws', 'wss'] as const).map((protocol) => ({
        protocol,
        address: '127.0.0.1',
        port: ports[protocol],
        publicName: options.publicName,
      })),
      subscribers: (options.subscribers ?? ['alice', 'bob', 'carol', 'bill']).map((user) => ({
        user,
        password: passwordOf(user),
      })),
      data,
      admin: { port: ports.admin },
      ...options.configuration,
    };
    const file = join(options.directory, 'switchhook.yaml');
    writeFileSync(file, stringify(configuration));
    const run = async (): Promise<PeerProcess> => {
      const process = new PeerProcess('switchhook', join(repository, 'node_modules/.bin/node'), [
        '--conditions=source',
        join(repository, 'packages/cli/src/main.ts'),
        'serve',
        '--config',
        file,
        ...(options.arguments ?? []),
      ]);
      await process.waitFor(/^Ready/m, { timeout: 30_000 });
      return process;
    };
    return new ExchangeProcess(await run(), run, ports, data);
  }

  get process(): PeerProcess {
    return this.#process;
  }

  /** Runs it once more, with the same configuration and data, after it has ended. */
  async restart(): Promise<void> {
    this.#process = await this.#run();
  }

  /** The value of a metric, summed over its labels; 0 for one never counted. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.ports.admin}/metrics`)).text();
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async stop(): Promise<number | null> {
    return this.process.stop();
  }
}
