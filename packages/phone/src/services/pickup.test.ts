import { SipRequest, parseMessage } from '@switchhook/sip';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TestHouse } from '../phone.testing.ts';
import type { TestPhone } from '../phone.testing.ts';
import type { PhoneSettings } from '../phone-options.ts';
import { callsOf, outcomeOf, pickupAgainstAnswer, pickupGroup, twoPickups } from './pickup-races.testing.ts';

interface Scene {
  readonly house: TestHouse;
  readonly alice: TestPhone;
  readonly bob: TestPhone;
  readonly bill: TestPhone;
}

/** Milliseconds that a message takes. */
const delay = 20;

async function scene(seed = 1, settings: Partial<PhoneSettings> = pickupGroup): Promise<Scene> {
  const house = new TestHouse(seed, { link: { delay } });
  const [alice, bob, bill] = [
    await house.phone('alice', settings),
    await house.phone('bob', settings),
    await house.phone('bill', settings),
  ];
  onTestFinished(async () => {
    expect((await house.stop()).every((left) => Object.keys(left).length === 0)).toBe(true);
  });
  return { house, alice, bob, bill };
}

/** Alice calls Bob, where it rings. */
async function ringing(seed?: number, settings?: Partial<PhoneSettings>): Promise<Scene> {
  const all = await scene(seed, settings);
  all.alice.phone.dial(all.bob.uri);
  await all.house.play(1_000);
  return all;
}

function first<T>([one]: readonly T[]): T {
  if (one === undefined) throw new Error('there is none');
  return one;
}

/** The requests of a method that have gone over the network. */
function requests({ network }: TestHouse, method: string): SipRequest[] {
  return network.trace.entries
    .map(({ text }) => parseMessage(text))
    .filter((message) => message instanceof SipRequest)
    .filter((request) => request.method === method);
}

