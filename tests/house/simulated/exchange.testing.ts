import {
  DigestVerifier,
  hashCredentials,
  MemoryLocationService,
  Proxy,
  Registrar,
  registrarExtensions,
  TransactionLayer,
  TransportLayer,
} from '@switchhook/sip';
import type { PeerIdentity, ProxyPolicy, SipContext, Transport, TransportProtocol } from '@switchhook/sip';
import { simulatedContext } from '@switchhook/sim';
import { Access } from '../../../packages/exchange/src/plan/access.ts';
import { Domains } from '../../../packages/exchange/src/plan/domains.ts';
import { OwnAddress } from '../../../packages/exchange/src/plan/own-address.ts';
import { ExchangePolicy } from '../../../packages/exchange/src/plan/policy.ts';
import { addressOfRecord } from '../../../packages/exchange/src/subscribers/subscriber.ts';
import type { Inhabitant, Town } from './town.testing.ts';

export interface ExchangeOptions {
  readonly name?: string;
  readonly domain: string;
  /** Each gets a listener for each of the protocols. */
  readonly addresses: readonly string[];
  readonly protocols?: readonly TransportProtocol[];
  /** Their passwords are `NAME-secret`. */
  readonly users?: readonly string[];
  readonly identity?: PeerIdentity;
  /** Puts other decisions before those of the exchange. */
  readonly policy?: (own: ProxyPolicy, exchange: SimulatedExchange) => ProxyPolicy;
}

/** The exchange on a simulated network: every layer and every decision is the real one, the store is memory. */
export class SimulatedExchange implements Inhabitant {
  readonly name: string;
  readonly context: SipContext;
  readonly transports: TransportLayer;
  readonly transactions: TransactionLayer;
  readonly proxy: Proxy;
  readonly location: MemoryLocationService;
  readonly verifier: DigestVerifier;

  constructor(town: Town, options: ExchangeOptions) {
    const { domain, addresses, protocols = ['UDP', 'TCP'], users = [], identity } = options;
    this.name = options.name ?? domain;
    this.context = simulatedContext(`${this.name} ${String(town.seed)}`, town.clock);
    const host = town.network.host(this.name, addresses);
    const listeners: Transport[] = addresses.flatMap((address) =>
      protocols.map((protocol) =>
        host.transport(protocol, identity === undefined ? { address } : { address, identity }),
      ),
    );
    this.transports = new TransportLayer(this.context, { transports: listeners });
    this.transactions = new TransactionLayer(this.context, this.transports);
    this.location = new MemoryLocationService(town.clock);
    const domains = new Domains([{ name: domain, aliases: [] }], addresses, (of, port) =>
      this.transports.isOurs(of, port),
    );
    this.verifier = new DigestVerifier(this.context, {
      find: (realm, username) => {
        if (realm !== domain || !users.includes(username)) return undefined;
        return { username, ha1: hashCredentials(this.context.hashes, username, realm, `${username}-secret`) };
      },
    });
    const registrar = new Registrar(this.context, this.location, {
      findAddressOfRecord: (uri) => {
        const { user } = domains.ours(uri) ?? {};
        return user !== undefined && users.includes(user) ? addressOfRecord(user, domain) : undefined;
      },
      mayRegister: (registrant, to) => domains.ours(to)?.user === registrant?.username,
      isOurs: (of, port) => this.transports.isOurs(of, port),
    });
    const own = new ExchangePolicy({
      domains,
      access: new Access(domains, this.verifier),
      ownAddress: new OwnAddress([{ methods: ['REGISTER'], extensions: registrarExtensions, accepts: [], events: [] }]),
      directory: {
        isSubscriber: (user) => users.includes(user),
        group: () => undefined,
        bindings: (user) => this.location.bindings(addressOfRecord(user, domain)),
        ownersAt: () => [],
        isAtGateway: () => false,
        spellings: () => [],
        flow: (id) => this.transports.flow(id),
        services: () => undefined,
        address: (uri) => domains.ours(uri),
        gateway: () => undefined,
        calls: () => 0,
        idleSince: () => 0,
        isEmergency: () => false,
        emergencyNumber: () => undefined,
        server: () => undefined,
        registrationNotifier: () => undefined,
        isCode: () => false,
        announcement: () => undefined,
      },
      contacts: { find: () => undefined, ownersOf: () => new Set() },
      registrar,
      onCall: () => undefined,
      onAnswer: () => undefined,
      gateways: { has: () => false },
      reach: { mayReach: () => true, heard: () => undefined },
      count: () => undefined,
      now: () => this.context.clock.date(),
    });
    const policy = options.policy?.(own, this) ?? own;
    this.proxy = new Proxy(this.context, this.transactions, this.transports, town, policy);
  }

  async start(): Promise<void> {
    await this.transactions.start(this.proxy);
  }

  stop(): Promise<void> {
    return this.transactions.stop();
  }

  leftOvers(): readonly string[] {
    const { clientTransactions, serverTransactions, timers, watchedFlows } = this.transactions.stats();
    const { requests, timers: timersC } = this.proxy.stats();
    const held = {
      requests,
      timersC,
      clientTransactions,
      serverTransactions,
      timers,
      watchedFlows,
    };
    return Object.entries(held)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${String(count)} ${what}`);
  }
}

/** The exchange of example.com, found by its name and by all transports, with alice and bob as its subscribers. */
export function exampleExchange(town: Town): Promise<SimulatedExchange> {
  const domain = 'example.com';
  const address = '192.0.2.10';
  town.names.set(domain, [address]);
  return town.moveIn(
    new SimulatedExchange(town, {
      domain,
      addresses: [address],
      protocols: ['UDP', 'TCP', 'TLS', 'WS'],
      identity: { domains: [domain], addresses: [] },
      users: ['alice', 'bob'],
    }),
  );
}
