import type { CallPlan, Target } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { added, asRing, outline, planned, trailing } from './plan.testing.ts';
import type { World } from './plan.testing.ts';

const bob = 'sip:bob@example.com';
const alices = ['<sip:alice@example.com>'];

function forwardedTo(always: string, ...headers: readonly string[]): CallPlan {
  return planned(bob, { settings: { bob: { forward: { always } } }, headers });
}

describe('who calls', () => {
  test.each<[string, World, unknown[]]>([
    ['without a wish', {}, alices],
    ['with a wish that is about other things', { headers: ['Privacy: history'] }, alices],
    ['who is not to be named (RFC 3325 7)', { headers: ['Privacy: id'] }, []],
    ['whose wish cannot be read', { headers: ['Privacy: ;'] }, []],
    ['who is not named in From', { from: '<sip:anonymous@anonymous.invalid>' }, []],
  ])('%s is asserted to phones accordingly, and to servers of ours in any case', (_, world, expected) => {
    expect(added(planned(bob, world), 'P-Asserted-Identity')).toEqual(expected);
    expect(added(planned('sip:announcement@example.com', world), 'P-Asserted-Identity')).toEqual(alices);
  });

  test('is screened all the same as who he has proved to be', () => {
    const settings = { bob: { screening: { incoming: { deny: ['alice'] } } } };
    expect(outline(planned(bob, { settings, headers: ['Privacy: id'] }))).toBe('403');
  });

  test('and whom he prefers to be is for nobody but us (RFC 3325 5)', () => {
    const headers = ['P-Preferred-Identity: <sip:alice@example.com>'];
    expect(asRing(planned(bob, { headers })).removeHeaders).toContain('P-Preferred-Identity');
  });
});

test.each(['header;critical', 'session; critical', 'user;id;critical'])(
  'what is asked for and not to be had is refused where that matters: %s (RFC 3323 4.2)',
  (privacy) => {
    expect(planned(bob, { headers: [`Privacy: ${privacy}`] })).toMatchObject({ kind: 'reject', status: 500 });
    expect(outline(planned(bob, { headers: [`Privacy: ${privacy.replace(/; ?critical/, '')}`] }))).toBe(
      'sip:bob@192.0.2.9',
    );
    expect(outline(planned(bob, { headers: ['Privacy: id;critical'] }))).toBe('sip:bob@192.0.2.9');
  },
);

