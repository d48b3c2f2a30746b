/** One policy, whatever leads to a call: every way to somebody, against everybody whose lists it has to pass. */
import type { HeaderInit } from '@switchhook/sip';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DialogSide } from './dialog.testing.ts';
import type { Exchange } from './exchange.ts';
import { startExchange, testConfiguration } from './exchange.testing.ts';
import { ScriptedPhone } from './phone.testing.ts';

const passwords = ['alice', 'bob', 'carol', 'bill'] as const;

let exchange: Exchange;
let phones: ScriptedPhone[];
let alice: ScriptedPhone;
let bob: ScriptedPhone;
let carol: ScriptedPhone;

beforeAll(async () => {
  ({ exchange } = await startExchange(
    testConfiguration({ servers: { features: {} }, media: { address: '127.0.0.1' } }),
  ));
});

afterAll(() => exchange.stop());

beforeEach(async () => {
  phones = [];
  alice = await registered('alice');
  bob = await registered('bob');
  carol = await registered('carol');
});

afterEach(async () => {
  await Promise.all(phones.map(async (phone) => (await phone.register(0), phone.stop())));
  for (const user of passwords) await set(user, {});
});

async function phone(user: string): Promise<ScriptedPhone> {
  const started = await ScriptedPhone.start(exchange, { user });
  phones.push(started);
  return started;
}

async function registered(user: string): Promise<ScriptedPhone> {
  const started = await phone(user);
  expect((await started.register()).status).toBe(200);
  return started;
}

