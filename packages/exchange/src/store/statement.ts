import type { DatabaseSync, StatementSync } from 'node:sqlite';

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** A statement of a store, made ready once: to read its SQL takes longer than most of what it does. */
export function statement(database: DatabaseSync, sql: string): StatementSync {
  const statements = prepared.get(database) ?? new Map<string, StatementSync>();
  prepared.set(database, statements);
  const known = statements.get(sql);
  if (known !== undefined) return known;
  const made = database.prepare(sql);
  statements.set(sql, made);
  return made;
}
