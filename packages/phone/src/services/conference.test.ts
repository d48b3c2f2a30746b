import { simulatedContext } from '@switchhook/sim';
import { conferenceEvent, SipResponse, Subscriber, UserAgent } from '@switchhook/sip';
import type { Subscription, WatchedConference } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import { alice, bob, carol, house, resultOf, trusting, withThreePhones } from '../office.testing.ts';
import { answering } from '../phone.testing.ts';
import type { TestPhone } from '../phone.testing.ts';
import type { CallClaim } from './claims.ts';
import type { Conference } from './conference.ts';

withThreePhones();

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return resultOf(
    promise.then(
      () => 'done',
      (error: unknown) => (error instanceof PhoneError ? error.failure : error),
    ),
  );
}

/** Who hears anything, within half a second. */
async function hearing(...phones: TestPhone[]): Promise<boolean[]> {
  return (await house.heard(...phones)).map((each) => each === 'sound');
}

/** The messages since then: who sent them, what they are, and whether they say that it is a focus. */
function messagesSince(from: number): string[] {
  return house.network.trace.entries.slice(from).flatMap(({ from: { host }, text }) => {
    const [line = ''] = text.split('\r\n', 1);
    const [first = '', second = ''] = line.split(' ');
    const cseq = /^CSeq: \d+ (\w+)/im.exec(text)?.[1] ?? '';
    if (first === '' || second === '100') return [];
    const isFocus = /^Contact: .*;isfocus/im.test(text) ? ' isfocus' : '';
    return [`${host} ${first === 'SIP/2.0' ? `${second} ${cseq}` : first}${isFocus}`];
  });
}

async function talking(): Promise<Call> {
  answering(bob);
  answering(carol);
  return resultOf(alice.phone.call(bob.uri));
}

describe('a third party is added (RFC 5359 2.10)', () => {
  test('by an address: the first hears of the focus, then the third is called by it, and everybody hears the others', async () => {
    const call = await talking();
    const conference = await resultOf(alice.phone.conference([call]));
    const before = house.network.trace.entries.length;
    const third = await resultOf(conference.add(carol.uri));
    expect(messagesSince(before)).toEqual([
      'alice INVITE isfocus',
      'bob 200 INVITE',
      'alice ACK',
      'alice INVITE isfocus',
      'carol 180 INVITE',
      'carol 200 INVITE',
      'alice ACK',
    ]);
    expect(conference.roster).toEqual([
      { call, joined: true, muted: false },
      { call: third, joined: true, muted: false },
    ]);
    expect(await hearing(alice, bob, carol)).toEqual([true, true, true]);
    // Nobody hears himself, and everybody hears the others: without one of them there is silence for the other.
    conference.muted = true;
    conference.mute(call);
    expect(await hearing(alice, bob, carol)).toEqual([true, true, false]);
    conference.mute(third);
    expect(await hearing(alice, bob, carol)).toEqual([false, false, false]);
    expect(conference.roster.map(({ muted }) => muted)).toEqual([true, true]);
    await resultOf(conference.end());
    expect(alice.phone.calls).toEqual([]);
    expect(alice.phone.conferences).toEqual([]);
    expect([bob, carol].map(({ phone }) => phone.calls)).toEqual([[], []]);
  });

  test('by a call that waits: it is taken from hold', async () => {
    const call = await talking();
    const other = await resultOf(alice.phone.call(carol.uri));
    expect(call.localHold).toBe(true);
    const conference = await resultOf(alice.phone.conference([other, call]));
    expect(call.localHold).toBe(false);
    expect(await hearing(alice, bob, carol)).toEqual([true, true, true]);
    await resultOf(conference.end());
  });

  test('and a fourth', async () => {
    const dave = await house.phone('dave', trusting);
    answering(dave);
    const conference = await resultOf(alice.phone.conference([await talking()]));
    await resultOf(conference.add(carol.uri));
    const fourth = await resultOf(conference.add(dave.uri));
    conference.muted = true;
    for (const { call } of conference.roster) if (call !== fourth) conference.mute(call);
    expect(await hearing(alice, bob, carol, dave)).toEqual([true, true, true, false]);
    await resultOf(conference.drop(fourth));
    expect(conference.roster).toHaveLength(2);
    await resultOf(conference.end());
  });

  test('C2.10-07 who does not come leaves the call as it was', async () => {
    const call = await talking();
    carol.phone.doNotDisturb = 'busy';
    const conference = await resultOf(alice.phone.conference([call]));
    expect(await failureOf(conference.add(carol.uri))).toMatchObject({ kind: 'busy' });
    expect(conference.ended).toBe(true);
    expect(call.state).toBe('connected');
    expect(call.active).toBe(true);
    expect(alice.phone.activeCall).toBe(call);
    expect(await hearing(alice, bob)).toEqual([true, true]);
    await expect(conference.add(carol.uri)).rejects.toThrow(PhoneError);
    await resultOf(call.hangUp());
  });

  test('C2.10-08 with one left it is a call again, and the far end is told that there is no focus any more', async () => {
    const call = await talking();
    const conference = await resultOf(alice.phone.conference([call]));
    const third = await resultOf(conference.add(carol.uri));
    const before = house.network.trace.entries.length;
    await resultOf(conference.drop(third));
    expect(conference.ended).toBe(true);
    expect(messagesSince(before).filter((line) => line.startsWith('alice'))).toEqual([
      'alice BYE',
      'alice INVITE',
      'alice ACK',
    ]);
    expect(await hearing(alice, bob)).toEqual([true, true]);
    await resultOf(call.hangUp());
  });

  test('only calls that stand, and each in one conference', async () => {
    const call = await talking();
    expect(await failureOf(alice.phone.conference([]))).toMatchObject({ kind: 'not-now' });
    const conference = await resultOf(alice.phone.conference([call]));
    expect(await failureOf(alice.phone.conference([call]))).toMatchObject({ kind: 'not-now' });
    await resultOf(conference.end());
    expect(await failureOf(alice.phone.conference([call]))).toMatchObject({ kind: 'not-now' });
  });
});

