import type { DatabaseSync } from 'node:sqlite';
import { audioCodecs } from '@switchhook/media';
import { SipUri } from '@switchhook/sip';
import type { Destination, Flow, SipContext, Transport } from '@switchhook/sip';
import type { ServerStatus } from '../admin/status.ts';
import type { Configuration } from '../config/configuration.ts';
import { announcementUri } from './announcement-names.ts';
import type { OurAddress } from '../plan/domains.ts';
import type { Account } from '../subscribers/account.ts';
import { AnnouncementServer } from './announcement-server.ts';
import { FeatureCodes } from './feature-codes.ts';
import type { ListedCode } from './feature-codes.ts';
import { FeatureServer } from './feature-server.ts';
import type { FeatureDesk } from './feature-server.ts';
import { MusicLibrary } from './music-library.ts';
import { MusicServer } from './music-server.ts';
import { parkEvents, ParkServer } from './park-server.ts';
import type { ParkEvent, ParkOptions } from './park-server.ts';
import { ParkStore } from './park-store.ts';
import { ProcessNetwork } from './process-network.ts';
import { Recordings } from './recordings.ts';
import { RegistrationNotifier } from './registration-notifier.ts';
import type { RegistrationSource } from './registration-notifier.ts';
import type { Server, ServerMedia, ServerParts } from './server.ts';
import { ServerSound } from './server-sound.ts';

/** What all servers together hold; all zeros when they are stopped. */
export interface ServersStats {
  readonly sessions: number;
  readonly others: number;
  readonly streams: number;
}

interface Housed {
  readonly server: Server;
  readonly destination: Destination;
}

interface HousedNotifier {
  readonly notifier: RegistrationNotifier;
  readonly destination: Destination;
}

/** The user agents that live in the exchange, one of each kind for each domain, and the way to them. */
export class Servers {
  readonly #context: SipContext;
  readonly #configuration: Pick<Configuration, 'domains' | 'servers'>;
  readonly #media: ServerMedia;
  readonly #database: DatabaseSync;
  readonly #desk: FeatureDesk;
  readonly #registrations: RegistrationSource;
  /** Whether two subscribers are in a call with each other, or were just now. */
  readonly #spoke: (one: Account, other: Account) => boolean;
  /** Undefined where there are none to dial. */
  readonly #codes: FeatureCodes | undefined;
  readonly #network = new ProcessNetwork();
  readonly #recordings: Recordings;
  readonly #music: MusicLibrary;
  /** By domain. */
  readonly #housed = new Map<string, Housed[]>();
  /** By domain. */
  readonly #notifiers = new Map<string, HousedNotifier>();
  readonly #parkEvents = new Map<ParkEvent, number>(parkEvents.map((event) => [event, 0]));
  #sound: ServerSound | undefined = undefined;

  constructor(
    context: SipContext,
    configuration: Pick<Configuration, 'domains' | 'servers'>,
    media: ServerMedia,
    database: DatabaseSync,
    desk: FeatureDesk,
    registrations: RegistrationSource,
    spoke: (one: Account, other: Account) => boolean,
  ) {
    this.#context = context;
    this.#configuration = configuration;
    this.#media = media;
    this.#database = database;
    this.#desk = desk;
    this.#registrations = registrations;
    this.#spoke = spoke;
    const { announcement, music, features } = configuration.servers;
    this.#codes = features === undefined ? undefined : new FeatureCodes(features.codes);
    this.#recordings = new Recordings(context, announcement ?? {});
    this.#music = new MusicLibrary(context, [...(music?.programmes ?? []), { files: music?.files ?? [] }]);
  }

  /** The end of the exchange, to be one of its transports. */
  get transport(): Transport {
    return this.#network.transport;
  }

  /** Whoever is at the far end of a flow, if it is the server that an address leads to. */
  prove(flow: Flow, { user, domain }: OurAddress): Account | undefined {
    const port = this.#network.portOf(flow);
    if (user === undefined || port === undefined) return undefined;
    return this.find(user, domain)?.port === port ? { user, domain } : undefined;
  }

  /** Whether a server is at the far end of a flow. */
  readonly isServer = (flow: Pick<Flow, 'remote'>): boolean => this.#network.portOf(flow) !== undefined;

  /** Where the server is that an address leads to. */
  find(user: string, domain: string): Destination | undefined {
    return this.#housed.get(domain)?.find(({ server }) => server.isOurUser(user))?.destination;
  }

  /** Where the registrations of a domain are told (RFC 3680). */
  registrationNotifier(domain: string): Destination | undefined {
    return this.#notifiers.get(domain)?.destination;
  }

  /** Whether an address is a code that changes the settings of who dials it. */
  isCode(user: string, domain: string): boolean {
    const housed = this.#housed.get(domain)?.find(({ server }) => server.isOurUser(user));
    return housed?.server.kind === 'features' && user !== housed.server.address.user;
  }

  /** Where an announcement of a domain is heard; undefined where there is no server. */
  announcement(domain: string, name: string): SipUri | undefined {
    const server = this.#announcementServer(domain);
    return server && announcementUri(server, name);
  }

