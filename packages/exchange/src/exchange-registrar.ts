import { Registrar } from '@switchhook/sip';
import type {
  Binding,
  GruuResolution,
  GruusOfBinding,
  LocationService,
  RegistrantIdentity,
  RegistrarStats,
  RegistrarTransaction,
  SipContext,
  SipUri,
} from '@switchhook/sip';
import type { Configuration } from './config/configuration.ts';
import type { Domains } from './plan/domains.ts';
import type { SubscriberDirectory } from './subscribers/directory.ts';
import { addressOfRecord } from './subscribers/subscriber.ts';

/** What the registrar works with. */
export interface ExchangeRegistrarParts {
  readonly location: LocationService;
  readonly domains: Domains;
  readonly subscribers: Pick<SubscriberDirectory, 'has'>;
  readonly isOurs: (host: string, port: number | undefined) => boolean;
  readonly gruuKey: string;
}

/** The registrar of the subscribers, whose limits a reload can change. */
export class ExchangeRegistrar {
  readonly #context: SipContext;
  readonly #parts: ExchangeRegistrarParts;
  /** The newest one answers; those before a reload still watch the connections of what they registered. */
  #newest: Registrar;
  #earlier: readonly Registrar[] = [];
  /** How many REGISTERs those before a reload have answered, and how. */
  #before = { accepted: 0, refused: 0 };

  constructor(context: SipContext, parts: ExchangeRegistrarParts, configuration: Configuration) {
    this.#context = context;
    this.#parts = parts;
    this.#newest = this.#make(configuration);
  }

  /** Takes up other limits. */
  load(configuration: Configuration): void {
    this.#before = this.stats();
    this.#earlier = [...this.#earlier, this.#newest].filter((registrar) => registrar.stats().flows > 0);
    this.#newest = this.#make(configuration);
  }

  stop(): void {
    for (const registrar of [this.#newest, ...this.#earlier]) registrar.stop();
  }

  handle(transaction: RegistrarTransaction, identity: RegistrantIdentity | undefined): void {
    this.#newest.handle(transaction, identity);
  }

  resolveGruu(uri: SipUri): GruuResolution | undefined | Promise<GruuResolution> {
    return this.#newest.resolveGruu(uri);
  }

  gruusOf(binding: Binding): GruusOfBinding {
    return this.#newest.gruusOf(binding);
  }

  stats(): Pick<RegistrarStats, 'accepted' | 'refused'> {
    const { accepted, refused } = this.#newest.stats();
    return { accepted: this.#before.accepted + accepted, refused: this.#before.refused + refused };
  }

  #make({ limits: { registration, contactsPerSubscriber } }: Configuration): Registrar {
    const { location, domains, subscribers, isOurs, gruuKey } = this.#parts;
    return new Registrar(this.#context, location, {
      limits: {
        minimumExpires: registration.minimum,
        maximumExpires: registration.maximum,
        defaultExpires: registration.default,
        maximumContacts: contactsPerSubscriber,
      },
      findAddressOfRecord: (uri) => {
        const { user, domain = '' } = domains.ours(uri) ?? {};
        if (user === undefined || !subscribers.has(user, domain)) return undefined;
        return addressOfRecord(user, domain);
      },
      mayRegister: (identity, to) => {
        const ours = domains.ours(to);
        return ours !== undefined && ours.user === identity?.username && ours.domain === identity?.realm;
      },
      isOurs,
      gruuKey,
    });
  }
}
