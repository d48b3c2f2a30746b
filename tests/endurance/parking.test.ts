import { dialogEvent } from '@switchhook/sip';
import type { InviteSession, ReferralOutcome } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { nothingLeft, ServersStage } from '../../packages/exchange/src/servers/servers-stage.testing.ts';
import type { Telephone } from '../../packages/exchange/src/servers/servers-stage.testing.ts';

let stage: ServersStage;
let alice: Telephone;
let bob: Telephone;
let carol: Telephone;

/** A lot of so many slots, and telephones that can have any number of calls. */
async function set(slots: number): Promise<void> {
  stage = await ServersStage.set({ park: { slots: { first: 1, last: slots } } });
  alice = await stage.phone('alice', { silent: true });
  bob = await stage.phone('bob', { silent: true });
  carol = await stage.phone('carol', { silent: true });
}

/** Hangs up, and sees that nothing is left. */
async function end(): Promise<void> {
  await stage.of(Promise.all(alice.replacedBy.map((session) => session.hangUp())));
  expect(await stage.leftOvers()).toEqual(nothingLeft);
}

/** Alice calls Bob so often, and Bob parks all of these calls at once. */
async function parked(count: number, where: string): Promise<readonly ReferralOutcome[]> {
  const calls = Array.from({ length: count }, () => alice.call('bob'));
  await stage.until(() => bob.arrived.length === count);
  for (const invite of bob.arrived) void invite.accept();
  await stage.of(Promise.all(calls.map(({ outcome }) => outcome)));
  const referrals = bob.arrived.map(({ session }) => bob.refer(where, session));
  return stage.of(Promise.all(referrals.map(({ outcome }) => outcome)));
}

/** Where calls were parked. */
function slotsIn(outcomes: readonly ReferralOutcome[]): (string | undefined)[] {
  return outcomes.flatMap((outcome) => (outcome.kind === 'succeeded' ? [outcome.dialog?.from.uri.toString()] : []));
}

/** Why the others were not. */
function refusalsIn(outcomes: readonly ReferralOutcome[]): ReadonlySet<unknown> {
  return new Set(
    outcomes.flatMap((outcome) =>
      outcome.kind === 'succeeded' ? [] : [outcome.kind === 'refused' ? outcome.response.status : outcome.kind],
    ),
  );
}

test('a thousand calls parked at once never share a slot', async () => {
  await set(1_000);
  const slots = slotsIn(await parked(1_000, 'park'));
  expect(slots).toHaveLength(1_000);
  expect(new Set(slots).size).toBe(1_000);
  await end();
});

test.each([
  ['three hundred', 300, 'any of ten slots, ten are', 'park', 10, 480],
  ['a hundred', 100, 'one and the same slot, one is', '7', 1, 486],
])(
  'of %s calls (%d) parked at once in %s, and the others stand as they were',
  async (_, count, _where, where, room, status) => {
    await set(10);
    const outcomes = await parked(count, where);
    const slots = slotsIn(outcomes);
    expect([slots.length, new Set(slots).size]).toEqual([room, room]);
    expect(refusalsIn(outcomes)).toEqual(new Set([status]));
    const standing = bob.arrived.filter(({ session }) => session.end === undefined);
    expect([standing.length, alice.replacedBy.length]).toEqual([count - room, room]);
    await stage.of(Promise.all(standing.map(({ session }) => session.hangUp())));
    await end();
  },
);

test('of a thousand who take one parked call at once by its dialog one has it', async () => {
  await set(10);
  await parked(1, '7');
  const watching = carol.subscriber.subscribe({ package: dialogEvent, target: carol.uri('7') });
  await stage.until(() => watching.latest !== undefined);
  const [{ callId = '', localTag = '', remoteTag = '', remote } = {}] = watching.latest?.dialogs ?? [];
  const target = remote?.target?.uri ?? '';
  const takers = Array.from({ length: 1_000 }, () => carol.replace(target, callId, remoteTag, localTag));
  const outcomes = await stage.of(Promise.all(takers.map(({ outcome }) => outcome)));
  const sessions = outcomes.flatMap((outcome) => (outcome.kind === 'answered' ? [outcome.session] : []));
  expect(sessions).toHaveLength(1);
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['answered', 'refused']));
  await stage.pass(5_000);
  expect(sessions.filter(({ end }) => end === undefined)).toHaveLength(1);
  await end();
});

test('of a thousand who dial its slot at once one is given the parked call, and the others are told', async () => {
  await set(10);
  await parked(1, '7');
  const dialled = Array.from({ length: 1_000 }, () => carol.call('7'));
  const outcomes = await stage.of(Promise.all(dialled.map(({ outcome }) => outcome)));
  await stage.until(() => carol.referred.length > 0);
  await stage.pass(2_000);
  const answered = outcomes.flatMap((outcome): InviteSession[] =>
    outcome.kind === 'answered' ? [outcome.session] : [],
  );
  expect(carol.referred).toHaveLength(1);
  expect(answered.filter(({ end }) => end === undefined)).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.kind !== 'answered') expect(outcome).toMatchObject({ kind: 'refused', response: { status: 486 } });
  }
  carol.referred[0]?.reject(603);
  await end();
});
