import { beforeEach, describe, expect, test } from 'vitest';

import { ManualClock } from '../transport/manual-clock.testing.ts';
import type { Binding } from './binding.ts';
import type { LocationChange } from './location-service.ts';
import { MemoryLocationService } from './memory-location-service.ts';

const alice = 'sip:alice@example.com';

function bindingOf(contact: string, expiresAt: number, addressOfRecord = alice): Binding {
  return {
    addressOfRecord,
    contact,
    parameters: '',
    q: 1,
    callId: 'call',
    cseq: 1,
    expiresAt,
    updatedAt: 0,
    path: [],
    gruuId: `gruu of ${contact}`,
  };
}

let clock: ManualClock;
let location: MemoryLocationService;
let changes: LocationChange[];

beforeEach(() => {
  clock = new ManualClock();
  location = new MemoryLocationService(clock);
  changes = [];
  location.onChange((change) => changes.push(change));
});

function put(addressOfRecord: string, ...bindings: Binding[]): void {
  location.update(addressOfRecord, () => bindings, 'registered');
}

describe('MemoryLocationService', () => {
  test('keeps what it is given, by address of record and by GRUU', () => {
    const binding = bindingOf('sip:a', 1_000);
    put(alice, binding);
    expect(location.bindings(alice)).toEqual([binding]);
    expect(location.bindings('sip:bob@example.com')).toEqual([]);
    expect(location.findGruu('gruu of sip:a')).toBe(alice);
    expect([...location.addressesOfRecord()]).toEqual([alice]);
    expect(changes).toEqual([{ addressOfRecord: alice, before: [], after: [binding], cause: 'registered' }]);
  });

  test('a change that gives back what it got changes nothing', () => {
    put(alice, bindingOf('sip:a', 1_000));
    location.update(alice, (current) => current, 'registered');
    expect(changes).toHaveLength(1);
  });

  test('a change that throws leaves everything as it was', () => {
    const binding = bindingOf('sip:a', 1_000);
    put(alice, binding);
    const fail = (): never => {
      throw new Error('no');
    };
    expect(() => location.update(alice, fail, 'registered')).toThrow('no');
    expect(location.bindings(alice)).toEqual([binding]);
  });

  test('drops each binding at its time, and its GRUU, with one timer for all', () => {
    put(alice, bindingOf('sip:a', 1_000), bindingOf('sip:b', 2_000));
    put('sip:bob@example.com', bindingOf('sip:c', 1_500, 'sip:bob@example.com'));
    expect(clock.pending).toBe(1);
    clock.advance(999);
    expect(location.stats()).toEqual({ addressesOfRecord: 2, bindings: 3, timers: 1 });
    clock.advance(1);
    expect(location.bindings(alice).map(({ contact }) => contact)).toEqual(['sip:b']);
    expect(location.findGruu('gruu of sip:a')).toBeUndefined();
    expect(changes.at(-1)).toMatchObject({ addressOfRecord: alice, cause: 'expired' });
    clock.advance(1_000);
    expect(location.stats()).toEqual({ addressesOfRecord: 0, bindings: 0, timers: 0 });
    expect(clock.pending).toBe(0);
  });

  test('a refresh moves the end', () => {
    put(alice, bindingOf('sip:a', 1_000));
    put(alice, bindingOf('sip:a', 5_000));
    clock.advance(4_999);
    expect(location.bindings(alice)).toHaveLength(1);
    clock.advance(1);
    expect(location.bindings(alice)).toHaveLength(0);
  });

  test('a sooner end wakes it sooner', () => {
    put(alice, bindingOf('sip:a', 5_000));
    put(alice, bindingOf('sip:a', 1_000));
    expect(clock.pending).toBe(1);
    clock.advance(1_000);
    expect(location.stats().bindings).toBe(0);
  });

  test('what has expired is not given out, though the timer has not run yet', () => {
    put(alice, bindingOf('sip:a', 1_000), bindingOf('sip:b', 2_000));
    const date = clock.date.bind(clock);
    clock.date = () => date() + 1_500;
    expect(location.bindings(alice).map(({ contact }) => contact)).toEqual(['sip:b']);
  });

  test('sees in time that the date was set forward', () => {
    put(alice, bindingOf('sip:a', 100 * 3_600_000));
    const date = clock.date.bind(clock);
    clock.date = () => date() + 99.5 * 3_600_000;
    clock.advance(3_600_000);
    expect(location.stats().bindings).toBe(0);
  });

  test('a listener can leave', () => {
    const heard: LocationChange[] = [];
    location.onChange((change) => heard.push(change))();
    put(alice, bindingOf('sip:a', 1_000));
    expect(heard).toEqual([]);
  });

  test('holds nothing after stop', () => {
    put(alice, bindingOf('sip:a', 1_000));
    location.stop();
    expect(location.stats()).toEqual({ addressesOfRecord: 0, bindings: 0, timers: 0 });
    expect(clock.pending).toBe(0);
    expect(location.findGruu('gruu of sip:a')).toBeUndefined();
  });
});
