import { describe, expect, test } from 'vitest';
import { asRing, explained, outline, planned, stranger } from './plan.testing.ts';
import type { World } from './plan.testing.ts';

const bob = 'sip:bob@example.com';
const bobsPhone = 'sip:bob@192.0.2.9';

describe('incoming (RFC 5359 2.13)', () => {
  const incoming = (list: unknown, world: World = {}): string | undefined =>
    outline(planned(bob, { ...world, settings: { bob: { screening: list } } }));

  test.each([
    [{ deny: ['alice'] }, '403'],
    [{ deny: ['alice@example.com'] }, '403'],
    [{ deny: ['sip:alice@EXAMPLE.com'] }, '403'],
    [{ deny: ['@example.com'] }, '403'],
    [{ deny: ['al*'] }, '403'],
    [{ deny: ['*ice@*.com'] }, '403'],
    [{ deny: ['*lic*@example.com'] }, '403'],
    [{ deny: ['Alice'] }, bobsPhone],
    [{ deny: ['carol', '@example.net', 'anonymous'] }, bobsPhone],
    [{ allow: ['alice'] }, bobsPhone],
    [{ allow: ['carol'] }, '403'],
    [{ allow: ['@example.com'], deny: ['alice'] }, '403'],
    [{ deny: ['@example.com'], allow: ['alice'] }, bobsPhone],
    [{ deny: ['alice'], allow: ['alice'] }, '403'],
    [{ deny: ['carol', 'dave', 'alice', '@example.net'] }, '403'],
    [{ deny: ['carol', 'dave', '@example.com'], allow: ['erin'] }, '403'],
  ] as const)('%j answers alice %s', (list, expected) => {
    expect(incoming({ incoming: list })).toBe(expected);
  });

  test.each([
    [{ deny: ['anonymous'] }, '403'],
    [{ deny: ['alice'] }, bobsPhone],
    [{ allow: ['alice'] }, '403'],
    [{ allow: ['anonymous'] }, bobsPhone],
  ])('%j answers somebody who has proved nothing, and says he is alice, %s', (list, expected) => {
    expect(incoming({ incoming: list }, { caller: stranger })).toBe(expected);
  });

  test('C2.13-03 what From says counts for nothing', () => {
    const dave = { kind: 'subscriber', user: 'dave', domain: 'example.com' } as const;
    expect(incoming({ incoming: { allow: ['alice'] } }, { caller: dave })).toBe('403');
    expect(incoming({ incoming: { deny: ['dave'] } }, { caller: dave })).toBe('403');
  });

  test('says why, by an announcement, in the scheme of the call', () => {
    const settings = { bob: { screening: { incoming: { deny: ['alice', 'anonymous'] } } } };
    expect(planned('sips:bob@example.com', { settings })).toEqual({
      kind: 'reject',
      status: 403,
      reason: 'Screening Failure (Terminating)',
      headers: [['Error-Info', '<sips:announcement@example.com;play=screened-incoming>']],
    });
    expect(planned(bob, { settings, caller: stranger })).toMatchObject({
      headers: [['Error-Info', '<sip:announcement@example.com;play=anonymous-refused>']],
    });
    expect(explained(bob, { settings }).notes).toEqual(['bob does not take this call: "alice" is denied']);
  });

  const phones = { bob: ['sip:bob@192.0.2.77:5070'] };
  test.each([
    ['sip:x@192.0.2.77:5070', {}],
    ['sip:x@elsewhere.example', { route: ['<sip:192.0.2.77:5070;lr>'] }],
  ])('counts for who calls his telephone by where it is: %s', (to, way) => {
    const world = { ...way, phones };
    const settings = { bob: { screening: { incoming: { deny: ['alice'] } } } };
    expect(outline(planned(to, { ...world, settings }))).toBe('403');
    expect(outline(planned(to, world))).toBe(to);
  });

  test('counts for one who is looked for at his telephone by where that is', () => {
    const carol = { findMe: { places: ['sip:x@192.0.2.77:5070'] } };
    const settings = { bob: { screening: { incoming: { deny: ['alice'] } } }, carol };
    expect(outline(planned('sip:carol@example.com', { phones, settings }))).toBe('480');
    expect(outline(planned('sip:carol@example.com', { phones, settings: { carol } }))).toBe('sip:x@192.0.2.77:5070 20');
  });

  test('comes before everything else that he wants', () => {
    const settings = { bob: { screening: { incoming: { deny: ['alice'] } }, forward: { always: 'carol' } } };
    expect(outline(planned(bob, { settings }))).toBe('403');
  });
});

