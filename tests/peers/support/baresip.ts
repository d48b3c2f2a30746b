import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { PeerProcess } from './peer-process.ts';
import { freePort } from './ports.ts';
import { readWav, untilRecorded, writeWav } from './sound.ts';

export interface BaresipOptions {
  readonly directory: string;
  /** The account line as baresip's accounts file has it, without `answermode`. */
  readonly account: string;
  /** A WAV file of 8,000 samples a second; the frequency of a tone, which it has at any rate. */
  readonly plays: string | number;
  /** The one it has, PCMU or PCMA without it. */
  readonly codec?: 'opus' | undefined;
  readonly answers: 'auto' | 'manual';
  /** Certificates that baresip trusts; it then verifies the server's. */
  readonly certificateAuthority?: string;
  /** What it shows over TLS: a file with both, PEM. */
  readonly certificateAndKey?: string;
  /** Where it listens; any free port without it. TLS is one port higher. */
  readonly port?: number;
  /** How many calls it takes: it says 486 to others; 4 without it, any number for 0. */
  readonly maximumCalls?: number | undefined;
}

/**
 * A baresip 1.0 (Debian), driven through its control socket. What its loudspeaker plays is recorded: its own recorder sits
 * before the loudspeaker, stops at the first re-INVITE, and records nothing of a call in which it says nothing.
 */
export class Baresip {
  readonly process: PeerProcess;
  readonly #control: Socket;
  readonly #recording: string;

  private constructor(process: PeerProcess, control: Socket, recording: string) {
    this.process = process;
    this.#control = control;
    this.#recording = recording;
    control.on('data', (chunk) => {
      process.child.stdout.emit('data', Buffer.from(`\ncontrol: ${chunk.toString('latin1')}\n`));
    });
    control.on('error', () => undefined);
  }

  static async start(name: string, options: BaresipOptions): Promise<Baresip> {
    const recording = join(options.directory, 'heard.wav');
    mkdirSync(options.directory, { recursive: true });
    writeWav(recording, new Int16Array());
    const devices = join(options.directory, 'asound.conf');
    writeFileSync(devices, loudspeaker(recording));
    const sipPort = options.port ?? (await freePort());
    const controlPort = await freePort();
    const config = [
      'poll_method epoll',
      `sip_listen 127.0.0.1:${sipPort}`,
      ...(options.certificateAuthority === undefined ? [] : [`sip_cafile ${options.certificateAuthority}`]),
      ...(options.certificateAndKey === undefined ? [] : [`sip_certificate ${options.certificateAndKey}`]),
      'net_interface 127.0.0.1',
      'call_local_timeout 60',
      `call_max_calls ${options.maximumCalls ?? 4}`,
      `audio_source ${typeof options.plays === 'number' ? 'ausine' : 'aufile'},${String(options.plays)}`,
      'audio_player alsa,loudspeaker',
      `audio_alert aubridge,${name}-alert`,
      'ausrc_format s16',
      'auplay_format s16',
      'auenc_format s16',
      'audec_format s16',
      'audio_buffer 200-1000',
      'module_path /usr/lib/baresip/modules',
      ...[options.codec ?? 'g711', 'srtp', 'aufile', 'ausine', 'alsa', 'aubridge', 'ctrl_tcp'].map(
        (module) => `module ${module}.so`,
      ),
      'module_tmp uuid.so',
      'module_tmp account.so',
      'module_app contact.so',
      'module_app menu.so',
      `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    ];
    writeFileSync(join(options.directory, 'config'), `${config.join('\n')}\n`);
    writeFileSync(join(options.directory, 'accounts'), `${options.account};answermode=${options.answers}\n`);
    writeFileSync(join(options.directory, 'contacts'), '\n');
    const child = new PeerProcess(`baresip ${name}`, 'baresip', ['-f', options.directory, '-v'], {
      env: { ALSA_CONFIG_PATH: devices },
    });
    await child.waitFor(/baresip is ready/);
    const control = connect(controlPort, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      control.once('connect', resolve);
      control.once('error', reject);
    });
    return new Baresip(child, control, recording);
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

  /** What it heard in its calls, one after the other. */
  heard(): Int16Array {
    return readWav(this.#recording);
  }

  /** Waits until its recording holds so many seconds. */
  async hears(seconds: number): Promise<void> {
    await untilRecorded(() => this.#recording, seconds);
  }

  async stop(): Promise<void> {
    this.#control.destroy();
    await this.process.stop();
  }
}

/**
 * ALSA's configuration of a loudspeaker that needs no sound card: ffmpeg takes the samples at the pace of a clock and appends
 * them to the recording. A pipe moves by pages of 4,096 bytes, so it is given many bytes a second: 10 ms are a page.
 */
function loudspeaker(recording: string): string {
  const input = '-probesize 32 -analyzeduration 0 -re -f s32le -ac 2 -ar 48000 -i -';
  const output = '-f s16le -ac 1 -ar 8000 -flush_packets 1 -';
  return `
pcm.null { type null }
pcm.loudspeaker {
  type plug
  slave {
    pcm { type file slave.pcm null format raw file "| exec ffmpeg -loglevel error ${input} ${output} >> '${recording}'" }
    rate 48000 channels 2 format S32_LE
  }
}
`;
}
