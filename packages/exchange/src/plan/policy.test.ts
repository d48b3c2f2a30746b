import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Caller } from './access.ts';
import { explainPlan } from './explain.ts';
import { OwnAddress } from './own-address.ts';
import { alice, directoryOf, domains, flow, requestTo, sip, stranger } from './plan.testing.ts';
import type { World } from './plan.testing.ts';
import { ExchangePolicy } from './policy.ts';

const nothing = (): void => undefined;
const users = ['alice', 'bob', 'carol', 'dave'] as const;
const user = fc.constantFrom(...users);

const somewhere = fc.oneof(
  user,
  fc.constantFrom('+1900555', '+4930', '112', 'dan@example.net', 'sales', 'announcement', '*72', 'nobody'),
  fc.constantFrom('sip:bob@192.0.2.9', 'sips:carol@example.com', 'tel:+1900555'),
);
const who = fc.oneof(user, fc.constantFrom('anonymous', '@example.com', '@example.net', '+1*', '1*'));
const when = fc.record({ days: fc.subarray(['wed', 'thu'], { minLength: 1 }), from: fc.constant('09:00') });
const list = fc.array(fc.oneof(who, fc.record({ who, when })), { minLength: 1, maxLength: 3 });
const lists = fc.record({ allow: list, deny: list }, { requiredKeys: [] });
const forward = fc.record(
  {
    always: somewhere,
    busy: somewhere,
    noAnswer: somewhere,
    unavailable: somewhere,
    by: fc.constantFrom('proxy', 'redirect'),
  },
  { requiredKeys: [] },
);
const settings = fc.record(
  {
    forward,
    screening: fc.record({ incoming: lists, outgoing: lists }, { requiredKeys: [] }),
    doNotDisturb: fc.boolean(),
    findMe: fc.record({
      ring: fc.constantFrom('in-turn', 'together', 'by-preference'),
      places: fc.array(somewhere, { minLength: 1, maxLength: 3 }),
    }),
    busy: fc.record({ lines: fc.constantFrom(1, 2), whenOneIs: fc.boolean() }),
    timeZone: fc.constant('UTC'),
  },
  { requiredKeys: ['timeZone'] },
);
const world = fc.record({
  settings: fc.dictionary(user, settings),
  phones: fc.dictionary(user, fc.subarray(['sip:a@192.0.2.9', 'sip:b@192.0.2.9|0.5'])),
  calls: fc.dictionary(user, fc.constantFrom(0, 1, 2)),
  groups: fc.constant([
    { user: 'sales', domain: 'example.com', members: ['bob', 'carol'], ring: 'in-turn', ringTime: 5_000 } as const,
  ]),
  emergencyGateway: fc.boolean(),
});

const uris = [...users, 'sales', 'nobody', '*72', '112', '+1900555', '+4930'].map((name) => `sip:${name}@example.com`);
const called = fc.constantFrom(
  ...uris,
  'sip:example.com',
  'sips:bob@example.com',
  'tel:+1900555',
  'sip:dan@example.net',
);

/** What is done, apart from why. */
const deeds = (lines: readonly string[]): string[] =>
  lines.filter((line) => /^ *(?:call|then call|answer:|the exchange itself answers|when )/.test(line));

/** The policy of a world, where everybody is who he says he is. */
function policyIn(around: World, caller: Caller, at: number): ExchangePolicy {
  const refused = { kind: 'refused', plan: { kind: 'reject', status: 403 } } as const;
  return new ExchangePolicy({
    domains,
    access: { caller: () => caller, referrer: () => caller, registrant: () => refused },
    ownAddress: new OwnAddress([]),
    directory: directoryOf(around),
    contacts: { find: () => undefined, ownersOf: () => new Set() },
    registrar: { handle: nothing, resolveGruu: () => undefined },
    onCall: nothing,
    onAnswer: nothing,
    reach: { mayReach: () => true, heard: nothing },
    gateways: { has: () => false },
    count: nothing,
    now: () => at,
  });
}

