import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Step } from '@switchhook/flows';
import { freePort } from './ports.ts';
import { Sipp } from './sipp.ts';
import { SippScript } from './sipp-script.ts';

/** The sound of a scenario: what comes is sent back (`-rtp_echo`). */
function description(version: number): string {
  const lines = ['v=0', `o=sipp 1 ${version} IN IP4 [local_ip]`, 's=-', 'c=IN IP4 [media_ip]', 't=0 0'];
  return [...lines, 'm=audio [media_port] RTP/AVP 0', 'a=rtpmap:0 PCMU/8000'].join('\n');
}

const allow = 'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS';
const said = (version: number): { readonly body: string; readonly headers: readonly string[] } => ({
  body: description(version),
  headers: [allow],
});

/** Rings, answers, and is hung up on. */
function callee(script: SippScript): SippScript {
  return script
    .receive('INVITE')
    .respond(180, { tag: 'A' })
    .respond(200, { ...said(1), tag: 'A' })
    .receive('ACK')
    .receive('BYE')
    .respond(200);
}

/** Calls; the far end may make it a call of more (a re-INVITE), and hangs up. */
function caller(script: SippScript): SippScript {
  return script
    .request('INVITE', said(1))
    .expect(100, { optional: true })
    .expect(180, { optional: true })
    .expect(200)
    .request('ACK');
}

/** Is put into a conference by whom it has called: a re-INVITE of his. */
function conferee(script: SippScript): SippScript {
  return caller(script).receive('INVITE').respond(200, said(1)).receive('ACK').receive('BYE').respond(200);
}

interface Scenario {
  readonly role: 'caller' | 'callee';
  /** One dialog, or the name of a scenario in `../scenarios` that has several. */
  readonly steps: ((script: SippScript) => SippScript) | string;
}

/** What SIPp can be, by flow and role. */
export const scenarios = {
  '2.4 bob': { role: 'caller', steps: 'transferee' },
  '2.4 carol': { role: 'callee', steps: callee },
  '2.5 alice': { role: 'caller', steps: 'attended-transferee' },
  '2.5 carol': { role: 'callee', steps: 'replaced' },
  '2.7 gateway': { role: 'callee', steps: callee },
  '2.10 alice': { role: 'caller', steps: conferee },
  '2.10 carol': { role: 'callee', steps: callee },
  '2.11 alice': { role: 'caller', steps: conferee },
  '2.16 bob': { role: 'callee', steps: 'dialog-notifier' },
  '2.18 bob': { role: 'callee', steps: 'clicked-phone' },
  '2.18 carol': { role: 'callee', steps: callee },
} as const satisfies Record<string, Scenario>;

/** A SIPp that plays a part; until it has somebody to call, its place answers whoever asks whether it is there. */
export class SippDevice {
  readonly #scenario: Scenario;
  readonly #address: string;
  readonly #port: number;
  readonly #directory: string;
  #sipp: Sipp | undefined;
  #placeholder: Socket | undefined;

  private constructor(scenario: Scenario, address: string, port: number, directory: string) {
    this.#address = address;
    this.#scenario = scenario;
    this.#port = port;
    this.#directory = directory;
  }

  static async start({ flow, role, account }: Step, port: number, directory: string): Promise<SippDevice> {
    const found = Object.entries<Scenario>(scenarios).find(([key]) => key === `${flow} ${role}`)?.[1];
    if (found === undefined) throw new RangeError(`SIPp has no scenario for ${role} of ${flow}`);
    const device = new SippDevice(found, account.addressOfRecord, port, directory);
    await (found.role === 'callee' ? device.#run() : device.#hold());
    return device;
  }

  async step({ action, other }: Step): Promise<void> {
    if (action !== 'call' || other === undefined) return;
    const [user = '', place = ''] = other.addressOfRecord.replace(/^sips?:/, '').split('@');
    this.#placeholder?.close();
    this.#placeholder = undefined;
    await this.#run(['-s', user, '-m', '1'], place.includes(':') ? place : `${place}:5060`);
  }

  async stop(): Promise<void> {
    this.#placeholder?.close();
    this.#placeholder = undefined;
    await this.#sipp?.stop();
  }

  async #run(more: readonly string[] = [], remote?: string): Promise<void> {
    const { role, steps } = this.#scenario;
    const media = await freePort();
    const written = (of: Exclude<typeof steps, string>): string =>
      of(new SippScript('device', role, `<${this.#address}>`)).write(this.#directory);
    this.#sipp = await Sipp.start({
      directory: this.#directory,
      scenario: typeof steps === 'string' ? steps : written(steps),
      port: this.#port,
      ...(remote !== undefined && { remote }),
      arguments: ['-aa', '-rtp_echo', '-mp', String(media), '-key', 'own', this.#address, ...more],
    });
  }

  async #hold(): Promise<void> {
    const socket = createSocket('udp4');
    socket.on('message', (data, { address, port }) => {
      const text = data.toString('latin1');
      if (!text.startsWith('OPTIONS ')) return;
      const fields = text.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
      const answer = ['SIP/2.0 200 OK', ...fields, 'Content-Length: 0', '', ''].join('\r\n');
      socket.send(answer.replace(/^(To:.*)$/im, '$1;tag=1'), port, address);
    });
    const listening = once(socket, 'listening');
    socket.bind(this.#port, '127.0.0.1');
    await listening;
    this.#placeholder = socket;
  }
}
