import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Step } from '@switchhook/flows';
import { freePort } from './ports.ts';
import { Sipp } from './sipp.ts';
import { description, SippConversation } from './sipp-conversation.ts';
import { SippScript } from './sipp-script.ts';

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

/** A call that is refused, before others of the same device. */
const refusedCall = new SippConversation('refused').begin('call', { method: 'INVITE', offers: true }).refused(486);

/** Redials when it is told that the line is free, and tells that it wants to know no more. */
const redial = new SippConversation('redial')
  .begin('watch', {
    method: 'SUBSCRIBE',
    headers: ['Event: dialog', 'Accept: application/dialog-info+xml', 'Expires: 3600'],
  })
  .expect('watch', 200)
  .answerUntil('NOTIFY', '>terminated<')
  .begin('call', { method: 'INVITE', offers: true })
  .expectBeside('call', 'NOTIFY')
  .within('call', { method: 'ACK' })
  .answerUntil('NOTIFY', '>confirmed<')
  .within('watch', { method: 'SUBSCRIBE', headers: ['Event: dialog', 'Expires: 0'] })
  .expect('watch', 200)
  .answer('NOTIFY')
  .answer('BYE');

/** Asks somebody of his dialogs as they are now. */
const fetchDialogs = {
  method: 'SUBSCRIBE',
  headers: ['Event: dialog', 'Accept: application/dialog-info+xml', 'Expires: 0'],
};
const ofDialog = { id: 'call-id="([^"]+)"', local: 'local-tag="([^"]+)"', remote: 'remote-tag="([^"]+)"' };
const ofRemote = {
  caller: '<remote>.*<target uri="([^"]+)"',
  host: '<remote>.*<target uri="sip:[^@]+@([0-9.]+)',
};

/** Asks a phone what rings there, and takes the call in its place. */
const pickup = new SippConversation('pickup')
  .begin('watch', fetchDialogs)
  .expect('watch', 200)
  .answer('NOTIFY', { ...ofDialog, ...ofRemote })
  .begin(
    'call',
    {
      method: 'INVITE',
      headers: ['Replaces: [$id];to-tag=[$remote];from-tag=[$local];early-only', 'Require: replaces'],
      offers: true,
    },
    { uri: '[$caller]', host: '[$host]' },
  )
  .expect('call', 200)
  .within('call', { method: 'ACK' })
  .answer('BYE');

/** Asks a server, which wants to know who it is, what is parked there, and takes the call from whom it is with. */
const retrieval = new SippConversation('retrieval')
  .begin('watch', fetchDialogs)
  .challenged('watch', 407, fetchDialogs)
  .expect('watch', 200)
  .answer('NOTIFY', { ...ofDialog, ...ofRemote })
  .begin(
    'call',
    {
      method: 'INVITE',
      headers: ['Replaces: [$id];to-tag=[$remote];from-tag=[$local]', 'Require: replaces'],
      offers: true,
    },
    { uri: '[$caller]', host: '[$host]' },
  )
  .expect('call', 200)
  .within('call', { method: 'ACK' })
  .answer('BYE');

/** Follows a link that it gets in a message. */
const linked = new SippConversation('linked')
  .answerOutside('MESSAGE', {
    caller: '"(sip:[^?"]+)',
    host: '"sip:[^@]+@([0-9.]+)',
    id: 'Replaces=([^%]+)%3B',
    remote: 'to-tag%3D([^%&]+)',
    local: 'from-tag%3D([^%&]+)',
    sender: 'From: [^<]*<([^>]+)',
  })
  .begin(
    'call',
    {
      method: 'INVITE',
      headers: [
        'Replaces: [$id];to-tag=[$remote];from-tag=[$local];for="[own]"',
        'Require: replaces',
        'Referred-By: <[$sender]>',
      ],
      offers: true,
    },
    { uri: '[$caller]', host: '[$host]' },
  )
  .expect('call', 200)
  .within('call', { method: 'ACK' })
  .answer('BYE');

/** Has a phone call somebody, and does not want to hear how that goes. */
const clicked = new SippConversation('clicked')
  .begin('referral', { method: 'REFER', headers: ['Refer-To: <[target]>', 'Referred-By: <[own]>', 'Refer-Sub: false'] })
  .expect('referral', 200);

/** Something that SIPp says and hears from beginning to end. */
interface Written {
  write(directory: string): string;
}

