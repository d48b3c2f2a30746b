import { afterEach, describe, expect, test } from 'vitest';
import { TestHouse } from './phone.testing.ts';
import type { TestPhone } from './phone.testing.ts';

let house: TestHouse;

async function neighbours(): Promise<[TestPhone, TestPhone]> {
  house = new TestHouse();
  return [await house.phone('alice'), await house.phone('bob')];
}

afterEach(async () => {
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

describe('a call', () => {
  test('is made, answered, heard on both sides, and ended', async () => {
    const [alice, bob] = await neighbours();
    bob.phone.onIncomingCall((call) => void call.answer());
    const calling = alice.phone.call(bob.uri);
    await house.play(100);
    const call = await calling;
    expect(call).toMatchObject({ state: 'connected', direction: 'outgoing', active: true, number: 1 });
    expect(call.remote).toEqual({ uri: bob.uri, name: 'bob' });
    await house.play(1_000);
    expect(alice.ear.peak).toBeGreaterThan(3_000);
    expect(bob.ear.peak).toBeGreaterThan(3_000);
    const ended = call.hangUp();
    await house.play(100);
    await ended;
    expect(call.end).toEqual({ kind: 'hung-up', by: 'local' });
    expect(bob.phone.log.entries).toMatchObject([{ direction: 'incoming', end: { kind: 'hung-up', by: 'remote' } }]);
    expect(alice.story).toEqual([
      '1 to bob',
      '1 active',
      '1 ringing',
      '1 connected',
      '1 sound PCMU',
      '1 not active',
      '1 ended hung-up',
    ]);
    expect(alice.phone.stats()).toMatchObject({ calls: 0, dialogs: 0, streams: 0 });
  });

  test('that is rejected says so in the words of the person who was called', async () => {
    const [alice, bob] = await neighbours();
    bob.phone.onIncomingCall((call) => void call.reject('busy'));
    const calling = alice.phone.call(bob.uri).catch((error: unknown) => error);
    await house.play(100);
    expect(await calling).toMatchObject({ message: 'bob is busy (486)', failure: { kind: 'busy', status: 486 } });
  });
});
