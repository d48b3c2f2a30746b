import { NameAddr } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { added, asRing, following, outline, planned, sip, stages, stranger } from './plan.testing.ts';

const bob = 'sip:bob@example.com';
const bobsPhone = 'sip:bob@192.0.2.9';
const carolsPhone = 'sip:carol@192.0.2.9';

describe('unconditional (RFC 5359 2.7)', () => {
  test.each([
    ['carol', carolsPhone],
    ['carol@example.com', carolsPhone],
    ['sip:carol@example.com', carolsPhone],
    ['dan@example.net', 'sip:dan@example.net'],
    ['sips:dan@example.net', 'sips:dan@example.net'],
    ['+1 972-555-1212', 'sip:+19725551212@gw1.example.net;user=phone'],
    ['tel:+1-972-555-1212', 'sip:+19725551212@gw1.example.net;user=phone'],
    ['tel:0170;phone-context=example.com', 'sip:0170@gw1.example.net;user=phone'],
    ['+49301234', 'sip:0049301234@gw2.example.net:5080;transport=tcp;user=phone'],
    ['sip:+19725551212@gw1.example.org;user=phone', 'sip:+19725551212@gw1.example.org;user=phone'],
    ['nobody', '404'],
    ['7#', '404'],
  ])('to %s goes to %s, and no phone of his rings', (always, expected) => {
    const plan = planned(bob, { settings: { bob: { forward: { always } } } });
    expect(outline(plan)).toBe(expected);
    expect(outline(planned(bob, { settings: { bob: { forward: { always } } }, caller: stranger }))).toBe(expected);
  });

  test('tells the caller with 181, and everybody further on who sent it and why', () => {
    const plan = planned(bob, { settings: { bob: { forward: { always: 'carol' } } } });
    expect(asRing(plan).provisional).toEqual({ status: 181 });
    expect(added(plan, 'Diversion')).toEqual(['<sip:bob@example.com>;reason=unconditional;counter=1']);
    expect(added(plan, 'History-Info')).toEqual([
      '<sip:bob@example.com>;index=1',
      '<sip:carol@example.com>;index=1.1;mp=1',
      '<sip:carol@192.0.2.9>;index=1.1.1;rc=1.1',
    ]);
  });

  test('a call that is not sent on carries nothing of that', () => {
    const plan = planned(bob, { settings: { carol: { forward: { always: 'bob' } } } });
    expect({ ...plan, onRedirect: undefined }).toEqual({
      kind: 'ring',
      stages: [{ targets: [{ uri: sip(bobsPhone), owner: 'sip:bob@example.com' }] }],
      removeHeaders: ['P-Asserted-Identity'],
      headers: [['P-Asserted-Identity', '<sip:alice@example.com>']],
    });
  });

  test('from one to the next, each with his own settings', () => {
    const settings = { bob: { forward: { always: 'carol' } }, carol: { forward: { always: 'dave' } } };
    const plan = planned(bob, { settings });
    expect(stages(plan)).toEqual(['sip:dave@192.0.2.9']);
    expect(added(plan, 'Diversion')).toEqual([
      '<sip:carol@example.com>;reason=unconditional;counter=1',
      '<sip:bob@example.com>;reason=unconditional;counter=1',
    ]);
    expect(added(plan, 'History-Info')).toEqual([
      '<sip:bob@example.com>;index=1',
      '<sip:carol@example.com>;index=1.1;mp=1',
      '<sip:dave@example.com>;index=1.1.1;mp=1.1',
      '<sip:dave@192.0.2.9>;index=1.1.1.1;rc=1.1.1',
    ]);
  });

  test('by redirection, where he wants it: the caller is told', () => {
    const settings = { bob: { forward: { always: 'tel:+19725551212', by: 'redirect' as const } } };
    expect(outline(planned(bob, { settings }))).toBe('302 tel:+19725551212');
    expect(planned(bob, { settings })).toMatchObject({
      headers: [['Diversion', '<sip:bob@example.com>;reason=unconditional;counter=1']],
    });
  });

  test.each([
    ['who keeps a history', ['Supported: 100rel, histinfo'], '1', ['<sip:bob@example.com>;index=1']],
    [
      'who has sent one',
      ['History-Info: <sip:x@a>;index=1, <sip:bob@example.com>;index=1.1;mp=1'],
      '1.1',
      ['<sip:x@a>;index=1', '<sip:bob@example.com>;index=1.1;mp=1'],
    ],
    ['who knows none', ['Supported: 100rel'], '1', []],
  ])(
    'and %s hears what the place was made from, and where his call was (RFC 7044 8, 9.4)',
    (_, headers, from, told) => {
      const settings = { bob: { forward: { always: 'carol', by: 'redirect' as const } } };
      const plan = planned(bob, { settings, headers });
      if (plan.kind !== 'redirect') throw new Error(plan.kind);
      expect(plan.contacts.map(String)).toEqual([`<sip:carol@example.com>;mp=${from}`]);
      expect(plan.headers?.filter(([name]) => name === 'History-Info').map(([, value]) => value)).toEqual(told);
    },
  );

  test('a caller whom somebody else sent is not told to call again', () => {
    const settings = {
      bob: { forward: { always: 'carol' } },
      carol: { forward: { always: 'dave', by: 'redirect' as const } },
    };
    expect(outline(planned(bob, { settings }))).toBe('sip:dave@192.0.2.9');
  });

  test('a secure call stays secure', () => {
    const plan = planned('sips:bob@example.com', { settings: { bob: { forward: { always: 'dan@example.net' } } } });
    expect(outline(plan)).toBe('sips:dan@example.net');
    const toNumber = planned('sips:bob@example.com', { settings: { bob: { forward: { always: '+1972' } } } });
    expect(outline(toNumber)).toBe('sips:+1972@gw1.example.net;user=phone');
  });

  test.each([
    ['a message', { method: 'MESSAGE' }],
    ['a call that replaces another', { headers: ['Replaces: x;to-tag=1;from-tag=2'] }],
    ['a call that joins another', { headers: ['Join: x;to-tag=1;from-tag=2'] }],
  ])('is not for %s', (_name, world) => {
    const settings = { bob: { forward: { always: 'carol' }, doNotDisturb: true } };
    expect(outline(planned(bob, { settings, ...world }))).toBe(bobsPhone);
  });
});

