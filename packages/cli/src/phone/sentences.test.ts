import { PhoneError } from '@switchhook/phone';
import { expect, test } from 'vitest';
import { isTold, sentenceFor } from './sentences.ts';

test.each([
  ['timeout', '--transport'],
  ['closed', '--transport'],
  ['refused', 'is it running'],
] as const)('an exchange that cannot be reached (%s) is told with what to look at', (code, words) => {
  const failure = { status: 408, reason: '', code } as const;
  const sentence = sentenceFor({ kind: 'registration', registration: { kind: 'failed', failure } });
  expect(sentence?.text).toContain(words);
  expect(sentence?.text.includes('--transport')).toBe(code !== 'refused');
});

test('what the end of a call has told is not told twice', () => {
  const busy = new PhoneError({ kind: 'busy', status: 486 }, 'bob');
  expect(isTold('call', busy, 'bob is busy (486), after all')).toBe(true);
  expect(isTold('why', busy, 'bob is busy (486)')).toBe(true);
  expect(isTold('call', busy, 'carol is calling')).toBe(false);
  expect(isTold('transfer', busy, 'bob is busy (486)')).toBe(false);
  expect(isTold('call', new PhoneError({ kind: 'cancelled' }, 'bob'), 'you gave up calling bob')).toBe(true);
  expect(isTold('call', new Error('no'), 'no')).toBe(false);
});