describe('schedules', () => {
  const office = { days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const, from: '08:30', to: '17:00' };
  const night = { days: ['fri'] as const, from: '22:00', to: '06:00' };

  // The fourth of March 2026 is a Wednesday; New York is five hours behind UTC until the eighth, then four.
  test.each([
    [office, 'UTC', '2026-03-04T08:29:59Z', bobsPhone],
    [office, 'UTC', '2026-03-04T08:30:00Z', '403'],
    [office, 'UTC', '2026-03-04T16:59:59Z', '403'],
    [office, 'UTC', '2026-03-04T17:00:00Z', bobsPhone],
    [office, 'UTC', '2026-03-07T12:00:00Z', bobsPhone],
    [office, 'America/New_York', '2026-03-06T21:59:00Z', '403'],
    [office, 'America/New_York', '2026-03-09T12:29:00Z', bobsPhone],
    [office, 'America/New_York', '2026-03-09T12:30:00Z', '403'],
    [night, 'UTC', '2026-03-06T21:59:00Z', bobsPhone],
    [night, 'UTC', '2026-03-06T22:00:00Z', '403'],
    [night, 'UTC', '2026-03-07T05:59:00Z', '403'],
    [night, 'UTC', '2026-03-07T06:00:00Z', bobsPhone],
    [night, 'UTC', '2026-03-06T05:59:00Z', bobsPhone],
    [{}, 'UTC', '2026-03-06T05:59:00Z', '403'],
  ])('%j in %s, at %s: %s', (when, timeZone, time, expected) => {
    const deny = [{ who: 'alice', when }];
    const settings = { bob: { timeZone, screening: { incoming: { deny } } } };
    expect(outline(planned(bob, { settings, time }))).toBe(expected);
  });
});

