import { EmbeddedExchange } from '@switchhook/exchange';
import { pcma, pcmu } from '@switchhook/media';
import type { AudioCodec, AudioSource } from '@switchhook/media';
import { systemContext } from '@switchhook/node';
import { Phone } from '@switchhook/phone';
import type { PhoneMedia } from '@switchhook/phone';
import { MachineMedia } from '@switchhook/phone/node';
import { PoweredClock, RecordingLog, simulatedContext, SimulatedNetwork, VirtualClock } from '@switchhook/sim';
import type { SimulatedHost, TransportOptions } from '@switchhook/sim';
import { defaultPort } from '@switchhook/sip';
import type { SipContext, Transport, TransportProtocol } from '@switchhook/sip';
import type { Participant } from '../conversation/conversation.ts';
import { Recorder } from '../conversation/recorder.ts';
import { accountsOf } from '../stage/accounts.ts';
import type { Cast, Part } from '../stage/cast.ts';
import { permissionsOf } from '../stage/permissions.ts';
import { Person } from '../stage/person.ts';
import { Picture } from '../stage/picture.ts';
import { Ear, Voice } from '../stage/voice.ts';
import { WatchedNetwork } from '../stage/watched-network.ts';
import {
  coarseChoir,
  coarseCodecs,
  coarseFrameTime,
  coarseVoice,
  deaf,
  mute,
  signsOfLife,
  signTime,
} from './coarse-sound.ts';
import { RememberedHashes } from './remembered-hashes.ts';
import { SimulatedNames } from './simulated-names.ts';
import type { SimulationOptions } from './simulation-options.ts';

/** The machine's, which are quicker than those of the simulator, and the same. */
const hashes = new RememberedHashes(systemContext(new RecordingLog()).hashes);

/** What everybody speaks, whatever is asked for: large requests go over TCP (RFC 3261 18.1.1). */
const common: readonly TransportProtocol[] = ['UDP', 'TCP', 'TLS'];
const optional = /^SIP\/2\.0 (100|181) /;

/** The machines of all who take part in a flow, on one network and one clock, and the recorder that sees what passes between them. */
export class SimulatedTown {
  readonly clock = new VirtualClock();
  readonly network: SimulatedNetwork;
  readonly recorder: Recorder;
  /** Who sent RTCP to whom: no flow says anything about it. */
  readonly control: { readonly time: number; readonly from: string; readonly to: string }[] = [];
  readonly cast: Cast;
  readonly persons = new Map<string, Person>();
  /** The exchange, and the machine of each server. */
  readonly exchanges = new Map<string, EmbeddedExchange>();
  readonly pictures = new Map<string, Picture>();
  readonly #options: SimulationOptions;
  readonly #hosts = new Map<string, SimulatedHost>();
  /** Whose an address is. */
  readonly #owners = new Map<string, string>();
  readonly #power = new Map<string, PoweredClock>();
  readonly #protocol: TransportProtocol;
  readonly #protocols: readonly TransportProtocol[];
  readonly #seed: number;

  constructor(cast: Cast, options: SimulationOptions) {
    const { seed = 1, protocol = 'TLS', link = {} } = options;
    this.cast = cast;
    this.#options = options;
    this.#protocol = protocol;
    this.#protocols = common.includes(protocol) ? common : [...common, protocol];
    this.#seed = seed;
    for (const part of cast.parts) this.#owners.set(this.#addressOf(part), part.element);
    const { random } = simulatedContext(seed, this.clock);
    this.network = new SimulatedNetwork(this.clock, random, { link, misfortunes: options.misfortunes });
    this.recorder = new Recorder(cast.names().map((element) => this.#participant(element)));
    this.recorder.watchRtp();
    this.recorder.listen();
    for (const part of cast.houses) this.exchanges.set(part.element, this.#makeExchange(part));
    for (const part of cast.phones) this.persons.set(part.element, this.#makePerson(part));
  }

  /** Somebody loses his power. */
  crash(element: string): void {
    this.#power.get(element)?.switchOff();
    this.#hosts.get(element)?.crash();
    this.exchanges.get(element)?.crash();
    this.persons.get(element)?.leave();
  }

  /** He has it again, and does what he does after every start. */
  async restart(element: string): Promise<void> {
    this.#power.get(element)?.switchOn();
    await this.exchanges.get(element)?.start();
    if (!this.persons.has(element)) return;
    const part = this.cast.part(element);
    const person = this.#makePerson(part, ' again');
    this.persons.set(element, person);
    await person.phone.start();
    if (part.isSubscriber) await person.phone.register().catch(() => undefined);
  }

  /** From now on nothing is lost. */
  heal(): void {
    const names = this.cast.parts.map(({ element }) => element);
    for (const [place, one] of names.entries()) {
      for (const other of names.slice(place + 1)) this.network.link(one, other, { loss: 0, duplication: 0 });
    }
  }

  /** Whether it counts who hears whom: not where somebody crashes. */
  get isHeard(): boolean {
    return this.#options.sound !== 'coarse' || this.#options.crash === undefined;
  }

  addressOfRecord(name: string): string {
    return this.cast.addressOfRecord(name, this.#isSecure);
  }

  #participant(name: string): Participant {
    const part = this.cast.parts.find(({ element }) => element === name);
    return {
      element: name,
      hosts: part === undefined ? [] : [this.#addressOf(part), part.host],
      ...(part?.kind !== 'exchange' && { addressOfRecord: this.addressOfRecord(name) }),
    };
  }

  #makeExchange(part: Part): EmbeddedExchange {
    const { element } = part;
    const domains = this.cast.domainsOf(part);
    const host = this.#host(element, this.#addressOf(part));
    const identity = this.#options.certificate ?? { domains: [...domains, part.host], addresses: [] };
    return new EmbeddedExchange(this.#context(element, ''), {
      domains: domains.map((name) => ({ name })),
      ...accountsOf(this.cast, part, this.#options.setting ?? {}),
      transports: this.#protocols.map((each) => {
        const sentBy = { address: part.host, port: defaultPort(each) };
        const isSaid = (text: string): boolean => !optional.test(text);
        return host.transport(each, {
          identity,
          sentBy,
          ...(this.#options.optionalMessages === false && { says: isSaid }),
        });
      }),
      resolver: this.#names(part),
      media: this.#watched(element, host),
      mediaAddress: this.#addressOf(part),
      ...this.#sound,
    });
  }

  /** Where somebody opens his ports for sound. */
  #watched(element: string, host: SimulatedHost): WatchedNetwork {
    const isKept = this.#options.sound !== 'coarse';
    return new WatchedNetwork(host.ports(), {
      sent: (packet) => {
        const { kind, to } = packet;
        const time = this.clock.now();
        const receiver = this.#owners.get(to.address) ?? to.address;
        if (kind === 'RTP') this.recorder.packet(time, element, receiver);
        else if (kind === 'RTCP') this.control.push({ time, from: element, to: receiver });
        if (isKept) this.recorder.keepMedia(time, packet);
      },
    });
  }

  /** How sound is where it may be coarse. */
  get #sound(): { readonly codecs: readonly AudioCodec[]; readonly frameTime: number } | undefined {
    if (this.#options.sound !== 'coarse') return undefined;
    return this.isHeard
      ? { codecs: coarseCodecs, frameTime: coarseFrameTime }
      : { codecs: signsOfLife, frameTime: signTime };
  }

  #voice(element: string): AudioSource {
    if (!this.isHeard) return mute();
    return this.#sound === undefined ? new Voice(element) : coarseVoice(element);
  }

  #ear(element: string): Ear {
    const heard = (source: string, now: number): void => this.recorder.hear(now, now, element, source);
    const choir = this.#sound === undefined ? undefined : coarseChoir;
    return new Ear(this.clock, heard, this.cast.server, this.cast.names(), choir);
  }

