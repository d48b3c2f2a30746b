import { describe, expect, test } from 'vitest';
import { alice, bob, house, withTwoPhones } from './office.testing.ts';
import { answering } from './phone.testing.ts';

withTwoPhones();

/** What a call has, when it has nothing any more. */
const over = { calls: 0, sessions: 0, dialogs: 0, requests: 0, transactions: 0, timers: 0, streams: 0 };

/** What has gone from one to the other so far: the first word of each message, repetitions left out. */
function said(from: string): string[] {
  const entries = house.network.trace.entries.filter((entry) => entry.from.host === from);
  return [...new Set(entries.map(({ text }) => text))].map((text) => /^(SIP\/2.0 )?(\w+)/.exec(text)?.[2] ?? '');
}

describe('hanging up a call that nobody has answered', () => {
  test('is the end of it at once; the INVITE lives on until nothing can come any more', async () => {
    const call = alice.phone.dial('sip:nobody@192.0.2.99');
    await house.play(1_000);
    expect([call.state, alice.phone.stats().streams]).toEqual(['calling', 1]);
    const hungUp = call.hangUp();
    expect([call.state, call.end, alice.phone.calls]).toEqual(['ended', { kind: 'cancelled', by: 'local' }, []]);
    await expect(call.answered()).rejects.toMatchObject({ failure: { kind: 'cancelled' } });
    expect(alice.story.at(-1)).toBe('1 ended cancelled');
    expect(alice.phone.stats()).toMatchObject({ calls: 0, streams: 0, transactions: 1, sessions: 1 });
    expect(await house.outcomeOf(hungUp, 40_000)).toBeUndefined();
    // RFC 3261 9.1: no CANCEL before anybody has said a word.
    expect(said('alice')).toEqual(['INVITE']);
    expect(alice.phone.stats()).toMatchObject(over);
  });

  test('cancels where it rings once it says so, however late (RFC 3261 9.1)', async () => {
    house.network.link('alice', 'bob', { delay: 1_000 });
    const call = alice.phone.dial(bob.uri);
    await house.play(500);
    const hungUp = call.hangUp();
    expect(call.state).toBe('ended');
    await house.play(1_000);
    expect([said('alice'), bob.phone.calls.map(({ state }) => state)]).toEqual([['INVITE'], ['ringing']]);
    expect(await house.outcomeOf(hungUp, 5_000)).toBeUndefined();
    expect(said('alice')).toEqual(['INVITE', 'CANCEL', 'ACK']);
    expect(bob.story.at(-1)).toBe('1 ended cancelled');
    await house.play(33_000);
    expect(alice.phone.stats()).toMatchObject(over);
  });

  test('acknowledges an answer that crosses it, and hangs that up (RFC 3261 15)', async () => {
    house.network.link('alice', 'bob', { delay: 1_000 });
    answering(bob);
    const call = alice.phone.dial(bob.uri);
    await house.play(500);
    const hungUp = call.hangUp();
    expect(await house.outcomeOf(hungUp, 5_000)).toBeUndefined();
    expect(said('alice')).toEqual(expect.arrayContaining(['INVITE', 'ACK', 'BYE']));
    expect([call.end, bob.phone.calls]).toEqual([{ kind: 'cancelled', by: 'local' }, []]);
    expect(bob.story.at(-1)).toBe('1 ended hung-up');
    expect(alice.story.filter((line) => line.includes('connected'))).toEqual([]);
    await house.play(40_000);
    expect(alice.phone.stats()).toMatchObject(over);
  });

  test('frees the phone for another call', async () => {
    const call = alice.phone.dial('sip:nobody@192.0.2.99');
    await house.play(100);
    void call.hangUp();
    answering(bob);
    const next = alice.phone.dial(bob.uri);
    await house.play(500);
    expect([next.number, next.state, next.active]).toEqual([1, 'connected', true]);
    expect(await house.heard(alice, bob)).toEqual(['sound', 'sound']);
  });
});

test.each(['rings', 'talks'])('stop() waits for the goodbye to somebody who %s, hung up on before', async (state) => {
  house.network.link('alice', 'bob', { delay: 100 });
  if (state === 'talks') answering(bob);
  const call = alice.phone.dial(bob.uri);
  await house.play(1_000);
  void call.hangUp();
  expect(call.state).toBe('ended');
  await house.outcomeOf(alice.phone.stop(), 1_000);
  expect(said('bob').filter((word) => word === '200').length).toBe(state === 'talks' ? 2 : 1);
  expect([said('alice').at(-1), bob.phone.calls]).toEqual([state === 'talks' ? 'BYE' : 'ACK', []]);
  expect(Object.values(alice.phone.stats()).filter((n) => n !== 0)).toEqual([]);
});
