import type { Target } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { added, asRing, following, outline, planned, stages, stranger, trailing } from './plan.testing.ts';
import type { World } from './plan.testing.ts';

const bob = 'sip:bob@example.com';

const withPlaces = (findMe: unknown, more: World['settings'] = {}): World => ({
  settings: { bob: { findMe }, ...more },
});

describe('find-me (RFC 5359 2.12)', () => {
  test('C2.12-03 in turn: each place for its time', () => {
    const places = ['bob', { to: 'carol', ringTime: 7 }, '+1972', 'dan@example.net'];
    expect(stages(planned(bob, withPlaces({ places })))).toEqual([
      'sip:bob@192.0.2.9 20',
      'sip:carol@192.0.2.9 7',
      'sip:+1972@gw1.example.net;user=phone 20',
      'sip:dan@example.net 20',
    ]);
    expect(asRing(planned(bob, withPlaces({ places }))).provisional).toBeUndefined();
  });

  test('at once, with delays: each rings for its own time, and the stage as long as any of them', () => {
    const places = ['carol', { to: 'dave', delay: 10, ringTime: 5 }];
    const [stage] = asRing(planned(bob, withPlaces({ ring: 'together', places }))).stages;
    expect(stage?.targets.map(({ uri, delay, ringTime }: Target) => [String(uri), delay, ringTime])).toEqual([
      ['sip:carol@192.0.2.9', 0, 20_000],
      ['sip:dave@192.0.2.9', 10_000, 5_000],
    ]);
    expect(stage).toMatchObject({ ringTime: 20_000, ringWithin: 18_000 });
  });

  test('by preference: those of one q together', () => {
    const places = [{ to: 'carol', q: 0.5 }, 'dave', { to: 'erin', q: 0.5 }];
    expect(stages(planned(bob, withPlaces({ ring: 'by-preference', places })))).toEqual([
      'sip:dave@192.0.2.9 20',
      'sip:carol@192.0.2.9 + sip:erin@192.0.2.9 20',
    ]);
  });

  test.each([
    ['does not want to be disturbed', { carol: { doNotDisturb: true } }],
    ['does not take calls of the caller', { carol: { screening: { incoming: { deny: ['alice'] } } } }],
    ['may not be called by whoever is looked for', { bob: { screening: { outgoing: { deny: ['carol'] } } } }],
    ['has all lines busy', { carol: { busy: { lines: 1 } } }],
  ])('a place is left out that %s', (_name, settings: Record<string, object>) => {
    const findMe = { places: ['carol', 'dave'] };
    const world = { settings: { ...settings, bob: { ...settings['bob'], findMe } }, calls: { carol: 1 } };
    expect(stages(planned(bob, world))).toEqual(['sip:dave@192.0.2.9 20']);
  });

  test('somebody there does not send the call on', () => {
    const world = withPlaces({ places: ['carol'] }, { carol: { forward: { always: 'dave', busy: 'dave' } } });
    const plan = planned(bob, world);
    expect(stages(plan)).toEqual(['sip:carol@192.0.2.9 20']);
    expect(following(plan, 'onBusy')).toBeUndefined();
  });

  test('when nobody is found, it goes on as he has set it', () => {
    const settings = { bob: { findMe: { places: ['carol'] }, forward: { noAnswer: 'dave', unavailable: 'erin' } } };
    expect(following(planned(bob, { settings }), 'onNoAnswer')).toBe('sip:dave@192.0.2.9');
    expect(outline(planned(bob, { settings, phones: { carol: [] } }))).toBe('sip:erin@192.0.2.9');
  });

  test('every place is told how the call came to it', () => {
    const plan = planned(bob, withPlaces({ places: ['carol', 'dan@example.net'] }));
    expect(added(plan, 'Diversion')).toEqual(['<sip:bob@example.com>;reason=follow-me;counter=1']);
    expect(added(plan, 'History-Info')).toEqual([
      '<sip:bob@example.com>;index=1',
      '<sip:carol@example.com>;index=1.1;mp=1',
      '<sip:carol@192.0.2.9>;index=1.1.1;rc=1.1',
    ]);
    expect(added(planned('sips:bob@example.com', withPlaces({ places: ['dan@example.net'] })), 'History-Info')).toEqual(
      ['<sips:bob@example.com>;index=1', '<sips:dan@example.net>;index=1.1;mp=1'],
    );
  });

  describe('a later place is told of those before it that something was heard of (RFC 7044 9.2, 9.3)', () => {
    /** The history that the place of one stage is told, when those before it have ended with these statuses. */
    function told(
      findMe: unknown,
      stage: number,
      statuses: readonly (number | undefined)[],
      world: World = {},
    ): unknown[] {
      const { stages: all } = asRing(planned(bob, { ...world, settings: { ...world.settings, bob: { findMe } } }));
      const before = all.slice(0, stage).flatMap(({ targets }) => targets);
      const attempts = before.flatMap((target, at) => (at in statuses ? [{ target, status: statuses[at] }] : []));
      return trailing(all[stage]?.targets[0], attempts)
        .filter(([name]) => name === 'History-Info')
        .map(([, value]) => value);
    }

    test('and what they answered', () => {
      const places = ['carol', 'dan@example.net', 'dave'];
      expect(told({ places }, 1, [486])).toEqual([
        '<sip:bob@example.com>;index=1',
        '<sip:carol@example.com>;index=1.1;mp=1',
        '<sip:carol@192.0.2.9?Reason=SIP%3Bcause%3D486>;index=1.1.1;rc=1.1',
        '<sip:dan@example.net>;index=1.2;mp=1',
      ]);
      expect(told({ places }, 2, [408, 404])).toEqual([
        '<sip:bob@example.com>;index=1',
        '<sip:carol@example.com>;index=1.1;mp=1',
        '<sip:carol@192.0.2.9?Reason=SIP%3Bcause%3D408>;index=1.1.1;rc=1.1',
        '<sip:dan@example.net?Reason=SIP%3Bcause%3D404>;index=1.2;mp=1',
        '<sip:dave@example.com>;index=1.3;mp=1',
        '<sip:dave@192.0.2.9>;index=1.3.1;rc=1.3',
      ]);
    });

    test('not of those from whom nothing came yet', () => {
      expect(told({ places: ['carol', 'dan@example.net'] }, 1, [])).toEqual([
        '<sip:bob@example.com>;index=1',
        '<sip:dan@example.net>;index=1.2;mp=1',
      ]);
    });

    test('his own phones among them, each with an index of its own', () => {
      const phones = { bob: ['sip:bob@192.0.2.9', 'sip:bob@192.0.2.10'] };
      expect(told({ places: ['bob', 'dan@example.net'] }, 1, [undefined, 480], { phones })).toEqual([
        '<sip:bob@example.com>;index=1',
        '<sip:bob@192.0.2.9>;index=1.1;rc=1',
        '<sip:bob@192.0.2.10?Reason=SIP%3Bcause%3D480>;index=1.2;rc=1',
        '<sip:dan@example.net>;index=1.3;mp=1',
      ]);
    });

    test('and so is where the call goes when nobody is found', () => {
      const settings = { bob: { findMe: { places: ['carol', 'bob'] }, forward: { busy: 'dan@example.net' } } };
      const plan = asRing(planned(bob, { settings }));
      const [carols, bobs] = plan.stages.map(({ targets: [target] }) => target);
      if (carols === undefined || bobs === undefined) throw new Error('two places');
      const next = plan.onBusy?.([
        { target: carols, status: 404 },
        { target: bobs, status: 486 },
      ]);
      expect(added(asRing(next), 'History-Info')).toEqual([
        '<sip:bob@example.com>;index=1',
        '<sip:carol@example.com>;index=1.1;mp=1',
        '<sip:carol@192.0.2.9?Reason=SIP%3Bcause%3D404>;index=1.1.1;rc=1.1',
        '<sip:bob@192.0.2.9?Reason=SIP%3Bcause%3D486>;index=1.2;rc=1',
        '<sip:dan@example.net>;index=1.3;mp=1',
      ]);
    });
  });
});

