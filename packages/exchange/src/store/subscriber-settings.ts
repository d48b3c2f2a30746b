import type { DatabaseSync } from 'node:sqlite';
import { subscriberKey } from '../subscribers/subscriber.ts';
import { settingsSchema } from '../settings/schema.ts';
import type { SubscriberSettings } from '../settings/schema.ts';
import { statement } from './statement.ts';

/** What subscribers have set themselves, or were set by an administrator: JSON by address. */
export class SubscriberSettingsStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** By `user@domain`. What cannot be read, or a newer version wrote, is left out: its subscriber has nothing set. */
  list(): Map<string, SubscriberSettings> {
    const rows = statement(this.#database, 'SELECT domain, user, settings FROM subscriber_settings').all();
    const settings = new Map<string, SubscriberSettings>();
    for (const row of rows) {
      const read = settingsIn(row['settings']);
      if (read !== undefined) settings.set(subscriberKey(String(row['user']), String(row['domain'])), read);
    }
    return settings;
  }

  /** Undefined when nothing was ever set, or all was taken back. */
  get(domain: string, user: string): SubscriberSettings | undefined {
    const reading = statement(this.#database, 'SELECT settings FROM subscriber_settings WHERE domain = ? AND user = ?');
    return settingsIn(reading.get(domain, user)?.['settings']);
  }

  /** Takes back what was set: the configuration counts again. */
  remove(domain: string, user: string): void {
    statement(this.#database, 'DELETE FROM subscriber_settings WHERE domain = ? AND user = ?').run(domain, user);
  }

  /** Replaces all that was set. */
  put(domain: string, user: string, settings: SubscriberSettings): void {
    statement(
      this.#database,
      'INSERT OR REPLACE INTO subscriber_settings (domain, user, settings) VALUES (?, ?, ?)',
    ).run(domain, user, JSON.stringify(settings));
  }
}

function settingsIn(text: unknown): SubscriberSettings | undefined {
  try {
    const read = settingsSchema.safeParse(JSON.parse(String(text)));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
