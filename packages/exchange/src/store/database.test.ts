import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, test } from 'vitest';
import { hashPassword } from '../subscribers/subscriber.ts';
import { lockFolder, memoryDatabase, openDatabase, releaseMemoryDatabase, withDatabase } from './database.ts';
import { SettingStore } from './settings.ts';
import { SubscriberStore } from './subscribers.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchhook-store-'));
});

test('subscribers are kept as hashes and nowhere as a password', () => {
  const database = openDatabase(folder);
  const store = new SubscriberStore(database);
  const alice = { user: 'alice', domain: 'example.com', credentials: hashPassword('alice', 'example.com', 'geheim') };
  store.put({ ...alice, name: 'Alice' });
  store.put(alice);
  expect(store.list()).toEqual([alice]);
  expect(store.get('example.com', 'alice')).toEqual(alice);
  expect(store.get('example.com', 'bob')).toBeUndefined();
  expect(JSON.stringify(database.prepare('SELECT * FROM subscriber').all())).not.toContain('geheim');
  expect(store.remove('example.com', 'alice')).toBe(true);
  expect(store.remove('example.com', 'alice')).toBe(false);
  for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  database.close();
});

test('the digest hash is the one of RFC 2617 3.5', () => {
  expect(hashPassword('Mufasa', 'testrealm@host.com', 'Circle Of Life').MD5).toBe('939e7578ed9e3c518a452acee763bce9');
});

test('a setting is made once and outlives the store that made it', () => {
  const first = openDatabase(folder);
  expect(new SettingStore(first).getOrMake('key', () => 'one')).toBe('one');
  first.close();
  const second = openDatabase(folder);
  expect(new SettingStore(second).getOrMake('key', () => 'two')).toBe('one');
  second.close();
});

test('a folder is served from once at a time', () => {
  const lock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow('another exchange is serving from');
  openDatabase(folder).close();
  lock.release();
  lockFolder(folder).release();
});

test('a file that is no database is named, with what to do', () => {
  writeFileSync(join(folder, 'exchange.db'), 'x'.repeat(4_096));
  expect(() => openDatabase(folder)).toThrow(/exchange\.db is damaged or no database .* restore it from a backup/);
});

test('a store with a damaged page is named, with what to do', () => {
  const database = openDatabase(folder);
  const store = new SettingStore(database);
  for (let number = 0; number < 500; number++) store.getOrMake(`setting ${String(number)}`, () => 'x'.repeat(200));
  database.close();
  const file = join(folder, 'exchange.db');
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xff, 8 * 4_096, 9 * 4_096));
  expect(() => openDatabase(folder)).toThrow(/exchange\.db is damaged .* restore it from a backup/);
});

test('a file that an interrupted first start left empty is taken up, and so is one without a version', () => {
  writeFileSync(join(folder, 'exchange.db'), '');
  openDatabase(folder).close();
  const database = openDatabase(folder);
  expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 3 });
  expect(new SubscriberStore(database).list()).toEqual([]);
  database.close();
});

test.skipIf(process.getuid?.() === 0)('a store that may not be written is named, with what to do', () => {
  openDatabase(folder).close();
  chmodSync(folder, 0o500);
  expect(() => openDatabase(folder)).toThrow(/exchange\.db .* is the folder yours to write\?/);
  chmodSync(folder, 0o700);
});

test('a store of a newer version is left alone', () => {
  openDatabase(folder).close();
  const database = new DatabaseSync(join(folder, 'exchange.db'));
  database.exec('PRAGMA user_version = 99');
  database.close();
  expect(() => openDatabase(folder)).toThrow('was written by a newer switchhook');
});

test('a store that is up to date is read without a lock to write', () => {
  const first = openDatabase(folder);
  first.exec('BEGIN IMMEDIATE');
  const second = openDatabase(folder);
  expect(new SubscriberStore(second).list()).toEqual([]);
  second.close();
  first.exec('ROLLBACK');
  first.close();
});

test('a folder that is a file says so, and so does one below a file', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => openDatabase(join(folder, 'file'))).toThrow(`${join(folder, 'file')} is no folder`);
  expect(() => lockFolder(join(folder, 'file', 'below'))).toThrow('below is no folder; name another one');
});

test('a folder that cannot be made says so', () => {
  expect(() => openDatabase('/proc/nowhere')).toThrow('is the folder yours to write?');
});

test('what SQLite has against a change is said with the file', () => {
  openDatabase(folder).close();
  const change = (): unknown =>
    withDatabase(folder, (database) => {
      database.exec('PRAGMA max_page_count = 1');
      database.exec(`CREATE TABLE wide AS SELECT zeroblob(${String(2 ** 20)}) AS bytes`);
      return undefined;
    });
  expect(change).toThrow(/exchange\.db has no room to grow; free some space/);
});

test('a store in memory that was given back is empty for whoever gets it next', () => {
  const first = memoryDatabase();
  const others = Array.from({ length: 5 }, memoryDatabase);
  const tables = first.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  expect(tables.length).toBeGreaterThan(0);
  for (const { name } of tables) {
    const columns = first.prepare('SELECT name FROM pragma_table_info(?)').all(String(name));
    first.exec(`INSERT INTO ${String(name)} VALUES (${columns.map(() => '1').join()})`);
  }
  releaseMemoryDatabase(first);
  const next = memoryDatabase();
  expect(next).toBe(first);
  for (const { name } of tables)
    expect(next.prepare(`SELECT count(*) AS count FROM ${String(name)}`).get()).toEqual({ count: 0 });
  for (const each of [next, ...others]) releaseMemoryDatabase(each);
  // No more than a few are kept.
  expect([next, ...others].filter(({ isOpen }) => isOpen).length).toBeLessThan(6);
});
