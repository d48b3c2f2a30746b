import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { PeerProcess } from './peer-process.ts';
import { freePort } from './ports.ts';
import { readWav, untilRecorded } from './sound.ts';

export interface BaresipOptions {
  readonly directory: string;
  /** The account line as baresip's accounts file has it, without `answermode`. */
  readonly account: string;
  readonly plays: string;
  readonly answers: 'auto' | 'manual';
  /** Certificates that baresip trusts; it then verifies the server's. */
  readonly certificateAuthority?: string;
  /** What it shows over TLS: a file with both, PEM. */
  readonly certificateAndKey?: string;
  /** Where it listens; any free port without it. TLS is one port higher. */
  readonly port?: number;
}

/** A baresip 1.0 (Debian), driven through its control socket; what it hears is recorded. */
export class Baresip {
  readonly process: PeerProcess;
  readonly #control: Socket;
  readonly #recordings: string;

  private constructor(process: PeerProcess, control: Socket, recordings: string) {
    this.process = process;
    this.#control = control;
    this.#recordings = recordings;
    control.on('data', (chunk) => {
      process.child.stdout.emit('data', Buffer.from(`\ncontrol: ${chunk.toString('latin1')}\n`));
    });
    control.on('error', () => undefined);
  }

  static async start(name: string, options: BaresipOptions): Promise<Baresip> {
    const recordings = join(options.directory, 'heard');
    mkdirSync(recordings, { recursive: true });
    const sipPort = options.port ?? (await freePort());
    const controlPort = await freePort();
    const config = [
      'poll_method epoll',
      `sip_listen 127.0.0.1:${sipPort}`,
      ...(options.certificateAuthority === undefined ? [] : [`sip_cafile ${options.certificateAuthority}`]),
      ...(options.certificateAndKey === undefined ? [] : [`sip_certificate ${options.certificateAndKey}`]),
      'net_interface 127.0.0.1',
      'call_local_timeout 60',
      'call_max_calls 4',
      `audio_source aufile,${options.plays}`,
      `audio_player aubridge,${name}`,
      `audio_alert aubridge,${name}-alert`,
      'ausrc_format s16',
      'auplay_format s16',
      'auenc_format s16',
      'audec_format s16',
      'audio_buffer 20-160',
      'module_path /usr/lib/baresip/modules',
      ...['g711', 'srtp', 'aufile', 'aubridge', 'sndfile', 'ctrl_tcp'].map((module) => `module ${module}.so`),
      'module_tmp uuid.so',
      'module_tmp account.so',
      'module_app contact.so',
      'module_app menu.so',
      `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
      `snd_path ${recordings}`,
    ];
    writeFileSync(join(options.directory, 'config'), `${config.join('\n')}\n`);
    writeFileSync(join(options.directory, 'accounts'), `${options.account};answermode=${options.answers}\n`);
    writeFileSync(join(options.directory, 'contacts'), '\n');
    const child = new PeerProcess(`baresip ${name}`, 'baresip', ['-f', options.directory, '-v']);
    await child.waitFor(/baresip is ready/);
    const control = connect(controlPort, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      control.once('connect', resolve);
      control.once('error', reject);
    });
    return new Baresip(child, control, recordings);
  }

  command(command: string, params = ''): void {
    const text = JSON.stringify({ command, params });
    this.#control.write(`${text.length}:${text},`);
  }

  /** Once its registrar has taken it. It may be there before anybody listens to its events. */
  async registered(): Promise<void> {
    await this.process.waitFor(/200 OK .*\[\d+ bindings?\]/);
  }

  async event(type: string, options: { timeout?: number; from?: number } = {}): Promise<void> {
    await this.process.waitFor(new RegExp(`"type":"${type}"`), options);
  }

  /** What it heard in its latest call. */
  heard(): Int16Array {
    const recording = this.#latestRecording();
    return recording === undefined ? new Int16Array() : readWav(recording);
  }

  /** Waits until it heard so many seconds in its latest call. */
  async hears(seconds: number): Promise<void> {
    await untilRecorded(() => this.#latestRecording(), seconds);
  }

  async stop(): Promise<void> {
    this.#control.destroy();
    await this.process.stop();
  }

  #latestRecording(): string | undefined {
    const file = readdirSync(this.#recordings)
      .filter((name) => name.endsWith('-dec.wav'))
      .sort()
      .at(-1);
    return file === undefined ? undefined : join(this.#recordings, file);
  }
}
