import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SipContext, Timer } from '@switchhook/sip';
import type { SettingsBook, SettingsByAddress } from '../settings/book.ts';
import type { SqliteLocationService } from '../store/location.ts';
import { statement } from '../store/statement.ts';
import { SubscriberSettingsStore } from '../store/subscriber-settings.ts';
import { SubscriberStore } from '../store/subscribers.ts';
import type { SubscriberDirectory } from './directory.ts';
import type { Subscriber } from './subscriber.ts';
import { addressOfRecord } from './subscriber.ts';

/** What the configuration says of subscribers. */
interface Configured {
  readonly subscribers: readonly Subscriber[];
  readonly settings: SettingsByAddress;
}

/** Milliseconds between two looks at the store. */
const lookEvery = 1_000;

/**
 * Keeps the directory and the book of settings as the configuration and the store have them. SQLite's data version tells
 * when another process, `switchhook users` or `switchhook set`, has written; asking for it reads no page.
 */
export class SubscriberWatch {
  readonly #store: SubscriberStore;
  readonly #settingsStore: SubscriberSettingsStore;
  readonly #directory: SubscriberDirectory;
  readonly #settings: SettingsBook;
  readonly #location: SqliteLocationService;
  readonly #context: SipContext;
  readonly #version: StatementSync;
  #configured: Configured = { subscribers: [], settings: new Map() };
  #lastVersion: unknown;
  #timer: Timer | undefined;

  constructor(
    database: DatabaseSync,
    directory: SubscriberDirectory,
    settings: SettingsBook,
    location: SqliteLocationService,
    context: SipContext,
  ) {
    this.#store = new SubscriberStore(database);
    this.#settingsStore = new SubscriberSettingsStore(database);
    this.#version = statement(database, 'PRAGMA data_version');
    this.#directory = directory;
    this.#settings = settings;
    this.#location = location;
    this.#context = context;
  }

  /** `isAlone` where no other process can have the store: then there is nothing to look for. */
  start(configured: Configured, isAlone: boolean): void {
    this.#lastVersion = this.#dataVersion();
    this.load(configured);
    if (!isAlone) this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Takes up another configuration, and what the store holds now. Who is gone loses his bindings. */
  load(configured: Configured): void {
    this.#configured = configured;
    this.#directory.load(configured.subscribers, this.#store.list());
    this.loadSettings();
    const known = new Set(this.#directory.all().map(({ user, domain }) => addressOfRecord(user, domain)));
    for (const bound of [...this.#location.addressesOfRecord()]) {
      if (!known.has(bound)) this.#forget(bound);
    }
  }

  /** Takes up what the store has of settings now: it counts from the next call on. */
  loadSettings(): void {
    this.#settings.load(this.#configured.settings, this.#settingsStore.list());
  }

  #forget(bound: string): void {
    const failed = (error: unknown): void =>
      this.#context.log.error('a removed subscriber keeps his bindings', {
        addressOfRecord: bound,
        error: String(error),
      });
    Promise.resolve(this.#location.update(bound, () => [], 'administered')).catch(failed);
  }

  #schedule(): void {
    this.#timer = this.#context.clock.after(lookEvery, () => {
      this.#look();
      this.#schedule();
    });
  }

  #look(): void {
    try {
      const version = this.#dataVersion();
      if (version === this.#lastVersion) return;
      this.load(this.#configured);
      this.#lastVersion = version;
    } catch (error) {
      this.#context.log.error('the subscribers stay as they were', { error: String(error) });
      return;
    }
    this.#context.log.info('subscribers read again', { subscribers: this.#directory.size });
  }

  #dataVersion(): unknown {
    return this.#version.get()?.['data_version'];
  }
}
