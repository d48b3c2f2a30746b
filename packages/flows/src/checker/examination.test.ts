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

test('no SUBSCRIBE must have Accept, also where the flow does not say how strongly it is meant (RFC 4235 3.5)', () => {
  const message = findFlow('2.17')?.messages.find((each) => each.f === 'F16');
  expect(message?.expect.accept).toBeDefined();
  expect(message && strengthOf(message, 'accept')).toBe('should');
});
