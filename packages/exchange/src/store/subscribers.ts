import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { HashAlgorithm } from '@switchhook/sip';
import type { Subscriber } from '../subscribers/subscriber.ts';

/** The subscribers that `switchhook users` keeps. The store holds hashes, never a password. */
export class SubscriberStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Ordered by domain and user. */
  list(): Subscriber[] {
    return this.#database.prepare('SELECT * FROM subscriber ORDER BY domain, user').all().map(subscriberOf);
  }

  get(domain: string, user: string): Subscriber | undefined {
    const row = this.#database.prepare('SELECT * FROM subscriber WHERE domain = ? AND user = ?').get(domain, user);
    return row === undefined ? undefined : subscriberOf(row);
  }

  /** Adds the subscriber, or replaces what is kept under the same address. */
  put(subscriber: Subscriber): void {
    const { domain, user, name, credentials } = subscriber;
    this.#database
      .prepare(
        'INSERT OR REPLACE INTO subscriber (domain, user, name, md5, sha256, sha512_256) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(
        domain,
        user,
        name ?? null,
        credentials.MD5 ?? null,
        credentials['SHA-256'] ?? null,
        credentials['SHA-512-256'] ?? null,
      );
  }

  /** False when there was none. */
  remove(domain: string, user: string): boolean {
    return this.#database.prepare('DELETE FROM subscriber WHERE domain = ? AND user = ?').run(domain, user).changes > 0;
  }
}

function subscriberOf(row: Record<string, SQLOutputValue>): Subscriber {
  const name = row['name'];
  const credentials: Subscriber['credentials'] = {
    ...hashIn(row, 'md5', 'MD5'),
    ...hashIn(row, 'sha256', 'SHA-256'),
    ...hashIn(row, 'sha512_256', 'SHA-512-256'),
  };
  const subscriber = { domain: String(row['domain']), user: String(row['user']), credentials };
  return typeof name === 'string' ? { ...subscriber, name } : subscriber;
}

function hashIn(
  row: Record<string, SQLOutputValue>,
  column: string,
  algorithm: HashAlgorithm,
): Subscriber['credentials'] {
  const hash = row[column];
  return typeof hash === 'string' ? { [algorithm]: hash } : {};
}
