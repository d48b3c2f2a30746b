import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import { TestHouse } from '../phone.testing.ts';
import type { TestPhone } from '../phone.testing.ts';

let house: TestHouse;
let alice: TestPhone;
let bob: TestPhone;
let carol: TestPhone;

beforeEach(async () => {
  house = new TestHouse();
  alice = await house.phone('alice');
  bob = await house.phone('bob');
  carol = await house.phone('carol');
});

afterEach(async () => {
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

function answering({ phone }: TestPhone): void {
  phone.onIncomingCall((call) => void call.answer());
}

async function outcomeOf<T>(promise: Promise<T>, milliseconds = 500): Promise<T | PhoneError> {
  const settled = promise.catch((error: unknown) => {
    if (error instanceof PhoneError) return error;
    throw error;
  });
  await house.play(milliseconds);
  return settled;
}

async function connected(from: TestPhone, to: TestPhone): Promise<Call> {
  const call = await outcomeOf(from.phone.call(to.uri));
  if (call instanceof PhoneError) throw call;
  return call;
}

async function heard(...phones: TestPhone[]): Promise<string[]> {
  await house.play(200);
  for (const { ear } of phones) ear.heard.length = 0;
  await house.play(500);
  return phones.map(({ ear }) => (ear.peak > 1_000 ? 'sound' : 'silence'));
}

/** The requests that went over the network since then, and who sent them. */
function requestsSince(from: number): string[] {
  return house.network.trace.entries
    .slice(from)
    .filter(({ text }) => /^[A-Z]+ sip/.test(text) && !text.startsWith('ACK'))
    .map(({ from: { host }, text }) => `${host} ${text.slice(0, text.indexOf(' '))}`);
}

describe('unattended (RFC 5359 2.4)', () => {
  test('the far end is handed on, and who did it is out of it at once', async () => {
    for (const phone of [bob, carol]) answering(phone);
    const call = await connected(alice, bob);
    const before = house.network.trace.entries.length;
    const transferred = call.transfer(carol.uri);
    await house.play(60);
    expect(call.state).toBe('ended');
    expect(await outcomeOf(transferred)).toBeUndefined();
    expect(requestsSince(before)).toEqual(['alice REFER', 'bob NOTIFY', 'bob INVITE', 'alice BYE', 'bob NOTIFY']);
    const [invite] = house.network.trace.entries.slice(before).filter(({ text }) => text.startsWith('INVITE'));
    expect(invite?.text).toContain(`Referred-By: <${alice.uri}>`);
    expect(await heard(alice, bob, carol)).toEqual(['silence', 'sound', 'sound']);
    expect(bob.phone.calls.map(({ remote }) => remote.name)).toEqual(['carol']);
    expect(alice.story.slice(-4)).toEqual([
      'transfer to carol: accepted',
      '1 not active',
      '1 ended hung-up',
      'transfer to carol: succeeded',
    ]);
  });

  test.each([
    ['busy', 486, 'carol is busy (486)'],
    ['declined', 603, 'carol declined (603)'],
  ] as const)(
    'a target that is %s: the failure comes back, and the far end can call back',
    async (as, status, message) => {
      answering(bob);
      carol.phone.onIncomingCall((call) => void call.reject(as));
      const call = await connected(alice, bob);
      expect(await outcomeOf(call.transfer(carol.uri))).toMatchObject({ message, failure: { status } });
      expect(bob.story).toContain('alice refers to carol: failed');
      answering(alice);
      expect(await connected(bob, alice)).toMatchObject({ state: 'connected' });
    },
  );

  test('who stays has the call again when it fails, and is out of it when it does not', async () => {
    answering(bob);
    const stopRejecting = carol.phone.onIncomingCall((call) => void call.reject('busy'));
    const call = await connected(alice, bob);
    expect(await outcomeOf(call.transfer(carol.uri, { stay: true }))).toBeInstanceOf(PhoneError);
    expect(await heard(alice, bob)).toEqual(['sound', 'sound']);
    stopRejecting();
    answering(carol);
    expect(await outcomeOf(call.transfer(carol.uri, { stay: true }))).toBeUndefined();
    expect(await heard(alice, bob, carol)).toEqual(['silence', 'sound', 'sound']);
    const notified = house.network.trace.entries.filter(({ text }) => text.startsWith('NOTIFY'));
    expect(notified.at(-1)?.text).toMatch(/^Event: refer;id=\d+\r$/m);
  });

  test.each([0, 10, 20, 30, 50, 100, 500, 1_000, 2_000])(
    'who hangs up %i ms after asking hurts nobody',
    async (delay) => {
      for (const phone of [bob, carol]) answering(phone);
      const call = await connected(alice, bob);
      const transferred = call.transfer(carol.uri, { stay: true });
      house.context.clock.after(delay, () => void call.hangUp());
      expect(await outcomeOf(transferred, 3_000)).toBeUndefined();
      expect(await heard(bob, carol)).toEqual(['sound', 'sound']);
    },
  );

  test('is refused by a phone whose far end is not in a call with it', async () => {
    answering(bob);
    await connected(alice, bob);
    const refused = await outcomeOf(carol.phone.dialWith(bob.uri, alice.uri));
    expect(refused).toMatchObject({ failure: { kind: 'forbidden', status: 403 } });
    expect(bob.story.some((line) => line.includes('refers'))).toBe(false);
    expect(bob.phone.calls).toHaveLength(1);
  });

  test('is done once at a time', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    const first = outcomeOf(call.transfer(carol.uri, { stay: true }));
    const second = await outcomeOf(call.transfer(carol.uri));
    expect(second).toMatchObject({ failure: { kind: 'not-now' } });
    await outcomeOf(Promise.resolve(carol.phone.calls[0]?.reject('busy')));
    expect(await first).toMatchObject({ failure: { status: 486 } });
    await outcomeOf(call.hangUp());
  });
});

describe('attended (RFC 5359 2.5)', () => {
  test('while the target still rings it is given up, and the far end calls in its place', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    const consultation = alice.phone.dial(carol.uri);
    await house.play(300);
    expect(consultation.state).toBe('ringing');
    const transferred = call.transferTo(consultation);
    await house.play(500);
    expect(consultation.state).toBe('ended');
    await outcomeOf(Promise.resolve(carol.phone.calls[0]?.answer()));
    expect(await outcomeOf(transferred)).toBeUndefined();
    expect(alice.phone.calls).toEqual([]);
    expect(await heard(alice, bob, carol)).toEqual(['silence', 'sound', 'sound']);
  });
});

describe('by message (RFC 5359 2.6)', () => {
  test('sends a link with the place of this side in the call', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    expect(await outcomeOf(call.transferByMessage(carol.uri))).toBeUndefined();
    expect(carol.story).toEqual(['alice: Please take over my call: bob']);
    const sent = house.network.trace.entries.find(({ text }) => text.startsWith('MESSAGE'))?.text ?? '';
    const { callId = '', localTag, remoteTag } = call.session?.dialog ?? {};
    expect(sent).toContain(
      `?Replaces=${callId}%3Bto-tag%3D${remoteTag ?? ''}%3Bfrom-tag%3D${localTag ?? ''}&amp;Require=replaces">`,
    );
    await outcomeOf(call.hangUp());
  });
});