describe('the way that a call has taken (RFC 7044 10.1)', () => {
  const nobody = '<sip:anonymous@anonymous.invalid>';

  test('is hidden from other domains, but for the address they are called by', () => {
    const plan = forwardedTo('dan@example.net', 'Privacy: history');
    expect(added(plan, 'History-Info')).toEqual([`${nobody};index=1`, '<sip:dan@example.net>;index=1.1;mp=1']);
    expect(added(plan, 'Diversion')).toEqual([`${nobody};reason=unconditional;counter=1;privacy=full`]);
    expect(asRing(plan).removeHeaders).toEqual(expect.arrayContaining(['History-Info', 'Diversion', 'Privacy']));
    expect(added(plan, 'Privacy')).toEqual([]);
  });

  test('and nothing is left of the wish, however much it mattered (RFC 3323 5)', () => {
    const plan = forwardedTo('dan@example.net', 'Privacy: history;critical');
    expect(asRing(plan).removeHeaders).toContain('Privacy');
    expect(added(plan, 'Privacy')).toEqual([]);
    expect(added(forwardedTo('dan@example.net', 'Privacy: history;id;critical'), 'Privacy')).toEqual(['id;critical']);
  });

  test('and from the telephone network', () => {
    const plan = forwardedTo('+1972', 'Privacy: history;id');
    expect(added(plan, 'History-Info')).toEqual([
      `${nobody};index=1`,
      `${nobody};index=1.1;mp=1`,
      '<sip:+1972@gw1.example.net;user=phone>;index=1.1.1;rc=1.1',
    ]);
    expect(added(plan, 'Privacy')).toEqual(['id']);
  });

  test('is told to phones of ours', () => {
    const plan = forwardedTo('carol', 'Privacy: history');
    expect(added(plan, 'History-Info')).toEqual([
      '<sip:bob@example.com>;index=1',
      '<sip:carol@example.com>;index=1.1;mp=1',
      '<sip:carol@192.0.2.9>;index=1.1.1;rc=1.1',
    ]);
    expect(added(plan, 'Privacy')).toEqual(['history']);
    expect(added(plan, 'Diversion')).toEqual(['<sip:bob@example.com>;reason=unconditional;counter=1']);
  });

  test('of what came before, only what is ours to hide', () => {
    const plan = forwardedTo(
      'dan@example.net',
      'Privacy: history',
      'History-Info: <sip:x@example.org>;index=1, <sip:carol@example.com?Reason=SIP%3Bcause%3D302>;index=1.1;mp=1, <sip:bob@example.com>;index=1.1.1;mp=1.1',
      'Diversion: <sip:carol@example.com>;reason=deflection',
    );
    expect(added(plan, 'History-Info')).toEqual([
      '<sip:x@example.org>;index=1',
      '<sip:anonymous@anonymous.invalid?Reason=SIP%3Bcause%3D302>;index=1.1;mp=1',
      `${nobody};index=1.1.1;mp=1.1`,
      '<sip:dan@example.net>;index=1.1.1.1;mp=1.1.1',
    ]);
    expect(added(plan, 'Diversion')).toEqual([
      `${nobody};reason=unconditional;counter=1;privacy=full`,
      `${nobody};reason=deflection;privacy=full`,
    ]);
  });

  test('nor are they told who was tried before them', () => {
    const settings = { bob: { findMe: { places: ['carol', 'tel:+1972', 'dan@example.net', 'dave'] } } };
    const { stages } = asRing(planned(bob, { settings, headers: ['Privacy: history'] }));
    const targets = stages.flatMap((stage) => stage.targets);
    const before = targets.slice(0, 2).map((target) => ({ target, status: 486 }));
    const told = (target: Target | undefined): unknown[] => trailing(target, before).map(([, value]) => value);
    expect(told(targets[2])).toEqual([
      `${nobody};index=1`,
      `${nobody};index=1.1;mp=1`,
      '<sip:anonymous@anonymous.invalid?Reason=SIP%3Bcause%3D486>;index=1.1.1;rc=1.1',
      `${nobody};index=1.2;mp=1`,
      '<sip:anonymous@anonymous.invalid?Reason=SIP%3Bcause%3D486>;index=1.2.1;rc=1.2',
      '<sip:dan@example.net>;index=1.3;mp=1',
    ]);
    expect(told(targets[3])).toContain('<tel:+1972>;index=1.2;mp=1');
  });

  test('an entry that hides itself does so by itself', () => {
    const entry = 'History-Info: <sip:carol@example.com?Privacy=history>;index=1, <sip:bob@example.com>;index=1.1;mp=1';
    expect(added(forwardedTo('dan@example.net', entry), 'History-Info')).toEqual([
      `${nobody};index=1`,
      '<sip:bob@example.com>;index=1.1;mp=1',
      '<sip:dan@example.net>;index=1.1.1;mp=1.1',
    ]);
  });

  test('stays hidden however the call goes on', () => {
    const settings = {
      bob: { forward: { busy: 'dan@example.net', noAnswer: 'dan@example.net', unavailable: 'dan@example.net' } },
    };
    const plan = asRing(planned(bob, { settings, headers: ['Privacy: history'] }));
    for (const next of [plan.onBusy, plan.onNoAnswer, plan.onUnavailable]) {
      const told = added(next?.() ?? plan, 'History-Info');
      expect(told.at(-1)).toMatch(/^<sip:dan@example\.net>/);
      expect(told.slice(0, -1).every((value) => String(value).startsWith('<sip:anonymous@anonymous.invalid'))).toBe(
        true,
      );
    }
  });
});