describe('the person', () => {
  test('C2.10-08 leaves, and by default that is the end for all', async () => {
    const conference = await resultOf(alice.phone.conference([await talking()]));
    await resultOf(conference.add(carol.uri));
    await resultOf(conference.leave());
    expect([alice, bob, carol].map(({ phone }) => phone.calls.length)).toEqual([0, 0, 0]);
  });

  test('leaves, and the others go on through the phone until one of them is left', async () => {
    const call = await talking();
    const conference = await resultOf(alice.phone.conference([call], { onLeaving: 'continue' }));
    const third = await resultOf(conference.add(carol.uri));
    await resultOf(conference.leave());
    expect(await hearing(alice, bob, carol)).toEqual([false, true, true]);
    await resultOf(conference.drop(third));
    expect(conference.ended).toBe(true);
    expect([alice, bob, carol].map(({ phone }) => phone.calls.length)).toEqual([0, 0, 0]);
  });

  test('asks somebody else meanwhile, and comes back', async () => {
    const dave = await house.phone('dave', trusting);
    answering(dave);
    const conference = await resultOf(alice.phone.conference([await talking()]));
    await resultOf(conference.add(carol.uri));
    const aside = await resultOf(alice.phone.call(dave.uri));
    expect(conference.attending).toBe(false);
    expect(await hearing(alice, bob, carol, dave)).toEqual([true, true, true, true]);
    await resultOf(conference.attend());
    expect(aside.localHold).toBe(true);
    expect(conference.attending).toBe(true);
    expect(await hearing(alice, dave)).toEqual([true, false]);
    await resultOf(conference.end());
    await resultOf(aside.hangUp());
  });
});

test('who calls during a conference is heard softly, over the others', async () => {
  const erin = await house.phone('erin', trusting, { tones: 'DE' });
  for (const each of [bob, carol]) answering(each);
  const conference = await resultOf(erin.phone.conference([await resultOf(erin.phone.call(bob.uri))]));
  await resultOf(conference.add(carol.uri));
  const waiting = alice.phone.dial(erin.uri);
  await house.play(500);
  expect(erin.phone.calls.map(({ state }) => state)).toEqual(['connected', 'connected', 'ringing']);
  // One stream goes to the loudspeaker, and no second one between its frames.
  erin.ear.heard.length = 0;
  await house.play(1_000);
  expect(erin.ear.heard.length).toBeLessThanOrEqual(8_200);
  for (const { call } of conference.roster) conference.mute(call);
  const heardAlone = async (): Promise<number> => {
    await house.play(200);
    erin.ear.heard.length = 0;
    await house.play(6_000);
    return erin.ear.peak;
  };
  expect(await heardAlone()).toBeGreaterThan(300);
  await resultOf(waiting.hangUp());
  expect(await heardAlone()).toBe(0);
  await resultOf(conference.end());
});

