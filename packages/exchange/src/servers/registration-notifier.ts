import { NameAddr, Notifier, registrationEvent, SipUri, UserAgent } from '@switchhook/sip';
import type {
  Authorization,
  Binding,
  Caller,
  GruusOfBinding,
  LocationChange,
  RegisteredAddress,
  SipContext,
  SubscriptionRequest,
  Uri,
} from '@switchhook/sip';
import type { Account } from '../subscribers/account.ts';
import { addressOfRecord } from '../subscribers/subscriber.ts';
import { registeredAddress } from './registered-address.ts';
import type { ServerParts } from './server.ts';
import { watcherLimits } from './watcher-limits.ts';

/** What is known of registrations, and who may know it. */
export interface RegistrationSource {
  bindings(addressOfRecord: string): readonly Binding[];
  gruusOf(binding: Binding): GruusOfBinding;
  onChange(listener: (change: LocationChange) => void): () => void;
  /** The subscriber whom a URI leads to. */
  subscriberAt(uri: Uri): Account | undefined;
  /** Whether somebody may watch the registrations of all others. */
  isAdministrator(account: Account): boolean;
}

/** All zeros when nobody watches. */
export interface RegistrationNotifierStats {
  readonly subscriptions: number;
  /** Dialogs, requests and transactions that are under way. */
  readonly others: number;
}

type Watched = readonly RegisteredAddress[];

/**
 * Tells subscribers which telephones are registered for them (RFC 3680, RFC 5628), and administrators for whom they like. It
 * is the user agent of one domain that has no user: SUBSCRIBEs to its subscribers come here when their event is `reg`.
 */
export class RegistrationNotifier {
  readonly #source: RegistrationSource;
  readonly #agent: UserAgent;
  readonly #notifier: Notifier<Watched>;
  readonly #context: SipContext;
  readonly #key: string;
  #stopListening: (() => void) | undefined = undefined;

  constructor(
    parts: Pick<ServerParts, 'context' | 'address' | 'transports' | 'resolver' | 'trusts'>,
    source: RegistrationSource,
  ) {
    const { context, address, transports, resolver, trusts } = parts;
    this.#source = source;
    this.#context = context;
    this.#key = context.random.token();
    this.#agent = new UserAgent(context, {
      address: NameAddr.of({ uri: address }),
      contact: address,
      transports,
      resolver,
      trusts,
      isOurUser: () => true,
      limits: {
        dialogs: 2 * watcherLimits.subscriptions,
        requests: 2 * watcherLimits.subscriptions,
        serverTransactions: 2 * watcherLimits.subscriptions,
      },
    });
    this.#notifier = new Notifier(this.#agent, {
      package: registrationEvent,
      authorize: (request) => this.#authorize(request),
      stateOf: (resource) => [this.#now(resource)],
      limits: watcherLimits,
    });
    this.#agent.install(this.#notifier);
  }

  async start(): Promise<void> {
    await this.#agent.start();
    this.#stopListening = this.#source.onChange((change) => {
      this.#changed(change);
    });
  }

  /** Watchers ask anew when the exchange is there again. */
  async stop(): Promise<void> {
    this.#stopListening?.();
    await this.#agent.stop();
  }

  stats(): RegistrationNotifierStats {
    const { dialogs, requests, clientTransactions, serverTransactions } = this.#agent.stats();
    return {
      subscriptions: this.#notifier.stats().subscriptions,
      others: dialogs + requests + clientTransactions + serverTransactions,
    };
  }

  #authorize({ target, watcher, resource }: SubscriptionRequest): Authorization<Watched> {
    const uri = resource === undefined ? target : SipUri.parse(resource);
    const account = uri instanceof SipUri ? this.#source.subscriberAt(uri) : undefined;
    const by = accountOf(watcher, this.#source);
    // Who may not know is not told whether there is anything to know.
    if (by === undefined) return { kind: 'reject', status: 403 };
    const isAdministrator = this.#source.isAdministrator(by);
    if (account === undefined) return { kind: 'reject', status: isAdministrator ? 404 : 403 };
    const watched = addressOfRecord(account.user, account.domain);
    if (account.user === by.user && account.domain === by.domain) return { kind: 'accept', resource: watched };
    if (!isAdministrator) return { kind: 'reject', status: 403, reason: 'Not Your Own Registration' };
    return { kind: 'accept', resource: watched, view: withoutTemporaryGruus };
  }

  #changed({ addressOfRecord: changed, cause }: LocationChange): void {
    if (!this.#notifier.isWatched(changed)) return;
    const state = [this.#now(changed, cause)];
    const uri = SipUri.parse(changed);
    const isGone = uri instanceof SipUri && this.#source.subscriberAt(uri) === undefined;
    if (isGone) this.#notifier.conclude(changed, state);
    else this.#notifier.publish(changed, state);
  }

  #now(watched: string, cause: LocationChange['cause'] = 'registered'): RegisteredAddress {
    const isWatched = this.#notifier.isWatched(watched);
    const earlier = isWatched ? this.#notifier.latest(watched)?.state[0] : undefined;
    return registeredAddress(watched, this.#source.bindings(watched), {
      earlier,
      cause,
      now: this.#context.clock.date(),
      idOf: (text) => this.#context.hashes.hmac(this.#key, text).slice(0, 16),
      gruusOf: (binding) => this.#source.gruusOf(binding),
    });
  }
}

/** Temporary GRUUs are for who may register for the address alone (RFC 5628 5). */
function withoutTemporaryGruus(state: Watched): Watched {
  return state.map((registration) => ({
    ...registration,
    contacts: registration.contacts.map((contact) => ({ ...contact, temporaryGruu: undefined })),
  }));
}

/** The subscriber for whom the exchange vouches. */
function accountOf({ address, asserted }: Caller, source: RegistrationSource): Account | undefined {
  return asserted ? source.subscriberAt(address.uri) : undefined;
}
