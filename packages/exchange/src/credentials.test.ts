import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DialogSide } from './dialog.testing.ts';
import type { Exchange } from './exchange.ts';
import { startExchange, testConfiguration } from './exchange.testing.ts';
import { ScriptedPhone } from './phone.testing.ts';
import type { PhoneOptions } from './phone.testing.ts';

let exchange: Exchange;
let phones: ScriptedPhone[];

beforeEach(async () => {
  phones = [];
  const limits = { authenticationFailures: { free: 1_000 } };
  ({ exchange } = await startExchange(testConfiguration({ limits })));
});

afterEach(async () => {
  await Promise.all(phones.map((phone) => phone.stop()));
  await exchange.stop();
});

async function phoneOf(options: PhoneOptions): Promise<ScriptedPhone> {
  const phone = await ScriptedPhone.start(exchange, options);
  phones.push(phone);
  return phone;
}

/** Answers whatever comes with 200, and counts it. */
async function takesAll(user: string): Promise<() => number> {
  const phone = await phoneOf({ user });
  expect((await phone.register()).status).toBe(200);
  let count = 0;
  const take = async (): Promise<void> => {
    for (;;) {
      phone.answer(await phone.next(), 200);
      count += 1;
    }
  };
  void take();
  return () => count;
}

const methods = [
  'INVITE',
  'MESSAGE',
  'OPTIONS',
  'SUBSCRIBE',
  'NOTIFY',
  'REFER',
  'PUBLISH',
  'INFO',
  'UPDATE',
  'PRACK',
  'BYE',
  'FETCH',
] as const;

/** Every method and every kind of credential: only who proves to be whom From names gets through to bob. */
describe.each(methods)('%s to bob', (method) => {
  test('C2.14-05 C2.13-12 with no, wrong, another’s, right and replayed credentials', async () => {
    const reached = await takesAll('bob');
    const alice = await phoneOf({ user: 'alice' });
    const wrong = await phoneOf({ user: 'alice', password: 'guess' });
    const to = 'sip:bob@127.0.0.1';
    expect((await alice.send(method, to, { unanswered: true })).status).toBe(407);
    const refused = await wrong.send(method, to);
    expect(refused.status).toBe(407);
    expect(refused.raw('Proxy-Authenticate')).not.toContain('stale=true');
    expect((await alice.send(method, to, { from: 'sip:carol@127.0.0.1' })).status).toBe(403);
    expect(reached()).toBe(0);
    expect((await alice.send(method, to)).status).toBe(200);
    expect(reached()).toBe(1);
    const used = alice.sent.at(-1)?.raw('Proxy-Authorization') ?? '';
    const replayed = await alice.send(method, to, { unanswered: true, headers: [['Proxy-Authorization', used]] });
    expect(replayed.status).toBe(407);
    expect(replayed.raw('Proxy-Authenticate')).toContain('stale=true');
    expect(reached()).toBe(1);
  });
});

test('who hides his name in From may say to the exchange alone who he is, and has to prove it (RFC 3325 9.2)', async () => {
  const alice = await phoneOf({ user: 'alice' });
  const bob = await phoneOf({ user: 'bob' });
  expect((await bob.register()).status).toBe(200);
  const headers = [
    ['P-Preferred-Identity', '<sip:alice@127.0.0.1>'],
    ['Privacy', 'id'],
  ] as const;
  const from = 'sip:anonymous@anonymous.invalid';
  const to = 'sip:bob@127.0.0.1';
  expect((await alice.send('MESSAGE', to, { from, headers, unanswered: true })).status).toBe(407);
  const others = [['P-Preferred-Identity', '<sip:carol@127.0.0.1>']] as const;
  expect((await alice.send('MESSAGE', to, { from, headers: others })).status).toBe(403);
  const answer = alice.send('MESSAGE', to, { from, headers });
  const arrived = await bob.next();
  expect(['P-Preferred-Identity', 'P-Asserted-Identity'].filter((name) => arrived.request.has(name))).toEqual([]);
  bob.answer(arrived, 200);
  expect((await answer).status).toBe(200);
});

describe('within a call that was let through', () => {
  /** A call of alice with bob, who takes all that comes. */
  async function talking(): Promise<{ readonly alice: ScriptedPhone; readonly hers: DialogSide; reached(): number }> {
    const reached = await takesAll('bob');
    const alice = await phoneOf({ user: 'alice' });
    const answered = await alice.invite('sip:bob@127.0.0.1').final;
    const hers = DialogSide.ofCaller(answered);
    alice.inDialog('ACK', hers);
    return { alice, hers, reached };
  }

  test.each(methods.filter((method) => method !== 'REFER'))('%s needs no credentials', async (method) => {
    const { alice, hers, reached } = await talking();
    const before = reached();
    expect((await alice.inDialog(method, hers)).status).toBe(200);
    expect(reached()).toBe(before + 1);
  });

  test('REFER of a connection that nobody has registered over, with no, wrong, another’s, right and replayed credentials', async () => {
    const { alice, hers, reached } = await talking();
    const wrong = await phoneOf({ user: 'alice', password: 'guess' });
    const carol = await phoneOf({ user: 'carol' });
    const headers = [['Refer-To', '<sip:bill@127.0.0.1>']] as const;
    const before = reached();
    expect((await alice.inDialog('REFER', hers, headers)).status).toBe(407);
    expect((await wrong.proving('REFER', hers, headers)).status).toBe(407);
    expect((await carol.proving('REFER', hers, headers)).status).toBe(403);
    expect(reached()).toBe(before);
    expect((await alice.proving('REFER', hers, headers)).status).toBe(200);
    expect(reached()).toBe(before + 1);
    const used = alice.sent.at(-1)?.raw('Proxy-Authorization') ?? '';
    const replayed = await alice.inDialog('REFER', hers, [...headers, ['Proxy-Authorization', used]]);
    expect(replayed.status).toBe(407);
    expect(replayed.raw('Proxy-Authenticate')).toContain('stale=true');
    expect(reached()).toBe(before + 1);
  });

  test('a CANCEL, which nobody can be asked about, needs none', async () => {
    const alice = await phoneOf({ user: 'alice' });
    const bob = await phoneOf({ user: 'bob' });
    expect((await bob.register()).status).toBe(200);
    const call = alice.invite('sip:bob@127.0.0.1');
    bob.answer(await bob.next(), 180);
    await call.saw(180);
    const cancelled = bob.cancelled();
    call.cancel();
    await cancelled;
    expect((await call.final).status).toBe(487);
  });
});

test('REGISTER with no, wrong, another’s, right and replayed credentials', async () => {
  const alice = await phoneOf({ user: 'alice' });
  const wrong = await phoneOf({ user: 'alice', password: 'guess' });
  expect((await alice.register(60, { unanswered: true })).status).toBe(401);
  expect((await wrong.register()).status).toBe(401);
  expect((await alice.register(60, { to: 'sip:bob@127.0.0.1', from: 'sip:bob@127.0.0.1' })).status).toBe(403);
  expect(exchange.stats().bindings).toBe(0);
  expect((await alice.register()).status).toBe(200);
  const used = alice.sent.at(-1)?.raw('Authorization') ?? '';
  const replayed = await alice.register(0, { unanswered: true, headers: [['Authorization', used]] });
  expect(replayed.status).toBe(401);
  expect(exchange.stats().bindings).toBe(1);
});
