import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallEnd } from './call-end.ts';
import { CallLogKeeper } from './call-log-keeper.ts';
import { printCallLogLine, readCallLogLine } from './call-log-line.ts';
import type { CallLogStore } from './call-log-store.ts';
import { answering, TestHouse } from './phone.testing.ts';
import { CallLog, callLogLength } from './services/call-log.ts';
import type { CallLogEntry } from './services/call-log.ts';

/** A store in memory. */
class MemoryStore implements CallLogStore {
  text = '';
  isFull = false;

  read(): Promise<string> {
    return Promise.resolve(this.text);
  }

  append(text: string): Promise<void> {
    return this.#write(this.text + text);
  }

  replace(text: string): Promise<void> {
    return this.#write(text);
  }

  #write(text: string): Promise<void> {
    if (this.isFull) return Promise.reject(new Error('the disk is full'));
    this.text = text;
    return Promise.resolve();
  }
}

const bob = { uri: 'sip:bob@example.com', name: 'Bob' };
const entry: CallLogEntry = {
  direction: 'incoming',
  remote: bob,
  before: [],
  startedAt: 1_000,
  answeredAt: undefined,
  endedAt: 2_000,
  end: { kind: 'cancelled', by: 'remote' },
};

async function opened(store: CallLogStore): Promise<{ log: CallLog; keeper: CallLogKeeper; faults: string[] }> {
  const log = new CallLog();
  const faults: string[] = [];
  const keeper = new CallLogKeeper(log, store, (message) => faults.push(message));
  await keeper.open();
  return { log, keeper, faults };
}

const party = fc.record({ uri: fc.string(), name: fc.string() });
const by = fc.constantFrom('local' as const, 'remote' as const);
const failure = fc.record(
  {
    kind: fc.constantFrom('busy' as const, 'refused' as const),
    status: fc.nat(),
    code: fc.constantFrom('timeout' as const, 'dns-failure' as const),
    detail: fc.string(),
    announcement: fc.string(),
  },
  { requiredKeys: ['kind'] },
);
const end: fc.Arbitrary<CallEnd> = fc.oneof(
  fc.record({ kind: fc.constantFrom('hung-up' as const, 'cancelled' as const), by }),
  fc.record({ kind: fc.constant('parked' as const), at: party }),
  fc.record({ kind: fc.constant('answered-elsewhere' as const), by: fc.option(party, { nil: undefined }) }),
  fc.record({ kind: fc.constant('rejected' as const), status: fc.nat() }),
  fc.record({ kind: fc.constantFrom('lost' as const, 'failed' as const), failure }),
);
const time = fc.integer({ min: 0, max: 4e12 });
const anyEntry: fc.Arbitrary<CallLogEntry> = fc.record({
  direction: fc.constantFrom('outgoing' as const, 'incoming' as const),
  remote: party,
  before: fc.array(party, { maxLength: 3 }),
  startedAt: time,
  answeredAt: fc.option(time, { nil: undefined }),
  endedAt: time,
  end,
});

test('every call is read again as it was written, from one line', () => {
  fc.assert(
    fc.property(anyEntry, (written) => {
      const line = printCallLogLine(written);
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(readCallLogLine(line)).toEqual(written);
    }),
  );
});

test('no line whatever is more than unreadable', () => {
  const known = JSON.parse(printCallLogLine(entry)) as Record<string, unknown>;
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(known)), fc.jsonValue(), (name, value) => {
      const read = readCallLogLine(JSON.stringify({ ...known, [name]: value }));
      if (read !== undefined) expect(readCallLogLine(printCallLogLine(read))).toEqual(read);
    }),
  );
  for (const line of [
    '',
    'nonsense',
    'null',
    '[]',
    '7',
    JSON.stringify({ ...known, version: 2 }),
    // Later than any Date.
    JSON.stringify({ ...known, startedAt: 8_640_000_000_000_001 }),
    printCallLogLine(entry).slice(0, 40),
  ])
    expect(readCallLogLine(line), line).toBe(undefined);
});

test('a log is there again, the damaged lines and those of a later version aside, which are told', async () => {
  const store = new MemoryStore();
  const first = await opened(store);
  first.keeper.keep(entry);
  await first.keeper.close();
  // The machine stopped while it wrote.
  store.text += '{"version":1,"direc';
  const second = await opened(store);
  expect(second.log.entries).toEqual([entry]);
  expect(second.faults).toEqual(['a line of the call log cannot be read, and will be left out']);
  second.keeper.keep({ ...entry, startedAt: 5_000 });
  await second.keeper.close();
  const third = await opened(store);
  expect(third.log.entries.map(({ startedAt }) => startedAt)).toEqual([5_000, 1_000]);
});

test('it does not grow for ever, and is cleared where it is kept', async () => {
  const store = new MemoryStore();
  store.text = printCallLogLine(entry).repeat(2 * callLogLength + 1);
  const { log, keeper } = await opened(store);
  expect([log.entries.length, store.text.split('\n').length - 1]).toEqual([callLogLength, callLogLength]);
  log.clear();
  await keeper.close();
  expect(store.text).toBe('');
});

test('a store that fails is told of once, and again when it has worked between', async () => {
  const store = new MemoryStore();
  const { keeper, faults } = await opened(store);
  for (const isFull of [true, true, false, true]) {
    store.isFull = isFull;
    keeper.keep(entry);
    await keeper.close();
  }
  expect(faults).toEqual(Array(2).fill('the call log cannot be kept: the disk is full'));
});

test('a log that cannot be read leaves the phone one of its own', async () => {
  const store = new MemoryStore();
  store.read = () => Promise.reject(new Error('no permission'));
  const { log, faults } = await opened(store);
  expect([log.entries, faults]).toEqual([[], ['the call log cannot be read: no permission']]);
});

test('a phone that is started again has the calls of before', async () => {
  const store = new MemoryStore();
  for (const calls of [1, 2]) {
    const house = new TestHouse();
    const alice = await house.phone('alice', { callLog: store });
    const other = await house.phone('bob');
    answering(other);
    const calling = alice.phone.call(other.uri);
    await house.play(200);
    const call = await calling;
    void call.hangUp();
    await house.play(200);
    expect(alice.phone.log.entries).toHaveLength(calls);
    for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
  }
});
