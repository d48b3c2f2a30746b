import type { DatabaseSync } from 'node:sqlite';
import type { AudioCodec, DatagramNetwork } from '@switchhook/media';
import type { CaptureFile } from '@switchhook/node';
import {
  isLoopback,
  Proxy,
  registrarExtensions,
  registrationEvent,
  TransactionLayer,
  TransportLayer,
} from '@switchhook/sip';
import type { Resolver, SipContext, Transport } from '@switchhook/sip';
import type { SettingsApiSource } from './admin/settings-api.ts';
import { Metrics } from './admin/metrics.ts';
import type { CallStatus, RegistrationStatus, ServerStatus } from './admin/status.ts';
import { Activity } from './calls/activity.ts';
import { CallLog } from './calls/call-log.ts';
import { callStartOf } from './calls/call-start.ts';
import { LadderRecorder } from './calls/ladder-recorder.ts';
import type { Configuration } from './config/configuration.ts';
import { ExchangeDirectory } from './exchange-directory.ts';
import { exchangeMetrics } from './exchange-metrics.ts';
import { ExchangeRegistrar } from './exchange-registrar.ts';
import { makeVerifier } from './exchange-verifier.ts';
import { exchangeSettings } from './exchange-settings.ts';
import { explainListenError } from './listeners.ts';
import type { ListenerStatus } from './listeners.ts';
import { Access } from './plan/access.ts';
import { CertificateProof } from './plan/certificate-proof.ts';
import { Domains } from './plan/domains.ts';
import { OwnAddress } from './plan/own-address.ts';
import { serviceEvents } from './plan/call.ts';
import { deniedOutgoing } from './plan/outgoing.ts';
import { isAnybodyAt, isPlace } from './plan/somebody.ts';
import { ExchangePolicy } from './plan/policy.ts';
import { GatewayPlaces } from './plan/gateway-places.ts';
import { Reach } from './plan/reach.ts';
import { inNetworks } from './plan/networks.ts';
import { recorded } from './recorded-transport.ts';
import { RegisteredContacts } from './registered-contacts.ts';
import { registrationsOf } from './registrations.ts';
import { endOfTurnBy, SqliteLocationService } from './store/location.ts';
import { Servers } from './servers/servers.ts';
import { SettingsBook } from './settings/book.ts';
import { SettingsDesk } from './settings/desk.ts';
import { SubscriberSettingsStore } from './store/subscriber-settings.ts';
import { SettingStore } from './store/settings.ts';
import { SubscriberDirectory } from './subscribers/directory.ts';
import { MessageMeter, ObservedTransactions, ObservedTransport, TrafficObserver } from './traffic.ts';
import { SubscriberWatch } from './subscribers/watch.ts';
import { addressOfRecord, subscriberKey } from './subscribers/subscriber.ts';

/** Milliseconds that somebody may take to go where he was transferred to, when who did so has hung up. */
const handingOnTime = 32_000;

/** What an exchange holds; all zero when it is stopped. */
export interface CoreStats {
  /** Proxied requests without a final response. */
  readonly requests: number;
  readonly transactions: number;
  readonly flows: number;
  readonly bindings: number;
  readonly calls: number;
  /** Calls, subscriptions, requests, transactions and streams of its servers. */
  readonly servers: number;
}

/** What an exchange speaks over: sockets of the machine, or a network that somebody makes up. */
export interface CoreNetwork {
  readonly transports: readonly Transport[];
  readonly resolver: Resolver;
  /** For the sound of the servers; the sockets of the machine without it. */
  readonly media?: DatagramNetwork | undefined;
  /** What the servers can play in, best first; all that there is without it. */
  readonly codecs?: readonly AudioCodec[] | undefined;
  /** Milliseconds of sound that the servers move at a time; 20 without it. */
  readonly frameTime?: number | undefined;
}

