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
import { SettingsBook } from '../settings/book.ts';
import { SubscriberSettingsStore } from '../store/subscriber-settings.ts';
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
let settings: SettingsBook;
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
  settings = new SettingsBook();
  const context = { ...systemContext(recordingLog(lines)), clock };
  watch = new SubscriberWatch(database, directory, settings, location, context);
  watch.start({ subscribers: [subscriber('alice')], settings: configuredSettings }, false);
  stop = () => {
    watch.stop();
    location.stop();
    database.close();
  };
});

afterEach(() => stop());

/** What the configuration sets for alice. */
const configuredSettings = new Map([['alice@example.com', { forward: { always: 'bob' } }]]);

/** As `switchhook users` and `switchhook set` do, from another process. */
function elsewhere(change: (store: SubscriberStore, settings: SubscriberSettingsStore) => void): void {
  const database = openDatabase(place);
  change(new SubscriberStore(database), new SubscriberSettingsStore(database));
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

test('settings of the store count instead of those of the configuration, until they are taken back', () => {
  const alice = 'alice@example.com';
  expect(settings.services(alice)?.forwarding.always?.toString()).toBe('sip:bob@example.com');
  elsewhere((_, store) => store.put('example.com', 'alice', { doNotDisturb: true }));
  tick();
  expect(settings.settings(alice)).toEqual({ doNotDisturb: true });
  expect(settings.services(alice)).toMatchObject({ doNotDisturb: true, forwarding: { always: undefined } });
  elsewhere((_, store) => store.remove('example.com', 'alice'));
  tick();
  expect(settings.settings(alice)).toEqual({ forward: { always: 'bob' } });
  expect(settings.services('bob@example.com')).toBeUndefined();
});

test('settings that cannot be read are as good as none', () => {
  elsewhere((_, store) => store.put('example.com', 'bob', { doNotDisturb: true }));
  damage(`UPDATE subscriber_settings SET settings = '{"doNotDisturb": "perhaps"}'`);
  tick();
  expect(settings.services('bob@example.com')).toBeUndefined();
  damage(`UPDATE subscriber_settings SET settings = '{'`);
  watch.loadSettings();
  expect(settings.services('bob@example.com')).toBeUndefined();
});

test('who is removed loses his bindings', async () => {
  const addressOfRecord = 'sip:alice@example.com';
  const times = { callId: 'c', cseq: 1, expiresAt: 1_000, updatedAt: 0 };
  const binding = { addressOfRecord, contact: 'sip:a@192.0.2.1', parameters: '', q: 1, path: [], ...times };
  await location.update(addressOfRecord, () => [binding], 'registered');
  watch.load({ subscribers: [subscriber('bob')], settings: new Map() });
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
