import { expect, test } from 'vitest';
import { Activity } from './activity.ts';

function activity(): { activity: Activity; pass: (milliseconds: number) => void } {
  let now = 1_000;
  const clock = { now: () => now, date: () => now, after: () => ({ cancel: () => undefined }) };
  return { activity: new Activity(clock), pass: (milliseconds) => void (now += milliseconds) };
}

test('counts the calls of both sides until they end, and remembers when that was', () => {
  const { activity: calls, pass } = activity();
  calls.joined('1', 'alice');
  calls.joined('1', 'bob');
  calls.joined('1', 'bob');
  calls.joined('2', 'bob');
  expect([calls.calls('alice'), calls.calls('bob'), calls.calls('carol')]).toEqual([1, 2, 0]);
  expect(calls.idleSince('bob')).toBe(Infinity);
  pass(500);
  calls.ended('1');
  calls.ended('1');
  expect([calls.calls('alice'), calls.calls('bob')]).toEqual([0, 1]);
  expect([calls.idleSince('alice'), calls.idleSince('bob'), calls.idleSince('carol')]).toEqual([1_500, Infinity, 0]);
  calls.ended('2');
  expect(calls.stats()).toEqual({ calls: 0, people: 0 });
});

test('a call whose end nobody heard of does not keep a line busy for ever', () => {
  const { activity: calls, pass } = activity();
  calls.joined('1', 'bob');
  pass(12 * 3_600_000);
  expect(calls.calls('bob')).toBe(0);
});

test('who is gone is forgotten', () => {
  const { activity: calls } = activity();
  calls.joined('1', 'bob');
  calls.ended('1');
  calls.retain(() => false);
  expect(calls.idleSince('bob')).toBe(0);
});

test('knows who is in a call with whom, and who was in his last one', () => {
  const { activity: calls, pass } = activity();
  const together = (): readonly boolean[] => [
    calls.areTogether('alice', 'bob', 1_000),
    calls.areTogether('bob', 'alice', 1_000),
    calls.areTogether('alice', 'carol', 1_000),
  ];
  calls.joined('1', 'alice');
  calls.joined('2', 'carol');
  expect(together()).toEqual([false, false, false]);
  calls.joined('1', 'bob');
  expect(together()).toEqual([true, true, false]);
  calls.ended('1');
  // One more call of hers, which is none with him: his own last one still tells.
  calls.joined('3', 'alice');
  calls.ended('3');
  pass(1_000);
  expect(together()).toEqual([true, true, false]);
  pass(1);
  expect(together()).toEqual([false, false, false]);
});
