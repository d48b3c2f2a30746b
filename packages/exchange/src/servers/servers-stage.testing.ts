import { AudioEngine, levelOf, pcma, pcmu } from '@switchhook/media';
import type { AudioCodec, AudioSession, AudioSink } from '@switchhook/media';
import { simulatedContext, SimulatedNetwork, VirtualClock } from '@switchhook/sim';
import {
  dialogEvent,
  InstantMessages,
  InviteSessions,
  NameAddr,
  parseUri,
  Referrals,
  referTo,
  registrationEvent,
  Replaces,
  replacesOf,
  StreamNegotiation,
  Subscriber,
  SyntaxFault,
  UserAgent,
} from '@switchhook/sip';
import type {
  Destination,
  IncomingInvite,
  IncomingReferral,
  MediaCapability,
  MediaEngine,
  MediaFormat,
  MediaNegotiation,
  OutgoingInvite,
  OutgoingReferral,
  Resolver,
  SipUri,
  TransportProtocol,
  Uri,
  InviteSession,
} from '@switchhook/sip';
import { EmbeddedExchange } from '../embedded-exchange.ts';
import type { EmbeddedExchangeOptions } from '../embedded-exchange.ts';
import type { SubscriberSettings } from '../settings/schema.ts';

const exchangeAddress = '192.0.2.1';
const ports: Readonly<Record<TransportProtocol, number>> = { UDP: 5060, TCP: 5060, TLS: 5061, WS: 80, WSS: 443 };
const domain = 'example.com';
/** In which every timer of SIP has run out. */
const longAfterwards = 70_000;

/** `example.com` is the exchange; all else has to be an address. */
const names: Resolver = {
  resolve({ scheme, transport, host, port }: SipUri): readonly Destination[] {
    const protocol = scheme === 'sips' || transport === 'tls' ? 'TLS' : transport === 'tcp' ? 'TCP' : 'UDP';
    const address = host === domain ? exchangeAddress : host;
    return [{ protocol, address, port: port ?? ports[protocol], serverName: host }];
  },
};

export interface StageOptions extends Pick<EmbeddedExchangeOptions, 'gateways' | 'administrators'> {
  /** Of subscribers, by user. */
  readonly settings?: Readonly<Record<string, SubscriberSettings>>;
}

/** A network that is made up, an exchange with servers, and telephones without any service of their own. */
export class ServersStage {
  readonly clock = new VirtualClock();
  readonly network = new SimulatedNetwork(this.clock, simulatedContext(1, this.clock).random);
  readonly exchange: EmbeddedExchange;
  readonly phones: Telephone[] = [];

  private constructor(servers: EmbeddedExchangeOptions['servers'], more: StageOptions) {
    const host = this.network.host('exchange', [exchangeAddress]);
    const identity = { domains: [domain], addresses: [] };
    this.exchange = new EmbeddedExchange(simulatedContext('exchange', this.clock), {
      domains: [{ name: domain }],
      subscribers: ['alice', 'bob', 'carol'].map((user) => ({
        user,
        domain,
        password: `${user}-secret`,
        settings: more.settings?.[user] ?? {},
      })),
      gateways: more.gateways ?? [],
      administrators: more.administrators ?? [],
      servers,
      media: host.ports(),
      mediaAddress: exchangeAddress,
      transports: (['UDP', 'TCP', 'TLS'] as const).map((each) => host.transport(each, { identity })),
      resolver: names,
    });
  }

  static async set(servers: EmbeddedExchangeOptions['servers'], more: StageOptions = {}): Promise<ServersStage> {
    const stage = new ServersStage(servers, more);
    await stage.exchange.start();
    return stage;
  }

  /** Somebody's telephone, registered; `secure` for one that calls by `sips` and is reached over TLS. */
  async phone(user: string, options: TelephoneOptions = {}): Promise<Telephone> {
    const phone = new Telephone(this, user, `192.0.2.${String(10 + this.phones.length)}`, options);
    const others = this.phones.filter(({ agent }) => String(agent.address) === String(phone.agent.address)).length;
    this.phones.push(phone);
    await phone.agent.start();
    if (options.stranger !== true) {
      const registration = phone.agent.register({
        expires: options.expires ?? 3_600,
        instanceId: `urn:uuid:${user}${others === 0 ? '' : String(others)}`,
      });
      await this.until(() => registration.state.kind === 'registered');
    }
    return phone;
  }

