import { describe, expect, test } from 'vitest';
import { DnsCache, defaultDnsCacheLimits } from './dns-cache.ts';
import type { DnsCacheLimits } from './dns-cache.ts';
import type { DnsAnswer } from './dns.ts';
import { ManualClock } from './manual-clock.testing.ts';

function cacheOf(answer: (name: string) => Promise<DnsAnswer<string>>, limits: Partial<DnsCacheLimits> = {}) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const query = (name: string): Promise<DnsAnswer<string>> => {
    asked.push(name);
    return answer(name);
  };
  return { clock, asked, cache: new DnsCache(query, clock, { ...defaultDnsCacheLimits, ...limits }) };
}

const records = ['192.0.2.1'];

describe('how long an answer is kept', () => {
  test.each<[string, DnsAnswer<string>, number]>([
    ['as long as its time to live', { records, timeToLive: 100 }, 100_000],
    ['at least the minimum', { records, timeToLive: 0 }, 5_000],
    ['at most the maximum', { records, timeToLive: 2 ** 31 }, 3_600_000],
    ['the default when nobody tells', { records }, 60_000],
    ['the negative time when there is nothing', { records: [], timeToLive: 1_000 }, 30_000],
  ])('%s', async (_, answer, milliseconds) => {
    const { cache, clock } = cacheOf(() => Promise.resolve(answer));
    await cache.fetch('a');
    clock.advance(milliseconds - 1);
    expect(cache.read('a')).toMatchObject({ failed: false, records: answer.records });
    clock.advance(1);
    expect(cache.read('a')).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  test('a failure is remembered for a short while', async () => {
    const { cache, clock } = cacheOf(() => Promise.reject(new Error('no name server')));
    await cache.fetch('a');
    clock.advance(9_999);
    expect(cache.read('a')).toMatchObject({ failed: true, records: [] });
    clock.advance(1);
    expect(cache.read('a')).toBeUndefined();
  });
});

test('a name is asked once, however many wait for it', async () => {
  const { asked, cache } = cacheOf(() => Promise.resolve({ records }));
  await Promise.all([cache.fetch('a'), cache.fetch('a'), cache.fetch('b')]);
  expect(asked).toEqual(['a', 'b']);
  expect(cache.queries).toBe(0);
});

test('names are bounded, the oldest answer goes first', async () => {
  const { cache } = cacheOf(() => Promise.resolve({ records }), { maximumNames: 2 });
  for (const name of ['a', 'b', 'a', 'c']) await cache.fetch(name);
  expect(cache.size).toBe(2);
  expect(cache.read('b')).toBeUndefined();
  expect(cache.read('a')).toBeDefined();
});

test('where nothing else is said there are as many of each as docs/limits.md says', async () => {
  const { asked, cache } = cacheOf((name) =>
    name.startsWith('slow')
      ? new Promise(() => undefined)
      : Promise.resolve({ records: Array.from({ length: 100 }, () => 'r') }),
  );
  for (let name = 0; name < 2_100; name++) await cache.fetch(String(name));
  expect([cache.size, cache.read('2099')?.records.length]).toEqual([2_000, 32]);
  for (let name = 0; name < 300; name++) void cache.fetch(`slow${String(name)}`);
  expect(asked.filter((name) => name.startsWith('slow'))).toHaveLength(200);
});

test('records are bounded', async () => {
  const { cache } = cacheOf(
    () => Promise.resolve({ records: Array.from({ length: 500 }, (_, index) => `r${index}`) }),
    {
      maximumRecords: 3,
    },
  );
  await cache.fetch('a');
  expect(cache.read('a')?.records).toEqual(['r0', 'r1', 'r2']);
});

test('queries under way are bounded; one too many counts as not answered', async () => {
  const { asked, cache } = cacheOf(() => new Promise(() => undefined), { maximumQueries: 2 });
  void cache.fetch('a');
  void cache.fetch('b');
  await cache.fetch('c');
  expect(asked).toEqual(['a', 'b']);
  expect(cache.read('c')?.failed).toBe(true);
});

test('an answer that comes after everything was forgotten is forgotten too', async () => {
  const { promise, resolve } = Promise.withResolvers<DnsAnswer<string>>();
  const { cache } = cacheOf(() => promise);
  const fetched = cache.fetch('a');
  cache.clear();
  resolve({ records });
  await fetched;
  expect(cache.size).toBe(0);
});
