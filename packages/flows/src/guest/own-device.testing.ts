import { readFile } from 'node:fs/promises';
import { systemContext } from '@switchhook/node';
import { startPhone } from '@switchhook/phone/node';
import type { Phone } from '@switchhook/phone';
import { pcmu } from '@switchhook/media';
import type { DatagramNetwork } from '@switchhook/media';
import type { FlowParty } from '../flow/flow-script.ts';
import { Person } from '../stage/person.ts';
import { Voice } from '../stage/voice.ts';
import type { Action, Director, Step } from './step.ts';

const ignore = (): void => undefined;
const { clock } = systemContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });

/** What it leaves out, or does otherwise than it is asked to. */
export type Faults = Partial<Record<Action, (person: Person, step: Step) => Promise<void>>>;

/** A telephone of this house that plays somebody else's: it is at an address, and does what a director has it do. */
export class OwnDevice implements Director {
  /** Every step that it was asked for. */
  readonly steps: Step[] = [];
  readonly #faults: Faults;
  readonly #address: string;
  readonly #port: number;
  readonly #network: DatagramNetwork | undefined;
  #person: Person | undefined;
  #phone: Phone | undefined;

  /** Its sound takes `network`; the sockets of this machine without it. */
  constructor(port: number, faults: Faults = {}, address = '127.0.0.1', network?: DatagramNetwork) {
    this.#address = address;
    this.#port = port;
    this.#network = network;
    this.#faults = faults;
  }

  async direct(step: Step, seen: Promise<void> | undefined): Promise<void> {
    this.steps.push(step);
    await Promise.all([this.#do(step), seen]);
  }

  async #do(step: Step): Promise<void> {
    if (step.action === 'prepare') return this.#start(step);
    if (step.action === 'finish') return this.#phone?.stop();
    const person = this.#person;
    if (person === undefined) throw new Error('not prepared');
    const fault = this.#faults[step.action];
    await (fault === undefined ? act(person, step) : fault(person, step));
  }

  async #start({ role, account }: Step): Promise<void> {
    const { addressOfRecord, password, proxy, certificateAuthority } = account;
    const isSecure = proxy?.includes('transport=tls') === true;
    this.#phone = await startPhone({
      addressOfRecord,
      password,
      transports: isSecure ? ['TLS'] : ['UDP', 'TCP'],
      authorities: [await readFile(certificateAuthority, 'utf8')],
      address: this.#address,
      port: this.#port,
      ...(proxy !== undefined && { outboundProxies: [proxy] }),
      permissions: { identity: 'claimed', group: ['*'], refer: { allow: 'everybody' } },
      sound: {
        codecs: [pcmu],
        address: this.#address,
        microphone: () => new Voice(role),
        network: this.#network,
      },
    });
    this.#person = new Person(role, this.#phone, clock);
    if (proxy !== undefined) await this.#phone.register();
  }
}

function act(person: Person, { action, other, target }: Step): Promise<void> {
  const [one, two] = [other ?? nobody, target ?? nobody];
  switch (action) {
    case 'call':
      return person.call(one);
    case 'answer':
      return person.answer();
    case 'hold':
      return person.hold(one);
    case 'resume':
      return person.resume(one);
    case 'hang-up':
      return person.hangUp(one);
    case 'transfer':
      return person.transfer(one, two);
    case 'transfer-to':
      return person.transferTo(one, two);
    case 'refuse-busy':
      return person.refuseCalls('busy');
    case 'take-one-call':
      return person.takesOneCall();
    case 'play-music':
      return person.playMusic(one, two);
    case 'let-ring':
      return Promise.resolve();
    default:
      return Promise.reject(new Error(`cannot ${action}`));
  }
}

const nobody: FlowParty = { element: 'nobody', addressOfRecord: 'sip:nobody@invalid' };
