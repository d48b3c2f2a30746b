import { chmodSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFolder } from '@switchhook/node';
import { ExchangeError, hasErrorCode } from '../errors.ts';
import { statement } from './statement.ts';

/** Each step takes the schema one version up; `user_version` says how many were taken. Steps are never edited. */
const migrations: readonly string[] = [
  `CREATE TABLE subscriber (
     domain TEXT NOT NULL,
     user TEXT NOT NULL,
     name TEXT,
     md5 TEXT,
     sha256 TEXT,
     sha512_256 TEXT,
     PRIMARY KEY (domain, user)
   ) WITHOUT ROWID;
   CREATE TABLE registration (
     address_of_record TEXT PRIMARY KEY,
     expires_at INTEGER NOT NULL,
     state TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE setting (
     name TEXT PRIMARY KEY,
     value TEXT NOT NULL
   ) WITHOUT ROWID;`,
  `CREATE TABLE subscriber_settings (
     domain TEXT NOT NULL,
     user TEXT NOT NULL,
     settings TEXT NOT NULL,
     PRIMARY KEY (domain, user)
   ) WITHOUT ROWID;`,
  `CREATE TABLE parked_call (
     lot TEXT NOT NULL,
     slot TEXT NOT NULL,
     parker TEXT NOT NULL,
     target TEXT NOT NULL,
     call_id TEXT NOT NULL,
     local_tag TEXT NOT NULL,
     remote_tag TEXT NOT NULL,
     since INTEGER NOT NULL,
     PRIMARY KEY (lot, slot)
   ) WITHOUT ROWID;`,
];

/** All that migrations have made. */
const tables = ['subscriber', 'registration', 'setting', 'subscriber_settings', 'parked_call'];

const sqliteBusy = 5;
const sqliteReadOnly = 8;
const sqliteIo = 10;
const sqliteCorrupt = 11;
const sqliteFull = 13;
const sqliteCannotOpen = 14;
const sqliteNotADatabase = 26;

/**
 * Opens the store of a data folder, making both when they are not there.
 * Write-ahead log with `synchronous = NORMAL`: a commit has reached the operating system when it returns, so it
 * survives the death of the process at any point; only a crash of the machine can take the last commits.
 */
export function openDatabase(folder: string): DatabaseSync {
  const file = join(folder, 'exchange.db');
  return explained(file, () => {
    makeFolder(folder, 0o700);
    const database = new DatabaseSync(file, { timeout: 5_000 });
    try {
      // Its companions take over the mode; the hashes in them are as good as passwords for whoever reads them.
      chmodSync(file, 0o600);
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
      const health = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
      if (health !== 'ok') throw corrupt(file, String(health));
      migrate(database, file);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Does something with the store of a data folder; what SQLite has against it is said with what to do. */
export function withDatabase<T>(folder: string, work: (database: DatabaseSync) => T): T {
  const database = openDatabase(folder);
  try {
    return explained(join(folder, 'exchange.db'), () => work(database));
  } finally {
    database.close();
  }
}

/** Whether a data folder has a store, without making one. Throws where nobody may look. */
export function hasDatabase(folder: string): boolean {
  return statSync(join(folder, 'exchange.db'), { throwIfNoEntry: false }) !== undefined;
}

/** Stores in memory that nobody needs any more, emptied: to make their tables takes longer than all that some hold. */
const spare: DatabaseSync[] = [];
const mostSpare = 4;

/** A store in memory; give it back by {@link releaseMemoryDatabase}. */
export function memoryDatabase(): DatabaseSync {
  const emptied = spare.pop();
  if (emptied !== undefined) return emptied;
  const database = new DatabaseSync(':memory:');
  migrate(database, 'the store in memory');
  return database;
}

/** What it held is gone. Nobody may use it any more. */
export function releaseMemoryDatabase(database: DatabaseSync): void {
  if (spare.length >= mostSpare) {
    database.close();
    return;
  }
  for (const table of tables) statement(database, `DELETE FROM ${table}`).run();
  spare.push(database);
}

function migrate(database: DatabaseSync, file: string): void {
  // Of one that is up to date nothing is written: so it can be read where the disk is full.
  if (versionOf(database) === migrations.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = versionOf(database);
    if (version > migrations.length) {
      throw new ExchangeError(
        'store',
        `${file} was written by a newer switchhook; run that version, or another folder`,
      );
    }
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${String(migrations.length)}; COMMIT`);
  } catch (error) {
    // SQLite has rolled back by itself where a disk is full or fails.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

/** Keeps a second exchange from serving out of the same folder. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the folder for one serving process. The lock is SQLite's own on an otherwise empty file, so the operating
 * system lets go of it however the process ends; the store itself stays open to `switchhook users`.
 */
export function lockFolder(folder: string): FolderLock {
  const file = join(folder, 'serving.lock');
  return explained(file, () => {
    makeFolder(folder, 0o700);
    const database = new DatabaseSync(file, { timeout: 0 });
    try {
      database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      if (resultCode(error) !== sqliteBusy) throw error;
      const advice = 'stop it first, or give this one a folder of its own with --data';
      throw new ExchangeError('in-use', `another exchange is serving from ${folder}; ${advice}`, { cause: error });
    }
    return { release: () => database.close() };
  });
}

function explained<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExchangeError) throw error;
    if (hasErrorCode(error, 'EEXIST') || hasErrorCode(error, 'ENOTDIR')) {
      throw new ExchangeError('store', `${dirname(file)} is no folder; name another one as data, or with --data`);
    }
    const reason = error instanceof Error ? error.message : String(error);
    switch (resultCode(error)) {
      case sqliteCorrupt:
      case sqliteNotADatabase:
        throw corrupt(file, reason);
      case sqliteBusy:
        throw new ExchangeError('store', `${file} is locked by another program; close it and try again`);
      case sqliteFull:
        throw new ExchangeError('store', `${file} has no room to grow; free some space on its disk`);
      case sqliteIo:
        throw new ExchangeError(
          'store',
          `${file} cannot be read or written (${reason}); is its disk full, or failing?`,
        );
      case sqliteReadOnly:
      case sqliteCannotOpen:
      case undefined:
        throw new ExchangeError('store', `${file} cannot be opened (${reason}); is the folder yours to write?`);
      default:
        throw new ExchangeError('store', `${file}: ${reason}`, { cause: error });
    }
  }
}

function corrupt(file: string, reason: string): ExchangeError {
  const advice = 'restore it from a backup, or move it away and start afresh';
  return new ExchangeError('store', `${file} is damaged or no database (${reason.replaceAll('\n', ' ')}); ${advice}`);
}

/** The primary result code of SQLite: extended codes carry more in their upper bits. */
function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}
