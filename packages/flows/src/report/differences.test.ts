import { expect, test } from 'vitest';
import { concernedPart } from './concerned-part.ts';
import { differencesOf } from './differences.ts';
import type { Difference } from './differences.ts';
import { partsOf } from './message-parts.ts';

const printed = [
  'INVITE sips:bob@biloxi.example.com SIP/2.0',
  'Via: SIP/2.0/TLS client.atlanta.example.com:5061;branch=z9hG4bK74bf9',
  'Max-Forwards: 70',
  'Supported: replaces',
  'Content-Type: application/sdp',
  '',
  'v=0',
  'o=alice 1 1 IN IP4 client.atlanta.example.com',
  's=',
  'm=audio 49170 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  'a=sendonly',
  '',
].join('\r\n');

const said = [
  'INVITE sips:bob@192.0.2.1 SIP/2.0',
  'v: SIP/2.0/TLS 192.0.2.2;branch=z9hG4bKx',
  'Max-Forwards: 70',
  'User-Agent: a phone',
  'Content-Type: application/sdp',
  '',
  'v=0',
  'o=- 7 7 IN IP4 192.0.2.2',
  's=-',
  'm=audio 4000 RTP/SAVP 8 0',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=inactive',
  '',
].join('\r\n');

function byPart(differences: readonly Difference[], part: string): Difference | undefined {
  return differences.find((each) => each.part === part);
}

test('lines find their counterparts, compact names and attributes too, and what has none follows', () => {
  const differences = differencesOf(printed, said, [], []);
  expect(differences.map(({ part, printed: before, said: after }) => [part, before, after])).toEqual([
    ['start line', 'INVITE sips:bob@biloxi.example.com SIP/2.0', 'INVITE sips:bob@192.0.2.1 SIP/2.0'],
    [
      'via',
      'Via: SIP/2.0/TLS client.atlanta.example.com:5061;branch=z9hG4bK74bf9',
      'v: SIP/2.0/TLS 192.0.2.2;branch=z9hG4bKx',
    ],
    ['max-forwards', 'Max-Forwards: 70', 'Max-Forwards: 70'],
    ['supported', 'Supported: replaces', undefined],
    ['content-type', 'Content-Type: application/sdp', 'Content-Type: application/sdp'],
    ['user-agent', undefined, 'User-Agent: a phone'],
    ['v=', 'v=0', 'v=0'],
    ['o=', 'o=alice 1 1 IN IP4 client.atlanta.example.com', 'o=- 7 7 IN IP4 192.0.2.2'],
    ['s=', 's=', 's=-'],
    ['m=', 'm=audio 49170 RTP/AVP 0', 'm=audio 4000 RTP/SAVP 8 0'],
    ['a=rtpmap:0', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:0 PCMU/8000'],
    ['a=direction', 'a=sendonly', 'a=inactive'],
    ['a=rtpmap:8', undefined, 'a=rtpmap:8 PCMA/8000'],
  ]);
});

test('each difference is explained: none, an own value, or by which tolerance it is allowed', () => {
  const differences = differencesOf(printed, said, [], []);
  expect(byPart(differences, 'max-forwards')).toMatchObject({ kind: 'same', why: undefined });
  expect(byPart(differences, 'via')).toMatchObject({ kind: 'own', tolerance: 'T12' });
  expect(byPart(differences, 'user-agent')).toMatchObject({ kind: 'allowed', tolerance: 'T18' });
  expect(byPart(differences, 's=')).toMatchObject({ kind: 'allowed', tolerance: 'T10' });
  expect(byPart(differences, 'a=direction')).toMatchObject({ kind: 'allowed', tolerance: 'T9' });
  for (const { kind, why } of differences) expect(why === undefined).toBe(kind === 'same');
});

test('what breaks a rule is marked at the line that it is about, or at the end where neither has that line', () => {
  const faults = [
    { key: 'sdp.direction', kind: 'wrong', why: 'Who sends.' },
    { key: 'contact.params.x', kind: 'advice', why: 'What he is.' },
    { key: 'forwarded.user-agent', kind: 'wrong', why: 'Changed.' },
  ] as const;
  const differences = differencesOf(printed, said, faults, []);
  expect(byPart(differences, 'a=direction')).toMatchObject({ kind: 'wrong', why: 'Who sends.' });
  expect(byPart(differences, 'user-agent')).toMatchObject({ kind: 'wrong' });
  expect(differences.at(-1)).toMatchObject({ part: 'contact', kind: 'advice', printed: undefined, said: undefined });
});

test('an erratum is marked at the line that it breaks a rule by, or that it names', () => {
  const differences = differencesOf(
    printed,
    said,
    [],
    [
      { id: 'E1', keys: ['branch'], words: 'The branch is used again.' },
      { id: 'E2', keys: [], words: 'It carries Supported to no end.' },
    ],
  );
  expect(byPart(differences, 'via')).toMatchObject({ kind: 'erratum', errata: ['E1'] });
  expect(byPart(differences, 'supported')).toMatchObject({ kind: 'erratum', errata: ['E2'] });
  expect(differences.filter(({ errata }) => errata.length > 0)).toHaveLength(2);
});

test.each([
  ['SIP/2.0 202 Accepted\r\n\r\n', 'SIP/2.0 200 OK\r\n\r\n', 'T3'],
  ['SIP/2.0 486 Busy\r\n\r\n', 'SIP/2.0 486 Busy Here\r\n\r\n', 'T14'],
])('%j may be %j', (before, after, tolerance) => {
  expect(differencesOf(before, after, [], [])).toMatchObject([{ kind: 'allowed', tolerance }]);
});

test('anything has parts', () => {
  for (const text of ['', '\0', ':', '\r\n\r\n', 'x\r\n y\r\n\r\nv=\r\n\xff', 'a: b\n\n<x/>']) {
    expect(partsOf(text)[0]?.name).toBe('start line');
  }
  expect(partsOf('X\r\nSubject: a\r\n b\r\n')[1]).toEqual({ name: 'subject', text: 'Subject: a b' });
  const names = partsOf('X\r\nx: 1800\r\nV: y\r\nconstructor: z\r\n').map(({ name }) => name);
  expect(names).toEqual(['start line', 'session-expires', 'via', 'constructor']);
});

test.each([
  ['requestUri.gruu', 'start line'],
  ['sdp.version', 'o='],
  ['contact.params.+sip.rendering', 'contact'],
  ['forwarded.x-header', 'x-header'],
  ['referTo.headers.replaces', 'refer-to'],
])('%s is about %s', (key, part) => {
  expect(concernedPart(key)).toBe(part);
});