describe('a third party joins (RFC 5359 2.11)', () => {
  test('C2.11-02 the one who is in the call becomes the focus, and lets him in', async () => {
    answering(bob);
    const call = await resultOf(alice.phone.call(bob.uri));
    const before = house.network.trace.entries.length;
    const joined = await resultOf(carol.phone.join(bob.uri));
    expect(messagesSince(before).filter((line) => !/SUBSCRIBE|NOTIFY/.test(line))).toEqual([
      'carol INVITE',
      'bob 180 INVITE isfocus',
      'bob INVITE isfocus',
      'alice 200 INVITE',
      'bob ACK',
      'bob 200 INVITE isfocus',
      'carol ACK',
    ]);
    expect(await hearing(alice, bob, carol)).toEqual([true, true, true]);
    expect(bob.story).not.toContain('2 from carol');
    const [conference] = bob.phone.conferences;
    expect(conference?.roster.map(({ call: { remote } }) => remote.name)).toEqual(['alice', 'carol']);
    // Whoever joins a conference is in it with all of them.
    const dave = await house.phone('dave', trusting);
    const second = await resultOf(dave.phone.join(bob.uri));
    expect(await hearing(alice, bob, carol, dave)).toEqual([true, true, true, true]);
    expect(bob.phone.conferences).toHaveLength(1);
    await resultOf(second.hangUp());
    await resultOf(joined.hangUp());
    expect(bob.phone.conferences).toEqual([]);
    expect(await hearing(alice, bob)).toEqual([true, true]);
    await resultOf(call.hangUp());
  });

  test('C2.11-08 C3-06 who may not learns nothing, and the call is as it was', async () => {
    const stern = await house.phone('stern');
    answering(stern);
    const call = await resultOf(alice.phone.call(stern.uri));
    expect(await failureOf(carol.phone.join(stern.uri))).toMatchObject({ kind: 'forbidden' });
    expect(stern.phone.conferences).toEqual([]);
    expect(call.state).toBe('connected');
    await resultOf(call.hangUp());
  });

  test('C2.11-07 who loses to the end of the call is declined', async () => {
    answering(bob);
    const call = await resultOf(alice.phone.call(bob.uri));
    const joining = carol.phone.join(bob.uri).then(
      () => 'in',
      (error: unknown) => (error instanceof PhoneError ? error.failure.status : error),
    );
    // The INVITE of the joiner is on its way when the call ends.
    for (let step = 0; step < 200 && !house.network.trace.entries.some(({ text }) => /^Join:/m.test(text)); step += 1)
      await house.play(1);
    void call.hangUp();
    await house.play(1_000);
    expect(await joining).toBe(603);
    expect(bob.phone.conferences).toEqual([]);
    expect(bob.phone.calls).toEqual([]);
  });
});

