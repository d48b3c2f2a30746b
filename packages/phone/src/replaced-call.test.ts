import { describe, expect, test } from 'vitest';
import type { Call } from './call.ts';
import { PhoneError } from './failure.ts';
import { alice, bob, carol, house, resultOf, withThreePhones } from './office.testing.ts';
import { answering } from './phone.testing.ts';

withThreePhones();

describe('a call that somebody else picks up (RFC 5359 2.16)', () => {
  test('is the same call, answered by him, and the log says who was called', async () => {
    const call = alice.phone.dial(bob.uri);
    await house.play(200);
    const picked = await resultOf(carol.phone.pickUp(bob.uri));
    expect(call.state).toBe('connected');
    expect(call.remote.name).toBe('carol');
    expect(call.before.map(({ name }) => name)).toEqual(['bob']);
    expect(alice.phone.activeCall).toBe(call);
    expect(alice.story).toContain('1 no more bob');
    expect(alice.story.indexOf('1 no more bob')).toBeLessThan(alice.story.indexOf('1 connected'));
    expect(await house.heard(alice, bob, carol)).toEqual(['sound', 'silence', 'sound']);
    expect(bob.phone.log.entries.map(({ end }) => end.kind)).toEqual(['answered-elsewhere']);
    expect(bob.phone.log.missed).toEqual([]);
    await resultOf(picked.hangUp());
    expect(alice.phone.log.entries).toMatchObject([
      {
        direction: 'outgoing',
        remote: { name: 'carol' },
        before: [{ name: 'bob' }],
        end: { kind: 'hung-up', by: 'remote' },
      },
    ]);
  });

  test('belongs to the one who answered it first', async () => {
    const call = alice.phone.dial(bob.uri);
    await house.play(200);
    const [ringing] = bob.phone.calls;
    const picking = carol.phone.pickUp(bob.uri).catch((error: unknown) => error);
    await house.play(8);
    void ringing?.answer();
    await house.play(1_000);
    expect(await picking).toBeInstanceOf(PhoneError);
    expect(call.remote.name).toBe('bob');
    expect(call.before).toEqual([]);
    expect(await house.heard(alice, bob)).toEqual(['sound', 'sound']);
    await resultOf(call.hangUp());
  });
});

describe('a call whose far end hands it on (RFC 5359 2.5)', () => {
  async function handedOn(): Promise<Call> {
    answering(bob);
    answering(carol);
    const one = await resultOf(alice.phone.call(bob.uri));
    const two = await resultOf(alice.phone.call(carol.uri));
    const [call] = carol.phone.calls;
    if (call === undefined) throw new Error('carol has no call');
    call.muted = true;
    await resultOf(one.transferTo(two), 2_000);
    return call;
  }

  test('goes on with whom it was handed to, muted as it was', async () => {
    const call = await handedOn();
    expect(call.remote.name).toBe('bob');
    expect(call.before.map(({ name }) => name)).toEqual(['alice']);
    expect(call).toMatchObject({ state: 'connected', direction: 'incoming', active: true, muted: true });
    expect(await house.heard(alice, bob, carol)).toEqual(['silence', 'silence', 'sound']);
    call.muted = false;
    expect(await house.heard(bob, carol)).toEqual(['sound', 'sound']);
    await resultOf(call.hangUp());
    expect(carol.phone.log.entries).toMatchObject([{ remote: { name: 'bob' }, before: [{ name: 'alice' }] }]);
  });

  test('stays on hold, if its person had it on hold', async () => {
    answering(bob);
    answering(carol);
    const one = await resultOf(alice.phone.call(bob.uri));
    const two = await resultOf(alice.phone.call(carol.uri));
    const [call] = carol.phone.calls;
    await resultOf(call?.hold() ?? Promise.resolve());
    await resultOf(one.transferTo(two), 2_000);
    expect(call).toMatchObject({ remote: { name: 'bob' }, localHold: true, active: false });
    expect(await house.heard(bob, carol)).toEqual(['silence', 'silence']);
    await resultOf(call?.resume() ?? Promise.resolve());
    expect(await house.heard(bob, carol)).toEqual(['sound', 'sound']);
    await resultOf(call?.hangUp() ?? Promise.resolve());
  });
});
