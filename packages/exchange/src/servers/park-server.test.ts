import { dialogEvent } from '@switchhook/sip';
import type { ReferralOutcome, WatchedDialogs } from '@switchhook/sip';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nothingLeft, ServersStage } from './servers-stage.testing.ts';
import type { Telephone } from './servers-stage.testing.ts';

const park = { slots: { first: 701, last: 703 }, returnAfter: 60, ringTime: 20 };

let stage: ServersStage;
let [alice, bob, carol]: Telephone[] = [];

async function set(options: Record<string, unknown> = {}): Promise<void> {
  stage = await ServersStage.set({ park: { ...park, ...options } });
}

/** A telephone that the tests have. */
function the(phone: Telephone | undefined): Telephone {
  if (phone === undefined) throw new Error('there is no such telephone');
  return phone;
}

beforeEach(async () => {
  await set();
  alice = await stage.phone('alice');
  bob = await stage.phone('bob');
  carol = await stage.phone('carol');
});

afterEach(async () => {
  await stage.of(Promise.all(the(alice).replacedBy.map((session) => session.hangUp())));
  expect(await stage.leftOvers()).toEqual(nothingLeft);
});

/** Alice calls Bob, who parks her. */
async function parked(where = 'park'): Promise<ReferralOutcome> {
  const [, bobs] = await the(alice).reach(the(bob), 'bob');
  return stage.of(the(bob).refer(where, bobs).outcome);
}

/** How often calls were parked, and left their slots so. */
async function counted(): Promise<Record<string, number>> {
  const lines = (await stage.exchange.metrics()).matchAll(
    /^switchhook_parked_calls_total\{event="(\w+)"\} ([1-9]\d*)$/gm,
  );
  return Object.fromEntries(Array.from(lines, ([, event = '', count]) => [event, Number(count)]));
}

function slotIn(outcome: ReferralOutcome): string | undefined {
  if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome));
  return outcome.dialog?.from.uri.toString();
}

/** The documents that a watcher of an address gets, with when each of them came. */
function watch(phone: Telephone, user: string): { readonly state: WatchedDialogs; readonly at: number }[] {
  const documents: { state: WatchedDialogs; at: number }[] = [];
  const subscription = phone.subscriber.subscribe({ package: dialogEvent, target: phone.uri(user) });
  void (async () => {
    for await (const state of subscription) documents.push({ state, at: stage.clock.now() });
  })();
  return documents;
}

/** Whether nobody is parked any more. */
function isDark(state: WatchedDialogs | undefined): boolean {
  return state?.dialogs.every((dialog) => dialog.state === 'terminated') === true;
}

/** Takes who is parked by what a document says of his dialog. */
async function taken(phone: Telephone, state: WatchedDialogs | undefined): Promise<string> {
  const [dialog] = state?.dialogs ?? [];
  if (dialog === undefined) throw new Error('nobody is parked');
  const { callId = '', localTag = '', remoteTag = '', remote } = dialog;
  const outcome = await stage.of(phone.replace(remote?.target?.uri ?? '', callId, remoteTag, localTag).outcome);
  return outcome.kind;
}

