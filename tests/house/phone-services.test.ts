/** The services of the phone as programs use them: three `switchhook phone --json` and an exchange, each a process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ExchangeProcess } from '../peers/support/exchange-process.ts';
import { heardShare, melody, writeWav } from '../peers/support/sound.ts';
import { SwitchhookPhone } from '../peers/support/switchhook-phone.ts';

const directory = mkdtempSync(join(tmpdir(), 'switchhook-services-'));
const users = ['alice', 'bob', 'carol'] as const;
type User = (typeof users)[number];
/** What each of them says all the time. */
const voices = { alice: melody(1, 60), bob: melody(2, 60), carol: melody(3, 60) };
let exchange: ExchangeProcess;
let phones: Record<User, SwitchhookPhone>;
let round = 0;

beforeAll(async () => {
  for (const user of users) writeWav(join(directory, `${user}.wav`), voices[user]);
  exchange = await ExchangeProcess.start({ directory });
});

afterAll(async () => {
  await exchange.stop();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  round += 1;
  const [alice, bob, carol] = await Promise.all(users.map((user) => phone(user)));
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error('three were started');
  phones = { alice, bob, carol };
});

afterEach(async () => {
  // Goodbyes are on their way perhaps.
  const leftOver = await Promise.all(users.map((user) => statsAtRest(user).catch(String)));
  for (const user of users) await phones[user].stop();
  expect(leftOver).toEqual(users.map(() => atRest));
});

const atRest = { calls: 0, sessions: 0, streams: 0 };

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

async function phone(user: User): Promise<SwitchhookPhone> {
  const started = await SwitchhookPhone.start(user, {
    directory: join(directory, `${user}-${String(round)}`),
    exchange,
    user,
    transport: 'tls',
    srtp: 'optional',
    plays: join(directory, `${user}.wav`),
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

/** Waits until the two have heard each other for a while. */
async function hearEachOther(one: User, other: User): Promise<void> {
  for (const [listener, voice] of [
    [one, other],
    [other, one],
  ] as const) {
    const enough = phones[listener].heard().length / 8_000 + 4;
    await phones[listener].hears(enough);
    expect(heardShare(voices[voice], phones[listener].heard().slice(-3 * 8_000))).toBeGreaterThan(0.6);
  }
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
  await hearEachOther('bob', 'carol');
  await hangUp('bob', 'carol');
}, 120_000);

test('a target that is busy: the failure comes back, and the call goes on where that is wished', async () => {
  const { from } = await talk('alice', 'bob');
  await phones.carol.command('dnd');
  await expect(phones.alice.command('transfer', { to: 'carol', stay: true })).rejects.toThrow('carol is busy (486)');
  expect(await phones.alice.command('status')).toMatchObject({ calls: [{ call: from, state: 'connected' }] });
  await hangUp('alice', 'bob');
}, 120_000);

test('another phone dials when its person says yes, and does not when he says no (RFC 5359 2.18)', async () => {
  // A phone of one's own is asked; that of a stranger turns him away.
  await expect(phones.carol.command('dialwith', { device: 'bob', to: 'alice' })).rejects.toThrow('403');
}, 120_000);
