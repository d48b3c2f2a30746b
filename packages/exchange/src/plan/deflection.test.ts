import { NameAddr } from '@switchhook/sip';
import type { CallPlan } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { added, asRing, following, outline, planned, sip } from './plan.testing.ts';
import type { World } from './plan.testing.ts';

const bob = 'sip:bob@example.com';

/** What becomes of a call when the phone that is at a place answers with these contacts. */
function redirected(world: World, contacts: readonly string[], to = bob, stage = 0): CallPlan | undefined {
  const plan = asRing(planned(to, world));
  const [target] = plan.stages[stage]?.targets ?? [];
  if (target === undefined) throw new Error('nobody rings');
  return plan.onRedirect?.(
    target,
    contacts.map((text) => NameAddr.of({ uri: sip(text) })),
  )?.();
}

const carol = 'sip:carol@example.com';

test('of a phone is forwarding of its subscriber: the exchange places the call, and says so', () => {
  const plan = redirected({}, [carol]);
  expect(outline(plan)).toBe('sip:carol@192.0.2.9');
  expect(asRing(plan).provisional).toEqual({ status: 181 });
  expect(added(asRing(plan), 'Diversion')).toEqual(['<sip:bob@example.com>;reason=deflection;counter=1']);
  expect(added(asRing(plan), 'History-Info')).toEqual([
    '<sip:bob@example.com>;index=1',
    '<sip:bob@192.0.2.9?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1',
    '<sip:carol@example.com>;index=1.2',
    '<sip:carol@192.0.2.9>;index=1.2.1;rc=1.2',
  ]);
});

test.each<[string, World, string, string]>([
  ['whom he may not call', { settings: { bob: { screening: { outgoing: { deny: ['carol'] } } } } }, carol, '403'],
  [
    'whom the caller may not call, for it is his',
    { settings: { alice: { screening: { outgoing: { deny: ['dave'] } } } } },
    'sip:dave@example.com',
    'sip:dave@192.0.2.9',
  ],
  [
    'who does not take the caller',
    { settings: { carol: { screening: { incoming: { deny: ['alice'] } } } } },
    carol,
    '403',
  ],
  ['who sends it on in turn', { settings: { carol: { forward: { always: 'dave' } } } }, carol, 'sip:dave@192.0.2.9'],
  ['who sends it back', { settings: { carol: { forward: { always: 'bob' } } } }, carol, '482'],
  ['himself', {}, bob, '482'],
  ['nobody', {}, 'sip:nobody@example.com', '404'],
  ['a number', {}, 'sip:+1972@example.com', 'sip:+1972@gw1.example.net;user=phone'],
  ['another domain', {}, 'sip:dan@example.net', 'sip:dan@example.net'],
])('to %s goes as forwarding does', (_, world, to, expected) => {
  expect(outline(redirected(world, [to]))).toBe(expected);
});

test('a stranger who may not go out into the world himself gets there on the account of who has sent him', () => {
  expect(outline(redirected({ caller: { kind: 'stranger' } }, ['sip:dan@example.net']))).toBe('sip:dan@example.net');
});

test('a call by sips stays so', () => {
  expect(outline(redirected({}, ['sip:dan@example.net'], 'sips:bob@example.com'))).toBe('sips:dan@example.net');
});

test('a phone that says how it came to an address is taken at its word (RFC 7044 10.4)', () => {
  const plan = asRing(planned(bob));
  const [target] = plan.stages[0]?.targets ?? [];
  if (target === undefined) throw new Error('nobody rings');
  const next = plan.onRedirect?.(target, [NameAddr.of({ uri: sip(carol), parameters: [['mp', '1.1']] })])?.();
  expect(added(asRing(next), 'History-Info')).toContain('<sip:carol@example.com>;index=1.2;mp=1.1');
});

test('of several addresses the next one is tried when the one before has not taken the call', () => {
  const plan = asRing(
    redirected({ settings: { carol: { forward: { busy: 'erin' } } } }, [
      carol,
      'sip:nobody@example.com',
      'sip:dave@example.com',
    ]),
  );
  expect(outline(plan)).toBe('sip:carol@192.0.2.9');
  const busy = plan.onBusy?.();
  expect(outline(busy)).toBe('sip:erin@192.0.2.9');
  expect(following(asRing(busy), 'onUnavailable')).toBe('sip:dave@192.0.2.9');
  const dave = asRing(plan.onNoAnswer?.());
  expect(outline(dave)).toBe('sip:dave@192.0.2.9');
  expect(added(dave, 'History-Info')).toContain('<sip:dave@example.com>;index=1.4');
});

describe('is left to the caller', () => {
  test('where he who is called wants that', () => {
    const plan = redirected({ settings: { bob: { forward: { by: 'redirect' } } } }, [carol, 'sip:dave@example.com']);
    expect(outline(plan)).toBe('302 sip:carol@example.com sip:dave@example.com');
  });

  test('but not where another one has sent the call to him', () => {
    const settings = { alice: { forward: { always: 'bob' } }, bob: { forward: { by: 'redirect' } } };
    expect(outline(redirected({ settings }, [carol], 'sip:alice@example.com'))).toBe('sip:carol@192.0.2.9');
  });

  test.each<[string, World]>([
    ['that replaces another one', { headers: ['Replaces: c;to-tag=1;from-tag=2'] }],
    ['to an instance', { instance: true }],
    ['that is no call', { method: 'MESSAGE' }],
  ])('in a call %s', (_, world) => {
    expect(asRing(planned(bob, world)).onRedirect).toBeUndefined();
  });
});

describe('counts for nothing', () => {
  test('at the phone of a member of a group', () => {
    const group = {
      user: 'all',
      domain: 'example.com',
      members: ['bob', 'carol'],
      ring: 'together',
      ringTime: 1,
    } as const;
    expect(redirected({ groups: [group] }, ['sip:dave@example.com'], 'sip:all@example.com')).toBeUndefined();
  });

  test('at the phone of somebody else where he is looked for, but at his own', () => {
    const world = { settings: { bob: { findMe: { places: ['carol', 'bob'] } } } };
    expect(redirected(world, ['sip:dave@example.com'])).toBeUndefined();
    expect(outline(redirected(world, ['sip:dave@example.com'], bob, 1))).toBe('sip:dave@192.0.2.9');
  });

  test('without an address that can be called', () => {
    const [target] = asRing(planned(bob)).stages[0]?.targets ?? [];
    if (target === undefined) throw new Error('nobody rings');
    const mail = NameAddr.parse('<mailto:bob@example.com>');
    if (!(mail instanceof NameAddr)) throw new Error('it cannot be read');
    expect(asRing(planned(bob)).onRedirect?.(target, [mail])).toBeUndefined();
  });
});
