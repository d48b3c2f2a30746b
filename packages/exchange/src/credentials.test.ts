import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
  test('with no, wrong, another’s, right and replayed credentials', async () => {
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