export interface CoreOptions {
  readonly ladder?: boolean;
  readonly capture?: CaptureFile | undefined;
  /** Whether it runs within something else, on its clock and with a store that no other process has. */
  readonly embedded?: boolean;
}

/** The SIP side of the exchange: every layer from the sockets to the policy, wired together. */
export class Core {
  readonly context: SipContext;
  readonly #configuration: Configuration;
  readonly #database: DatabaseSync;
  readonly #isEmbedded: boolean;
  readonly #transports: readonly Transport[];
  readonly #transportLayer: TransportLayer;
  readonly #transactions: TransactionLayer;
  readonly #location: SqliteLocationService;
  readonly #subscribers = new SubscriberDirectory();
  readonly #settings = new SettingsBook();
  readonly #policy: ExchangePolicy;
  /** Where settings are changed. */
  readonly #desk: SettingsDesk;
  readonly #watch: SubscriberWatch;
  readonly #directory: ExchangeDirectory;
  readonly #gateways: GatewayPlaces;
  readonly #domains: Domains;
  readonly #registrar: ExchangeRegistrar;
  readonly #proxy: Proxy;
  readonly #calls: CallLog;
  readonly #activity: Activity;
  readonly #metrics: Metrics;
  readonly #ladder: LadderRecorder | undefined;
  readonly #servers: Servers;