describe('outgoing (RFC 5359 2.14)', () => {
  const outgoing = (list: unknown): World['settings'] => ({
    alice: { screening: { outgoing: list } },
  });

  test.each([
    [bob, { deny: ['bob'] }, '403'],
    [bob, { deny: ['carol'] }, bobsPhone],
    [bob, { allow: ['carol', '+1*'] }, '403'],
    ['sip:+1900555@example.com', { deny: ['+1900*'] }, '403'],
    ['tel:+1-900-555', { deny: ['+1900*'] }, '403'],
    ['tel:+1-900-555', { deny: ['tel:+1900555'] }, '403'],
    ['sip:+1900555@gw1.example.net;user=phone', { deny: ['+1900*'] }, '403'],
    ['tel:+1-800-555', { deny: ['+1900*'] }, 'sip:+1800555@gw1.example.net;user=phone'],
    ['sip:dan@example.net', { deny: ['@example.net'] }, '403'],
    ['sip:dan@sub.example.net', { deny: ['@*.example.net'] }, '403'],
    ['tel:112;phone-context=example.com', { allow: ['bob'] }, '404'],
    ['sip:112@example.com', { deny: ['1*'] }, '404'],
    [
      'sip:announcement@example.com;play=screened-outgoing',
      { allow: ['bob'] },
      'sip:announcement@example.com;play=screened-outgoing',
    ],
  ])('to %s with %j: %s', (to, list, expected) => {
    expect(outline(planned(to, { settings: outgoing(list) }))).toBe(expected);
  });

  /** What somebody tries who may not call a number or a domain. */
  test.each([
    'sip:+1900555@gw1.example.net',
    'sip:+1900555;x=y@gw1.example.net',
    'sip:+1900555@gw1.example.net;user=phone',
    'sips:+1-900-555@gw1.example.net',
    'sip:+1900555@203.0.113.7',
    // What the gateway is told of it, at its address and dialled as if that were a number.
    'sip:001900555@gw2.example.net:5080',
    'sip:001900555@example.com',
    'sip:%2B1%3900555@example.com',
    'tel:900555;phone-context=+1',
    'sip:+1900555@example.com;user=phone;maddr=gw1.example.net',
  ])('a number is denied however it is written: %s', (to) => {
    expect(outline(planned(to, { settings: outgoing({ deny: ['+1900*'] }) }))).toBe('403');
  });

  test.each([
    ['sip:DAN@elsewhere.example', 'dan@elsewhere.example'],
    ['sip:dan@elsewhere.example', 'DAN@Elsewhere.Example.'],
    ['sip:d%61n:x@ELSEWHERE.example.', 'dan@elsewhere.example'],
    ['sip:dan;isub=1@elsewhere.example', 'dan@elsewhere.example'],
    ['sip:d%C3%BC@elsewhere.example', 'dü@elsewhere.example'],
    ['sip:bob@example.com;maddr=elsewhere.example', '@elsewhere.example'],
    ['sip:dan@friends.example;maddr=elsewhere.example', '@elsewhere.example'],
    ['sip:dan@elsewhere.example;maddr=friends.example', '@elsewhere.example'],
    ['sip:112@elsewhere.example;user=phone', '@elsewhere.example'],
  ])('%s is denied by %s', (to, who) => {
    expect(outline(planned(to, { settings: outgoing({ deny: [who] }) }))).toBe('403');
  });

  test.each([
    ['sip:bob@example.com;maddr=elsewhere.example', 'bob'],
    ['sip:DAN@friends.example', 'dan@friends.example'],
    ['sip:dan@friends.example;maddr=elsewhere.example', '@friends.example'],
    ['sip:+4930@elsewhere.example;user=phone', '+49*'],
    ['sip:112@elsewhere.example;user=phone', 'bob'],
  ])('%s is not what %s allows', (to, who) => {
    expect(outline(planned(to, { settings: outgoing({ allow: [who] }) }))).toBe('403');
  });

  test('a party at a gateway is its number, for who may call that', () => {
    const settings = outgoing({ allow: ['+1*'] });
    expect(outline(planned('sip:+1800555@gw1.example.net', { settings }))).toBe('sip:+1800555@gw1.example.net');
  });

  test('what a more particular entry allows is not denied for another spelling', () => {
    const settings = outgoing({ allow: ['001900555'], deny: ['+1900*'] });
    expect(outline(planned('sip:001900555@example.com', { settings }))).toBe(
      'sip:001900555@gw1.example.net;user=phone',
    );
  });

  test('who may not call somebody may not have a call sent by him either', () => {
    const way = { route: ['<sip:elsewhere.example;lr>'] };
    const to = 'sip:dan@friends.example';
    expect(outline(planned(to, { ...way, settings: outgoing({ deny: ['@elsewhere.example'] }) }))).toBe('403');
    expect(outline(planned(to, { ...way, settings: outgoing({ allow: ['@friends.example'] }) }))).toBe('403');
    expect(outline(planned('sip:112@example.com', { ...way, settings: outgoing({ allow: ['bob'] }) }))).toBe('403');
    expect(outline(planned(to, { ...way, settings: outgoing({ deny: ['bob'] }) }))).toBe(to);
  });

  test.each(['112', '1-1-2'])(
    'tel:%s;phone-context=+1 is the emergency number all the same (RFC 3966 5.1.5)',
    (number) => {
      const settings = outgoing({ allow: ['bob'] });
      expect(outline(planned(`tel:${number};phone-context=+1`, { settings, emergencyGateway: true }))).toBe(
        'sip:112@gw3.example.net;user=phone',
      );
    },
  );

  test.each([
    'sip:112@example.com',
    'sip:1-1-2@192.0.2.1;user=phone',
    'sip:1%201%202@example.com',
    'sip:%31%31%32@EXAMPLE.com:5060',
    'sip:112%23@example.com',
    'sip:+112@example.com;user=phone',
    'tel:+112',
    'sip:112;phone-context=+49@example.com;user=phone',
  ])('emergency numbers go to their gateway whatever the list says: %s', (to) => {
    const alices = { doNotDisturb: true, forward: { always: 'bob' }, busy: { lines: 1 } };
    const lists = { screening: { outgoing: { allow: ['bob'], deny: ['1*', '+*', '@example.com'] } } };
    const settings = { alice: { ...alices, ...lists } };
    expect(outline(planned(to, { settings, calls: { alice: 1 }, emergencyGateway: true }))).toBe(
      'sip:112@gw3.example.net;user=phone',
    );
  });

  test.each(['sip:+1120@example.com', 'sip:1123@example.com', 'sip:112%23%23@example.com', 'sip:112a@example.com'])(
    '%s is another one',
    (to) => {
      const settings = outgoing({ allow: ['bob'] });
      expect(outline(planned(to, { settings, emergencyGateway: true }))).toBe('403');
    },
  );

  test('an emergency number means help before whoever has it for a name, where there is a way to help', () => {
    const groups = [
      { user: '112', domain: 'example.com', members: ['bob'], ring: 'together', ringTime: 20_000 },
    ] as const;
    expect(outline(planned('sip:112@example.com', { groups, emergencyGateway: true }))).toBe(
      'sip:112@gw3.example.net;user=phone',
    );
    expect(outline(planned('sip:112@example.com', { groups }))).toContain('bob');
  });

  test.each([
    ['urn:service:sos', {}, 'sip:112@gw3.example.net;user=phone'],
    ['URN:Service:SOS.fire', {}, 'sip:112@gw3.example.net;user=phone'],
    ['urn:service:sos', { caller: stranger }, '403'],
    ['urn:service:sos', { emergencyGateway: false }, '404'],
  ])('%s is the emergency number (RFC 5031): %o %s', (to, world, expected) => {
    const settings = outgoing({ allow: ['bob'] });
    expect(outline(planned(to, { emergencyGateway: true, settings, ...world }))).toBe(expected);
  });

  test('says why', () => {
    expect(planned(bob, { settings: outgoing({ deny: ['bob'] }) })).toEqual({
      kind: 'reject',
      status: 403,
      reason: 'Screening Failure (Originating)',
      headers: [['Error-Info', '<sip:announcement@example.com;play=screened-outgoing>']],
    });
  });
});

