import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedExchange } from '@switchhook/exchange';
import { pcmu, UdpNetwork } from '@switchhook/media';
import { capturing, DevelopmentCertificateAuthority, systemContext, TlsTransport } from '@switchhook/node';
import { Phone } from '@switchhook/phone';
import { MachineMedia } from '@switchhook/phone/node';
import type { Clock, Log, Resolver, Transport } from '@switchhook/sip';
import type { Conversation } from '../conversation/conversation.ts';
import { Recorder } from '../conversation/recorder.ts';
import type { FlowParty, FlowPhone, FlowScript, Stage } from '../flow/flow-script.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { Cast } from '../stage/cast.ts';
import type { Part } from '../stage/cast.ts';
import { accountsOf } from '../stage/accounts.ts';
import { permissionsOf } from '../stage/permissions.ts';
import { Person } from '../stage/person.ts';
import { Ear, Voice } from '../stage/voice.ts';
import { WatchedNetwork } from '../stage/watched-network.ts';

const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
const context = systemContext(log);
/** The clock by which messages are taken down, for sound and packets, too. */
const clock: Clock = {
  now: () => context.clock.date(),
  date: () => context.clock.date(),
  after: (milliseconds, action) => context.clock.after(milliseconds, action),
};

/** Real phones and the real exchange on addresses of this machine, over TLS, with sips and RTP, and a certificate for each. */
export class RealStage implements Stage {
  readonly recorder: Recorder;
  readonly #cast: Cast;
  readonly #script: FlowScript;
  readonly #listenTime: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'switchhook-flow-'));
  readonly #persons = new Map<string, Person>();
  /** Where each is reached. */
  readonly #transports = new Map<string, Transport>();
  readonly #exchanges: EmbeddedExchange[] = [];
  /** Whose an RTP port is. */
  readonly #ports = new Map<number, string>();

