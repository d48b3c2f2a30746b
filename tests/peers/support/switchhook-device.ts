import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DevelopmentCertificateAuthority, systemContext } from '@switchhook/node';
import { SipUri } from '@switchhook/sip';
import type { Action, Step } from '@switchhook/flows';
import { silent } from '../../../packages/exchange/src/phone.testing.ts';
import { SwitchhookPhone } from './switchhook-phone.ts';
import type { PhoneLine } from './switchhook-phone.ts';

type Party = Step['other'];
type Fields = Readonly<Record<string, unknown>>;

/** Milliseconds that it may take on a busy machine: it is read from TypeScript. */
const longestStart = 60_000;

/** `switchhook phone --json` as a device that plays a part, told what a person would tell it. */
export class SwitchhookDevice {
  readonly #phone: SwitchhookPhone;
  /** Questions of the phone's that have been answered. */
  readonly #answered = new Set<unknown>();

  private constructor(phone: SwitchhookPhone) {
    this.#phone = phone;
    phone.process.child.stdout.on('data', () => this.#agree());
  }

  /**
   * Starts it as its person would: over UDP where it registers, so that the exchange says who others are; over TLS, one port above
   * `port`, where it is called directly, so that they prove it themselves.
   */
  static async start(
    { role, account }: Step,
    port: number,
    directory: string,
    plays: string,
  ): Promise<SwitchhookDevice> {
    const { password, proxy } = account;
    // A gateway is called by the number.
    const address = role === 'gateway' ? 'sip:+19727293660@127.0.0.1' : account.addressOfRecord;
    const place = ['--port', String(port), '--data', directory, '--no-sound', '--play', plays];
    const file = join(directory, 'password');
    writeFileSync(file, password);
    const way =
      proxy === undefined ? await calledDirectly(role, account, directory) : ['--transport', 'udp', '--proxy', proxy];
    // Who is in a flow is of one group: what its services need, one may do for the other.
    const phone = SwitchhookPhone.run(role, [...place, ...way, '--password-file', file, '--group', '*', address]);
    const ready = proxy === undefined ? { event: 'started' } : { event: 'registration', state: 'registered' };
    await phone.tells(ready, { timeout: longestStart });
    return new SwitchhookDevice(phone);
  }

  async step({ action, other, target }: Step): Promise<void> {
    // The others have said it before the phone has told it.
    if (action === 'follow-link') await this.#phone.tells({ event: 'message' });
    for (const command of this.#commands[action]?.(other, target) ?? [])
      this.#phone.process.write(JSON.stringify(command));
  }

  async stop(): Promise<void> {
    await this.#phone.stop();
  }

  /** What becomes of a command the flow sees. */
  readonly #commands: Partial<Record<Action, (other: Party, target: Party) => readonly Fields[]>> = {
    call: (other) => [{ command: 'call', to: addressOf(other) }],
    answer: () => [{ command: 'answer' }],
    'refuse-busy': () => [{ command: 'dnd', mode: 'busy' }],
    'refuse-unavailable': () => [{ command: 'dnd', mode: 'unavailable' }],
    'take-one-call': () => [{ command: 'waiting', on: false }],
    'hear-why': () => [{ command: 'why' }],
    hold: (other) => [{ command: 'hold', ...this.#call(other) }],
    resume: (other) => [{ command: 'resume', ...this.#call(other) }],
    'hang-up': (other) => [{ command: 'hangup', ...this.#call(other) }],
    transfer: (other, target) => [{ command: 'transfer', to: addressOf(target), ...this.#call(other) }],
    'transfer-to': () => [{ command: 'connect' }],
    'send-link': (other, target) => [{ command: 'offer', to: addressOf(target), ...this.#call(other) }],
    'follow-link': () => [{ command: 'follow' }],
    'dial-with': (other, target) => [{ command: 'dialwith', device: addressOf(other), to: addressOf(target) }],
    'pick-up': (other) => [{ command: 'pickup', from: addressOf(other) }],
    redial: (other) => [{ command: 'redial', to: addressOf(other) }],
    'add-to-call': (_other, target) => [{ command: 'conference' }, { command: 'add', to: addressOf(target) }],
    join: (other) => [{ command: 'join', to: addressOf(other) }],
    'play-music': (other, target) => [{ command: 'music', from: addressOf(target), ...this.#call(other) }],
    park: (other, target) => [{ command: 'park', at: addressOf(target), ...this.#call(other) }],
    retrieve: (other) => [{ command: 'retrieve', from: addressOf(other) }],
  };

  /** The number of the newest call with somebody; the phone finds it by itself where it knows him by another name. */
  #call(other: Party): Fields {
    const user = userOf(addressOf(other));
    const call = this.#phone.told.findLast((line) => line.event === 'call' && userOf(String(line['uri'])) === user);
    return call === undefined ? {} : { call: call['call'] };
  }

  /** Says yes to what the phone asks. */
  #agree(): void {
    const isAsked = ({ event, state }: PhoneLine): boolean =>
      event === 'claim' || (event === 'referral' && state === 'asked') || (event === 'redial' && state === 'asking');
    for (const { question, ...line } of this.#phone.told) {
      if (!isAsked(line) || this.#answered.has(question)) continue;
      this.#answered.add(question);
      this.#phone.process.write(JSON.stringify({ command: 'accept', question }));
    }
  }
}

function addressOf(party: Party): string {
  return party?.addressOfRecord ?? '';
}

function userOf(text: string): string | undefined {
  const uri = SipUri.parse(text);
  return uri instanceof SipUri ? uri.user : undefined;
}

/** With a certificate of its own making. */
async function calledDirectly(
  role: string,
  { certificateAuthority }: Step['account'],
  directory: string,
): Promise<readonly string[]> {
  const authority = await DevelopmentCertificateAuthority.open(join(directory, 'ca'), systemContext(silent));
  const own = await authority.issue({ addresses: ['127.0.0.1'], sipDomains: [`${role}@127.0.0.1`] });
  const [certificate, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
  writeFileSync(certificate, own.certificatePem);
  writeFileSync(key, own.privateKeyPem);
  const proof = ['--certificate', certificate, '--key', key, '--ca', certificateAuthority];
  return ['--transport', 'tls', '--no-register', ...proof];
}