/** One policy, whatever leads to a call. */
describe.each([
  ['INVITE', {}],
  ['INVITE that an instance is asked by (RFC 5627)', { instance: true }],
  ['INVITE with Replaces (RFC 3891)', { headers: ['Replaces: x;to-tag=1;from-tag=2'] }],
  ['INVITE with Join (RFC 3911)', { headers: ['Join: x;to-tag=1;from-tag=2'] }],
  ['INVITE that a transfer or click to dial caused', { headers: ['Referred-By: <sip:carol@example.com>'] }],
  ['REFER', { method: 'REFER', headers: ['Refer-To: <sip:dave@example.com>'] }],
  ['MESSAGE', { method: 'MESSAGE' }],
  ['SUBSCRIBE', { method: 'SUBSCRIBE' }],
] satisfies [string, World][])('an %s', (_name, world: World) => {
  test.each([
    ['nobody has set anything', {}, bobsPhone],
    ['he denies her', { bob: { screening: { incoming: { deny: ['alice'] } } } }, '403'],
    ['he allows others', { bob: { screening: { incoming: { allow: ['carol'] } } } }, '403'],
    ['her own list has him', { alice: { screening: { outgoing: { deny: ['bob'] } } } }, '403'],
    ['her own list has others', { alice: { screening: { outgoing: { deny: ['carol'] } } } }, bobsPhone],
    ['the lists of others have them', { carol: { screening: { incoming: { deny: ['alice'] } } } }, bobsPhone],
  ] as const)('when %s', (_when, settings, expected) => {
    expect(outline(planned(bob, { ...world, settings }))).toBe(expected);
  });
});

describe('a call that is sent on', () => {
  test.each([
    [
      'by his own list, not that of the caller',
      { alice: { screening: { outgoing: { deny: ['dave'] } } } },
      'sip:dave@192.0.2.9',
    ],
    [
      'by the list of whoever sends it',
      { carol: { forward: { always: 'dave' }, screening: { outgoing: { deny: ['dave'] } } } },
      '403',
    ],
    ['and by that of whoever gets it', { dave: { screening: { incoming: { deny: ['alice'] } } } }, '403'],
    [
      'to a gateway, too',
      { carol: { forward: { always: '+1900' }, screening: { outgoing: { deny: ['+1900*'] } } } },
      '403',
    ],
  ] as const)('is judged %s', (_name, settings, expected) => {
    const forwarding = { carol: { forward: { always: 'dave' } }, ...settings };
    expect(outline(planned('sip:carol@example.com', { settings: forwarding }))).toBe(expected);
  });

  test('a referral to somebody whom one may not call is refused', () => {
    const settings = { alice: { screening: { outgoing: { deny: ['+1900*'] } } } };
    const world = { settings, method: 'REFER' };
    expect(outline(planned(bob, { ...world, headers: ['Refer-To: <tel:+1900555>'] }))).toBe('403');
    expect(outline(planned(bob, { ...world, headers: ['Refer-To: <tel:+1800555>'] }))).toBe(bobsPhone);
  });

  test('what is within a dialog that was let through passes, and an ACK always does', () => {
    const settings = { bob: { screening: { incoming: { deny: ['alice', 'anonymous'] } } } };
    expect(outline(planned(bob, { settings, caller: { kind: 'participant' } }))).toBe(bobsPhone);
    expect(asRing(planned(bob, { settings, caller: stranger, method: 'ACK' })).stages).toHaveLength(1);
  });
});