describe('parking', () => {
  test('takes the place of the parker, tells him the slot, and plays music', async () => {
    expect(slotIn(await parked())).toBe('sip:701@example.com');
    await stage.pass(2_000);
    expect(the(alice).level(1_000)).toBeGreaterThan(-30);
  });

  test("in a slot of one's choice, if it is free", async () => {
    expect(slotIn(await parked('702'))).toBe('sip:702@example.com');
    expect(await parked('702')).toMatchObject({ kind: 'refused', response: { status: 486 } });
    expect(await parked('704')).toMatchObject({ kind: 'refused', response: { status: 404 } });
  });

  test('comes to nothing when all slots are taken, and the call stands', async () => {
    for (const slot of ['701', '702', '703']) expect(slotIn(await parked())).toBe(`sip:${slot}@example.com`);
    const [, bobs] = await the(alice).reach(the(bob), 'bob');
    expect(await stage.of(the(bob).refer('park', bobs).outcome)).toMatchObject({
      kind: 'refused',
      response: { status: 480, reason: 'All Slots Are Taken' },
    });
    expect(bobs.end).toBeUndefined();
    await stage.of(bobs.hangUp());
  });

  test('comes to nothing where the server has as many calls as it may, and who is parked is retrieved all the same', async () => {
    const crowded = await ServersStage.set({ park, calls: 1 });
    const [one, other, third] = [
      await crowded.phone('alice'),
      await crowded.phone('bob'),
      await crowded.phone('carol'),
    ];
    const parkedBy = async (parker: Telephone): Promise<ReferralOutcome> => {
      const [, own] = await one.reach(parker, parker === other ? 'bob' : 'carol');
      return crowded.of(parker.refer('park', own).outcome);
    };
    expect(slotIn(await parkedBy(other))).toBe('sip:701@example.com');
    expect(await parkedBy(third)).toMatchObject({
      kind: 'refused',
      response: { status: 480, reason: 'Temporarily Unavailable' },
    });
    await third.talk('701');
    await crowded.until(() => third.referred.length > 0);
    await crowded.leftOvers();
  });

  test('comes to nothing where the other one does not want it; the slot is free again', async () => {
    the(alice).refusesReplaces = true;
    expect(await parked('701')).toMatchObject({ kind: 'failed', status: 403 });
    the(alice).refusesReplaces = false;
    expect(slotIn(await parked('701'))).toBe('sip:701@example.com');
  });

  test('by a transfer to a slot, of who may park', async () => {
    const [, bobs] = await the(alice).reach(the(bob), 'bob');
    // A telephone may say goodbye as soon as it has handed somebody on.
    await stage.of(bobs.hangUp());
    await stage.pass(20_000);
    const outcome = await stage.of(the(alice).call('701', [['Referred-By', '<sip:bob@example.com>']]).outcome);
    expect(outcome).toMatchObject({ kind: 'answered' });
    await stage.pass(2_000);
    expect(the(alice).level(1_000)).toBeGreaterThan(-30);
    const documents = watch(the(carol), '701');
    await stage.until(() => documents.length > 0);
    expect(documents[0]?.state.dialogs).toMatchObject([{ state: 'confirmed', direction: 'recipient' }]);
    if (outcome.kind === 'answered') await stage.of(outcome.session.hangUp());
  });

  test('by a transfer in the name of somebody with whom one is in no call is none', async () => {
    const handedOn = async (name: string): Promise<unknown> =>
      stage.of(the(alice).call('701', [['Referred-By', `<sip:${name}@example.com>`]]).outcome);
    const refused = { kind: 'refused', response: { status: 404 } };
    const [alices] = await the(alice).reach(the(bob), 'bob');
    for (const name of ['carol', 'alice', 'nobody']) expect(await handedOn(name)).toMatchObject(refused);
    // Nor is it while somebody's telephone only rings.
    const invite = the(alice).call('carol');
    await stage.until(() => the(carol).arrived.length > 0);
    the(carol).arrived[0]?.ring();
    await stage.pass(1_000);
    expect(await handedOn('carol')).toMatchObject(refused);
    invite.cancel();
    await stage.of(alices.hangUp());
    // Nor when it was long ago.
    await stage.pass(33_000);
    expect(await handedOn('bob')).toMatchObject(refused);
    expect(await counted()).toEqual({});
  });

  test('a slot where nobody is parked has nothing for who dials it', async () => {
    expect(await stage.of(the(carol).call('701').outcome)).toMatchObject({ response: { status: 404 } });
    expect(await stage.of(the(carol).call('park').outcome)).toMatchObject({ response: { status: 404 } });
  });
});