describe('busy, no answer, not registered (RFC 5359 2.8, 2.9)', () => {
  const forward = { busy: 'carol', noAnswer: 'dave', unavailable: 'erin', ringTime: 12 };
  const settings = { bob: { forward } };

  test('his phones ring first, for the time that he set', () => {
    const plan = planned(bob, { settings });
    expect(stages(plan)).toEqual([`${bobsPhone} 12`]);
    expect(asRing(plan).provisional).toBeUndefined();
    expect(following(plan, 'onBusy')).toBe(carolsPhone);
    expect(following(plan, 'onNoAnswer')).toBe('sip:dave@192.0.2.9');
    expect(following(plan, 'onUnavailable')).toBe('sip:erin@192.0.2.9');
  });

  test('without a forwarding for it, nothing follows, and without one for no answer they ring on', () => {
    const plan = planned(bob, { settings: { bob: { forward: { busy: 'carol' } } } });
    expect(stages(plan)).toEqual([bobsPhone]);
    expect(following(plan, 'onNoAnswer')).toBeUndefined();
    expect(following(plan, 'onUnavailable')).toBeUndefined();
  });

  test('C2.9-06 a phone that is registered and silent has not answered, where nothing else is said', () => {
    const plan = planned(bob, { settings: { bob: { forward: { noAnswer: 'carol' } } } });
    expect(following(plan, 'onUnavailable')).toBe(carolsPhone);
    expect(outline(planned(bob, { settings: { bob: { forward: { noAnswer: 'carol' } } }, phones: { bob: [] } }))).toBe(
      '480',
    );
  });

  test('without a phone, at once', () => {
    const plan = planned(bob, { settings, phones: { bob: [] } });
    expect(stages(plan)).toEqual(['sip:erin@192.0.2.9']);
    expect(added(plan, 'Diversion')).toEqual(['<sip:bob@example.com>;reason=unavailable;counter=1']);
  });

  test('the history says which phones were tried, and what they answered (RFC 7044 10.2)', () => {
    const plan = planned(bob, { settings, phones: { bob: ['sip:b@192.0.2.1:5070', 'sip:b@192.0.2.2|0.5'] } });
    const next = asRing(asRing(plan).onBusy?.());
    expect(next.provisional).toEqual({ status: 181 });
    expect(added(next, 'Diversion')).toEqual(['<sip:bob@example.com>;reason=user-busy;counter=1']);
    expect(added(next, 'History-Info')).toEqual([
      '<sip:bob@example.com>;index=1',
      '<sip:b@192.0.2.1:5070?Reason=SIP%3Bcause%3D486>;index=1.1;rc=1',
      '<sip:b@192.0.2.2?Reason=SIP%3Bcause%3D486>;index=1.2;rc=1',
      '<sip:carol@example.com>;index=1.3;mp=1',
      '<sip:carol@192.0.2.9>;index=1.3.1;rc=1.3',
    ]);
  });

  test('one phone that is busy makes him busy where he says so', () => {
    expect(asRing(planned(bob, { settings })).busyEnds).toBe(false);
    const one = { bob: { forward, busy: { whenOneIs: true } } };
    expect(asRing(planned(bob, { settings: one })).busyEnds).toBe(true);
  });

  test('who does not want to be disturbed is busy', () => {
    expect(outline(planned(bob, { settings: { bob: { doNotDisturb: true } } }))).toBe('486');
    const plan = planned(bob, { settings: { bob: { doNotDisturb: true, forward } } });
    expect(stages(plan)).toEqual([carolsPhone]);
    expect(added(plan, 'Diversion')).toEqual(['<sip:bob@example.com>;reason=do-not-disturb;counter=1']);
  });
});

