import { describe, expect, onTestFinished, test } from 'vitest';
import type { Permissions } from './authorization.ts';
import { PhoneError } from '../failure.ts';
import { TestHouse } from '../phone.testing.ts';
import type { TestPhone } from '../phone.testing.ts';
import type { ParkedCall } from './park.ts';
import { callsOf, outcomeOf } from './pickup-races.testing.ts';

const permissions: Permissions = { identity: 'claimed', group: ['192.0.2.*'] };

interface Scene {
  readonly house: TestHouse;
  /** Called Bob, and waits to be parked. */
  readonly alice: TestPhone;
  readonly bob: TestPhone;
  readonly carol: TestPhone;
  /** Stands in for a park server: calls whom it is referred to. */
  readonly lot: TestPhone;
}

async function scene(
  lotMay: Permissions = { ...permissions, refer: { allow: 'group' } },
  alices = permissions,
): Promise<Scene> {
  const house = new TestHouse();
  const alice = await house.phone('alice', { permissions: alices });
  const bob = await house.phone('bob', { permissions });
  const carol = await house.phone('carol', { permissions });
  const lot = await house.phone('lot', { permissions: lotMay });
  bob.phone.onIncomingCall((call) => void call.answer());
  alice.phone.dial(bob.uri);
  await house.play(1_000);
  onTestFinished(async () => {
    expect((await house.stop()).every((left) => Object.keys(left).length === 0)).toBe(true);
  });
  return { house, alice, bob, carol, lot };
}

function parkedBy(
  { phone }: TestPhone,
  lot: TestPhone,
): { readonly text: string; readonly parked: ParkedCall | undefined } {
  const [call] = phone.calls;
  const outcome: { text: string; parked: ParkedCall | undefined } = { text: 'open', parked: undefined };
  if (call === undefined) throw new Error('there is no call');
  phone.park(call, lot.uri).then(
    (parked) => Object.assign(outcome, { text: `${parked.who.name} at ${parked.slot.name}`, parked }),
    (error: unknown) => (outcome.text = error instanceof PhoneError ? error.failure.kind : String(error)),
  );
  return outcome;
}

describe('call park (RFC 5359 2.15)', () => {
  test('the far end goes to the park server, and from there to who retrieves it', async () => {
    const { house, alice, bob, carol, lot } = await scene();
    const outcome = parkedBy(bob, lot);
    await house.play(5_000);
    expect(outcome.text).toBe('alice at lot');
    expect(bob.phone.log.entries[0]?.end).toMatchObject({ kind: 'parked', at: { uri: lot.uri } });
    expect(callsOf(alice, bob, lot)).toEqual([
      'connected lot',
      '',
      `connected ${lot.phone.calls[0]?.remote.name ?? ''}`,
    ]);
    const retrieved = outcomeOf(carol.phone.retrieve(lot.uri));
    await house.play(5_000);
    expect(retrieved.text).toMatch(/^has /);
    expect(callsOf(alice, bob, lot)).toEqual(['connected carol', '', '']);
    expect(carol.phone.calls.map(({ state }) => state)).toEqual(['connected']);
    const second = outcomeOf(bob.phone.retrieve(lot.uri));
    await house.play(5_000);
    expect(second.text).toBe('no-call');
    expect(callsOf(alice)).toEqual(['connected carol']);
  });

  test('who has parked it can take it back without asking', async () => {
    const { house, alice, bob, lot } = await scene();
    const { parked: place } = await settled(house, parkedBy(bob, lot));
    const watch = bob.phone.watch(lot.uri);
    await house.play(2_000);
    const [dialog] = watch.latest?.dialogs ?? [];
    void watch.unsubscribe();
    if (place === undefined) throw new Error('it is not parked');
    // A park server tells it in its last report (RFC 5359 2.15 F14); a phone in its place does not.
    const parked = { ...place, dialog };
    const retrieved = outcomeOf(bob.phone.retrieve(parked));
    await house.play(5_000);
    expect(retrieved.text).toBe('has alice');
    expect(callsOf(alice, bob, lot)).toEqual(['connected bob', 'connected alice', '']);
    const second = outcomeOf(bob.phone.retrieve(parked));
    await house.play(5_000);
    expect(second.text).toBe('taken');
    expect(callsOf(alice, lot)).toEqual(['connected bob', '']);
  });

  test('C2.15-13 of several the one that is wanted is retrieved, else the one that has waited longest', async () => {
    const { house, alice, bob, carol, lot } = await scene();
    await settled(house, parkedBy(bob, lot));
    const dave = await house.phone('dave', { permissions });
    dave.phone.dial(bob.uri);
    await house.play(2_000);
    await settled(house, parkedBy(bob, lot));
    expect(lot.phone.calls).toHaveLength(2);
    const wanted = outcomeOf(carol.phone.retrieve(lot.uri, { whom: dave.uri }));
    await house.play(5_000);
    expect([wanted.text.startsWith('has'), ...callsOf(dave)]).toEqual([true, 'connected carol']);
    const longest = outcomeOf(bob.phone.retrieve(lot.uri));
    await house.play(5_000);
    expect([longest.text.startsWith('has'), ...callsOf(alice)]).toEqual([true, 'connected bob']);
  });

  test.each<readonly [string, Permissions, Permissions, string]>([
    ['the park server does not want it', { refer: { allow: 'nobody' } }, permissions, 'forbidden'],
    ['the far end does not want to be parked', { ...permissions, refer: { allow: 'group' } }, {}, 'forbidden'],
  ])('C2.15-10 the call is as it was where %s', async (_, lotMay, alices, expected) => {
    const { house, alice, bob, lot } = await scene(lotMay, alices);
    const outcome = parkedBy(bob, lot);
    await house.play(10_000);
    expect(outcome.text).toBe(expected);
    expect(callsOf(alice, bob, lot)).toEqual(['connected bob', 'connected alice', '']);
    void alice.phone.calls[0]?.hangUp();
    await house.play(2_000);
    expect(bob.phone.log.entries[0]?.end).toEqual({ kind: 'hung-up', by: 'remote' });
  });

  test('a caller who has hung up meanwhile is not there any more', async () => {
    const { house, alice, bob, carol, lot } = await scene();
    await settled(house, parkedBy(bob, lot));
    void alice.phone.calls[0]?.hangUp();
    await house.play(2_000);
    const retrieved = outcomeOf(carol.phone.retrieve(lot.uri));
    await house.play(5_000);
    expect(retrieved.text).toBe('no-call');
  });
});

async function settled<T>(house: TestHouse, outcome: T): Promise<T> {
  await house.play(5_000);
  return outcome;
}