describe('its address (RFC 4579 5.1)', () => {
  /** Alice has a conference with bob, and another one with carol. */
  async function twoConferences(): Promise<[Conference, Conference]> {
    const first = await resultOf(alice.phone.conference([await talking()]));
    const second = await resultOf(alice.phone.conference([await resultOf(alice.phone.call(carol.uri))]));
    return [first, second];
  }

  test('C2.10-01 C2.10-02 is one of its own, the same to all of its members, and to no one afterwards', async () => {
    const call = await talking();
    const third = await resultOf(alice.phone.call(carol.uri));
    const plain = call.session?.dialog.localContact?.uri.toString();
    const [heardByBob] = bob.phone.calls;
    const [heardByCarol] = carol.phone.calls;
    expect([heardByBob?.focus, heardByCarol?.focus]).toEqual([undefined, undefined]);
    const conference = await resultOf(alice.phone.conference([call, third]));
    expect(conference.uri).toBe(`${String(plain)};conference=${conference.id}`);
    expect([heardByBob?.focus, heardByCarol?.focus]).toEqual([conference.uri, conference.uri]);
    await resultOf(conference.drop(third));
    expect(heardByBob?.focus).toBeUndefined();
    expect(heardByBob?.session?.dialog.remoteTarget.toString()).toBe(plain);
    await resultOf(call.hangUp());
  });

  test('is called by whoever may join, and he is in that one, of several', async () => {
    const [first, second] = await twoConferences();
    const dave = await house.phone('dave', trusting);
    const inSecond = await resultOf(dave.phone.call(second.uri ?? ''));
    expect([first, second].map(({ roster }) => roster.length)).toEqual([1, 2]);
    expect(alice.story.filter((line) => line.includes('from dave'))).toEqual([]);
    expect(inSecond.focus).toBe(second.uri);
    const erin = await house.phone('erin', trusting);
    const inFirst = await resultOf(erin.phone.call(first.uri ?? ''));
    expect([first, second].map(({ roster }) => roster.map(({ call: { remote } }) => remote.name))).toEqual([
      ['bob', 'erin'],
      ['carol', 'dave'],
    ]);
    await resultOf(inSecond.hangUp());
    await resultOf(inFirst.hangUp());
    await resultOf(Promise.all(alice.phone.calls.map((call) => call.hangUp())));
  });

  test('is nowhere to be rung: who may not join is refused, who might hears when it is over', async () => {
    const stern = await house.phone('stern');
    const conference = await resultOf(stern.phone.conference([await callBy(stern)]));
    const { uri = '' } = conference;
    const wrong = uri.replace(conference.id, 'guessed');
    expect(await failureOf(carol.phone.call(uri))).toMatchObject({ kind: 'forbidden', status: 403 });
    expect(await failureOf(carol.phone.call(wrong))).toMatchObject({ kind: 'forbidden', status: 403 });
    expect(conference.roster).toHaveLength(1);
    await resultOf(conference.end());
    const own = await resultOf(alice.phone.conference([await talking()]));
    await resultOf(own.end());
    const over = carol.phone.call(own.uri ?? '');
    expect(await failureOf(over)).toMatchObject({ kind: 'unknown', status: 404 });
    await expect(over).rejects.toThrow(/^there is no conference of alice \(404\)$/);
    expect(alice.story.filter((line) => line.includes('from'))).toEqual([]);
  });

  test('is open to its members by another telephone of theirs, and the person is asked about others where that is set', async () => {
    const partly = { permissions: { identity: 'claimed', join: { allow: 'party', ask: 'everybody' } } } as const;
    const focus = await house.phone('focus', partly);
    const conference = await resultOf(focus.phone.conference([await callBy(focus)]));
    const { uri = '' } = conference;
    const asked: CallClaim[] = [];
    focus.phone.onEvent((event) => {
      if (event.kind === 'claim') asked.push(event.claim);
    });
    const again = await resultOf(bob.phone.call(uri));
    expect(asked).toEqual([]);
    const comes = carol.phone.call(uri);
    await house.play(500);
    expect(asked.map(({ wish, from }) => [wish, from.name])).toEqual([['join', 'carol']]);
    asked[0]?.allow();
    const other = await resultOf(comes);
    expect(conference.roster).toHaveLength(3);
    const refused = alice.phone.call(uri);
    await house.play(500);
    asked[1]?.refuse();
    expect(await failureOf(refused)).toMatchObject({ kind: 'forbidden' });
    await resultOf(again.hangUp());
    await resultOf(other.hangUp());
    await resultOf(Promise.all(focus.phone.calls.map((call) => call.hangUp())));
  });

  test('is where each of them is watched, and it is that one which is renewed', async () => {
    const [first, second] = await twoConferences();
    const host = house.network.host('watcher', ['192.0.2.5']);
    const agent = new UserAgent(simulatedContext('watcher', house.context.clock), {
      address: '<sip:watcher@192.0.2.5>',
      transports: [host.transport('UDP')],
      resolver: { resolve: ({ host: address }) => [{ protocol: 'UDP', address, port: 5060 }] },
    });
    const subscriber = new Subscriber(agent, [conferenceEvent]);
    agent.install(subscriber);
    await agent.start();
    const watch = (target: string): Subscription<WatchedConference> =>
      subscriber.subscribe({ package: conferenceEvent, target, expires: 10 });
    const names = ({ latest }: Subscription<WatchedConference>): unknown =>
      latest?.users.map(({ displayText }) => displayText);
    const ofFirst = watch(first.uri ?? '');
    const ofSecond = watch(second.uri ?? '');
    const ofNone = watch((second.uri ?? '').replace(second.id, 'guessed'));
    await house.play(500);
    expect([names(ofFirst), names(ofSecond)]).toEqual([['bob'], ['carol']]);
    expect([ofFirst.latest?.entity, ofSecond.latest?.entity]).toEqual([first.uri, second.uri]);
    expect(await ofNone.ended).toMatchObject({ kind: 'refused', status: 404 });
    // RFC 4579 5.2: a focus says so when it is asked what it can do.
    const [told] = await resultOf(Promise.all([first.uri ?? '', alice.uri].map((target) => agent.options(target))));
    expect(told instanceof SipResponse && told.raw('Contact')).toBe(`<${first.uri ?? ''}>;isfocus`);
    await house.play(15_000);
    const third = await resultOf(bob.phone.call(second.uri ?? ''), 6_000);
    expect([names(ofFirst), names(ofSecond)]).toEqual([['bob'], ['carol', 'bob']]);
    await resultOf(third.hangUp());
    await resultOf(Promise.all(alice.phone.calls.map((call) => call.hangUp())), 6_000);
    expect((await ofSecond.ended).kind).toBe('terminated');
    expect((await ofFirst.ended).kind).toBe('terminated');
    await agent.stop();
  });

  test('is no place for the phone itself to call', async () => {
    const conference = await resultOf(alice.phone.conference([await talking()]));
    const failed = await failureOf(conference.add(conference.uri ?? ''));
    expect(failed).toMatchObject({ status: 482 });
    expect(await failureOf(alice.phone.call(conference.uri ?? ''))).toMatchObject({ status: 482 });
    await resultOf(Promise.all(alice.phone.calls.map((call) => call.hangUp())));
    expect(alice.phone.conferences).toEqual([]);
  });

  test('is not closed to whoever comes while a member goes', async () => {
    const conference = await resultOf(alice.phone.conference([await talking()]));
    await resultOf(conference.add(carol.uri));
    const dave = await house.phone('dave', trusting);
    const comes = dave.phone.call(conference.uri ?? '');
    // His INVITE has come, and has an answer when the first member, with whose session he was to be mixed, is gone.
    await house.play(6);
    void bob.phone.calls[0]?.hangUp();
    await resultOf(comes);
    expect(conference.roster.map(({ call: { remote } }) => remote.name)).toEqual(['carol', 'dave']);
    await resultOf(conference.end());
  });
});

