import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { passwordOf } from './exchange-process.ts';
import type { ExchangeProcess } from './exchange-process.ts';
import { PeerProcess } from './peer-process.ts';
import { readWav, untilRecorded } from './sound.ts';

const repository = join(import.meta.dirname, '../../..');

export interface SwitchhookPhoneOptions {
  readonly directory: string;
  readonly exchange: ExchangeProcess;
  readonly user: string;
  readonly transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';
  readonly srtp: 'none' | 'optional' | 'required';
  /** A WAV file. */
  readonly plays: string;
  /** Who may pick up, take over and join its calls. */
  readonly group?: string;
  /** Where it listens; any free port without it. */
  readonly port?: number;
  /** False: nobody is between, so it is called directly. */
  readonly registers?: boolean;
  /** Files; with them it is called directly over TLS, one port higher. */
  readonly certificate?: { readonly certificate: string; readonly key: string };
}

/** A line that the phone writes. */
export type PhoneLine = Readonly<Record<string, unknown>> & { readonly event: string };

/** `switchhook phone --json` as a program of its own; it plays from a file and records what it hears into another. */
export class SwitchhookPhone {
  readonly process: PeerProcess;
  readonly #recording: string;
  #commands = 0;

  private constructor(process: PeerProcess, recording: string) {
    this.process = process;
    this.#recording = recording;
  }

  static async start(name: string, options: SwitchhookPhoneOptions): Promise<SwitchhookPhone> {
    const { directory, exchange, user, transport, srtp, plays, group, port, registers, certificate } = options;
    mkdirSync(directory, { recursive: true });
    const passwordFile = join(directory, 'password');
    writeFileSync(passwordFile, passwordOf(user));
    const recording = join(directory, 'heard.wav');
    const words = [
      ...['--data', exchange.data, '--password-file', passwordFile],
      ...['--transport', transport, '--srtp', srtp, '--play', plays, '--record', recording],
      ...(port === undefined ? [] : ['--port', String(port)]),
      ...(registers === false ? ['--no-register'] : []),
      ...(certificate === undefined ? [] : ['--certificate', certificate.certificate, '--key', certificate.key]),
      ...(group === undefined ? [] : ['--group', group]),
      `sip:${user}@127.0.0.1`,
    ];
    return new SwitchhookPhone(startCommand(name, words), recording);
  }

  /** Started with these words on its command line; it records nothing. */
  static run(name: string, words: readonly string[]): SwitchhookPhone {
    return new SwitchhookPhone(startCommand(name, words), '');
  }

  /** Everything that it has told. */
  get told(): PhoneLine[] {
    return this.process.output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as PhoneLine);
  }

  /** Waits until it has told something that has these fields, after the first `from` lines; answers that line. */
  tells(fields: Readonly<Record<string, unknown>>, { from = 0, timeout = 20_000 } = {}): Promise<PhoneLine> {
    const find = (): PhoneLine | undefined => this.told.slice(from).find((line) => hasFields(line, fields));
    return this.process.waitUntil(find, JSON.stringify(fields), timeout);
  }

  /** Gives a command and waits until it is done. Fails when it came to nothing. */
  async command(command: string, fields: Readonly<Record<string, unknown>> = {}): Promise<PhoneLine> {
    this.#commands += 1;
    const id = this.#commands;
    this.process.write(JSON.stringify({ id, command, ...fields }));
    const isOutcome = (line: PhoneLine): boolean => line['id'] === id;
    const line = await this.process.waitUntil(() => this.told.find(isOutcome), `what came of ${command}`);
    if (line.event === 'failed') throw new Error(`${command} failed: ${JSON.stringify(line)}`);
    return line;
  }

  /** What it heard since it was started. */
  heard(): Int16Array {
    return readWav(this.#recording);
  }

  /** Waits until it heard so many seconds since it was started. */
  async hears(seconds: number): Promise<void> {
    await untilRecorded(() => this.#recording, seconds);
  }

  async stop(): Promise<void> {
    this.process.write(JSON.stringify({ command: 'quit' }));
    await this.process.stop();
  }
}

function startCommand(name: string, words: readonly string[]): PeerProcess {
  const node = join(repository, 'node_modules/.bin/node');
  const command = join(repository, 'packages/cli/src/main.ts');
  return new PeerProcess(`switchhook phone ${name}`, node, [
    '--conditions=source',
    command,
    'phone',
    '--json',
    ...words,
  ]);
}

function hasFields(line: PhoneLine, fields: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(fields).every(([name, value]) => line[name] === value);
}
