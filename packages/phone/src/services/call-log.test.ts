import { expect, test } from 'vitest';
import { CallLog, callLogLength } from './call-log.ts';
import type { CallLogEntry } from './call-log.ts';

const entry: CallLogEntry = {
  direction: 'incoming',
  remote: { uri: 'sip:bob@example.com', name: 'Bob' },
  before: [],
  startedAt: 1,
  answeredAt: undefined,
  endedAt: 2,
  end: { kind: 'cancelled', by: 'remote' },
};

test('keeps so many calls, the last one first', () => {
  const log = new CallLog();
  for (let startedAt = 0; startedAt < callLogLength + 10; startedAt += 1) log.add({ ...entry, startedAt });
  expect(log.entries).toHaveLength(callLogLength);
  expect(log.entries[0]?.startedAt).toBe(callLogLength + 9);
  log.clear();
  expect(log.entries).toEqual([]);
});

test('a missed call rang here, and neither this phone nor another took it, nor did anybody reject it', () => {
  const log = new CallLog();
  log.add(entry);
  log.add({ ...entry, direction: 'outgoing' });
  log.add({ ...entry, answeredAt: 2, end: { kind: 'hung-up', by: 'remote' } });
  log.add({ ...entry, end: { kind: 'rejected', status: 486 } });
  log.add({ ...entry, end: { kind: 'answered-elsewhere' } });
  expect(log.missed).toEqual([entry]);
});
