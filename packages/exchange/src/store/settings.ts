import type { DatabaseSync } from 'node:sqlite';
import { statement } from './statement.ts';

/** Single values that outlive a restart. */
export class SettingStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get(name: string): string | undefined {
    const value = statement(this.#database, 'SELECT value FROM setting WHERE name = ?').get(name)?.['value'];
    return typeof value === 'string' ? value : undefined;
  }

  /** The value of a setting, made and kept on first use. */
  getOrMake(name: string, make: () => string): string {
    statement(this.#database, 'INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING').run(
      name,
      make(),
    );
    return this.get(name) ?? '';
  }
}
