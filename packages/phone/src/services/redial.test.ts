import { onTestFinished, describe, expect, test } from 'vitest';
import { PhoneError } from '../failure.ts';
import { TestHouse } from '../phone.testing.ts';
import type { TestPhone } from '../phone.testing.ts';
import type { PhoneSettings } from '../phone-options.ts';
import { redialMachine } from './redial-machine.ts';
import type { Redial } from './redial.ts';

/** Who is in no group may see whether somebody is in a call. */
const open: Partial<PhoneSettings> = { permissions: { identity: 'claimed', watchOccupation: 'everybody' } };

interface Scene {
  readonly house: TestHouse;
  readonly bob: TestPhone;
  readonly carol: TestPhone;
  readonly waiters: readonly TestPhone[];
}

/** Bob, who takes one call at a time, is in one with Carol; others wait for him. */
async function scene(waiting: readonly string[] = ['alice'], settings: Partial<PhoneSettings> = open): Promise<Scene> {
  const house = new TestHouse();
  const bob = await house.phone('bob', { callWaiting: false, ...settings });
  const carol = await house.phone('carol');
  const waiters: TestPhone[] = [];
  for (const name of waiting) waiters.push(await house.phone(name));
  bob.phone.onIncomingCall((call) => void call.answer());
  void carol.phone.call(bob.uri);
  await house.play(1_000);
  onTestFinished(async () => {
    expect((await house.stop()).every((left) => Object.keys(left).length === 0)).toBe(true);
  });
  return { house, bob, carol, waiters };
}

const story = (phone: TestPhone | undefined): string[] =>
  (phone?.story ?? []).filter((line) => /^redial|^\d+ (?:to|connected|ended)/.test(line));

function first<T>([one]: readonly T[]): T {
  if (one === undefined) throw new Error('there is none');
  return one;
}

const failureOf = (redial: Redial): Promise<unknown> =>
  redial.connected().then(
    () => 'connected',
    (error: unknown) => (error instanceof PhoneError ? error.failure.kind : error),
  );

