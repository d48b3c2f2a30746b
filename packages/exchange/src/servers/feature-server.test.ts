import type { InviteSession } from '@switchhook/sip';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SubscriberSettings } from '../settings/schema.ts';
import type { AnnouncementName } from './announcement-names.ts';
import { readRecording } from './recording.ts';
import { nothingLeft, ServersStage } from './servers-stage.testing.ts';
import type { Telephone } from './servers-stage.testing.ts';

let stage: ServersStage;
let alice: Telephone;
let bob: Telephone;

beforeEach(async () => {
  stage = await ServersStage.set(
    { announcement: {}, features: {} },
    {
      settings: {
        bob: { screening: { outgoing: { deny: ['carol'] } } },
        carol: { forward: { busy: '*78' }, doNotDisturb: true },
      },
      gateways: [{ name: 'city', uri: 'sip:192.0.2.200', prefixes: ['+49'] }],
    },
  );
  alice = await stage.phone('alice');
  bob = await stage.phone('bob');
});

afterEach(async () => {
  expect(await stage.leftOvers()).toEqual(nothingLeft);
});

const settings = (user: string): SubscriberSettings => stage.exchange.settings(user, 'example.com');

async function listened(session: InviteSession): Promise<void> {
  await stage.until(() => session.end !== undefined);
  expect(session.end?.kind).toBe('remote');
}

/** Whether a recording was heard, behind where the sound joins the silence before it. */
async function hasHeard(phone: Telephone, name: AnnouncementName): Promise<boolean> {
  const { samples } = await readRecording(new URL(`../../recordings/${name}.wav`, import.meta.url).pathname);
  const part = samples.subarray(800, 1200);
  return phone.ear.heard.some((_, place) => part.every((sample, index) => phone.ear.heard[place + index] === sample));
}

/** Dials a code, listens to the end, and answers with the settings. */
async function dialled(phone: Telephone, user: string, code: string): Promise<SubscriberSettings> {
  phone.ear.heard.length = 0;
  await listened(await phone.talk(code));
  return settings(user);
}

test.each<[string, AnnouncementName, SubscriberSettings, string, AnnouncementName]>([
  ['*72carol', 'forwarding-on', { forward: { always: 'carol' } }, '*73', 'forwarding-off'],
  ['*72carol%23', 'forwarding-on', { forward: { always: 'carol' } }, '*73%23', 'forwarding-off'],
  ['*90+493012', 'busy-forwarding-on', { forward: { busy: '+493012' } }, '*91', 'busy-forwarding-off'],
  ['*92carol', 'no-answer-forwarding-on', { forward: { noAnswer: 'carol' } }, '*93', 'no-answer-forwarding-off'],
  ['*94carol', 'unavailable-forwarding-on', { forward: { unavailable: 'carol' } }, '*95', 'unavailable-forwarding-off'],
  ['*78', 'do-not-disturb-on', { doNotDisturb: true }, '*79', 'do-not-disturb-off'],
  [
    '*77',
    'anonymous-rejection-on',
    { screening: { incoming: { deny: ['anonymous'] } } },
    '*87',
    'anonymous-rejection-off',
  ],
])('%s is done, and %s is heard; %s takes it back', async (on, confirmed, set, off, takenBack) => {
  expect(await dialled(alice, 'alice', on)).toEqual(set);
  expect(await hasHeard(alice, confirmed)).toBe(true);
  expect(await dialled(alice, 'alice', off)).toEqual({});
  expect(await hasHeard(alice, takenBack)).toBe(true);
});

test('a number is said again, digit by digit', async () => {
  await dialled(alice, 'alice', '*72+493012');
  for (const name of ['digit-plus', 'digit-4', 'digit-9', 'digit-3', 'digit-0', 'digit-1', 'digit-2'] as const) {
    expect(await hasHeard(alice, name), name).toBe(true);
  }
  expect(await hasHeard(alice, 'digit-8')).toBe(false);
});

test('one of more than twenty digits is not said again', async () => {
  await dialled(alice, 'alice', `*72+49${'3'.repeat(18)}`);
  expect(await hasHeard(alice, 'forwarding-on')).toBe(true);
  expect(await hasHeard(alice, 'digit-3')).toBe(false);
});

