import { expect, test } from 'vitest';
import { alice, bob, house, withTwoPhones } from '../office.testing.ts';

withTwoPhones();

test('who answers a call that was put on hold while it rang is held, until it is resumed', async () => {
  const call = alice.phone.dial(bob.uri);
  await house.play(100);
  let isHeld = false;
  const held = call.hold().then(() => (isHeld = true));
  await house.play(100);
  expect([call.state, call.localHold, call.active, isHeld]).toEqual(['ringing', true, false, false]);
  const [ringing] = bob.phone.calls;
  void ringing?.answer();
  await house.play(300);
  await held;
  expect([call.state, call.localHold, call.active, ringing?.remoteHold]).toEqual(['connected', true, false, true]);
  const resumed = call.resume();
  await house.play(300);
  await resumed;
  expect([call.localHold, call.active, ringing?.remoteHold]).toEqual([false, true, false]);
});

test('a hold that is taken back while it rings has never been', async () => {
  const call = alice.phone.dial(bob.uri);
  await house.play(100);
  const held = call.hold().catch((error: unknown) => error);
  await call.resume();
  expect(await held).toMatchObject({ failure: { kind: 'cancelled' } });
  expect([call.localHold, call.active]).toEqual([false, true]);
  const [ringing] = bob.phone.calls;
  void ringing?.answer();
  await house.play(300);
  expect([call.state, call.localHold, ringing?.remoteHold]).toEqual(['connected', false, false]);
  expect(bob.story.join()).not.toContain('hold');
});

test('a hold of a call that comes to nothing comes to nothing', async () => {
  const call = alice.phone.dial(bob.uri);
  await house.play(100);
  const held = call.hold().catch((error: unknown) => error);
  void bob.phone.calls[0]?.reject();
  await house.play(300);
  expect(await held).toMatchObject({ failure: { kind: 'ended' } });
  expect(call.end).toMatchObject({ kind: 'failed', failure: { kind: 'busy' } });
});

test('a call that rings is put on hold by the next one', async () => {
  const carol = await house.phone('carol');
  carol.phone.onIncomingCall((call) => void call.answer());
  const first = alice.phone.dial(bob.uri);
  await house.play(100);
  const second = alice.phone.dial(carol.uri);
  await house.play(300);
  expect([first.localHold, second.state, second.active]).toEqual([true, 'connected', true]);
  const [ringing] = bob.phone.calls;
  void ringing?.answer();
  await house.play(300);
  expect([first.state, first.localHold, ringing?.remoteHold, second.active]).toEqual(['connected', true, true, true]);
});