describe('directed call pickup (RFC 5359 2.16)', () => {
  test('the call goes to who picks it up, and the phone that rang says who it was', async () => {
    const { house, alice, bob, bill } = await ringing();
    const outcome = outcomeOf(bill.phone.pickUp(bob.uri));
    await house.play(1_000);
    expect(outcome.text).toBe('has alice');
    expect(callsOf(alice, bob, bill)).toEqual(['connected bill', '', 'connected alice']);
    const [missed] = bob.phone.log.entries;
    expect(missed?.end).toEqual({ kind: 'answered-elsewhere', by: { uri: bill.uri, name: 'bill' } });
    await house.play(1_000);
    expect([alice.ear.peak, bill.ear.peak].every((peak) => peak > 1_000)).toBe(true);
    void first(alice.phone.calls).hangUp();
    await house.play(1_000);
    expect(callsOf(alice, bob, bill)).toEqual(['', '', '']);
  });

  test('says it as RFC 5359 2.16 does: a fetch, Replaces for an early dialog only, at the contact', async () => {
    const { house, bob, bill } = await ringing();
    void bill.phone.pickUp(bob.uri);
    await house.play(1_000);
    const [subscribe] = requests(house, 'SUBSCRIBE');
    expect([subscribe?.raw('Event'), subscribe?.raw('Expires'), subscribe?.raw('Accept')]).toEqual([
      'dialog',
      '0',
      'application/dialog-info+xml',
    ]);
    const [original, invite] = requests(house, 'INVITE');
    const ringingResponse = bob.phone.log.entries.length;
    expect(ringingResponse).toBe(1);
    expect(invite?.requestUriText).toBe(/<(.*)>/.exec(original?.raw('Contact') ?? '')?.[1]);
    expect(invite?.raw('Require')).toBe('replaces');
    const [callId, ...parameters] = (invite?.raw('Replaces') ?? '').split(';');
    expect(callId).toBe(original?.callId);
    expect(parameters).toContain(`to-tag=${original?.fromTag ?? ''}`);
    expect(parameters).toContain('early-only');
    const [cancel] = requests(house, 'CANCEL');
    expect(cancel?.raw('Reason')).toContain('cause=200');
  });

  test('from the key to the sound it is two round trips over the delay of the network', async () => {
    const { house, bob, bill } = await ringing();
    const outcome = outcomeOf(bill.phone.pickUp(bob.uri));
    const before = bill.ear.heard.length;
    // SUBSCRIBE and NOTIFY, INVITE and 200: what Alice says is on its way with her 200.
    await house.play(4 * delay);
    expect(outcome.text).toBe('has alice');
    // The packet that is under way, and what the jitter buffer waits for.
    await house.play(120);
    expect(bill.ear.heard.slice(before).some((sample) => Math.abs(sample) > 1_000)).toBe(true);
  });

  test('a call that Bob has answered is left alone, and told apart from one that never was', async () => {
    const { house, bob, bill } = await ringing();
    expect(outcomeOf(bill.phone.pickUp(bill.uri)).text).toBe('open');
    void first(bob.phone.calls).answer();
    await house.play(1_000);
    const late = outcomeOf(bill.phone.pickUp(bob.uri));
    await house.play(1_000);
    expect(late.text).toBe('no-call');
    expect(callsOf(bob, bill)).toEqual(['connected alice', '']);
  });

  test('one that he has answered can be taken where that is wanted', async () => {
    const { house, alice, bob, bill } = await ringing();
    void first(bob.phone.calls).answer();
    await house.play(1_000);
    const outcome = outcomeOf(bill.phone.pickUp(bob.uri, { evenAnswered: true }));
    await house.play(1_000);
    expect(outcome.text).toBe('has alice');
    expect(callsOf(alice, bob, bill)).toEqual(['connected bill', '', 'connected alice']);
  });

  test('C2.16-05 where Bob answers meanwhile, he has it, and Bill hears that it is taken', async () => {
    const { house, alice, bob, bill } = await ringing();
    const outcome = outcomeOf(bill.phone.pickUp(bob.uri));
    // The NOTIFY is out.
    await house.play(delay + 1);
    void first(bob.phone.calls).answer();
    await house.play(1_000);
    expect(outcome.text).toBe('taken');
    expect(callsOf(alice, bob, bill)).toEqual(['connected bob', 'connected alice', '']);
  });

  test('what Bob has dialled himself rings nowhere that Bill could pick it up', async () => {
    const { house, alice, bob, bill } = await scene();
    bob.phone.dial(alice.uri);
    await house.play(1_000);
    const outcome = outcomeOf(bill.phone.pickUp(bob.uri));
    await house.play(1_000);
    expect(outcome.text).toBe('no-call');
    // But where it rings it is one like others.
    const other = outcomeOf(bill.phone.pickUp(alice.uri));
    await house.play(1_000);
    expect(other.text).toBe('has bob');
    expect(callsOf(alice, bob, bill)).toEqual(['', 'connected bill', 'connected bob']);
  });

  test.each([
    ['the one that rings', { alice: pickupGroup, bob: {} }],
    ['the one that calls', { alice: {}, bob: pickupGroup }],
  ])('C2.16-11 a stranger is told no by %s', async (_, settings) => {
    const house = new TestHouse();
    const alice = await house.phone('alice', settings.alice);
    const bob = await house.phone('bob', settings.bob);
    const mallory = await house.phone('mallory');
    alice.phone.dial(bob.uri);
    await house.play(1_000);
    const outcome = outcomeOf(mallory.phone.pickUp(bob.uri));
    await house.play(1_000);
    expect(outcome.text).toBe('forbidden');
    expect(callsOf(alice, bob, mallory)).toEqual(['ringing bob', 'ringing alice', '']);
    expect(await house.stop()).toEqual([{}, {}, {}]);
  });

  test('C2.16-08 a person who is watched is not asked again', async () => {
    const { house, alice, bob, bill } = await scene();
    const subscription = bill.phone.watch(bob.uri);
    await house.play(2_000);
    alice.phone.dial(bob.uri);
    await house.play(2_000);
    const outcome = outcomeOf(bill.phone.pickUp(bob.uri));
    await house.play(2 * delay);
    expect(outcome.text).toBe('has alice');
    expect(requests(house, 'SUBSCRIBE')).toHaveLength(1);
    void subscription.unsubscribe();
    await house.play(1_000);
  });

  test('nothing is sent after it was given up', async () => {
    const { house, alice, bob, bill } = await ringing();
    const abort = new AbortController();
    const outcome = outcomeOf(bill.phone.pickUp(bob.uri, { signal: abort.signal }));
    abort.abort();
    await house.play(1_000);
    expect(outcome.text).toBe('cancelled');
    expect(requests(house, 'INVITE')).toHaveLength(1);
    expect(callsOf(alice, bob)).toEqual(['ringing bob', 'ringing alice']);
  });
});

describe('group pickup', () => {
  test('takes what has rung longest, whoever of the group is not there', async () => {
    const { house, alice, bob, bill } = await scene();
    const carol = await house.phone('carol', pickupGroup);
    const dave = await house.phone('dave', pickupGroup);
    carol.phone.dial(bob.uri);
    await house.play(3_000);
    alice.phone.dial(dave.uri);
    await house.play(3_000);
    const members = ['sip:nobody@192.0.2.5', dave.uri, bob.uri];
    const outcome = outcomeOf(bill.phone.pickUp(members));
    await house.play(1_000);
    expect(outcome.text).toBe('has carol');
    const second = outcomeOf(bill.phone.pickUp(members));
    await house.play(1_000);
    expect(second.text).toBe('has alice');
    const third = outcomeOf(bill.phone.pickUp(members));
    await house.play(1_000);
    expect(third.text).toBe('no-call');
  });
});

describe('races', () => {
  test.each([
    ['pickup against answer', pickupAgainstAnswer, ['bill', 'bob']],
    ['two pickups', twoPickups, ['bill', 'carol']],
  ])('%s: exactly one has the call, and the other is told', async (_, race, possible) => {
    const winners = new Set<string>();
    for (let seed = 0; seed < 25; seed += 1) {
      const { winner, wrong } = await race(seed * 7);
      expect([seed, wrong]).toEqual([seed, []]);
      winners.add(winner);
    }
    expect([...winners].sort()).toEqual(possible);
  });
});