describe('automatic redial (RFC 5359 2.17)', () => {
  test('C2.17-04 C2.17-11 C2.17-13 calls when the other one is free, not before, and then ends the subscription', async () => {
    const { house, bob, carol, waiters } = await scene();
    const alice = first(waiters);
    const redial = alice.phone.redial(bob.uri);
    await house.play(60_000);
    expect(redial.state).toBe('watching');
    expect(story(alice)).toEqual(['redial watching']);
    void first(carol.phone.calls).hangUp();
    await house.play(3_000);
    const call = await redial.connected();
    expect(call.state).toBe('connected');
    await house.play(5_000);
    expect(redial.state).toBe('ended');
    expect(alice.phone.stats().subscriptions).toBe(0);
    expect(call.state).toBe('connected');
    expect(story(alice)).toEqual([
      'redial watching',
      'redial waiting',
      '1 to bob',
      'redial calling',
      '1 connected',
      'redial leaving',
      'redial ended',
    ]);
  });

  test('calls at once who is free already', async () => {
    const { house, bob, carol, waiters } = await scene();
    void first(carol.phone.calls).hangUp();
    await house.play(1_000);
    const redial = first(waiters).phone.redial(bob.uri);
    await house.play(4_000);
    expect((await redial.connected()).state).toBe('connected');
  });

  test('those who wait go in their order, one at a time, and each gets through', async () => {
    const { house, bob, carol, waiters } = await scene(['alice', 'dave', 'erin']);
    const answered: string[] = [];
    for (const { phone } of waiters) {
      void phone
        .redial(bob.uri)
        .connected()
        .then(() => answered.push(phone.address.displayName ?? ''));
      await house.play(40_000);
    }
    void first(carol.phone.calls).hangUp();
    for (const waiter of waiters) {
      await house.play(10_000);
      expect(bob.phone.calls).toHaveLength(1);
      void first(waiter.phone.calls).hangUp();
    }
    await house.play(10_000);
    expect(answered).toEqual(['alice', 'dave', 'erin']);
  });

  test('is suspended while the person is in a call himself', async () => {
    const { house, bob, carol, waiters } = await scene(['alice', 'dave']);
    const [alice, dave] = [first(waiters), first(waiters.slice(1))];
    dave.phone.onIncomingCall((call) => void call.answer());
    const redial = alice.phone.redial(bob.uri);
    void alice.phone.call(dave.uri);
    await house.play(1_000);
    void first(carol.phone.calls).hangUp();
    await house.play(10_000);
    expect(redial.state).toBe('suspended');
    expect(bob.phone.calls).toHaveLength(0);
    void first(alice.phone.calls).hangUp();
    await house.play(10_000);
    expect(redial.end?.kind).toBe('connected');
  });

  test('alerts the person first where that is wanted, and gives up when nobody comes', async () => {
    const { house, bob, carol, waiters } = await scene();
    const alice = first(waiters);
    const redial = alice.phone.redial(bob.uri, { ask: true, askTime: 20_000 });
    void first(carol.phone.calls).hangUp();
    await house.play(4_000);
    expect(redial.state).toBe('asking');
    expect(alice.phone.calls).toHaveLength(0);
    redial.call();
    await house.play(1_000);
    expect(redial.end?.kind).toBe('connected');

    void first(alice.phone.calls).hangUp();
    await house.play(2_000);
    const second = alice.phone.redial(bob.uri, { ask: true, askTime: 20_000 });
    const failure = failureOf(second);
    await house.play(30_000);
    expect(await failure).toBe('no-answer');
    expect(() => {
      second.call();
    }).toThrow(PhoneError);
  });

  test('goes back to waiting when the other one is taken while the person is asked', async () => {
    const { house, bob, carol, waiters } = await scene();
    const redial = first(waiters).phone.redial(bob.uri, { ask: true });
    void first(carol.phone.calls).hangUp();
    await house.play(4_000);
    expect(redial.state).toBe('asking');
    void carol.phone.call(bob.uri);
    await house.play(3_000);
    expect(redial.state).toBe('watching');
  });

  test('gives up after a while of being busy', async () => {
    const { house, bob, waiters } = await scene();
    const redial = first(waiters).phone.redial(bob.uri, { busyTime: 60_000 });
    const failure = failureOf(redial);
    await house.play(59_000);
    expect(redial.state).toBe('watching');
    await house.play(2_000);
    expect(await failure).toBe('busy');
    expect(first(waiters).phone.stats().subscriptions).toBe(0);
  });

  test('gives up when it rings and nobody answers', async () => {
    const house = new TestHouse();
    const bob = await house.phone('bob', open);
    const alice = await house.phone('alice');
    const failure = failureOf(alice.phone.redial(bob.uri, { ringTime: 20_000 }));
    await house.play(30_000);
    expect(await failure).toBe('no-answer');
    await house.play(5_000);
    expect(await house.stop()).toEqual([{}, {}]);
  });

  test('C2.17-06 who is told busy without being told why waits for the next time, and calls no sooner', async () => {
    const { house, bob, carol, waiters } = await scene();
    const alice = first(waiters);
    void first(carol.phone.calls).hangUp();
    await house.play(2_000);
    bob.phone.doNotDisturb = 'busy';
    const redial = alice.phone.redial(bob.uri);
    await house.play(600_000);
    expect(redial.state).toBe('watching');
    expect(alice.story.filter((line) => line.endsWith('to bob'))).toHaveLength(1);
    bob.phone.doNotDisturb = 'off';
    void carol.phone.call(bob.uri);
    await house.play(5_000);
    expect(redial.state).toBe('watching');
    void first(carol.phone.calls).hangUp();
    await house.play(5_000);
    expect(redial.end?.kind).toBe('connected');
  });

  test('whoever says no when it rings is not called again', async () => {
    const house = new TestHouse();
    const bob = await house.phone('bob', open);
    const alice = await house.phone('alice');
    bob.phone.onIncomingCall((call) => void call.reject('busy'));
    const failure = failureOf(alice.phone.redial(bob.uri));
    await house.play(120_000);
    expect(await failure).toBe('busy');
    expect(bob.story.filter((line) => line.includes('from alice'))).toHaveLength(1);
    expect(await house.stop()).toEqual([{}, {}]);
  });

  test('C2.17-12 is given up where the other one does not tell', async () => {
    const { house, bob, waiters } = await scene(['alice'], {});
    const failure = failureOf(first(waiters).phone.redial(bob.uri));
    await house.play(1_000);
    expect(await failure).toBe('forbidden');
    expect(first(waiters).phone.redials).toEqual([]);
  });

  test.each([0, 5_000])('C2.17-11 can be cancelled, %d ms after it began', async (after) => {
    const { house, bob, carol, waiters } = await scene();
    const alice = first(waiters);
    const redial = alice.phone.redial(bob.uri);
    const failure = failureOf(redial);
    await house.play(after);
    redial.cancel();
    void first(carol.phone.calls).hangUp();
    await house.play(40_000);
    expect(await failure).toBe('cancelled');
    expect(story(alice)).toEqual(['redial watching', 'redial ended']);
    expect(alice.phone.stats().subscriptions).toBe(0);
  });

  test('cancelled while it calls, the call is given up', async () => {
    const house = new TestHouse();
    const bob = await house.phone('bob', open);
    const alice = await house.phone('alice');
    const redial = alice.phone.redial(bob.uri);
    const failure = failureOf(redial);
    await house.play(4_000);
    expect(redial.state).toBe('calling');
    redial.cancel();
    await house.play(2_000);
    expect(await failure).toBe('cancelled');
    expect(bob.story.at(-1)).toBe('1 ended cancelled');
    expect(await house.stop()).toEqual([{}, {}]);
  });

  test('every state but the last can be left', () => {
    for (const [state, steps] of Object.entries(redialMachine)) {
      if (state !== 'ended') expect(steps.cancel?.to).toBe('ended');
    }
  });
});