interface Scenario {
  readonly role: 'caller' | 'callee';
  /**
   * One dialog, or the name of a scenario in `../scenarios`, or for a step what is said in several dialogs that it begins itself; a
   * callee has it from the beginning (`prepare`).
   */
  readonly steps: ((script: SippScript) => SippScript) | string | Partial<Record<Step['action'], Written>>;
}

/** What SIPp can be, by flow and role. */
export const scenarios = {
  '2.4 bob': { role: 'caller', steps: 'transferee' },
  '2.4 carol': { role: 'callee', steps: callee },
  '2.5 alice': { role: 'caller', steps: 'attended-transferee' },
  '2.5 carol': { role: 'callee', steps: 'replaced' },
  '2.6 carol': { role: 'callee', steps: { prepare: linked } },
  '2.7 gateway': { role: 'callee', steps: callee },
  '2.10 alice': { role: 'caller', steps: conferee },
  '2.10 carol': { role: 'callee', steps: callee },
  '2.11 alice': { role: 'caller', steps: conferee },
  '2.15 carol': { role: 'caller', steps: { retrieve: retrieval } },
  '2.16 bob': { role: 'callee', steps: 'dialog-notifier' },
  '2.16 bill': { role: 'caller', steps: { 'pick-up': pickup } },
  '2.17 alice': { role: 'caller', steps: { call: refusedCall, redial } },
  '2.18 pc': { role: 'caller', steps: { 'dial-with': clicked } },
  '2.18 bob': { role: 'callee', steps: 'clicked-phone' },
  '2.18 carol': { role: 'callee', steps: callee },
} as const satisfies Record<string, Scenario>;

/** A SIPp that plays a part; until it has somebody to call, its place answers whoever asks whether it is there. */
export class SippDevice {
  readonly #scenario: Scenario;
  readonly #account: Step['account'];
  readonly #port: number;
  readonly #directory: string;
  #sipp: Sipp | undefined;
  #placeholder: Socket | undefined;

  private constructor(scenario: Scenario, account: Step['account'], port: number, directory: string) {
    this.#account = account;
    this.#scenario = scenario;
    this.#port = port;
    this.#directory = directory;
  }

  static async start({ flow, role, account }: Step, port: number, directory: string): Promise<SippDevice> {
    const found = Object.entries<Scenario>(scenarios).find(([key]) => key === `${flow} ${role}`)?.[1];
    if (found === undefined) throw new RangeError(`SIPp has no scenario for ${role} of ${flow}`);
    const device = new SippDevice(found, account, port, directory);
    await (found.role === 'callee' ? device.#run('prepare') : device.#hold());
    return device;
  }

  async step({ action, other, target }: Step): Promise<void> {
    if (other === undefined || this.#scenario.role === 'callee' || this.#writtenFor(action) === undefined) return;
    const [user = '', place = ''] = other.addressOfRecord.replace(/^sips?:/, '').split('@');
    this.#placeholder?.close();
    this.#placeholder = undefined;
    await this.#sipp?.stop();
    const toTarget = target === undefined ? [] : ['-key', 'target', target.addressOfRecord];
    const remote = place.includes(':') ? place : `${place}:5060`;
    await this.#run(action, ['-s', user, '-m', '1', '-auth_uri', `${user}@${remote}`, ...toTarget], remote);
  }

  async stop(): Promise<void> {
    this.#placeholder?.close();
    this.#placeholder = undefined;
    await this.#sipp?.stop();
  }

  /** The scenario of a step: its path, or its name. */
  #writtenFor(action: Step['action']): string | undefined {
    const { role, steps } = this.#scenario;
    if (typeof steps === 'object') return steps[action]?.write(this.#directory);
    if (action !== (role === 'callee' ? 'prepare' : 'call')) return undefined;
    if (typeof steps === 'string') return steps;
    return steps(new SippScript('device', role, `<${this.#account.addressOfRecord}>`)).write(this.#directory);
  }

  async #run(action: Step['action'], more: readonly string[] = [], remote?: string): Promise<void> {
    const media = await freePort();
    const { addressOfRecord, user, password } = this.#account;
    const account = ['-key', 'own', addressOfRecord, '-au', user, '-ap', password];
    this.#sipp = await Sipp.start({
      directory: this.#directory,
      scenario: this.#writtenFor(action) ?? '',
      port: this.#port,
      ...(remote !== undefined && { remote }),
      arguments: ['-aa', '-rtp_echo', '-mp', String(media), ...account, ...more],
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