describe('retrieving', () => {
  test('by the dialog that the lot or the slot tells, without asking the server', async () => {
    await parked();
    const documents = watch(the(carol), 'park');
    await stage.until(() => documents.length > 0);
    expect(documents[0]?.state.entity).toBe('sip:park@example.com');
    expect(documents[0]?.state.dialogs).toMatchObject([
      { state: 'confirmed', direction: 'initiator', local: { identity: { uri: 'sip:701@example.com' } } },
    ]);
    expect(await taken(the(carol), documents[0]?.state)).toBe('answered');
    // Whoever comes second has nothing to take; the one who was first is not disturbed.
    expect(await taken(the(bob), documents[0]?.state)).toBe('refused');
    await stage.until(() => isDark(documents.at(-1)?.state));
    const byes = stage.network.trace.entries.filter(({ text }) => /^BYE[^]*From: <sip:70/.test(text));
    expect(byes).toEqual([]);
  });

  test('by dialling the slot', async () => {
    await parked();
    const carols = await the(carol).talk('701');
    await stage.until(() => the(carol).referred.length > 0);
    const [referral] = the(carol).referred;
    expect(referral?.referredBy?.uri.toString()).toBe('sip:701@example.com');
    // Somebody else finds it taken meanwhile.
    expect(await stage.of(the(bob).call('701').outcome)).toMatchObject({ response: { status: 486 } });
    referral?.accept();
    const { uri = '', headers = [] } = referral?.reference ?? {};
    const outcome = await stage.of(the(carol).sessions.invite({ target: uri, headers }).outcome);
    expect(outcome.kind).toBe('answered');
    referral?.finish(200);
    await stage.until(() => carols.end !== undefined);
    expect(await stage.of(the(bob).call('701').outcome)).toMatchObject({ response: { status: 404 } });
    expect(await counted()).toEqual({ parked: 1, retrieved: 1 });
  });

  test('who does not take it after all leaves it where it is', async () => {
    await parked();
    const carols = await the(carol).talk('701');
    await stage.until(() => the(carol).referred.length > 0);
    the(carol).referred[0]?.reject(603);
    await stage.until(() => carols.end !== undefined);
    await stage.of((await the(bob).talk('701')).hangUp());
    expect(the(alice).replacedBy.at(-1)?.end).toBeUndefined();
  });

  test('C2.15-15 the one who is parked may hang up: the slot is free', async () => {
    await parked('702');
    const documents = watch(the(carol), '702');
    await stage.until(() => documents.length > 0);
    await stage.of(the(alice).replacedBy.splice(0)[0]?.hangUp() ?? Promise.resolve());
    await stage.until(() => isDark(documents.at(-1)?.state));
    expect(await counted()).toEqual({ parked: 1, left: 1 });
    expect(slotIn(await parked('702'))).toBe('sip:702@example.com');
  });
});

describe('lamps', () => {
  test('of a slot show within 200 ms what becomes of it', async () => {
    const documents = watch(the(carol), '701');
    await stage.until(() => documents.length > 0);
    expect(documents[0]?.state).toEqual({ entity: 'sip:701@example.com', dialogs: [] });
    await stage.pass(5_000);
    await parked('701');
    const parkedAt = stage.network.trace.entries.findLast(
      ({ text, from }) => from.host === 'exchange' && text.startsWith('ACK'),
    )?.time;
    await stage.until(() => documents.length > 1);
    expect((documents[1]?.at ?? Infinity) - (parkedAt ?? 0)).toBeLessThan(200);
    await stage.pass(5_000);
    const before = stage.clock.now();
    await stage.of(the(alice).replacedBy.splice(0)[0]?.hangUp() ?? Promise.resolve());
    await stage.until(() => isDark(documents.at(-1)?.state));
    expect((documents.at(-1)?.at ?? Infinity) - before).toBeLessThan(200);
  });

  test('tell of their own slot still when the subscription has been renewed', async () => {
    const watching = the(carol).subscriber.subscribe({
      package: dialogEvent,
      target: 'sip:702@example.com',
      expires: 120,
    });
    await stage.until(() => watching.latest !== undefined);
    await stage.pass(200_000);
    expect(watching.status).toBe('active');
    expect(watching.latest?.entity).toBe('sip:702@example.com');
  });

  test('C2.15-12 are for who may park or retrieve', async () => {
    const stranger = await stage.phone('stranger', { stranger: true });
    const subscription = stranger.subscriber.subscribe({ package: dialogEvent, target: 'sip:park@example.com' });
    expect(await stage.of(subscription.ended)).toMatchObject({ kind: 'refused', status: 403 });
  });
});

describe('who may', () => {
  beforeEach(async () => {
    expect(await stage.leftOvers()).toEqual(nothingLeft);
    await set({ mayPark: ['bob'], mayRetrieve: ['carol'] });
    [alice, bob, carol] = [await stage.phone('alice'), await stage.phone('bob'), await stage.phone('carol')];
  });

  test('C2.15-12 park is said, and who may retrieve, and nobody else may', async () => {
    const [bobs, carols] = await the(bob).reach(the(carol), 'carol');
    expect(await stage.of(the(carol).refer('park', carols).outcome)).toMatchObject({ response: { status: 403 } });
    await stage.of(bobs.hangUp());
    await parked('701');
    expect(await stage.of(the(bob).call('701').outcome)).toMatchObject({ response: { status: 403 } });
    const call = the(alice).call('702', [['Referred-By', '<sip:carol@example.com>']]);
    expect(await stage.of(call.outcome)).toMatchObject({ response: { status: 404 } });
    await stage.of((await the(carol).talk('701')).hangUp());
  });
});

