import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { HashAlgorithm } from '@switchhook/sip';
import type { Subscriber } from '../subscribers/subscriber.ts';
import { statement } from './statement.ts';

/** The subscribers that `switchhook users` keeps. The store holds hashes, never a password. */
export class SubscriberStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Ordered by domain and user. */
  list(): Subscriber[] {
    return statement(this.#database, 'SELECT * FROM subscriber ORDER BY domain, user').all().map(subscriberOf);
  }

  get(domain: string, user: string): Subscriber | undefined {
    const row = statement(this.#database, 'SELECT * FROM subscriber WHERE domain = ? AND user = ?').get(domain, user);
    return row === undefined ? undefined : subscriberOf(row);
  }

  /** Adds the subscriber, or replaces what is kept under the same address. */
  put(subscriber: Subscriber): void {
    const { domain, user, name, credentials } = subscriber;
    statement(
      this.#database,
      'INSERT OR REPLACE INTO subscriber (domain, user, name, md5, sha256, sha512_256) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(
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
    return (
      statement(this.#database, 'DELETE FROM subscriber WHERE domain = ? AND user = ?').run(domain, user).changes > 0
    );
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
