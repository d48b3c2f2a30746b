import { expect, test } from 'vitest';
import { findFlow } from '../oracle/oracle.ts';
import { strengthOf } from './examination.ts';

test.each([
  ['F2', 'must', 'begins the dialog'],
  ['F5', 'must', 'makes its route set'],
  ['F11', 'should', 'is within it (RFC 3261 16.6 step 4)'],
])('a proxy records its route in %s of 2.1: %s, for that %s', (f, expected) => {
  const message = findFlow('2.1')?.messages.find((each) => each.f === f);
  expect(message && strengthOf(message, 'recordRoute')).toBe(expected);
});