describe('a call that nobody retrieves', () => {
  test('rings its parker, who gets it when he answers', async () => {
    await parked('701');
    await stage.pass(59_000);
    expect(the(bob).arrived).toEqual([]);
    await stage.until(() => the(bob).arrived.length > 0);
    const [ringing] = the(bob).arrived;
    expect(ringing?.request.raw('From')).toContain('sip:701@example.com');
    void ringing?.accept();
    await stage.until(() => the(bob).referred.length > 0);
    const [referral] = the(bob).referred;
    // Whoever has a GRUU is asked outside of the call, by the slot that he talks to (RFC 7647 4).
    expect(referral?.within).toBe(false);
    expect(referral?.about).toBe(ringing?.session.dialog);
    expect(referral?.caller).toMatchObject({ asserted: true });
    expect(referral?.caller.address.uri.toString()).toBe('sip:701@example.com');
    referral?.accept();
    const { uri = '', headers = [] } = referral?.reference ?? {};
    expect(await stage.of(the(bob).sessions.invite({ target: uri, headers }).outcome)).toMatchObject({
      kind: 'answered',
    });
    referral?.finish(200);
    await stage.until(() => ringing?.session.end !== undefined);
    expect(await counted()).toEqual({ parked: 1, returned: 1 });
  });

  test('asks within the call whoever does not recognise it outside', async () => {
    await parked('701');
    await stage.until(() => the(bob).arrived.length > 0);
    void the(bob).arrived[0]?.accept();
    await stage.until(() => the(bob).referred.length > 0);
    the(bob).referred[0]?.reject(403);
    await stage.until(() => the(bob).referred.length > 1);
    const [, referral] = the(bob).referred;
    expect(referral?.within).toBe(true);
    // A no within the call is one: he is hung up on, and who is parked stays.
    referral?.reject(603);
    await stage.until(() => the(bob).arrived[0]?.session.end !== undefined);
    expect(the(alice).replacedBy.at(-1)?.end).toBeUndefined();
  });

  test('rings somebody else where the parker does not answer, and then begins anew', async () => {
    expect(await stage.leftOvers()).toEqual(nothingLeft);
    await set({ fallback: 'carol' });
    [alice, bob, carol] = [await stage.phone('alice'), await stage.phone('bob'), await stage.phone('carol')];
    await parked('701');
    await stage.until(() => the(bob).arrived.length > 0);
    the(bob).arrived[0]?.ring();
    await stage.until(() => the(carol).arrived.length > 0);
    expect(the(bob).arrived[0]?.state).toBe('ended');
    the(carol).arrived[0]?.reject(486);
    await stage.until(() => the(bob).arrived.length > 1);
    expect(the(alice).replacedBy.at(-1)?.end).toBeUndefined();
    // Somebody retrieves it while it rings: it rings no more.
    await stage.of(the(alice).replacedBy.splice(0)[0]?.hangUp() ?? Promise.resolve());
    await stage.until(() => the(bob).arrived[1]?.state === 'ended');
  });
});

describe('a restart of the exchange', () => {
  async function restarted(whileDown: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await parked('702');
    await stage.exchange.halt();
    await stage.pass(2_000);
    await whileDown();
    await stage.exchange.start();
  }

  test('finds who was parked, in his slot and with music', async () => {
    await restarted();
    await stage.until(() => the(alice).replacedBy.length === 2);
    await stage.pass(2_000);
    expect(the(alice).replacedBy[0]?.end?.kind).toBe('replaced');
    expect(the(alice).level(1_000)).toBeGreaterThan(-30);
    const documents = watch(the(carol), '702');
    await stage.until(() => documents.length > 0);
    expect(documents[0]?.state.dialogs).toMatchObject([{ state: 'confirmed' }]);
    // The time until he is rung back goes on from where it was.
    await stage.until(() => the(bob).arrived.length > 0);
    expect(stage.clock.now()).toBeLessThan(75_000);
    the(bob).arrived[0]?.reject(486);
  });

  test('tells the parker of a call that is not there any more', async () => {
    await restarted(async () => {
      await stage.of(the(alice).replacedBy.splice(0)[0]?.hangUp() ?? Promise.resolve());
    });
    await stage.until(() => the(bob).messages.length > 0);
    expect(the(bob).messages).toEqual([
      'The call that you parked at 702 could not be found again after the exchange was restarted.',
    ]);
    expect(await counted()).toEqual({ lost: 1 });
    expect(slotIn(await parked('702'))).toBe('sip:702@example.com');
  });
});