  /** The transport of the exchange's end has been started before. */
  async start(): Promise<void> {
    const { domains, servers } = this.#configuration;
    for (const { name } of domains) await this.#tellRegistrations(name);
    const { music, park, features } = servers;
    const announcement = this.#ownAnnouncement;
    if ([announcement, music, park, features].every((server) => server === undefined)) return;
    const codecs = this.#media.codecs ?? (await audioCodecs());
    this.#sound = new ServerSound(this.#context, codecs, this.#media);
    if (announcement !== undefined || features !== undefined) await this.#recordings.start();
    if (music !== undefined || park !== undefined) await this.#music.start(codecs);
    for (const { name } of domains) this.#house(name, this.#sound);
    for (const { server } of this.#all()) await server.start();
  }

  async stop(): Promise<void> {
    const notifiers = Array.from(this.#notifiers.values(), ({ notifier }) => notifier);
    await Promise.all([...this.#all().map(({ server }) => server), ...notifiers].map((each) => each.stop()));
    this.#notifiers.clear();
    this.#sound?.stop();
    this.#recordings.stop();
    this.#music.stop();
    this.#housed.clear();
  }

  stats(): ServersStats {
    const stats = this.#all().map(({ server }) => server.stats());
    const notifiers = Array.from(this.#notifiers.values(), ({ notifier }) => notifier.stats());
    return {
      sessions: stats.reduce((sum, { sessions }) => sum + sessions, 0),
      others: [...stats, ...notifiers].reduce((sum, { others }) => sum + others, this.registrationSubscriptions),
      streams: this.#sound?.stats().streams ?? 0,
    };
  }

  /** How often calls were parked, and how they left their slots. */
  get parkEvents(): ReadonlyMap<ParkEvent, number> {
    return this.#parkEvents;
  }

  /** How many subscriptions to registrations there are. */
  get registrationSubscriptions(): number {
    return [...this.#notifiers.values()].reduce((sum, { notifier }) => sum + notifier.stats().subscriptions, 0);
  }

  /** What can be dialled to change settings. */
  codes(): readonly ListedCode[] {
    return this.#codes?.list ?? [];
  }

  status(): ServerStatus[] {
    return this.#all().map(({ server }) => ({
      kind: server.kind,
      address: server.address.toString(),
      calls: server.stats().sessions,
    }));
  }

  /** How the announcement server is set, if it runs here. */
  get #ownAnnouncement(): Configuration['servers']['announcement'] {
    const { announcement } = this.#configuration.servers;
    return announcement?.at === undefined ? announcement : undefined;
  }

  /** The address of the announcement server of a domain, here or on another machine. */
  #announcementServer(domain: string): SipUri | undefined {
    const { announcement } = this.#configuration.servers;
    return announcement && (announcement.at ?? SipUri.of({ scheme: 'sip', user: announcement.user, host: domain }));
  }

  #all(): Housed[] {
    return [...this.#housed.values()].flat();
  }

  async #tellRegistrations(domain: string): Promise<void> {
    const { transport, resolver, destination } = this.#network.join();
    const parts = {
      context: this.#context,
      address: SipUri.of({ scheme: 'sip', host: domain }),
      transports: [transport],
      resolver,
      trusts: () => true,
    };
    const notifier = new RegistrationNotifier(parts, this.#registrations);
    this.#notifiers.set(domain, { notifier, destination });
    await notifier.start();
  }

  #house(domain: string, sound: ServerSound): void {
    const { music, park, features, calls } = this.#configuration.servers;
    const announcement = this.#ownAnnouncement;
    const housed: Housed[] = [];
    this.#housed.set(domain, housed);
    const add = (user: string, make: (parts: ServerParts) => Server): void => {
      const address = SipUri.of({ scheme: 'sip', user, host: domain });
      const { transport, resolver, destination } = this.#network.join();
      const parts: ServerParts = {
        context: this.#context,
        address,
        transports: [transport],
        resolver,
        trusts: () => true,
        sound,
        maximumCalls: calls,
      };
      housed.push({ server: make(parts), destination });
    };
    if (announcement !== undefined) add(announcement.user, (parts) => new AnnouncementServer(parts, this.#recordings));
    if (music !== undefined) add(music.user, (parts) => new MusicServer(parts, this.#music));
    const codes = this.#codes;
    if (features !== undefined && codes !== undefined) {
      const desk = this.#desk;
      add(features.user, (parts) => new FeatureServer({ ...parts, codes, desk, recordings: this.#recordings }));
    }
    if (park === undefined) return;
    const store = new ParkStore(this.#database, `${park.user}@${domain}`);
    const said = this.#announcementServer(domain);
    const options: ParkOptions = {
      slots: Array.from({ length: park.slots.last - park.slots.first + 1 }, (_, index) =>
        String(park.slots.first + index),
      ),
      returnAfter: park.returnAfter * 1_000,
      ringTime: park.ringTime * 1_000,
      fallback: park.fallback,
      mayPark: park.mayPark,
      mayRetrieve: park.mayRetrieve,
    };
    const count = (event: ParkEvent): void => void this.#parkEvents.set(event, (this.#parkEvents.get(event) ?? 0) + 1);
    const spoke = (user: string, other: string): boolean => this.#spoke({ user, domain }, { user: other, domain });
    add(
      park.user,
      (parts) => new ParkServer({ ...parts, music: this.#music, store, announcement: said, count, spoke }, options),
    );
  }
}