  /** What an element runs on; `start` tells its starts apart, so that it is not in the same state of chance again. */
  #context(element: string, start: string): SipContext {
    const context = { ...simulatedContext(`${element} ${this.#seed}${start}`, this.clock), hashes };
    if (this.#options.crash?.element !== element) return context;
    const power = new PoweredClock(this.clock);
    this.#power.set(element, power);
    return { ...context, clock: power };
  }

  #host(element: string, address: string): SimulatedHost {
    const host = this.#hosts.get(element) ?? this.network.host(element, [address]);
    this.#hosts.set(element, host);
    return host;
  }

  #makePerson(part: Part, start = ''): Person {
    const { element, user } = part;
    const address = this.#addressOf(part);
    const context = this.#context(element, start);
    const host = this.#host(element, address);
    const network = this.#watched(element, host);
    const picture =
      this.#options.pictures?.includes(element) === true ? new Picture(context, { address, network }) : undefined;
    if (picture !== undefined) this.pictures.set(element, picture);
    const media = new MachineMedia(context, {
      beside: picture && ((secure) => picture.session(secure)),
      codecs: [pcmu, pcma],
      ...this.#sound,
      address,
      network,
      microphone: () => this.#voice(element),
      loudspeaker: () => (this.isHeard ? this.#ear(element) : deaf()),
    });
    const own = this.#options.parts?.[element] ?? {};
    const { media: between = (itself: PhoneMedia) => itself, settings } = own;
    const { transport: through = (itself: Transport) => itself } = own;
    const phone = new Phone(context, {
      addressOfRecord: this.addressOfRecord(element),
      password: `${user}-secret`,
      ...(this.#options.crash !== undefined && {
        instanceId: `urn:uuid:00000000-0000-4000-8000-${String(part.place).padStart(12, '0')}`,
      }),
      transports: this.#protocols.map((protocol) => through(host.transport(protocol, this.#listening(part, protocol)))),
      resolver: this.#names(part),
      media: between(media),
      ...(part.isReachable && { contact: `sip:${user}@${part.host};gr` }),
      permissions: permissionsOf(this.#options.permissions, this.#isSecure),
      ...this.#options.phones?.[element],
      ...settings,
    });
    return new Person(element, phone, this.clock);
  }

  /** A phone that only an exchange comes to waits for datagrams; connections it opens itself. */
  #listening({ isReachable, host, domain, user }: Part, protocol: TransportProtocol): TransportOptions {
    if (!isReachable) return { listening: protocol === 'UDP' };
    const identity = { domains: [host, domain], addresses: [`sip:${user}@${domain}`] };
    return { listening: true, sentBy: { address: host, port: defaultPort(protocol) }, identity };
  }

  #names(by: Part): SimulatedNames {
    return new SimulatedNames((uri) => {
      const part = this.cast.find(uri, by);
      return part && this.#addressOf(part);
    }, this.#protocol);
  }

  /** Whether people call with sips, so that no hop is without TLS. */
  get #isSecure(): boolean {
    return this.#protocol === 'TLS' || this.#protocol === 'WSS';
  }

  /** One of those that are for documentation (RFC 5737, RFC 3849); of IPv6 one that can be written in one way only. */
  #addressOf({ place }: Part): string {
    return this.#options.addressFamily === 6 ? `2001:db8:5:3:5:9:1:${10 + place}` : `192.0.2.${10 + place}`;
  }
}
