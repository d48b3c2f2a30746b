import { expect, test } from 'vitest';
import { failedRegistration, parkedSentence } from './sentences.ts';

test.each([
  ['timeout', '--transport'],
  ['closed', '--transport'],
  ['refused', 'is it running'],
] as const)('an exchange that cannot be reached (%s) is told with what to look at', (code, words) => {
  const { text } = failedRegistration({ kind: 'failed', failure: { status: 408, reason: '', code } });
  expect(text).toContain(words);
  expect(text.includes('--transport')).toBe(code !== 'refused');
});

test('a call that is parked is told with what takes it back, here and elsewhere', () => {
  const who = { name: 'carol', uri: 'sip:carol@example.com' };
  const parked = (uri: string): string => parkedSentence({ who, slot: { name: '701', uri } }, 'example.com');
  expect(parked('sip:701@example.com')).toBe(
    'carol is parked at sip:701@example.com: "retrieve" takes the call back here, "retrieve 701" at any phone',
  );
  expect(parked('sip:701@example.org')).toContain('"retrieve sip:701@example.org" at any phone');
});
