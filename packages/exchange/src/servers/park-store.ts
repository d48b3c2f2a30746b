import type { DatabaseSync } from 'node:sqlite';
import { statement } from '../store/statement.ts';

/** What has to be known of a parked call to find it again after a restart. */
export interface StoredCall {
  readonly slot: string;
  /** The subscriber who has parked it. */
  readonly parker: string;
  /** Where the parked party is reached: its contact. */
  readonly target: string;
  readonly callId: string;
  /** Of this side. */
  readonly localTag: string;
  readonly remoteTag: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Where the parked calls of one lot outlive the process. */
export class ParkStore {
  readonly #database: DatabaseSync;
  readonly #lot: string;

  /** `lot` is the address of the lot. */
  constructor(database: DatabaseSync, lot: string) {
    this.#database = database;
    this.#lot = lot;
  }

  all(): StoredCall[] {
    const rows = statement(this.#database, 'SELECT * FROM parked_call WHERE lot = ? ORDER BY since').all(this.#lot);
    return rows.map((row) => ({
      slot: String(row['slot']),
      parker: String(row['parker']),
      target: String(row['target']),
      callId: String(row['call_id']),
      localTag: String(row['local_tag']),
      remoteTag: String(row['remote_tag']),
      since: Number(row['since']),
    }));
  }

  put({ slot, parker, target, callId, localTag, remoteTag, since }: StoredCall): void {
    statement(
      this.#database,
      `INSERT OR REPLACE INTO parked_call (lot, slot, parker, target, call_id, local_tag, remote_tag, since)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(this.#lot, slot, parker, target, callId, localTag, remoteTag, since);
  }

  remove(slot: string): void {
    statement(this.#database, 'DELETE FROM parked_call WHERE lot = ? AND slot = ?').run(this.#lot, slot);
  }
}