  constructor(flow: FlowDescription, script: FlowScript, listenTime: number) {
    this.#cast = new Cast(flow, script.others);
    this.#script = script;
    this.#listenTime = listenTime;
    this.recorder = new Recorder(
      this.#cast.names().map((element) => {
        const part = this.#cast.parts.find((each) => each.element === element);
        return {
          element,
          hosts: part === undefined ? [] : [addressOf(part), part.host],
          ...(part?.kind !== 'exchange' && { addressOfRecord: this.#cast.addressOfRecord(element, true) }),
        };
      }),
    );
    for (const part of this.#cast.parts) {
      if (this.#cast.isShown(part.element)) this.recorder.locate(part.element, addressOf(part));
    }
    this.recorder.watchRtp();
    this.recorder.listen();
  }

  async start(): Promise<void> {
    const authority = await DevelopmentCertificateAuthority.open(this.#folder, context);
    for (const part of this.#cast.parts) this.#transports.set(part.element, await this.#transport(part, authority));
    for (const part of this.#cast.houses) this.#exchanges.push(this.#makeExchange(part));
    for (const exchange of this.#exchanges) await exchange.start();
    const { phones, subscribers } = this.#cast;
    for (const part of phones) this.#persons.set(part.element, this.#person(part));
    await Promise.all([...this.#persons.values()].map(({ phone }) => phone.start()));
    await Promise.all(subscribers.map(({ element }) => this.person(element).phone.register()));
  }

  phone(element: string): FlowPhone {
    return this.person(element);
  }

  party(name: string): FlowParty {
    return { element: name, addressOfRecord: this.#cast.addressOfRecord(name, true) };
  }

  person(element: string): Person {
    const person = this.#persons.get(element);
    if (person === undefined) throw new RangeError(`nobody plays ${element}`);
    return person;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => void clock.after(this.#listenTime, resolve));
  }

  conversation(): Conversation {
    return this.recorder.conversation(clock.now());
  }

  /** Stops everybody; answers with what phones and exchange still hold. */
  async stop(): Promise<readonly unknown[]> {
    const persons = [...this.#persons.values()];
    await Promise.all(persons.map(({ phone }) => phone.stop()));
    for (const person of persons) person.leave();
    for (const exchange of this.#exchanges) await exchange.stop();
    rmSync(this.#folder, { recursive: true });
    return [...persons.map(({ phone }) => phone.stats()), ...this.#exchanges.map((exchange) => exchange.stats())];
  }

  async #transport(part: Part, authority: DevelopmentCertificateAuthority): Promise<TlsTransport> {
    const { kind, isReachable, host, domain, user } = part;
    const tls = { authorities: [authority.caCertificatePem] };
    const address = addressOf(part);
    // Who only opens connections names the machine, and is reached over the connection all the same (RFC 5626).
    if (!isReachable) return new TlsTransport(context, { tls, sentBy: { address } });
    const names = kind === 'phone' ? [host, domain] : [host, ...this.#cast.domainsOf(part)];
    const { certificatePem, privateKeyPem } = await authority.issue({
      names,
      ...(kind === 'phone' && { sipDomains: [`${user}@${domain}`] }),
    });
    return new TlsTransport(context, {
      listen: { address, port: 0 },
      sentBy: { address: host },
      tls: {
        ...tls,
        credentials: [{ key: privateKeyPem, certificate: certificatePem }],
        clientCertificates: 'ask',
      },
    });
  }

  #transportOf({ element }: Part): Transport {
    const transport = this.#transports.get(element);
    if (transport === undefined) throw new RangeError(`${element} has no transport`);
    return transport;
  }

  #names(by: Part): Resolver {
    return {
      resolve: (uri) => {
        const { host } = uri;
        const part = this.#cast.parts.find((each) => addressOf(each) === host) ?? this.#cast.find(uri, by);
        const local = part && this.#transportOf(part).local;
        if (local === undefined) return { code: 'no-records', temporary: false, message: `${host} has no address` };
        return [{ protocol: 'TLS', ...local, serverName: host }];
      },
      markFailed: silent,
    };
  }

  #makeExchange(part: Part): EmbeddedExchange {
    return new EmbeddedExchange(context, {
      domains: this.#cast.domainsOf(part).map((name) => ({ name })),
      ...accountsOf(this.#cast, part, this.#script.setting ?? {}),
      transports: [this.#transportOf(part)],
      resolver: this.#names(part),
      media: this.#watched(part.element),
      mediaAddress: addressOf(part),
    });
  }

  /** Where somebody opens his ports for sound. */
  #watched(element: string): WatchedNetwork {
    return new WatchedNetwork(
      new UdpNetwork(),
      (_, to, kind) => {
        if (kind === 'RTP') this.recorder.packet(clock.now(), element, this.#ports.get(to) ?? String(to));
      },
      (_, own) => void this.#ports.set(own, element),
    );
  }

  #person(part: Part): Person {
    const { element, user, host, isReachable } = part;
    // What goes to somebody whom the ladder does not show is no part of it.
    const own = this.#transportOf(part);
    const transport = this.#cast.isShown(element) ? capturing(own, this.recorder.tap(element), clock) : own;
    const phone = new Phone(context, {
      addressOfRecord: this.#cast.addressOfRecord(element, true),
      password: `${user}-secret`,
      transports: [transport],
      resolver: this.#names(part),
      media: new MachineMedia(context, {
        codecs: [pcmu],
        address: addressOf(part),
        network: this.#watched(element),
        microphone: () => new Voice(element),
        loudspeaker: () =>
          new Ear(clock, (source, now) => this.recorder.hear(now, now, element, source), this.#cast.server),
      }),
      ...(isReachable && { contact: `sips:${user}@${host};gr` }),
      permissions: permissionsOf(this.#script.permissions, true),
      ...this.#script.phones?.[element],
    });
    return new Person(element, phone, clock);
  }
}

function addressOf({ place }: Part): string {
  return `127.0.0.${10 + place}`;
}
