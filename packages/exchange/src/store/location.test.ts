import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Binding, Clock } from '@switchhook/sip';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingLog } from '../certificates.testing.ts';
import { openDatabase } from './database.ts';
import { SqliteLocationService } from './location.ts';

const alice = 'sip:alice@example.com';
let now: number;
let timers: (() => void)[];
let lines: string[];
const clock: Clock = {
  now: () => now,
  date: () => now,
  after: (_, action) => {
    timers.push(action);
    return { cancel: () => undefined };
  },
};

function binding(contact: string, more: Partial<Binding> = {}): Binding {
  return {
    addressOfRecord: alice,
    contact,
    parameters: '',
    q: 1,
    callId: 'c',
    cseq: 1,
    expiresAt: 60_000,
    updatedAt: 0,
    path: [],
    ...more,
  };
}

let folder: string;
let database: DatabaseSync;
let location: SqliteLocationService;

function open(): void {
  database = openDatabase(folder);
  location = new SqliteLocationService({ clock, log: recordingLog(lines) }, database);
  location.start();
}

beforeEach(() => {
  now = 1_000;
  timers = [];
  lines = [];
  folder = mkdtempSync(join(tmpdir(), 'switchhook-location-'));
  open();
});

afterEach(() => {
  location.stop();
  database.close();
});

function rowsSeenByOthers(): number {
  const other = openDatabase(folder);
  const count = Number(other.prepare('SELECT count(*) AS count FROM registration').get()?.['count']);
  other.close();
  return count;
}

test('an update resolves when it is committed, and not before', async () => {
  const updated = location.update(alice, () => [binding('sip:a@192.0.2.1')], 'registered');
  expect(location.bindings(alice)).toEqual([]);
  expect(rowsSeenByOthers()).toBe(0);
  await updated;
  expect(rowsSeenByOthers()).toBe(1);
  expect(location.bindings(alice)).toMatchObject([{ contact: 'sip:a@192.0.2.1' }]);
});

test('updates of one turn build on each other and are committed together', async () => {
  const first = location.update(alice, (current) => [...current, binding('sip:1@a')], 'registered');
  const second = location.update(alice, (current) => [...current, binding('sip:2@a')], 'registered');
  const unchanged = location.update(alice, (current) => current, 'registered');
  expect(await first).toHaveLength(1);
  expect(await second).toHaveLength(2);
  expect(await unchanged).toHaveLength(2);
  expect(location.bindings(alice)).toHaveLength(2);
});

test('what is committed is there after a restart, without the flow', async () => {
  const received = { protocol: 'UDP', address: '192.0.2.9', port: 4 } as const;
  await location.update(alice, () => [binding('sip:a@192.0.2.1', { flow: 7, received, gruuId: 'g' })], 'registered');
  location.stop();
  database.close();
  open();
  expect(location.bindings(alice)).toEqual([binding('sip:a@192.0.2.1', { received, gruuId: 'g' })]);
  expect(location.findGruu('g')).toBe(alice);
});

test('what runs out leaves the store too', async () => {
  await location.update(alice, () => [binding('sip:a@192.0.2.1', { expiresAt: 2_000 })], 'registered');
  now = 2_000;
  timers.pop()?.();
  expect(location.bindings(alice)).toEqual([]);
  await new Promise(setImmediate);
  expect(rowsSeenByOthers()).toBe(0);
});

test('an update that cannot be committed is rejected and changes nothing', async () => {
  const updated = location.update(alice, () => [binding('sip:a@192.0.2.1')], 'registered');
  database.exec('DROP TABLE registration');
  await expect(Promise.resolve(updated)).rejects.toThrow('no such table');
  expect(location.bindings(alice)).toEqual([]);
});

test('stopping writes what waits', async () => {
  const updated = location.update(alice, () => [binding('sip:a@192.0.2.1')], 'registered');
  location.stop();
  await updated;
  expect(rowsSeenByOthers()).toBe(1);
  expect(location.stats()).toEqual({ addressesOfRecord: 0, bindings: 0, timers: 0 });
});

test('a full disk refuses what does not fit any more, and nothing else', async () => {
  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
  database.exec(`PRAGMA max_page_count = ${String(pages)}`);
  await location.update(alice, () => [binding('sip:a@192.0.2.1')], 'registered');
  const long = binding(`sip:a@192.0.2.2;x=${'x'.repeat(10_000)}`);
  await expect(Promise.resolve(location.update(alice, () => [long], 'registered'))).rejects.toThrow('full');
  expect(location.bindings(alice)).toEqual([binding('sip:a@192.0.2.1')]);
  database.exec('PRAGMA max_page_count = 10000');
  await location.update(alice, () => [long], 'registered');
  expect(location.bindings(alice)).toEqual([long]);
});

test.each(['{', '[{"contact":5}]'])('a damaged row costs nobody else his registration: %s', async (state) => {
  const bob = 'sip:bob@example.com';
  await location.update(alice, () => [binding('sip:a@192.0.2.1')], 'registered');
  database.prepare('INSERT INTO registration VALUES (?, ?, ?)').run(bob, 60_000, state);
  location.stop();
  database.close();
  open();
  expect(location.bindings(alice)).toHaveLength(1);
  expect(location.bindings(bob)).toEqual([]);
  expect(lines).toEqual(['warn a damaged registration is dropped']);
  expect(rowsSeenByOthers()).toBe(1);
});