describe('lines', () => {
  test('with as many calls as he has lines, he is busy', () => {
    const settings = { bob: { busy: { lines: 2 }, forward: { busy: 'carol' } } };
    expect(outline(planned(bob, { settings, calls: { bob: 1 } }))).toBe('sip:bob@192.0.2.9');
    expect(outline(planned(bob, { settings, calls: { bob: 2 } }))).toBe('sip:carol@192.0.2.9');
    expect(outline(planned(bob, { settings: { bob: { busy: { lines: 1 } } }, calls: { bob: 1 } }))).toBe('486');
  });
});

describe('groups', () => {
  const members = ['bob', 'carol', 'dave'];
  const sales = { user: 'sales', domain: 'example.com', members, ringTime: 9_000 } as const;
  const call = (world: World, ring: 'together' | 'in-turn' | 'longest-idle' = 'in-turn'): string[] =>
    stages(planned('sip:sales@example.com', { ...world, groups: [{ ...sales, ring }] }));

  test('the one who has had no call for the longest time comes first', () => {
    const idleSince = { bob: 500, carol: 100, dave: Infinity };
    expect(call({ idleSince }, 'longest-idle')).toEqual([
      'sip:carol@192.0.2.9 9',
      'sip:bob@192.0.2.9 9',
      'sip:dave@192.0.2.9 9',
    ]);
  });

  test('who takes no such call now is left out, and what he forwards is not followed', () => {
    const settings = {
      bob: { doNotDisturb: true },
      carol: { screening: { incoming: { deny: ['anonymous'] } } },
      dave: { forward: { always: 'erin' } },
    };
    expect(call({ settings })).toEqual(['sip:carol@192.0.2.9 9', 'sip:dave@192.0.2.9 9']);
    expect(call({ settings, caller: stranger })).toEqual(['sip:dave@192.0.2.9 9']);
  });
});
