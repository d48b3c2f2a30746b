import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Exchange, loadConfiguration } from '@switchhook/exchange';
import { pcmu, UdpNetwork } from '@switchhook/media';
import { capturing, systemContext, TlsTransport } from '@switchhook/node';
import { Phone } from '@switchhook/phone';
import { MachineMedia } from '@switchhook/phone/node';
import type { Clock, Log } from '@switchhook/sip';
import type { Conversation } from '../conversation/conversation.ts';
import { Recorder } from '../conversation/recorder.ts';
import type { FlowPhone, Stage } from '../flow/flow-script.ts';
import type { FlowDescription, FlowElement } from '../oracle/flow-schema.ts';
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
const address = '127.0.0.1';

/** Real phones and the real exchange on this machine, over TLS with its development CA, with sips and RTP. */
export class RealStage implements Stage {
  readonly recorder: Recorder;
  readonly #flow: FlowDescription;
  readonly #listenTime: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'switchhook-flow-'));
  readonly #exchange: Exchange;
  readonly #persons = new Map<string, Person>();
  /** Whose an RTP port is. */
  readonly #ports = new Map<number, string>();

  constructor(flow: FlowDescription, listenTime: number) {
    this.#flow = flow;
    this.#listenTime = listenTime;
    const names = this.#phones().map(({ aor }) => domainOf(aor));
    const own = Object.values(networkInterfaces()).flatMap((all = []) => all.map((each) => each.address));
    this.recorder = new Recorder(
      flow.elements.map(({ id, aor }) => ({
        element: id,
        // Who only opens connections names the machine, and is reached over the connection all the same (RFC 5626).
        hosts: id === 'proxy' ? [address, ...names] : [address, ...own],
        ...(aor !== undefined && { addressOfRecord: aor }),
      })),
    );
    this.recorder.watchRtp();
    this.recorder.listen();
    const subscribers = this.#phones().map(({ id, aor }) => ({
      user: id,
      domain: domainOf(aor),
      password: `${id}-secret`,
    }));
    const listeners = [{ protocol: 'tls', address }];
    const file = join(this.#folder, 'switchhook.yaml');
    // JSON is YAML.
    const domains = names.map((name) => ({ name }));
    writeFileSync(file, JSON.stringify({ domains, listeners, subscribers, data: this.#folder, admin: { port: 0 } }));
    const configuration = loadConfiguration(file);
    const anyPort = configuration.listeners.map((listener) => ({ ...listener, port: 0 }));
    this.#exchange = new Exchange({ ...configuration, listeners: anyPort }, { version: '0', log });
  }

  async start(): Promise<void> {
    await this.#exchange.start();
    const port = this.#exchange.listeners[0]?.port ?? 0;
    this.recorder.locate('proxy', address, port);
    const authority = readFileSync(this.#exchange.developmentCaFile ?? '', 'utf8');
    for (const element of this.#phones()) this.#persons.set(element.id, this.#person(element, port, authority));
    await Promise.all([...this.#persons.values()].map(({ phone }) => phone.start()));
    await Promise.all([...this.#persons.values()].map(({ phone }) => phone.register()));
  }

  phone(element: string): FlowPhone {
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
    await this.#exchange.stop();
    rmSync(this.#folder, { recursive: true });
    return [...persons.map(({ phone }) => phone.stats()), this.#exchange.stats()];
  }

  #phones(): FlowElement[] {
    return this.#flow.elements.filter(({ role }) => role === 'ua');
  }

  #person({ id, aor = '' }: FlowElement, port: number, authority: string): Person {
    const transport = new TlsTransport(context, { tls: { authorities: [authority] } });
    const network = new WatchedNetwork(
      new UdpNetwork(),
      (_, to, kind) => {
        if (kind === 'RTP') this.recorder.packet(clock.now(), id, this.#ports.get(to) ?? String(to));
      },
      (_, own) => void this.#ports.set(own, id),
    );
    const phone = new Phone(context, {
      addressOfRecord: aor,
      password: `${id}-secret`,
      transports: [capturing(transport, this.recorder.tap(id), clock)],
      resolver: {
        resolve: ({ host }) => [{ protocol: 'TLS', address, port, serverName: host }],
        markFailed: silent,
      },
      media: new MachineMedia(context, {
        codecs: [pcmu],
        address,
        network,
        microphone: () => new Voice(id),
        loudspeaker: () => new Ear(clock, (source, now) => this.recorder.hear(now, now, id, source)),
      }),
    });
    return new Person(id, phone, clock);
  }
}

function domainOf(aor = ''): string {
  return aor.slice(aor.indexOf('@') + 1);
}