  constructor(
    context: SipContext,
    configuration: Configuration,
    network: CoreNetwork,
    database: DatabaseSync,
    options: CoreOptions = {},
  ) {
    const { domains, limits } = configuration;
    this.context = context;
    this.#configuration = configuration;
    this.#database = database;
    const isOurs = (host: string, port: number | undefined): boolean => this.#transportLayer.isOurs(host, port);
    this.#ladder = options.ladder === true ? new LadderRecorder(isOurs) : undefined;
    const recorders = [this.#ladder, options.capture].filter((recorder) => recorder !== undefined);
    this.#transports = network.transports.map((transport) => recorded(transport, recorders, context.clock));
    const { address, publicAddress, firstPort, lastPort } = configuration.media;
    this.#servers = new Servers(
      context,
      configuration,
      {
        network: network.media,
        address,
        advertisedAddress: publicAddress,
        ports: { first: firstPort, last: lastPort },
        codecs: network.codecs,
        frameTime: network.frameTime,
      },
      database,
      {
        get: (user, domain) => this.#desk.get(user, domain),
        merge: (user, domain, patch) => this.#desk.merge(user, domain, patch),
      },
      {
        bindings: (bound) => this.#location.bindings(bound),
        gruusOf: (binding) => this.#registrar.gruusOf(binding),
        onChange: (listener) => this.#location.onChange(listener),
        subscriberAt: (uri) => {
          const { user, domain = '' } = this.#domains.ours(uri) ?? {};
          return user !== undefined && this.#subscribers.has(user, domain) ? { user, domain } : undefined;
        },
        isAdministrator: ({ user, domain }) => this.#directory.isAdministrator(user, domain),
      },
      ({ user, domain }, other) =>
        this.#activity.areTogether(
          addressOfRecord(user, domain),
          addressOfRecord(other.user, other.domain),
          handingOnTime,
        ),
    );
    const within = recorded(this.#servers.transport, recorders, context.clock);
    this.#transportLayer = new TransportLayer(context, {
      // The way within the process comes first: it alone reaches the address that is no machine's.
      transports: [within, ...this.#transports],
      limits: {
        maximumSize: limits.messageSize,
        maximumHeaderLine: limits.headerLine,
        maximumHeaderFields: limits.headerFields,
      },
    });
    this.#activity = new Activity(context.clock);
    this.#calls = new CallLog(context.clock, context.log, (callId) => this.#activity.ended(callId));
    const meter = new MessageMeter();
    const observer = new TrafficObserver(meter, this.#calls);
    this.#transactions = new TransactionLayer(context, new ObservedTransport(this.#transportLayer, observer), {
      limits: { serverTransactions: limits.transactions, clientTransactions: limits.transactions },
    });
    this.#domains = new Domains(
      domains,
      this.#transports.flatMap(({ hosts }) => hosts),
      isOurs,
    );
    const settings = new SettingStore(database);
    const secret = (name: string): string =>
      settings.getOrMake(name, () => context.random.token() + context.random.token());
    const gruuKey = secret('gruu-key');
    this.#isEmbedded = options.embedded === true;
    this.#location = new SqliteLocationService(
      context,
      database,
      this.#isEmbedded ? endOfTurnBy(context.clock) : undefined,
    );
    this.#watch = new SubscriberWatch(database, this.#subscribers, this.#settings, this.#location, context);
    this.#desk = new SettingsDesk({
      book: this.#settings,
      store: new SubscriberSettingsStore(database),
      isSubscriber: (user, domain) => this.#subscribers.has(user, domain),
      addressOf: (uri) => {
        const { user, domain = '' } = this.#domains.ours(uri) ?? {};
        return user === undefined ? undefined : subscriberKey(user, domain);
      },
      isAnybodyAt: (uri) => isAnybodyAt(uri, this.#directory),
      isPlace: (uri) => isPlace(uri, this.#directory),
      denied: (outgoing, uri) => deniedOutgoing(outgoing, uri, this.#directory.address(uri), this.#directory),
      changed: () => this.#watch.loadSettings(),
    });
    const contacts = new RegisteredContacts(this.#location);
    this.#directory = new ExchangeDirectory({
      domains: this.#domains,
      subscribers: this.#subscribers,
      settings: this.#settings,
      location: this.#location,
      contacts,
      activity: this.#activity,
      servers: this.#servers,
      findFlow: (id) => this.#transportLayer.flow(id),
    });
    this.#registrar = new ExchangeRegistrar(
      context,
      { location: this.#location, domains: this.#domains, subscribers: this.#subscribers, isOurs, gruuKey },
      configuration,
    );
    const { isGateway, isGatewayHost } = this.#directory;
    this.#gateways = new GatewayPlaces({ resolver: network.resolver, isGateway, isGatewayHost, contacts });
    const verifier = makeVerifier(context, configuration, this.#subscribers, this.#domains);
    const services = new Map<string, number>(serviceEvents.map((service) => [service, 0]));
    this.#policy = new ExchangePolicy({
      domains: this.#domains,
      access: new Access(this.#domains, verifier, this.#proofs(), ({ id }) => contacts.ownersOf(id)),
      ownAddress: new OwnAddress([
        { methods: ['REGISTER'], extensions: registrarExtensions, accepts: [], events: [] },
        { methods: ['SUBSCRIBE'], extensions: [], accepts: [], events: [registrationEvent.name] },
      ]),
      directory: this.#directory,
      contacts,
      reach: new Reach({
        reachable: limits.reachable,
        ownHosts: this.#transports.flatMap(({ hosts }) => hosts),
        servesMachine: configuration.listeners.some(({ address: own }) => isLoopback(own)),
        isOurs,
        isGateway,
        gateways: this.#gateways,
        isServer: this.#servers.isServer,
        contacts,
      }),
      gateways: this.#gateways,
      registrar: this.#registrar,
      onCall: (request, flow, caller) => {
        this.#calls.started(callStartOf(request, flow));
        if (caller.kind === 'subscriber') {
          this.#activity.joined(request.callId, addressOfRecord(caller.user, caller.domain));
        }
      },
      onAnswer: ({ callId }, owner) => this.#activity.joined(callId, owner),
      count: (service) => void services.set(service, (services.get(service) ?? 0) + 1),
      isSharedSource: inNetworks(limits.sharedSources),
      now: () => context.clock.date(),
    });
    this.#proxy = new Proxy(
      context,
      new ObservedTransactions(this.#transactions, observer),
      this.#transportLayer,
      network.resolver,
      this.#policy,
      {
        secret: secret('proxy-secret'),
        maximumContexts: limits.requests,
        maximumContextsPerSource: limits.requestsPerSource,
        maximumTransactions: limits.transactions,
      },
    );
    this.#metrics = new Metrics(
      exchangeMetrics({
        transports: this.#transports,
        transportLayer: this.#transportLayer,
        transactions: this.#transactions,
        proxy: this.#proxy,
        registrar: this.#registrar,
        verifier,
        location: this.#location,
        calls: this.#calls,
        messages: meter,
        servers: this.#servers,
        services,
      }),
    );
  }

  /** Takes up the store and listens. */
  async start(): Promise<void> {
    this.#location.start();
    this.#watch.start(this.#configuration, this.#isEmbedded);
    this.#directory.load(this.#configuration);
    this.#gateways.load(this.#configuration.gateways);
    // Beneath an exchange that is part of something else there may be no event loop of its own.
    if (!this.#isEmbedded) this.#metrics.start();
    try {
      await this.#transactions.start(this.#proxy);
      await this.#servers.start();
    } catch (error) {
      throw explainListenError(error, this.#configuration);
    }
  }

  async stop(): Promise<void> {
    this.#calls.close();
    await this.#servers.stop();
    await this.#transactions.stop();
    this.#registrar.stop();
    this.#watch.stop();
    this.#location.stop();
    this.#metrics.stop();
  }

  /** Lets go of what is the machine's, and of nothing else: it is to be forgotten, with a clock that stands still. */
  abandon(): void {
    this.#metrics.stop();
  }

  /** Refuses new calls with 503 from now on. */
  drain(): void {
    this.#proxy.drain();
  }

  /** Takes up what can change while calls go on. */
  reload(configuration: Configuration): void {
    this.#watch.load(configuration);
    this.#directory.load(configuration);
    this.#registrar.load(configuration);
    this.#gateways.load(configuration.gateways);
  }

  get listeners(): readonly ListenerStatus[] {
    return this.#transports.flatMap(({ protocol, local }) => (local === undefined ? [] : [{ protocol, ...local }]));
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  stats(): CoreStats {
    const { clientTransactions, serverTransactions } = this.#transactions.stats();
    const servers = this.#servers.stats();
    return {
      requests: this.#proxy.stats().requests,
      transactions: clientTransactions + serverTransactions,
      flows: this.#transportLayer.stats().flows,
      bindings: this.#location.stats().bindings,
      calls: this.#calls.active,
      servers: servers.sessions + servers.others + servers.streams,
    };
  }

  metrics(): Promise<string> {
    return this.#metrics.print();
  }

  /** Settings and explanations for the API. */
  settingsApi(): SettingsApiSource {
    return exchangeSettings({
      clock: this.context.clock,
      subscribers: this.#subscribers,
      domains: this.#domains,
      firstDomain: this.#configuration.domains[0]?.name ?? '',
      desk: this.#desk,
      policy: this.#policy,
      servers: this.#servers,
    });
  }

  registrations(): RegistrationStatus[] {
    return registrationsOf(this.#location, this.context.clock.date());
  }

  calls(): CallStatus[] {
    return this.#calls.status();
  }

  servers(): ServerStatus[] {
    return this.#servers.status();
  }

  /** Calls that its servers have: announcements that play, those who are parked or hear music. */
  get serverCalls(): number {
    return this.#servers.status().reduce((sum, { calls }) => sum + calls, 0);
  }

  ladder(callId: string): string | undefined {
    return this.#ladder?.draw(callId);
  }

  /** What proves somebody without a password: a certificate, or that he lives in this process. */
  #proofs(): Pick<CertificateProof, 'prove' | 'owner'> {
    const certificates = new CertificateProof(this.#domains, (user, domain) => this.#subscribers.has(user, domain));
    return {
      prove: (flow, claimed) => this.#servers.prove(flow, claimed) ?? certificates.prove(flow, claimed),
      owner: (flow) => certificates.owner(flow),
    };
  }
}