test('what is explained is what a call of that caller to that address at that time gets', async () => {
  const minutes = fc.integer({ min: 0, max: 14 * 24 * 60 });
  await fc.assert(
    fc.asyncProperty(world, fc.option(user, { nil: undefined }), called, minutes, async (around, from, to, minute) => {
      const at = Date.parse('2026-03-02T00:00:00Z') + minute * 60_000;
      const account = from && { user: from, domain: 'example.com' };
      const caller: Caller = account === undefined ? stranger : { kind: 'subscriber', ...account };
      const request = requestTo(to, {
        from: `<sip:${from ?? 'x@example.net'}${from === undefined ? '' : '@example.com'}>`,
      });
      const policy = policyIn(around, caller, at);
      const plan = await policy.plan(request, flow, { vouched: false, route: [] });
      const explained = (await policy.explain(account, request.requestUri, at)) ?? [];
      expect(deeds(explained)).toEqual(await explainPlan(() => plan));
      // And it says why, unless all that there is to say is that somebody elsewhere is called.
      expect(explained.length > deeds(explained).length || plan.kind === 'ring').toBe(true);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['sip:example.com', ['that is the exchange itself', 'answer: 405']],
  ['sip:nobody@example.com', ['nobody is at sip:nobody@example.com', 'answer: 404']],
  [
    'sip:0049@example.com',
    ['0049 is reached through the gateway national', 'call sip:0049@gw1.example.net;user=phone'],
  ],
  ['sip:4930@example.com', ['no gateway takes 4930', 'answer: 404']],
  ['sip:bob@example.com', ['bob is looked for, in-turn', 'there is nowhere to look for bob now', 'answer: 480']],
  ['sip:sales@example.com', ['no member of sales has a telephone that takes this call', 'answer: 480']],
])('a call to %s is explained', async (to, expected) => {
  const around: World = {
    settings: { bob: { findMe: { places: ['carol'] } } },
    phones: { carol: [] },
    groups: [{ user: 'sales', domain: 'example.com', members: ['carol'], ring: 'in-turn', ringTime: 5_000 }],
  };
  expect(await policyIn(around, alice, 0).explain({ user: 'alice', domain: 'example.com' }, sip(to), 0)).toEqual(
    expected,
  );
});

test.each([
  ['INVITE', 'sip:112@example.com', true],
  ['INVITE', 'sip:1-1-2@example.com;user=phone', true],
  ['INVITE', 'tel:112;phone-context=example.com', true],
  ['INVITE', 'urn:service:sos.police', true],
  ['MESSAGE', 'sip:112@example.com', false],
  ['INVITE', 'sip:112@elsewhere.example', false],
  ['INVITE', 'sip:1120@example.com', false],
  ['INVITE', 'urn:service:sosumi', false],
  ['INVITE', 'urn:service:counseling', false],
])('%s %s is an emergency: %s', (method, to, expected) => {
  expect(policyIn({}, alice, 0).isEmergency(requestTo(to, { method }))).toBe(expected);
});

test('who has not proved who he is is told where he may not go', async () => {
  expect(await policyIn({}, stranger, 0).explain(undefined, sip('sip:dan@example.net'), 0)).toEqual([
    'who has not proved who he is can call subscribers and groups only',
    'answer: 403 Relaying Denied',
  ]);
});

test.each<[string, Caller, string, object]>([
  ['a subscriber', alice, 'sip:bob@example.com', { kind: 'ring', account: 'sip:alice@example.com' }],
  ['a stranger', stranger, 'sip:bob@example.com', { kind: 'ring', account: undefined }],
  ['a participant', { kind: 'participant' }, 'sip:bob@example.com', { kind: 'ring', account: undefined }],
  ['a stranger who is refused', stranger, 'sip:nobody@example.com', { kind: 'reject', stateless: true }],
  ['a subscriber who is refused', alice, 'sip:nobody@example.com', { kind: 'reject', stateless: undefined }],
])('what is kept for %s counts against who he is', async (_who, caller, to, expected) => {
  const plan = await policyIn({}, caller, 0).plan(requestTo(to, {}), flow, { vouched: false, route: [] });
  expect({ account: undefined, stateless: undefined, ...plan }).toMatchObject(expected);
});
