import { expect, test } from 'vitest';
import { forPeople } from './log.ts';

test.each([
  [30, '12:00:01 call from=sip:alice@a duration=2\n'],
  [40, '12:00:01 warning: call from=sip:alice@a duration=2\n'],
  [50, '12:00:01 error: call from=sip:alice@a duration=2\n'],
])('a line of level %i is readable on a terminal', (level, expected) => {
  const line = { level, time: '2026-01-02T12:00:01.000Z', from: 'sip:alice@a', duration: 2, msg: 'call' };
  expect(forPeople(JSON.stringify(line))).toBe(expected);
});
