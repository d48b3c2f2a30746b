/** The services of the phone as programs use them: three `switchhook phone --json` and an exchange, each a process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fitSines } from '@switchhook/media';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ExchangeProcess } from '../peers/support/exchange-process.ts';
import { writeWav } from '../peers/support/sound.ts';
import { SwitchhookPhone } from '../peers/support/switchhook-phone.ts';

const directory = mkdtempSync(join(tmpdir(), 'switchhook-services-'));
const users = ['alice', 'bob', 'carol'] as const;
type User = (typeof users)[number];
/** The note that each of them sings all the time, in hertz. */
const voices = { alice: 500, bob: 700, carol: 1_100 };
let exchange: ExchangeProcess;
let phones: Record<User, SwitchhookPhone>;

beforeAll(async () => {
  for (const user of users) writeWav(join(directory, `${user}.wav`), note(voices[user]));
  exchange = await ExchangeProcess.start({ directory, configuration: { servers: { music: {} } } });
  const [alice, bob, carol] = await Promise.all(users.map((user) => phone(user)));
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error('three were started');
  phones = { alice, bob, carol };
}, 120_000);

afterAll(async () => {
  await Promise.all(users.map((user) => phones[user].stop()));
  await exchange.stop();
  rmSync(directory, { recursive: true, force: true });
}, 120_000);

afterEach(async () => {
  // Goodbyes are on their way perhaps.
  const leftOver = await Promise.all(users.map((user) => statsAtRest(user).catch(String)));
  expect(leftOver).toEqual(users.map(() => atRest));
});

const atRest = { calls: 0, streams: 0 };

async function statsAtRest(user: User): Promise<unknown> {
  return vi.waitFor(
    async () => {
      const { stats } = await phones[user].command('status');
      expect(stats).toMatchObject(atRest);
      return atRest;
    },
    { timeout: 5_000, interval: 200 },
  );
}

/** Two minutes of it, at 8 kHz. */
function note(hertz: number): Int16Array {
  return Int16Array.from({ length: 960_000 }, (_, index) => 5_000 * Math.sin((2 * Math.PI * hertz * index) / 8_000));
}

/** Whom somebody has heard in the last second. */
function heardBy(user: User): User[] {
  const { sines } = fitSines(phones[user].heard().slice(-8_000), 8_000, Object.values(voices));
  return users.filter((_, index) => (sines[index]?.level ?? -127) > -40);
}

/** Waits until that is just what somebody hears for a second that begins now: a busy machine takes its time. */
async function hears(user: User, ...whom: readonly User[]): Promise<void> {
  await heardSuch(user, (heard) => {
    expect(heard).toEqual(whom);
  });
}

async function heardSuch(user: User, check: (heard: readonly User[]) => void): Promise<void> {
  await vi.waitFor(
    async () => {
      await phones[user].hears(phones[user].heard().length / 8_000 + 1);
      check(heardBy(user));
    },
    { timeout: 40_000, interval: 0 },
  );
}

async function phone(user: User): Promise<SwitchhookPhone> {
  const started = await SwitchhookPhone.start(user, {
    directory: join(directory, user),
    exchange,
    user,
    transport: 'tls',
    srtp: 'optional',
    plays: join(directory, `${user}.wav`),
    group: '127.0.0.1',
  });
  await started.tells({ event: 'registration', state: 'registered' });
  return started;
}

/** Calls, and is answered; the number that the call has on either side. */
async function talk(from: User, to: User): Promise<{ readonly from: number; readonly to: number }> {
  const told = phones[to].told.length;
  const calling = phones[from].command('call', { to });
  const { call } = await phones[to].tells({ event: 'call', change: 'new' }, { from: told });
  await phones[to].command('answer', { call });
  const { call: number } = await calling;
  return { from: Number(number), to: Number(call) };
}

/** Answers the next call that rings there. */
async function answerNext(user: User): Promise<void> {
  const from = phones[user].told.length;
  const { call } = await phones[user].tells({ event: 'call', change: 'new', direction: 'incoming' }, { from });
  await phones[user].command('answer', { call });
}

