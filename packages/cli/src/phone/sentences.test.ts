import { expect, test } from 'vitest';
import { doneSentence, failedRegistration } from './sentences.ts';

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
  const parked = (uri: string): string | undefined =>
    doneSentence(
      { command: 'park', at: 'park' },
      { who, slot: { name: '701', uri }, dialog: undefined },
      'example.com',
    );
  expect(parked('sip:701@example.com')).toBe(
    'carol is parked at sip:701@example.com: "retrieve" takes the call back here, "retrieve 701" at any phone',
  );
  expect(parked('sip:701@example.org')).toContain('"retrieve sip:701@example.org" at any phone');
});

test('what no event tells of is told when it is done', () => {
  expect(doneSentence({ command: 'offer', to: 'carol' }, undefined, '')).toMatch(/^carol has the link/);
  expect(doneSentence({ command: 'dialwith', device: 'bob', to: 'carol' }, undefined, '')).toMatch(
    /bob has taken it on/,
  );
  expect(doneSentence({ command: 'hold' }, undefined, '')).toBeUndefined();
});
