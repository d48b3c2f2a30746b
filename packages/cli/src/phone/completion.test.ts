import { expect, test } from 'vitest';
import { complete } from './completion.ts';

const vocabulary = { parties: ['bob', 'bill', 'carol'], calls: ['1', '12', '2'] };

test.each([
  ['ca', 'call ', []],
  ['an', 'answer ', []],
  ['h', 'h', ['hold', 'hangup', 'help']],
  ['res', 'resume ', []],
  ['call c', 'call carol ', []],
  ['call b', 'call b', ['bob', 'bill']],
  ['call Bi', 'call bill ', []],
  ['c ', 'c ', ['bob', 'bill', 'carol']],
  ['call bob ', 'call bob ', []],
  ['message ca', 'message carol ', []],
  ['message carol b', 'message carol b', []],
  ['hold 1', 'hold 1', ['1', '12']],
  ['hold 2', 'hold 2 ', []],
  ['reject 2 un', 'reject 2 unavailable ', []],
  ['dnd o', 'dnd o', ['on', 'off']],
  ['help zz', 'help zz', []],
  ['help an', 'help answer ', []],
  ['nonsense b', 'nonsense b', []],
  ['call z', 'call z', []],
])('Tab behind "%s" gives "%s"', (line, completed, candidates) => {
  expect(complete(line, vocabulary)).toEqual({ line: completed, candidates });
});

test('Tab in an empty line offers every command', () => {
  expect(complete('', vocabulary).candidates).toContain('call');
});

test('what several begin with is added', () => {
  expect(complete('call b', { parties: ['bob-desk', 'Bob-mobile'], calls: [] })).toEqual({
    line: 'call bob-',
    candidates: ['bob-desk', 'Bob-mobile'],
  });
});
