import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemContext } from '@switchhook/node';
import type { Clock } from '@switchhook/sip';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingLog } from '../certificates.testing.ts';
import { silent } from '../phone.testing.ts';
import { openDatabase } from '../store/database.ts';
import { SqliteLocationService } from '../store/location.ts';
import { SubscriberStore } from '../store/subscribers.ts';
import { SubscriberDirectory } from './directory.ts';
import { hashPassword } from './subscriber.ts';
import type { Subscriber } from './subscriber.ts';
import { SubscriberWatch } from './watch.ts';

let tick: () => void = () => undefined;
const clock: Clock = {
  now: () => 0,
  date: () => 0,
  after(_, action) {
    tick = action;
    return { cancel: () => undefined };
  },
};

function subscriber(user: string, password = 'secret'): Subscriber {
  return { user, domain: 'example.com', credentials: hashPassword(user, 'example.com', password) };
}

const folder = (): string => mkdtempSync(join(tmpdir(), 'switchhook-watch-'));
let place: string;
let stop: () => void;
let directory: SubscriberDirectory;
let location: SqliteLocationService;
let watch: SubscriberWatch;
let lines: string[];
let damage: (sql: string) => void;

beforeEach(() => {
  place = folder();
  const database = openDatabase(place);
  damage = (sql) => database.exec(sql);
  directory = new SubscriberDirectory();
  const still = { ...clock, after: () => ({ cancel: () => undefined }) };
  location = new SqliteLocationService({ clock: still, log: silent }, database);
  lines = [];
  watch = new SubscriberWatch(database, directory, location, { ...systemContext(recordingLog(lines)), clock });
  watch.start([subscriber('alice')]);
  stop = () => {
    watch.stop();
    location.stop();
    database.close();
  };
});

afterEach(() => stop());

/** As `switchhook users` does, from another process. */
function elsewhere(change: (store: SubscriberStore) => void): void {
  const database = openDatabase(place);
  change(new SubscriberStore(database));
  database.close();
}

test('what another process writes is noticed at the next look', () => {
  elsewhere((store) => store.put(subscriber('bob')));
  expect(directory.has('bob', 'example.com')).toBe(false);
  tick();
  expect(directory.has('bob', 'example.com')).toBe(true);
  elsewhere((store) => store.remove('example.com', 'bob'));
  tick();
  expect(directory.has('bob', 'example.com')).toBe(false);
  expect(directory.has('alice', 'example.com')).toBe(true);
});

test('the configuration wins over the store', () => {
  elsewhere((store) => store.put(subscriber('alice', 'other')));
  tick();
  expect(directory.find('example.com', 'alice')?.ha1).toEqual(subscriber('alice').credentials);
});

test('who is removed loses his bindings', async () => {
  const addressOfRecord = 'sip:alice@example.com';
  const times = { callId: 'c', cseq: 1, expiresAt: 1_000, updatedAt: 0 };
  const binding = { addressOfRecord, contact: 'sip:a@192.0.2.1', parameters: '', q: 1, path: [], ...times };
  await location.update(addressOfRecord, () => [binding], 'registered');
  watch.load([subscriber('bob')]);
  await expect.poll(() => location.bindings(addressOfRecord)).toEqual([]);
});

test('a store that cannot be read is told, and everybody stays', () => {
  elsewhere((store) => store.put(subscriber('bob')));
  damage('ALTER TABLE subscriber RENAME TO lost');
  tick();
  expect(lines).toEqual(['error the subscribers stay as they were']);
  expect(directory.has('alice', 'example.com')).toBe(true);
  damage('ALTER TABLE lost RENAME TO subscriber');
  tick();
  expect(directory.has('bob', 'example.com')).toBe(true);
});
