import { describe, expect, test } from 'vitest';
import type { Call } from './call.ts';
import { endSentenceOf } from './call-end.ts';
import { alice, bob, house, withTwoPhones } from './office.testing.ts';

withTwoPhones();

/** A call that stands, seen by both. */
async function connected(): Promise<readonly [alice: Call, bob: Call]> {
  bob.phone.onIncomingCall((call) => void call.answer());
  const made = alice.phone.call(bob.uri);
  await house.play(300);
  const [there] = bob.phone.calls;
  if (there === undefined) throw new Error('bob has no call');
  return [await made, there];
}

/** Nothing passes between the two until the function that it returns is called. */
function cut(): () => void {
  return house.network.partition(['alice'], ['bob']);
}

describe('a far end that vanishes in a call', () => {
  test('is missed after ten seconds, and the call is lost when it does not answer', async () => {
    const [call] = await connected();
    await house.play(20_000);
    expect(call.silent).toBe(false);
    cut();
    await house.play(9_900);
    expect(call.silent).toBe(false);
    await house.play(200);
    expect([call.silent, call.state]).toEqual([true, 'connected']);
    await house.play(32_000);
    expect([call.silent, call.state]).toEqual([false, 'ended']);
    expect(call.end).toMatchObject({ kind: 'lost', failure: { kind: 'unreachable', code: 'timeout' } });
    expect(call.end && endSentenceOf(call.end, 'bob')).toBe('the call with bob was lost: bob did not answer');
    expect(alice.story.slice(-3)).toEqual(['1 silent', '1 not active', '1 ended lost']);
    // Its BYE is given up, too.
    await house.play(70_000);
    expect(alice.phone.stats()).toMatchObject({ calls: 0, sessions: 0, dialogs: 0, transactions: 0, streams: 0 });
    expect(bob.phone.stats()).toMatchObject({ calls: 0, sessions: 0, dialogs: 0, transactions: 0, streams: 0 });
  });

  test('that is back in time goes on being heard', async () => {
    const [call, there] = await connected();
    const mend = cut();
    await house.play(25_000);
    expect([call.silent, there.silent]).toEqual([true, true]);
    mend();
    await house.play(1_000);
    expect([call.silent, there.silent]).toEqual([false, false]);
    await house.play(120_000);
    expect([call.state, there.state]).toEqual(['connected', 'connected']);
    expect(alice.story.filter((word) => /silent|heard/.test(word))).toEqual(['1 silent', '1 heard']);
  });

  test('on hold is not missed, by either of them', async () => {
    const [call, there] = await connected();
    const held = call.hold();
    await house.play(100);
    await held;
    await house.play(60_000);
    expect([call.silent, there.silent]).toEqual([false, false]);
    const resumed = call.resume();
    await house.play(100);
    await resumed;
    await house.play(60_000);
    expect([...alice.story, ...bob.story].filter((word) => /silent|heard/.test(word))).toEqual([]);
  });

  test('that is muted is heard', async () => {
    const [call, there] = await connected();
    there.muted = true;
    await house.play(30_000);
    expect(call.silent).toBe(false);
  });
});