describe('who is in it (RFC 4575)', () => {
  test('is told to whoever takes part, as it changes, until it is over', async () => {
    const call = await talking();
    const conference = await resultOf(alice.phone.conference([call]));
    await resultOf(conference.add(carol.uri));
    const watched = bob.phone.watchConference(alice.uri);
    await house.play(500);
    const said = (): string[] =>
      (watched.latest?.users ?? []).map(({ displayText, endpoints }) => {
        const [endpoint] = endpoints;
        return `${String(displayText)} ${String(endpoint?.status)} ${String(endpoint?.media[0]?.status)}`;
      });
    expect(said()).toEqual(['bob connected sendrecv', 'carol connected sendrecv']);
    conference.mute(call);
    await house.play(6_000);
    expect(said()).toEqual(['bob connected recvonly', 'carol connected sendrecv']);
    await resultOf(conference.end());
    await house.play(6_000);
    expect(watched.latest?.ended).toBe(true);
    expect((await watched.ended).kind).toBe('terminated');
  });

  test('is nothing for others', async () => {
    const stern = await house.phone('stern');
    const conference = await resultOf(stern.phone.conference([await callBy(stern)]));
    const watched = carol.phone.watchConference(stern.uri);
    await house.play(500);
    expect(await watched.ended).toMatchObject({ kind: 'refused', status: 403 });
    await resultOf(conference.end());
  });
});

async function callBy(phone: TestPhone): Promise<Call> {
  answering(bob);
  return resultOf(phone.phone.call(bob.uri));
}