/** Hangs up, and waits until the far end is told. */
async function hangUp(from: User, to: User): Promise<void> {
  const told = phones[to].told.length;
  await phones[from].command('hangup');
  await phones[to].tells({ event: 'call', change: 'ended' }, { from: told });
}

test('a call is handed on, and who did it is out of it (RFC 5359 2.4)', async () => {
  const { from, to } = await talk('alice', 'bob');
  const answered = answerNext('carol');
  await phones.alice.command('transfer', { to: 'carol' });
  await answered;
  await phones.alice.tells({ event: 'transfer', call: from, kind: 'succeeded' });
  await phones.bob.tells({ event: 'referral', state: 'succeeded', about: to });
  await hears('bob', 'carol');
  await hears('carol', 'bob');
  await hangUp('bob', 'carol');
}, 120_000);

test('a target that is busy: the failure comes back, and the call goes on where that is wished', async () => {
  const { from } = await talk('alice', 'bob');
  await phones.carol.command('dnd');
  await expect(phones.alice.command('transfer', { to: 'carol', stay: true })).rejects.toThrow('carol is busy (486)');
  expect(await phones.alice.command('status')).toMatchObject({ calls: [{ call: from, state: 'connected' }] });
  await phones.carol.command('dnd', { mode: 'off' });
  await hangUp('alice', 'bob');
}, 120_000);

test('another phone dials when its person says yes, and does not when he says no (RFC 5359 2.18)', async () => {
  for (const [word, state] of [
    ['refuse', 'refused'],
    ['accept', 'succeeded'],
  ] as const) {
    const told = phones.bob.told.length;
    await phones.carol.command('dialwith', { device: 'bob', to: 'alice' });
    const { question } = await phones.bob.tells({ event: 'referral', state: 'asked' }, { from: told });
    const answered = word === 'accept' ? answerNext('alice') : undefined;
    await phones.bob.command(word, { question });
    await answered;
    await phones.bob.tells({ event: 'referral', state, question }, { from: told });
  }
  await hangUp('alice', 'bob');
}, 120_000);

test('a call that rings at somebody else is picked up (RFC 5359 2.16)', async () => {
  const told = phones.bob.told.length;
  const calling = phones.alice.command('call', { to: 'bob' });
  await phones.bob.tells({ event: 'call', change: 'new' }, { from: told });
  await phones.carol.command('pickup', { from: 'bob' });
  await calling;
  await hears('alice', 'carol');
  await hangUp('alice', 'carol');
}, 120_000);

test('three are in a conference; one is muted, one is dropped (RFC 5359 2.10)', async () => {
  await talk('alice', 'bob');
  const { from: second } = await talk('alice', 'carol');
  await phones.alice.command('conference');
  await hears('alice', 'bob', 'carol');
  await hears('bob', 'alice', 'carol');
  await phones.alice.command('mute', { call: second });
  await hears('bob', 'alice');
  expect(await phones.alice.command('roster')).toMatchObject({ attending: true, members: [{}, { muted: true }] });
  const told = phones.carol.told.length;
  await phones.alice.command('drop', { call: second });
  await phones.carol.tells({ event: 'call', change: 'ended' }, { from: told });
  await hears('bob', 'alice');
  await hangUp('alice', 'bob');
}, 120_000);

test('two calls are given to each other (RFC 5359 2.5)', async () => {
  const { from: first } = await talk('alice', 'bob');
  const { from: second } = await talk('alice', 'carol');
  const told = phones.alice.told.length;
  await phones.alice.command('connect', { call: first, other: second });
  for (const call of [first, second])
    await phones.alice.tells({ event: 'call', change: 'ended', call }, { from: told });
  await hears('bob', 'carol');
  await hears('carol', 'bob');
  await hangUp('carol', 'bob');
}, 120_000);

test('a call is on hold with music, and is taken back (RFC 5359 2.3)', async () => {
  const { from } = await talk('alice', 'bob');
  await phones.alice.command('music', { call: from });
  await phones.alice.tells({ event: 'call', change: 'music', call: from, music: true, localHold: true });
  await heardSuch('bob', (heard) => {
    expect(heard).not.toContain('alice');
  });
  await phones.alice.command('resume', { call: from });
  await hears('bob', 'alice');
  await hears('alice', 'bob');
  await hangUp('alice', 'bob');
}, 120_000);
