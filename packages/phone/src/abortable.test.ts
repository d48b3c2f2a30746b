import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Abortable } from './abortable.ts';
import type { Call } from './call.ts';
import { PhoneError } from './failure.ts';
import { answering, TestHouse } from './phone.testing.ts';
import type { TestPhone } from './phone.testing.ts';

const nobody = 'sip:nobody@192.0.2.99';

let house: TestHouse;
let alice: TestPhone;
let bob: TestPhone;
let carol: TestPhone;

beforeEach(async () => {
  house = new TestHouse();
  // Of an exchange that says nothing, either.
  alice = await house.phone('alice', { addressOfRecord: 'sip:alice@192.0.2.99' });
  bob = await house.phone('bob');
  carol = await house.phone('carol');
});

afterEach(async () => {
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

/** What alice may have to do with: her call to bob, in which both are, and one to carol, who is on hold. */
interface Calls {
  readonly call: Call;
  readonly held: Call;
}

/** Everything that waits for a far end, none of which says anything from now on. */
const deeds: Readonly<Record<string, (calls: Calls, options: Abortable) => Promise<unknown>>> = {
  register: (_, options) => alice.phone.register(options),
  call: (_, options) => alice.phone.call(nobody, options),
  telephones: (_, options) => alice.phone.telephones(options),
  dialWith: (_, options) => alice.phone.dialWith(nobody, carol.uri, options),
  switchTo: ({ held }, options) => alice.phone.switchTo(held, options),
  pickUp: (_, options) => alice.phone.pickUp(nobody, options),
  park: ({ call }, options) => alice.phone.park(call, nobody, options),
  retrieve: (_, options) => alice.phone.retrieve(nobody, options),
  join: (_, options) => alice.phone.join(nobody, options),
  conference: ({ call, held }, options) => alice.phone.conference([call, held], options),
  sendMessage: (_, options) => alice.phone.sendMessage(nobody, 'Are you there?', options),
  hold: ({ call }, options) => call.hold(options),
  holdWithMusic: ({ held }, options) => held.holdWithMusic(nobody, options),
  resume: ({ held }, options) => held.resume(options),
  transfer: ({ call }, options) => call.transfer(carol.uri, options),
  transferTo: ({ call, held }, options) => call.transferTo(held, options),
  transferByMessage: ({ call }, options) => call.transferByMessage(nobody, options),
  sendDigits: ({ call }, options) => call.sendDigits('12345', options),
  hangUp: ({ call }, options) => call.hangUp(options),
  'add to a conference': async ({ call, held }, options) => (await alice.phone.conference([call])).add(held, options),
  'call into a conference': async ({ call }, options) => (await alice.phone.conference([call])).add(nobody, options),
  'drop from a conference': async ({ call }, options) => (await alice.phone.conference([call])).drop(call, options),
  'end a conference': async ({ call }, options) => (await alice.phone.conference([call])).end(options),
};
const names = Object.keys(deeds);

async function calls(): Promise<Calls> {
  answering(bob);
  answering(carol);
  const held = alice.phone.dial(carol.uri);
  await house.play(500);
  const call = alice.phone.dial(bob.uri);
  await house.play(500);
  expect([held.localHold, call.state]).toEqual([true, 'connected']);
  house.network.partition(['alice'], ['bob', 'carol']);
  return { call, held };
}

/** What alice has under way. */
const underWay = (): Record<string, number> => {
  const { requests, transactions, subscriptions } = alice.phone.stats();
  return { requests, transactions, subscriptions };
};
const nothing = { requests: 0, transactions: 0, subscriptions: 0 };

/** What a promise has come to so far. */
function watched(promise: Promise<unknown>): { outcome: unknown } {
  const seen: { outcome: unknown } = { outcome: 'not yet' };
  promise.then(
    () => (seen.outcome = 'done'),
    (error: unknown) => (seen.outcome = error),
  );
  return seen;
}

async function expectGivenUp(seen: { readonly outcome: unknown }, giveUp: AbortController): Promise<void> {
  expect(seen.outcome).toBe('not yet');
  giveUp.abort('enough');
  await house.play(0);
  expect(seen.outcome).toBeInstanceOf(PhoneError);
  expect(seen.outcome).toMatchObject({ failure: { kind: 'cancelled' }, cause: 'enough' });
}

describe('what a signal gives up', () => {
  test.each(names)('%s: rejects at once, and what goes on comes to an end', async (name) => {
    const parts = await calls();
    const giveUp = new AbortController();
    const seen = watched(deeds[name]?.(parts, { signal: giveUp.signal }) ?? Promise.resolve());
    await house.play(200);
    await expectGivenUp(seen, giveUp);
    void alice.phone.unregister();
    // The far ends of the calls are found to be gone meanwhile.
    await house.play(110_000);
    expect(underWay()).toEqual(nothing);
  });

  test.each(names)('%s: does not begin where that has been given up', async (name) => {
    const parts = await calls();
    const { entries } = house.network.trace;
    const before = entries.length;
    const seen = watched(deeds[name]?.(parts, { signal: AbortSignal.abort('never') }) ?? Promise.resolve());
    await house.play(100);
    expect(seen.outcome).toMatchObject({ failure: { kind: 'cancelled' }, cause: 'never' });
    expect(entries.slice(before)).toEqual([]);
    expect([parts.call.state, parts.call.localHold, parts.held.state, parts.held.localHold]).toEqual([
      'connected',
      false,
      'connected',
      true,
    ]);
  });

  test('an answer, or a hold before it: the call goes on', async () => {
    const call = alice.phone.dial(nobody);
    await house.play(100);
    for (const wait of [(options: Abortable) => call.answered(options), (options: Abortable) => call.hold(options)]) {
      const giveUp = new AbortController();
      const seen = watched(wait({ signal: giveUp.signal }));
      await house.play(100);
      await expectGivenUp(seen, giveUp);
    }
    expect([call.state, call.localHold]).toEqual(['calling', true]);
  });

  test('a goodbye to the exchange: it is said all the same', async () => {
    alice.phone.register().catch(() => undefined);
    await house.play(100);
    const giveUp = new AbortController();
    const seen = watched(alice.phone.unregister({ signal: giveUp.signal }));
    await house.play(100);
    await expectGivenUp(seen, giveUp);
    await house.play(70_000);
    expect([alice.phone.registration.kind, underWay()]).toEqual(['unregistered', nothing]);
  });

  test('a change that waits for its turn: it is not made', async () => {
    const { call } = await calls();
    const giveUp = new AbortController();
    void call.hold();
    const seen = watched(call.resume({ signal: giveUp.signal }));
    await house.play(100);
    await expectGivenUp(seen, giveUp);
    await house.play(40_000);
    const offers = house.network.trace.entries.filter(
      ({ text }) => /^a=sendrecv/m.test(text) && text.startsWith('INVITE'),
    );
    expect(new Set(offers.map(({ text }) => /^CSeq: .*/m.exec(text)?.[0])).size).toBe(1);
  });

  test('a transfer that waits for a hold: nobody is handed on', async () => {
    const { call, held } = await calls();
    const giveUp = new AbortController();
    const seen = watched(call.transferTo(held, { signal: giveUp.signal }));
    await house.play(100);
    await expectGivenUp(seen, giveUp);
    await house.play(70_000);
    expect(house.network.trace.entries.filter(({ text }) => text.startsWith('REFER'))).toEqual([]);
  });

  test('a hold that the far end has heard of: it is on hold', async () => {
    answering(bob);
    const call = alice.phone.dial(bob.uri);
    await house.play(500);
    const giveUp = new AbortController();
    const seen = watched(call.hold({ signal: giveUp.signal }));
    await house.play(7);
    await expectGivenUp(seen, giveUp);
    await house.play(500);
    expect([call.localHold, bob.phone.calls[0]?.remoteHold]).toEqual([true, true]);
  });
});