  /** Lets time pass, a few milliseconds at a time, for the exchange writes to its store in turns of the event loop. */
  async pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 20) {
      await this.clock.play(Math.min(20, milliseconds - passed));
      await new Promise(setImmediate);
    }
  }

  /** Lets time pass until something is so, for ten minutes at most. */
  async until(isSo: () => boolean): Promise<void> {
    for (let passed = 0; !isSo(); passed += 20) {
      if (passed > 600_000) throw new Error('it did not come about');
      await this.pass(20);
    }
  }

  async of<Result>(promise: Promise<Result>): Promise<Result> {
    let done = false;
    const settled = promise.finally(() => (done = true));
    await this.until(() => done);
    return settled;
  }

  /** Stops everything, and says what the exchange still held before, and the clock after. */
  async leftOvers(): Promise<unknown> {
    await this.of(
      Promise.all(
        this.phones.map(async ({ agent, subscriber }) => {
          await subscriber.close();
          await agent.registration?.end();
        }),
      ),
    );
    await this.pass(longAfterwards);
    const held = this.exchange.stats();
    for (const phone of this.phones) {
      await phone.agent.stop();
      phone.engine.stop();
    }
    await this.exchange.stop();
    await this.pass(1_000);
    return { servers: held.servers, requests: held.requests, clock: this.clock.pending };
  }
}

export const nothingLeft = { servers: 0, requests: 0, clock: 0 };

export interface TelephoneOptions {
  /** Calls by `sips`, and is reached over TLS. */
  readonly secure?: boolean;
  /** Of another domain: registers nowhere. */
  readonly stranger?: boolean;
  /** Seconds that its calls stand without being refreshed (RFC 4028); 90 at least. */
  readonly sessionInterval?: number;
  /** Seconds that it registers for. */
  readonly expires?: number;
  readonly codecs?: readonly AudioCodec[];
  /** Neither sends sound nor wants any, and has any number of calls. */
  readonly silent?: boolean;
  /** What it says to send sound to, in place of its own address. */
  readonly namesAddress?: string;
}

/** Hears, and keeps what it heard. */
class Ear implements AudioSink {
  readonly sampleRate = 8000;
  readonly heard: number[] = [];

  write(frame: Int16Array): void {
    for (const sample of frame) this.heard.push(sample);
  }

  close(): void {
    return undefined;
  }
}

/** A telephone without services: what comes of a call is the test's business. */
export class Telephone {
  readonly agent: UserAgent;
  readonly sessions: InviteSessions;
  readonly referrals: Referrals;
  readonly subscriber: Subscriber;
  readonly messages: string[] = [];
  readonly engine: AudioEngine;
  /** Those that ring. */
  readonly arrived: IncomingInvite[] = [];
  /** Calls in which somebody took the place of another. */
  readonly replacedBy: InviteSession[] = [];
  refusesReplaces = false;
  /** The one codec that it takes from its next offer on; all that it has, without it. */
  codec: string | undefined = undefined;
  readonly referred: IncomingReferral[] = [];
  readonly ear = new Ear();
  readonly #sounds = new Map<MediaNegotiation, AudioSession>();
  readonly #stage: ServersStage;
  readonly #scheme: 'sip' | 'sips';
  readonly #silent: boolean;

  constructor(stage: ServersStage, user: string, address: string, options: TelephoneOptions) {
    const { secure = false, stranger = false, silent = false, codecs = [pcmu, pcma] } = options;
    const context = simulatedContext(`${user} ${address}`, stage.clock);
    const host = stage.network.host(`${user} ${address}`, [address]);
    this.#stage = stage;
    this.#scheme = secure ? 'sips' : 'sip';
    this.#silent = silent;
    this.agent = new UserAgent(context, {
      address: `<${this.#scheme}:${user}@${stranger ? 'elsewhere.example' : domain}>`,
      transports: (['UDP', 'TLS'] as const).map((each) => host.transport(each, { listening: each === 'UDP' })),
      resolver: names,
      route: [NameAddr.of({ uri: `${this.#scheme}:${domain};lr` })],
      credentials: () => ({ username: user, password: `${user}-secret` }),
      limits: silent ? { dialogs: 10_000, requests: 10_000, serverTransactions: 10_000 } : {},
    });
    this.engine = new AudioEngine(context, {
      codecs,
      network: host.ports(),
      address,
      advertisedAddress: options.namesAddress,
    });
    const sessionsUser = {
      media: (isSecure: boolean) => this.media(isSecure),
      mayReplace: () => !this.refusesReplaces,
      incoming: (invite: IncomingInvite) => {
        this.#incoming(invite);
      },
    };
    const { sessionInterval: interval } = options;
    const timer = interval === undefined ? {} : { sessionTimer: { interval, minimum: 90 } };
    this.sessions = new InviteSessions(this.agent, sessionsUser, timer);
    this.referrals = new Referrals(this.agent, {
      referred: (referral) => {
        this.referred.push(referral);
      },
    });
    this.agent.install(this.sessions);
    this.subscriber = new Subscriber(this.agent, [dialogEvent, registrationEvent]);
    this.agent.install(this.referrals);
    this.agent.install(this.subscriber);
    this.agent.install(
      new InstantMessages(this.agent, {
        onMessage: ({ text }) => {
          this.messages.push(text);
          return 200;
        },
      }),
    );
  }