async function set(user: string, settings: unknown): Promise<void> {
  const response = await fetch(`${exchange.adminUrl}/api/subscribers/${user}/settings`, {
    method: 'PUT',
    headers: {
      Authorization: `Basic ${Buffer.from(`${user}:${user}-secret`).toString('base64')}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify(settings),
  });
  expect(response.status, await response.text()).toBe(200);
}

const carols = 'sip:carol@127.0.0.1';
const referTo = (uri: string): HeaderInit => ['Refer-To', `<${uri}>`];

/** The status of a call, which Carol's phone takes when it comes there. */
async function called(caller: ScriptedPhone, to: string, headers: readonly HeaderInit[] = []): Promise<number> {
  const call = caller.invite(to, { headers });
  void carol.next().then((arrived) => carol.answer(arrived, 200));
  return (await call.final).status;
}

/** A call of Alice with Bob, as each of them sees it. */
async function talking(): Promise<{ readonly hers: DialogSide; readonly his: DialogSide }> {
  const call = alice.invite('sip:bob@127.0.0.1');
  const arrived = await bob.next();
  bob.answer(arrived, 200);
  const hers = DialogSide.ofCaller(await call.final);
  alice.inDialog('ACK', hers);
  return { hers, his: bob.called(arrived) };
}

/** The status of a REFER of Alice within a call with Bob, who takes it. */
async function referredWithin(target: string): Promise<number> {
  const { hers } = await talking();
  const answer = alice.inDialog('REFER', hers, [referTo(target)]);
  void bob.next().then((referral) => bob.answer(referral, 202));
  return (await answer).status;
}

async function referred(to: string, target: string, taker: ScriptedPhone): Promise<number> {
  const answer = alice.send('REFER', to, { headers: [['Contact', alice.contact], referTo(target)] });
  void taker.next().then((referral) => taker.answer(referral, 202));
  return (await answer).status;
}

/** Who answers for the call is Alice; it is Bob who calls where she sends on what he wanted of her. */
const ways: readonly [way: string, go: () => Promise<number>, passes: number, alices: number, carolsOfBob?: number][] =
  [
    ['INVITE', () => called(alice, carols), 200, 403],
    ['INVITE with Replaces', () => called(alice, carols, [['Replaces', 'x;to-tag=1;from-tag=2']]), 200, 403],
    ['INVITE with Join', () => called(alice, carols, [['Join', 'x;to-tag=1;from-tag=2']]), 200, 403],
    [
      'INVITE that somebody else has referred her to',
      () => called(alice, carols, [['Referred-By', '<sip:bob@127.0.0.1>']]),
      200,
      403,
    ],
    [
      'forwarding',
      async () => {
        await merge({ forward: { always: 'carol' } });
        return called(bob, 'sip:alice@127.0.0.1');
      },
      200,
      403,
      403,
    ],
    [
      'redirection by her phone',
      async () => {
        const status = called(bob, 'sip:alice@127.0.0.1');
        alice.answer(await alice.next(), 302, `<${carols}>`);
        return status;
      },
      200,
      403,
      403,
    ],
    [
      'find-me',
      async () => {
        await merge({ findMe: { places: ['carol'] } });
        return called(bob, 'sip:alice@127.0.0.1');
      },
      200,
      480,
      480,
    ],
    ['REFER', () => referred('sip:bob@127.0.0.1', carols, bob), 202, 403],
    ['REFER within a call', () => referredWithin(carols), 202, 403],
    ['click to dial', () => referred('sip:alice@127.0.0.1', carols, alice), 202, 403],
  ];

let alicesLists: unknown;

/** Adds to what Alice has set; her lists come last, for where they deny she can send no calls any more. */
async function merge(settings: object): Promise<void> {
  await set('alice', settings);
  await set('alice', { ...settings, screening: alicesLists });
}

describe.each(ways)('%s', (_way, go, passes, alices, carolsOfBob) => {
  test.each<[when: string, alicesLists: unknown, carolsLists: unknown, expected: number]>([
    ['nothing is in its way', undefined, undefined, passes],
    ['others are on the lists', { outgoing: { deny: ['bill'] } }, { incoming: { deny: ['bill'] } }, passes],
    ['Alice may not call Carol', { outgoing: { deny: ['carol'] } }, undefined, alices],
    ['Alice may call Bob and herself only', { outgoing: { allow: ['bob', 'alice'] } }, undefined, alices],
    // What comes of a REFER is a call of who follows it, and judged then.
    [
      'Carol does not take calls of Alice',
      undefined,
      { incoming: { deny: ['alice'] } },
      carolsOfBob === undefined && passes === 200 ? 403 : passes,
    ],
    ['Carol does not take calls of Bob', undefined, { incoming: { deny: ['bob'] } }, carolsOfBob ?? passes],
  ])('when %s', async (_when, hers, carols_, expected) => {
    alicesLists = hers;
    await set('alice', { screening: hers });
    await set('carol', { screening: carols_ });
    expect(await go()).toBe(expected);
  });
});

describe('a REFER within a call', () => {
  test('is of who has registered over that connection; anybody else who says so has to prove it', async () => {
    await set('alice', { screening: { outgoing: { deny: ['carol'] } } });
    const { hers } = await talking();
    const other = await phone('alice');
    const headers = [referTo(carols)];
    const refused = await other.inDialog('REFER', hers, headers);
    expect(refused.status).toBe(407);
    expect(refused.has('Proxy-Authenticate')).toBe(true);
  });

  test('of a subscriber who names a stranger in From is judged by whose connection it is', async () => {
    await set('alice', { screening: { outgoing: { deny: ['carol'] } } });
    const { hers } = await talking();
    hers.claims('sip:mallory@elsewhere.example');
    expect((await alice.inDialog('REFER', hers, [referTo(carols)])).status).toBe(403);
  });

  test.each(['sip:*78@127.0.0.1', 'sip:*99@127.0.0.1'])(
    'to the code %s is refused: nobody has others dial one',
    async (code) => {
      expect(await referredWithin(code)).toBe(403);
      expect(await referred('sip:bob@127.0.0.1', code, bob)).toBe(403);
      expect(await referred('sip:alice@127.0.0.1', code, alice)).toBe(202);
    },
  );
});
