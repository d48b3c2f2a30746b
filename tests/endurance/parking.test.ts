import { expect, test } from 'vitest';
import { nothingLeft, ServersStage } from '../../packages/exchange/src/servers/servers-stage.testing.ts';

test('a thousand calls parked at once never share a slot', async () => {
  const stage = await ServersStage.set({ park: { slots: { first: 1, last: 1_000 } } });
  const alice = await stage.phone('alice', { silent: true });
  const bob = await stage.phone('bob', { silent: true });
  const calls = Array.from({ length: 1_000 }, () => alice.call('bob'));
  await stage.until(() => bob.arrived.length === 1_000);
  for (const invite of bob.arrived) void invite.accept();
  await stage.of(Promise.all(calls.map(({ outcome }) => outcome)));
  const referrals = bob.arrived.map(({ session }) => bob.refer('park', session));
  const outcomes = await stage.of(Promise.all(referrals.map(({ outcome }) => outcome)));
  const slots = outcomes.map((outcome) =>
    outcome.kind === 'succeeded' ? outcome.dialog?.from.uri.toString() : outcome,
  );
  expect(new Set(slots).size).toBe(1_000);
  expect(slots.every((slot) => typeof slot === 'string')).toBe(true);
  await stage.of(Promise.all(alice.replacedBy.map((session) => session.hangUp())));
  expect(await stage.leftOvers()).toEqual(nothingLeft);
});
