import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PeerProcess } from './peer-process.ts';
import { freePort } from './ports.ts';
import { readWav, untilRecorded } from './sound.ts';

export interface LinphoneOptions {
  readonly directory: string;
  readonly identity: string;
  /** Without it, it registers nowhere. */
  readonly registrar?: string;
  /** An account that registers nowhere: its From is its identity then, and not an address of the machine. */
  readonly unregistered?: boolean;
  /** Where it listens, over UDP and TCP; any free port without it. */
  readonly port?: number;
  readonly username: string;
  readonly password: string;
  readonly realm: string;
  readonly plays: string;
  readonly certificateAuthority?: string;
  /** Files: what it shows over TLS to whom it calls. */
  readonly certificate?: { readonly certificate: string; readonly key: string };
  readonly answers?: boolean;
  /** SRTP with keys of SDES: it offers and takes it. */
  readonly srtp?: boolean;
  /** The one codec that it has, beside those that nobody else has; all of its own without it. */
  readonly codec?: 'PCMU' | 'opus';
  /** How many calls it takes: it says 486 to others. Ten without it. */
  readonly maximumCalls?: number | undefined;
}

const codecs = [
  ['opus', 48_000],
  ['G722', 8_000],
  ['PCMU', 8_000],
  ['PCMA', 8_000],
] as const;

/**
 * A linphonec 5.1 (Debian), driven by its prompt; it plays from a file and records what it hears into another. Over TLS
 * it only connects: belle-sip listens there, too, but drops who comes ("New connection arriving on TLS, not handled !").
 */
export class Linphone {
  readonly process: PeerProcess;
  readonly #recording: string;
  readonly #log: string;
  /** Samples a second of what it records, which follow the codec. */
  readonly #rate: number;

  private constructor(process: PeerProcess, recording: string, log: string, rate: number) {
    this.process = process;
    this.#recording = recording;
    this.#log = log;
    this.#rate = rate;
  }

  static async start(name: string, options: LinphoneOptions): Promise<Linphone> {
    const recording = join(options.directory, 'heard.wav');
    mkdirSync(join(options.directory, '.local/share/linphone'), { recursive: true });
    mkdirSync(join(options.directory, '.config'), { recursive: true });
    const hasAccount = options.registrar !== undefined || options.unregistered === true;
    const settings = [
      '[sip]',
      `sip_port=${options.port ?? -1}`,
      `sip_tcp_port=${options.port ?? -1}`,
      'sip_tls_port=-1',
      `contact=${options.identity}`,
      `default_proxy=${hasAccount ? 0 : -1}`,
      `media_encryption=${options.srtp === true ? 'srtp' : 'none'}`,
      ...(options.certificateAuthority === undefined ? [] : [`root_ca=${options.certificateAuthority}`]),
      ...(options.certificate === undefined
        ? []
        : [`client_cert_chain=${options.certificate.certificate}`, `client_cert_key=${options.certificate.key}`]),
      'verify_server_certs=1',
      'verify_server_cn=1',
      // Seconds that a call rings which nobody answers: in no test does somebody come later.
      'inc_timeout=4',
      ...(options.maximumCalls === undefined ? [] : ['[misc]', `max_calls=${options.maximumCalls}`]),
      '[rtp]',
      `audio_rtp_port=${await freePort()}`,
      '[net]',
      'dns_srv_enabled=0',
      'firewall_policy=0',
      '[video]',
      'enabled=0',
      'automatically_initiate=0',
      'automatically_accept=0',
      ...codecs.flatMap(([mime, rate], index) => [
        `[audio_codec_${index}]`,
        `mime=${mime}`,
        `rate=${rate}`,
        `enabled=${options.codec === undefined || options.codec === mime ? 1 : 0}`,
      ]),
      '[auth_info_0]',
      `username=${options.username}`,
      `passwd=${options.password}`,
      `realm=${options.realm}`,
      ...(hasAccount ? account(options.identity, options.registrar) : []),
    ];
    const file = join(options.directory, 'linphonerc');
    writeFileSync(file, `${settings.join('\n')}\n`);
    const log = join(options.directory, 'log');
    const arguments_ = ['-c', file, '-d', '6', '-l', log, ...(options.answers === true ? ['-a'] : [])];
    const child = new PeerProcess(`linphone ${name}`, 'linphonec', arguments_, { env: { HOME: options.directory } });
    await child.waitFor(/linphonec>/);
    for (const line of ['soundcard use files', `play ${options.plays}`, `record ${recording}`]) child.write(line);
    return new Linphone(child, recording, log, options.codec === 'opus' ? 48_000 : 8_000);
  }

  /** Asks at the prompt until it says that it is registered. */
  async registered(timeout = 20_000): Promise<void> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const from = this.process.output.length;
      this.process.write('status register');
      const [answer] = await this.process.waitFor(/registered=(\d|-\d)|registered, identity=/, { from });
      if (!/registered=(0|-)/.test(answer)) return;
      if (Date.now() > deadline) throw new Error(`linphone did not register. It printed:\n${this.process.output}`);
      await pause(100);
    }
  }

  /** Waits until its log has it. */
  async logs(pattern: RegExp, timeout = 20_000): Promise<void> {
    const deadline = Date.now() + timeout;
    while (!pattern.test(readFileSync(this.#log, 'latin1'))) {
      if (Date.now() > deadline) throw new Error(`linphone logged no ${String(pattern)} within ${String(timeout)} ms`);
      await pause(100);
    }
  }

  /** Where it said last that it is reached: over TCP and TLS, by the connection that it has opened. */
  get contact(): string {
    const said = [...readFileSync(this.#log, 'latin1').matchAll(/^Contact: <(sip:127\.0\.0\.1:[^>]*)>/gm)];
    const last = said.at(-1)?.[1];
    if (last === undefined) throw new Error('linphone has said nowhere where it is reached');
    return last;
  }

  heard(): Int16Array {
    return existsSync(this.#recording) ? readWav(this.#recording, this.#rate) : new Int16Array();
  }

  /** Waits until it heard so many seconds. */
  async hears(seconds: number): Promise<void> {
    await untilRecorded(() => this.#recording, seconds, this.#rate);
  }

  async stop(): Promise<void> {
    this.process.write('quit');
    await this.process.stop();
  }
}

function account(identity: string, registrar: string | undefined): readonly string[] {
  return [
    '[proxy_0]',
    `reg_proxy=${registrar ?? `sip:${identity.split('@')[1] ?? ''}`}`,
    ...(registrar === undefined ? [] : [`reg_route=${registrar}`]),
    `reg_identity=${identity}`,
    'reg_expires=600',
    `reg_sendregister=${registrar === undefined ? 0 : 1}`,
    'publish=0',
  ];
}
