import { SipUri } from '@switchhook/sip';
import type { Binding, Destination, Flow, Uri } from '@switchhook/sip';
import type { Activity } from './calls/activity.ts';
import type { Configuration, Group } from './config/configuration.ts';
import type { Domains, OurAddress } from './plan/domains.ts';
import { Gateways } from './plan/gateways.ts';
import type { Gateway } from './plan/gateways.ts';
import type { Directory } from './plan/route.ts';
import type { Services } from './plan/services.ts';
import type { AnnouncementName } from './servers/announcement-names.ts';
import type { RegisteredContacts } from './registered-contacts.ts';
import type { Servers } from './servers/servers.ts';
import type { SettingsBook } from './settings/book.ts';
import type { SqliteLocationService } from './store/location.ts';
import type { Account } from './subscribers/account.ts';
import type { SubscriberDirectory } from './subscribers/directory.ts';
import { addressOfRecord, subscriberKey } from './subscribers/subscriber.ts';

/** Where the directory looks things up. */
export interface DirectoryParts {
  readonly domains: Domains;
  readonly subscribers: SubscriberDirectory;
  readonly settings: SettingsBook;
  readonly location: SqliteLocationService;
  readonly contacts: Pick<RegisteredContacts, 'ownersAt'>;
  readonly activity: Activity;
  readonly servers: Pick<Servers, 'find' | 'isCode' | 'announcement' | 'registrationNotifier'>;
  readonly findFlow: (id: number) => Flow | undefined;
}

/** What of the configuration it knows. */
type Loaded = Pick<Configuration, 'groups' | 'gateways' | 'emergencyNumbers' | 'administrators'>;

/** The world as routing sees it: subscribers and what they have set, groups, gateways, bindings, flows. */
export class ExchangeDirectory implements Directory {
  readonly #parts: DirectoryParts;
  #groups = new Map<string, Group>();
  #gateways = new Gateways([]);
  #emergencyNumbers: ReadonlySet<string> = new Set();
  #administrators: ReadonlySet<string> = new Set();

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
  }

  load({ groups, gateways, emergencyNumbers, administrators }: Loaded): void {
    this.#groups = new Map(groups.map((group) => [subscriberKey(group.user, group.domain), group]));
    this.#gateways = new Gateways(gateways);
    this.#emergencyNumbers = new Set(emergencyNumbers);
    this.#administrators = new Set(administrators.map(({ user, domain }) => subscriberKey(user, domain)));
  }

  isSubscriber(user: string, domain: string): boolean {
    return this.#parts.subscribers.has(user, domain);
  }

  group(user: string, domain: string): Group | undefined {
    return this.#groups.size === 0 ? undefined : this.#groups.get(subscriberKey(user, domain));
  }

  bindings(user: string, domain: string): readonly Binding[] {
    return this.#parts.location.bindings(addressOfRecord(user, domain));
  }

  flow(id: number): Flow | undefined {
    return this.#parts.findFlow(id);
  }

  services(user: string, domain: string): Services | undefined {
    return this.#parts.settings.services(subscriberKey(user, domain));
  }

  ownersAt(uri: Uri): readonly Account[] {
    if (!(uri instanceof SipUri)) return [];
    return [...this.#parts.contacts.ownersAt(uri)].flatMap((owner) => {
      const address = SipUri.parse(owner);
      const { user, domain } = (address instanceof SipUri ? this.address(address) : undefined) ?? {};
      return user === undefined || domain === undefined ? [] : [{ user, domain }];
    });
  }

  calls(user: string, domain: string): number {
    return this.#parts.activity.calls(addressOfRecord(user, domain));
  }

  idleSince(user: string, domain: string): number {
    return this.#parts.activity.idleSince(addressOfRecord(user, domain));
  }

  isEmergency(number: string): boolean {
    return this.#emergencyNumbers.has(number);
  }

  emergencyNumber(): string | undefined {
    const numbers = [...this.#emergencyNumbers];
    return numbers.find((number) => this.gateway(number) !== undefined) ?? numbers[0];
  }

  isAtGateway(uri: SipUri): boolean {
    return this.#gateways.isAt(uri);
  }

  readonly isGatewayHost = (host: string): boolean => this.#gateways.hasHost(host);

  readonly isGateway = (address: string, port: number): boolean => this.#gateways.isPlace(address, port);

  spellings(number: string): readonly string[] {
    return this.#gateways.spellings(number);
  }

  server(user: string, domain: string): Destination | undefined {
    return this.#parts.servers.find(user, domain);
  }

  registrationNotifier(user: string | undefined, domain: string): Destination | undefined {
    if (user !== undefined && !this.isSubscriber(user, domain)) return undefined;
    return this.#parts.servers.registrationNotifier(domain);
  }

  isAdministrator(user: string, domain: string): boolean {
    return this.#administrators.has(subscriberKey(user, domain));
  }

  isCode(user: string, domain: string): boolean {
    return this.#parts.servers.isCode(user, domain);
  }

  readonly announcement = (domain: string, name: AnnouncementName): Uri | undefined =>
    this.#parts.servers.announcement(domain, name);

  address(uri: Uri): OurAddress | undefined {
    return this.#parts.domains.reached(uri);
  }

  gateway(number: string): Gateway | undefined {
    return this.#gateways.find(number);
  }
}