describe('loops', () => {
  const circle = {
    bob: { forward: { always: 'carol' } },
    carol: { forward: { always: 'dave' } },
    dave: { forward: { always: 'bob' } },
  };

  test('C2.7-08 a call that comes back to who sent it on ends with 482', () => {
    expect(outline(planned(bob, { settings: circle }))).toBe('482');
    expect(outline(planned('sip:carol@example.com', { settings: circle }))).toBe('482');
    expect(outline(planned(bob, { settings: { bob: { forward: { always: 'bob' } } } }))).toBe('482');
    expect(outline(planned(bob, { settings: { bob: { forward: { always: 'sip:bob@192.0.2.1:5060' } } } }))).toBe('482');
  });

  test('so it does when he sent it on only because he was busy', () => {
    const settings = { bob: { forward: { busy: 'carol' } }, carol: { forward: { busy: 'bob' } } };
    const toCarol = asRing(planned(bob, { settings })).onBusy?.();
    expect(following(asRing(toCarol), 'onBusy')).toBe('482');
  });

  test.each([
    ['sip:bob@example.com;gr=urn:uuid:f81d4fae', 'the GRUU of a telephone of his'],
    ['sip:bob@192.0.2.1', 'the address of the exchange'],
    ['sips:%62ob@EXAMPLE.COM;foo=bar', 'other letters'],
  ])('by %s, %s', (always) => {
    const settings = { bob: { forward: { always: 'carol' } }, carol: { forward: { always } } };
    expect(outline(planned(bob, { settings }))).toBe('482');
  });

  test('by the number that a subscriber has for a name', () => {
    const settings = {
      '2001': { forward: { always: 'bob' } },
      bob: { forward: { always: 'tel:2001;phone-context=example.com' } },
    };
    expect(outline(planned(bob, { settings }))).toBe('482');
    expect(outline(planned('tel:20-01;phone-context=example.com', { settings }))).toBe('482');
  });

  test('at the times only at which somebody lets the call through', () => {
    const deny = [{ who: 'alice', when: { days: ['sat', 'sun'], timeZone: 'UTC' } }];
    const settings = { ...circle, dave: { ...circle.dave, screening: { incoming: { deny } } } };
    expect(outline(planned(bob, { settings, time: '2026-03-04T12:00:00Z' }))).toBe('482');
    expect(outline(planned(bob, { settings, time: '2026-03-07T12:00:00Z' }))).toBe('403');
  });

  test('none come of groups and of find-me, for nobody there sends a call on', () => {
    const groups = [
      { user: 'sales', domain: 'example.com', members: ['bob', 'carol'], ring: 'in-turn', ringTime: 5_000 },
    ] as const;
    const toGroup = { bob: { forward: { always: 'sales' } }, carol: { forward: { always: 'bob' } } };
    const rings = [`${bobsPhone} 5, ${carolsPhone} 5`];
    expect([outline(planned(bob, { settings: toGroup, groups }))]).toEqual(rings);
    expect([outline(planned('sip:sales@example.com', { settings: toGroup, groups }))]).toEqual(rings);
    const lookedFor = {
      bob: { findMe: { places: ['carol', 'bob'] }, forward: { noAnswer: 'carol' } },
      carol: { findMe: { places: ['bob'] }, forward: { always: 'bob' } },
    };
    const plan = planned(bob, { settings: lookedFor });
    expect(outline(plan)).toBe(`${carolsPhone} 20, ${bobsPhone} 20`);
    expect(following(plan, 'onNoAnswer')).toBe('482');
  });

  test('by a telephone that redirects', () => {
    const settings = { carol: { forward: { always: 'bob' } } };
    const { onRedirect } = asRing(planned(bob, { settings }));
    const target = { uri: sip(bobsPhone), owner: bob };
    const redirected = (to: string): string | undefined =>
      outline(onRedirect?.(target, [NameAddr.of({ uri: sip(to) })])?.());
    expect([bob, 'sip:bob@example.com;gr=urn:uuid:f81d4fae', 'sip:carol@example.com'].map(redirected)).toEqual([
      '482',
      '482',
      '482',
    ]);
    expect(redirected('sip:dave@example.com')).toBe('sip:dave@192.0.2.9');
  });

  test.each([
    ['Diversion: <sip:bob@example.com>;reason=unconditional', '482'],
    ['Diversion: <sip:x@example.net>;reason=no-answer, <sip:bob@EXAMPLE.com;user=phone>;reason=user-busy', '482'],
    ['History-Info: <sip:bob@example.com>;index=1, <sip:x@example.net>;index=1.1;mp=1', '482'],
    ['History-Info: <sip:bob@example.com>;index=1, <sip:bob@example.com>;index=1.1;np=1', bobsPhone],
    ['Diversion: <sip:carol@example.com>;reason=unconditional', bobsPhone],
    ['History-Info: this is none', bobsPhone],
    ['Diversion: <sip:bob@pbx.example.com:5060>;reason=unconditional', '482'],
    ['History-Info: <sip:%62ob@192.0.2.1>;index=1, <sip:x@example.net>;index=1.1;mp=1', '482'],
  ])('by way of another domain, which tells: %s', (header, expected) => {
    expect(outline(planned(bob, { headers: [header] }))).toBe(expected);
  });

  test('a chain that never ends ends, counting what was before', () => {
    const diversions = Array.from({ length: 9 }, (_, index) => `Diversion: <sip:${String(index)}@example.net>`);
    const settings = { bob: { forward: { always: 'carol' } }, carol: { forward: { always: 'dave' } } };
    expect(outline(planned('sip:carol@example.com', { settings, headers: diversions }))).toBe('sip:dave@192.0.2.9');
    expect(outline(planned(bob, { settings, headers: diversions }))).toBe('483');
  });

  test('the history goes on where another one ends, and shows a gap (RFC 7044 10.3)', () => {
    const settings = { bob: { forward: { always: 'dan@example.net' } } };
    const known = planned(bob, {
      settings,
      headers: ['History-Info: <sip:x@a>;index=1, <sip:bob@example.com>;index=1.1'],
    });
    expect(added(known, 'History-Info')).toEqual(['<sip:dan@example.net>;index=1.1.1;mp=1.1']);
    const gap = planned(bob, { settings, headers: ['History-Info: <sip:x@a>;index=1.2'] });
    expect(added(gap, 'History-Info')).toEqual([
      '<sip:bob@example.com>;index=1.2.0',
      '<sip:dan@example.net>;index=1.2.0.1;mp=1.2.0',
    ]);
  });
});

test('numbers are for those who belong here, and for whom they send on', () => {
  expect(outline(planned('tel:+1972'))).toBe('sip:+1972@gw1.example.net;user=phone');
  expect(outline(planned('sip:+1972@example.com;user=phone'))).toBe('sip:+1972@gw1.example.net;user=phone');
  expect(outline(planned('sip:+1972@example.com', { caller: stranger }))).toBe('403');
  expect(outline(planned('tel:+1972', { caller: stranger }))).toBe('403');
  expect(outline(planned('sip:7777@example.com'))).toBe('404');
});
