/** What docs/phone.md says of the phone is so, and the examples of docs/phone-library.md run. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tone, ToneSource, WavSink, WavSource } from '@switchhook/media';
import { startPhone } from '@switchhook/phone/node';
import type { MachinePhoneOptions } from '@switchhook/phone/node';
import { describe, expect, test, vi } from 'vitest';
import { answeringMachine } from '../../docs/examples/answering-machine.ts';
import { callOrHearWhy } from '../../docs/examples/phone-announcement.ts';
import { awayUntilLunch } from '../../docs/examples/phone-manners.ts';
import { answerAll } from '../../docs/examples/phone-answer.ts';
import { callAndPress } from '../../docs/examples/phone-call.ts';
import { bringIn } from '../../docs/examples/phone-conference.ts';
import { consult } from '../../docs/examples/phone-consult.ts';
import { callInAnyCase, pickUpFor } from '../../docs/examples/phone-pickup.ts';
import { lookUpMeanwhile } from '../../docs/examples/phone-music.ts';
import { handOver } from '../../docs/examples/phone-transfer.ts';
import { commandWords } from '../../packages/cli/src/phone/grammar.ts';
import { jsonCommandNames } from '../../packages/cli/src/phone/json-command.ts';
import { Ear, TestHouse } from '../../packages/phone/src/phone.testing.ts';
import { passwordOf } from '../peers/support/exchange-process.ts';
import { freePort } from '../peers/support/ports.ts';
import { startExchange } from './hostile/house.testing.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/phone.md'), 'utf8');

describe('docs/phone.md', () => {
  test('has every command of the input line and of JSON', () => {
    for (const { name } of commandWords) expect(page).toMatch(new RegExp(`^\\| .*\`${name}\\b`, 'm'));
    const table = page.slice(page.indexOf('### Commands'), page.indexOf('### Events'));
    for (const name of jsonCommandNames) expect(table).toContain(`\`${name}\``);
  });

  test('has every kind of failure', () => {
    const source = readFileSync(join(import.meta.dirname, '../../packages/phone/src/failure.ts'), 'utf8');
    const union = source.slice(source.indexOf('export type FailureKind'), source.indexOf('export interface Failure'));
    const kinds = Array.from(union.matchAll(/\| '([^']+)'/g), ([, kind = '']) => kind);
    expect(kinds.length).toBeGreaterThan(10);
    for (const kind of kinds) expect(page).toContain(`| \`${kind}\` |`);
  });
});

test('phone-answer.ts tells what happens in each call', async () => {
  const house = new TestHouse();
  const alice = await house.phone('alice');
  const bob = await house.phone('bob');
  const told: string[] = [];
  const ending = new AbortController();
  const answering = answerAll(bob.phone, (line) => told.push(line), ending.signal);
  const calling = alice.phone.call(bob.uri);
  await house.play(200);
  const call = await calling;
  const pressed = call.sendDigits('7');
  await house.play(500);
  await pressed;
  void call.hangUp();
  await house.play(200);
  ending.abort();
  await answering;
  expect(told).toEqual(['alice pressed 7', 'alice: hung-up']);
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

test('phone-answer.ts goes on when somebody who has waited hangs up', async () => {
  const house = new TestHouse();
  const alice = await house.phone('alice');
  const bob = await house.phone('bob');
  const carol = await house.phone('carol');
  const told: string[] = [];
  const ending = new AbortController();
  const answering = answerAll(bob.phone, (line) => told.push(line), ending.signal);
  const first = alice.phone.dial(bob.uri);
  await house.play(200);
  const waiting = carol.phone.dial(bob.uri);
  await house.play(200);
  void waiting.hangUp();
  await house.play(200);
  void first.hangUp();
  await house.play(200);
  const later = carol.phone.dial(bob.uri);
  await house.play(200);
  expect(later.state).toBe('connected');
  void later.hangUp();
  await house.play(200);
  ending.abort();
  await answering;
  expect(told).toEqual(['alice: hung-up', 'carol: hung-up']);
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

test('answering-machine.ts greets a caller, records him, and hangs up on who does not end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-answering-'));
  const greeting = join(folder, 'greeting.wav');
  const written = await WavSink.create(greeting, 8_000);
  const beep = new ToneSource(tone('1000', 'continuous'), { sampleRate: 8_000 });
  const frame = new Int16Array(8_000);
  beep.read(frame);
  written.write(frame);
  written.close();
  await written.finished;
  const port = await freePort();
  const direct = (user: string): MachinePhoneOptions => ({
    addressOfRecord: `sip:${user}@127.0.0.1`,
    transports: ['UDP'],
    address: '127.0.0.1',
    sound: { address: '127.0.0.1' },
  });
  const machine = await answeringMachine({ ...direct('bob'), port }, { greeting, folder, longest: 1_500 });
  const ear = new Ear();
  const alice = await startPhone({
    ...direct('alice'),
    sound: {
      address: '127.0.0.1',
      microphone: new ToneSource(tone('400', 'continuous'), { sampleRate: 8_000 }),
      loudspeaker: ear,
    },
  });
  try {
    const call = await alice.call(`sip:bob@127.0.0.1:${String(port)}`);
    await vi.waitFor(() => expect(ear.peak).toBeGreaterThan(1_000), { timeout: 10_000 });
    await vi.waitFor(() => expect(call.end).toEqual({ kind: 'hung-up', by: 'remote' }), { timeout: 10_000 });
    await vi.waitFor(
      async () => {
        const recording = await WavSource.open(join(folder, '1.wav'));
        const heard = new Int16Array(8_000);
        recording.read(heard);
        recording.close();
        expect(heard.some((sample) => Math.abs(sample) > 1_000)).toBe(true);
      },
      { timeout: 10_000 },
    );
  } finally {
    await alice.stop();
    await machine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('phone-pickup.ts takes what rings at a colleague’s, and calls again who was busy', async () => {
  const house = new TestHouse();
  const permissions = { identity: 'claimed', group: ['192.0.2.*'] } as const;
  const alice = await house.phone('alice', { permissions });
  const bob = await house.phone('bob', { permissions, callWaiting: false });
  const bill = await house.phone('bill', { permissions });
  const none = pickUpFor(bill.phone, bob.uri);
  await house.play(500);
  expect(await none).toBeUndefined();
  alice.phone.dial(bob.uri);
  await house.play(500);
  const picking = pickUpFor(bill.phone, bob.uri);
  await house.play(500);
  const call = await picking;
  expect(call?.remote.name).toBe('alice');
  bill.phone.callWaiting = false;
  bill.phone.onIncomingCall((each) => void each.answer());
  const again = callInAnyCase(bob.phone, bill.uri);
  await house.play(2_000);
  void call?.hangUp();
  await house.play(8_000);
  expect((await again).remote.name).toBe('bill');
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

test('phone-consult.ts asks somebody else, and goes back', async () => {
  const house = new TestHouse();
  const [alice, bob, carol] = [await house.phone('alice'), await house.phone('bob'), await house.phone('carol')];
  for (const { phone } of [bob, carol]) phone.onIncomingCall((call) => void call.answer());
  const calling = alice.phone.call(bob.uri);
  await house.play(200);
  const call = await calling;
  const consulted = consult(alice.phone, call, carol.uri);
  await house.play(2_000);
  await consulted;
  expect(call).toMatchObject({ active: true, localHold: false });
  expect(bob.story.filter((word) => word.includes('hold'))).toEqual([
    '1 hold there',
    '1 hold',
    '1 hold there',
    '1 hold',
  ]);
  expect(carol.phone.log.entries).toHaveLength(1);
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

test('phone-conference.ts brings in whoever comes', async () => {
  const house = new TestHouse();
  const [alice, bob, carol] = [await house.phone('alice'), await house.phone('bob'), await house.phone('carol')];
  const dave = await house.phone('dave');
  for (const { phone } of [bob, carol]) phone.onIncomingCall((call) => void call.answer());
  dave.phone.doNotDisturb = 'busy';
  const calling = alice.phone.call(bob.uri);
  await house.play(200);
  const bringing = bringIn(alice.phone, await calling, [carol.uri, dave.uri]);
  await house.play(2_000);
  const conference = await bringing;
  expect(conference.roster.map(({ call }) => call.remote.name)).toEqual(['bob', 'carol']);
  const ending = conference.end();
  await house.play(500);
  await ending;
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

test('phone-music.ts looks something up, in silence where nobody plays, and comes back', async () => {
  const house = new TestHouse();
  const bob = await house.phone('bob', { permissions: { identity: 'claimed' } });
  const alice = await house.phone('alice', { permissions: { identity: 'claimed' } });
  alice.phone.onIncomingCall((call) => void call.answer());
  const calling = bob.phone.call(alice.uri);
  await house.play(500);
  const call = await calling;
  const asked = Promise.withResolvers<string>();
  const found = lookUpMeanwhile(call, () => asked.promise);
  await house.play(1_000);
  expect(call.localHold).toBe(true);
  asked.resolve('42');
  await house.play(1_000);
  expect(await found).toBe('42');
  expect(call).toMatchObject({ localHold: false, active: true });
  expect(alice.phone.calls).toHaveLength(1);
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

test.each([true, false])('phone-transfer.ts gives a call to somebody, or keeps it: %s', async (trusting) => {
  const house = new TestHouse();
  const [alice, bob] = [await house.phone('alice'), await house.phone('bob')];
  const carol = await house.phone('carol', { permissions: { identity: trusting ? 'claimed' : 'proved' } });
  for (const { phone } of [bob, carol]) phone.onIncomingCall((call) => void call.answer());
  const calling = alice.phone.call(bob.uri);
  await house.play(200);
  const call = await calling;
  const handedOver = handOver(alice.phone, call, carol.uri);
  await house.play(5_000);
  expect(await handedOver).toBe(trusting);
  expect(bob.phone.calls.map(({ remote }) => remote.name)).toEqual([trusting ? 'carol' : 'alice']);
  expect(alice.phone.calls).toHaveLength(trusting ? 0 : 1);
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

test('phone-manners.ts tells callers, by busy and by a text', async () => {
  const house = new TestHouse();
  const [alice, bob] = [await house.phone('alice'), await house.phone('bob')];
  const back = awayUntilLunch(bob.phone, 'back at one');
  const failed = alice.phone.call(bob.uri).catch(String);
  await house.play(500);
  expect(await failed).toContain('bob is busy (486)');
  expect(alice.story).toContain('bob: back at one');
  back();
  expect(bob.phone.doNotDisturb).toBe('off');
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

test('phone-call.ts calls, presses, and says what came of it, over real sockets', async () => {
  const { exchange, end } = await startExchange();
  try {
    const proxy = `sip:127.0.0.1:${String(exchange.ports.udp)};transport=udp`;
    const account = (user: string, password = passwordOf(user)): MachinePhoneOptions => ({
      addressOfRecord: `sip:${user}@127.0.0.1`,
      password,
      outboundProxies: [proxy],
      transports: ['UDP'],
      address: '127.0.0.1',
      sound: { address: '127.0.0.1' },
    });
    expect(await callAndPress(account('alice'), 'bob', '1')).toBe('bob cannot be reached at the moment (480)');
    expect(await callAndPress(account('alice', 'wrong'), 'bob', '1')).toMatch(
      /^the exchange did not accept the password/,
    );
    const bob = await startPhone(account('bob'));
    const told: string[] = [];
    const ending = new AbortController();
    const answering = answerAll(bob, (line) => told.push(line), ending.signal);
    await bob.register();
    expect(await callAndPress(account('alice'), 'bob', '12#')).toBe('bob answered');
    await vi.waitFor(() => expect(told.at(-1)).toBe('alice: hung-up'), { timeout: 10_000 });
    expect(told.slice(0, -1)).toEqual(['alice pressed 1', 'alice pressed 2', 'alice pressed #']);
    ending.abort();
    await answering;
    await bob.stop();
    expect(Object.values(bob.stats()).every((count) => count === 0)).toBe(true);
  } finally {
    await end();
  }
}, 60_000);

test('phone-announcement.ts calls where one hears why a call is refused', async () => {
  const { exchange, end } = await startExchange({
    servers: { announcement: {}, park: {} },
    media: { address: '127.0.0.1' },
  });
  try {
    const alice = await startPhone({
      addressOfRecord: 'sip:alice@127.0.0.1',
      password: passwordOf('alice'),
      outboundProxies: [`sip:127.0.0.1:${String(exchange.ports.udp)};transport=udp`],
      transports: ['UDP'],
      address: '127.0.0.1',
      sound: { address: '127.0.0.1' },
    });
    await alice.register();
    const call = await callOrHearWhy(alice, '701');
    expect(call.remote.uri).toBe('sip:announcement@127.0.0.1');
    await call.hangUp();
    await expect(callOrHearWhy(alice, 'nobody')).rejects.toThrow('there is no nobody (404)');
    await alice.stop();
  } finally {
    await end();
  }
}, 60_000);
