import type { DatabaseSync } from 'node:sqlite';
import type { SipContext } from '@switchhook/sip';
import type { z } from 'zod';
import { configurationOf } from './config/configuration.ts';
import type { Configuration } from './config/configuration.ts';
import { configurationSchema } from './config/schema.ts';
import { Core } from './core.ts';
import type { CoreNetwork, CoreStats } from './core.ts';
import type { SubscriberSettings } from './settings/schema.ts';
import { memoryDatabase, releaseMemoryDatabase } from './store/database.ts';

/** An exchange within a program: whom it serves, and what of the machine it is handed. */
export interface EmbeddedExchangeOptions extends CoreNetwork {
  /** The domains that it serves, in the form of the configuration file. */
  readonly domains: readonly { readonly name: string; readonly aliases?: readonly string[] }[];
  /** Those that are to run, in the form of the configuration file; none without it. */
  readonly servers?: z.input<typeof configurationSchema>['servers'];
  /** Where the servers open their ports for sound. */
  readonly mediaAddress?: string;
  readonly subscribers: readonly {
    readonly user: string;
    readonly domain: string;
    readonly password: string;
    readonly settings?: SubscriberSettings;
  }[];
  /** Who may watch the registrations of all others. */
  readonly administrators?: readonly string[];
  /** Ways to the telephone network, in the form of the configuration file. */
  readonly gateways?: readonly { readonly name: string; readonly uri: string; readonly prefixes: readonly string[] }[];
}

/** Those that were asked for last, by what they were made of: whoever simulates starts the same exchange thousands of times. */
const configurations = new Map<string, Configuration>();
const mostConfigurations = 64;

function configurationFrom(file: object): Configuration {
  const text = JSON.stringify(file);
  const known = configurations.get(text);
  if (known !== undefined) return known;
  const configuration = configurationOf(configurationSchema.parse(file), '');
  if (configurations.size >= mostConfigurations) configurations.clear();
  configurations.set(text, configuration);
  return configuration;
}

/**
 * The exchange without a machine beneath it: every layer and every decision, on the clock, the network and the names that it
 * is given, with its store in memory. For simulations, and for programs that bring an exchange of their own.
 */
export class EmbeddedExchange {
  readonly #context: SipContext;
  readonly #options: EmbeddedExchangeOptions;
  #database: DatabaseSync | undefined;
  #core: Core | undefined;

  constructor(context: SipContext, options: EmbeddedExchangeOptions) {
    this.#context = context;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { domains, subscribers, administrators, gateways = [], servers, mediaAddress, ...network } = this.#options;
    const configuration = configurationFrom({
      domains,
      subscribers,
      administrators,
      servers,
      ...(mediaAddress !== undefined && { media: { address: mediaAddress } }),
      gateways,
      // The listeners are those that it is given; a file names one at least.
      listeners: [{ protocol: 'udp', address: '127.0.0.1' }],
    });
    this.#database ??= memoryDatabase();
    this.#core = new Core(this.#context, configuration, network, this.#database, { embedded: true });
    await this.#core.start();
  }

  /** Ends as a process does whose machine is switched off: {@link start} goes on with what it has stored. */
  async halt(): Promise<void> {
    await this.#core?.stop();
    this.#core = undefined;
  }

  /**
   * Ends as a process does that is killed: nothing is said to anybody, and what has not been stored is lost; {@link start} goes on
   * with what has. Its clock has to stand still for it from before, and its transports have to be without connections.
   */
  crash(): void {
    this.#core?.abandon();
    this.#core = undefined;
  }

  async stop(): Promise<void> {
    await this.halt();
    if (this.#database !== undefined) releaseMemoryDatabase(this.#database);
    this.#database = undefined;
  }

  /** What a subscriber has set. */
  settings(user: string, domain: string): SubscriberSettings {
    const answer = this.#core?.settingsApi().get(user, domain);
    return answer?.kind === 'settings' ? answer.settings : {};
  }

  /** Changes some of his settings, as RFC 7396 merges; false where they make no sense or nobody has that address. */
  change(user: string, domain: string, patch: unknown): boolean {
    return this.#core?.settingsApi().merge(user, domain, patch).kind === 'settings';
  }

  /** What `/metrics` would tell; empty while it is stopped. */
  async metrics(): Promise<string> {
    return (await this.#core?.metrics()) ?? '';
  }

  /** All zeros when nothing goes on and it has stopped. */
  stats(): CoreStats {
    return this.#core?.stats() ?? { requests: 0, transactions: 0, flows: 0, bindings: 0, calls: 0, servers: 0 };
  }
}
