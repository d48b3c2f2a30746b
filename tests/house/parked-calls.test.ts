import { PhoneError } from '@switchhook/phone';
import type { ParkedCall } from '@switchhook/phone';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Office } from './simulated/office.testing.ts';
import type { Desk } from './simulated/office.testing.ts';

/** Telephones as they come, which let in nobody whom they do not talk with, and the park server of the exchange. */

const lot = 'sip:park@example.com';

let office: Office;
let alice: Desk;
let bob: Desk;
let carol: Desk;

beforeEach(async () => {
  office = await Office.open('UDP', {
    servers: { park: { returnAfter: 60 } },
    settings: { carol: { forward: { always: 'bob' } } },
  });
  alice = await office.desk('alice', '192.0.2.1');
  bob = await office.desk('bob', '192.0.2.2');
  carol = await office.desk('carol', '192.0.2.3');
});

afterEach(async () => {
  for (const { phone } of [alice, bob, carol]) for (const call of phone.calls) await office.done(call.hangUp());
  expect(await office.close()).toEqual([]);
});

/** Alice calls somebody, Bob answers and parks her. */
async function parked(called = 'sip:bob@example.com'): Promise<ParkedCall> {
  await office.done(alice.phone.call(called));
  const [call] = bob.phone.calls;
  if (call === undefined) throw new Error('bob has no call');
  return office.done(bob.phone.park(call, lot));
}

/** With whom somebody has calls. */
const partners = ({ phone }: Desk): string[] => phone.calls.map(({ remote }) => remote.uri);

describe('who may not take the call of a party by himself gets it from the slot', () => {
  test.each([
    ['another telephone, by the lot', () => carol, () => lot],
    ['another telephone, by the slot', () => carol, (place: ParkedCall) => place.slot.uri],
    ['who has parked it', () => bob, (place: ParkedCall) => place],
  ])('%s', async (_, taker, where) => {
    const place = await parked();
    const call = await office.done(taker().phone.retrieve(where(place)));
    expect(call.remote.uri).toBe('sip:alice@example.com');
    await office.play(2_000);
    expect([partners(alice), partners(taker())]).toEqual([
      [`sip:${taker().name}@example.com`],
      ['sip:alice@example.com'],
    ]);
    expect(await office.hearing(alice, taker())).toEqual(['alice', taker().name]);
  });

  test('of two at once one has it, and the other hears that', async () => {
    await parked();
    const outcomes = await office.done(Promise.allSettled([bob, carol].map(({ phone }) => phone.retrieve(lot))));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await office.play(2_000);
    expect(alice.phone.calls.map(({ state }) => state)).toEqual(['connected']);
    expect([...partners(bob), ...partners(carol)]).toEqual(['sip:alice@example.com']);
  });

  test.each([
    [0, 'stays'],
    [10, 'stays'],
    [20, 'stays'],
    [30, 'stays'],
    [40, 'stays'],
    [50, 'stays'],
    // Her telephone has let him in already, and he has hung up.
    [60, 'goes'],
    [70, 'goes'],
  ])('a signal after %d ms gives it up, nothing is held, and who is parked %s', async (after, comesOfIt) => {
    await parked();
    const controller = new AbortController();
    const outcome = carol.phone.retrieve(lot, { signal: controller.signal }).catch((error: unknown) => error);
    await office.play(after);
    controller.abort();
    const error = await office.done(outcome);
    expect(error instanceof PhoneError && error.failure.kind).toBe('cancelled');
    await office.play(5_000);
    expect(partners(carol)).toEqual([]);
    expect(partners(alice)).toEqual(comesOfIt === 'stays' ? ['sip:701@example.com'] : []);
  });
});

test('a call that was forwarded is parked by who took it, and comes back to him', async () => {
  await parked('sip:carol@example.com');
  await office.play(65_000);
  expect([partners(alice), partners(bob)]).toEqual([['sip:bob@example.com'], ['sip:alice@example.com']]);
  expect(await office.hearing(alice, bob)).toEqual(['alice', 'bob']);
});