  media(secure: boolean): MediaNegotiation {
    const sound = this.engine.session(secure ? 'required' : 'none');
    const negotiation = new StreamNegotiation(this.agent.context, this.#narrowed(sound));
    if (this.#silent) negotiation.localHold = 'inactive';
    sound.sink = this.ear;
    this.#sounds.set(negotiation, sound);
    return negotiation;
  }

  /** A sound in the one codec that this telephone takes at the time, where it is told to take one alone. */
  #narrowed(sound: AudioSession): MediaEngine {
    const formatsOf = ({ formats }: MediaCapability): readonly MediaFormat[] =>
      formats.filter(({ encoding }) => this.codec === undefined || encoding === this.codec);
    return {
      capabilities: sound.capabilities.map((capability) => ({
        ...capability,
        get formats() {
          return formatsOf(capability);
        },
      })),
      open: (kind, remote) => sound.open(kind, remote),
    };
  }

  /** Whoever takes the place of a party of a call is let in without ringing; others ring until the test answers. */
  #incoming(invite: IncomingInvite): void {
    if (!invite.request.has(Replaces)) {
      this.arrived.push(invite);
      return;
    }
    void invite.accept().then((outcome) => {
      if (outcome.kind === 'answered') this.replacedBy.push(outcome.session);
    });
  }

  /** Refers a server to the far end of a call, that it takes this telephone's place there (RFC 5359 2.3 F8). */
  refer(server: string, session: InviteSession, options: { readonly referredBy?: string } = {}): OutgoingReferral {
    const { referredBy = this.agent.address.uri.toString() } = options;
    return this.referrals.refer({
      target: parsed(server.includes(':') ? server : this.uri(server)),
      referTo: referTo(session.dialog.remoteTarget, [replacesOf(session), ['Require', 'replaces']]),
      referredBy: NameAddr.of({ uri: referredBy }),
    });
  }

  /** Takes the far end of a dialog of somebody else's by its identifiers. */
  replace(target: string, callId: string, toTag: string, fromTag: string): OutgoingInvite {
    return this.call(target, [
      ['Replaces', `${callId};to-tag=${toTag};from-tag=${fromTag}`],
      ['Require', 'replaces'],
    ]);
  }

  uri(user: string): string {
    return `${this.#scheme}:${user}@${domain}`;
  }

  call(user: string, headers: readonly (readonly [string, string])[] = []): OutgoingInvite {
    return this.sessions.invite({ target: user.includes(':') ? user : this.uri(user), headers });
  }

  /** Two telephones talk: this one has called. */
  async reach(other: Telephone, user: string): Promise<readonly [own: InviteSession, others: InviteSession]> {
    const invite = this.call(user);
    const before = other.arrived.length;
    await this.#stage.until(() => other.arrived.length > before);
    const [arrived] = other.arrived.splice(before);
    void arrived?.accept();
    const outcome = await this.#stage.of(invite.outcome);
    if (outcome.kind !== 'answered' || arrived === undefined) throw new Error(outcome.kind);
    await this.#stage.until(() => arrived.session.state === 'confirmed');
    return [outcome.session, arrived.session];
  }

  /** Calls, and is answered. */
  async talk(user: string): Promise<InviteSession> {
    const outcome = await this.#stage.of(this.call(user).outcome);
    if (outcome.kind !== 'answered') throw new Error(`${outcome.kind} ${JSON.stringify(outcome)}`);
    return outcome.session;
  }

  /** How loud it was in the last so many milliseconds, in dBov. */
  level(milliseconds: number): number {
    return levelOf(Int16Array.from(this.ear.heard.slice(-8 * milliseconds)));
  }
}

function parsed(text: string): Uri {
  const uri = parseUri(text);
  if (uri instanceof SyntaxFault) throw new Error(uri.reason);
  return uri;
}