test('a change counts from the next call on', async () => {
  await dialled(bob, 'bob', '*78');
  expect(await stage.of(alice.call('bob').outcome)).toMatchObject({ kind: 'refused', response: { status: 486 } });
  await dialled(bob, 'bob', '*79');
  await alice.reach(bob, 'bob');
});

test('what else is set stays', async () => {
  const set = await dialled(bob, 'bob', '*77');
  expect(set.screening).toEqual({ outgoing: { deny: ['carol'] }, incoming: { deny: ['anonymous'] } });
});

test.each<[string, string, AnnouncementName]>([
  ['a code that there is not', '*99', 'not-understood'],
  ['something behind a code that takes nothing', '*781', 'not-understood'],
  ['no number', '*72', 'target-missing'],
  ['nobody', '*72dave', 'target-unknown'],
  ['a number that no gateway takes', '*721234', 'target-unknown'],
  ['what is no address', 'sip:*72http%3Ax@example.com', 'target-unknown'],
  ['another code', '*72*78', 'target-unknown'],
  ['oneself', '*72bob', 'target-own'],
  ['whom one may not call', '*72carol', 'target-not-allowed'],
])('%s is refused with a reason that is heard', async (_, code, reason) => {
  const before = settings('bob');
  expect(await dialled(bob, 'bob', code)).toEqual(before);
  expect(await hasHeard(bob, reason)).toBe(true);
});

test('so is a circle', async () => {
  await dialled(bob, 'bob', '*72alice');
  expect(await dialled(alice, 'alice', '*72bob')).toEqual({});
  expect(await hasHeard(alice, 'target-circle')).toBe(true);
});

describe('nobody changes the settings of others', () => {
  const refused = { kind: 'refused', response: { status: 403 } };

  test('who has proved nothing is turned away', async () => {
    const stranger = await stage.phone('alice', { stranger: true });
    expect(await stage.of(stranger.call('sip:*78@example.com').outcome)).toMatchObject(refused);
  });

  test('by having their calls forwarded to a code', async () => {
    expect(stage.exchange.change('bob', 'example.com', { forward: { always: '*78' } })).toBe(false);
    // As it may stand in a configuration.
    expect(await stage.of(alice.call('carol').outcome)).toMatchObject(refused);
    expect(settings('alice')).toEqual({});
  });

  test('by transferring them to one', async () => {
    const headers = [['Referred-By', '<sip:bob@example.com>']] as const;
    expect(await stage.of(alice.call('*78', headers).outcome)).toMatchObject(refused);
    expect(settings('alice')).toEqual({});
    const own = [['Referred-By', '<sip:alice@example.com>']] as const;
    const outcome = await stage.of(alice.call('*78', own).outcome);
    if (outcome.kind !== 'answered') throw new Error(outcome.kind);
    await listened(outcome.session);
    expect(settings('alice')).toEqual({ doNotDisturb: true });
  });
});

test('a caller who is gone before he is answered has changed nothing', async () => {
  const invite = alice.call('*78');
  invite.cancel();
  await stage.of(invite.outcome);
  expect(settings('alice')).toEqual({});
});

test('its own address is no code, and of more callers than it may have the last ones get 480', async () => {
  expect(await stage.of(alice.call('features').outcome)).toMatchObject({ response: { status: 404 } });
  const crowded = await ServersStage.set({ features: {}, calls: 1 });
  const carol = await crowded.phone('carol');
  const session = await carol.talk('*78');
  expect(await crowded.of(carol.call('*79').outcome)).toMatchObject({ response: { status: 480 } });
  await crowded.until(() => session.end !== undefined);
  expect(await crowded.leftOvers()).toEqual(nothingLeft);
});

test('codes are those of the configuration, and one that is taken away is not known', async () => {
  const other = await ServersStage.set({
    features: { codes: { doNotDisturb: { on: '*26', off: '*27' }, anonymousRejection: false } },
  });
  const carol = await other.phone('carol');
  for (const code of ['*78', '*77', '*26']) {
    const session = await carol.talk(code);
    await other.until(() => session.end !== undefined);
  }
  expect(other.exchange.settings('carol', 'example.com')).toEqual({ doNotDisturb: true });
  expect(await other.leftOvers()).toEqual(nothingLeft);
});
