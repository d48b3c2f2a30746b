import { expect, test } from 'vitest';
import { forPeople } from './log.ts';

const time = new Date(2026, 0, 2, 12, 0, 1).toISOString();

test.each(['debug', 'info', 'warn', 'error'])('a line of level %s is readable on a terminal', (level) => {
  const line = { level, time, from: 'sip:alice@a', duration: 2, msg: 'call' };
  expect(forPeople(JSON.stringify(line))).toBe(`12:00:01 ${level} call from=sip:alice@a duration=2\n`);
});

test('values with spaces are in quotes, and nothing moves the cursor', () => {
  const line = { level: 'info', time, outcome: 'no answer', reason: '', from: 'a\u001b[2Jb', msg: 'call' };
  expect(forPeople(JSON.stringify(line))).toBe('12:00:01 info call outcome="no answer" reason="" from=a\ufffd[2Jb\n');
});
