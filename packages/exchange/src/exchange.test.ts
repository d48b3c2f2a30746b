import type { SipResponse, TransportProtocol } from '@switchhook/sip';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAdminAccess } from './admin/token.ts';
import type { Configuration } from './config/configuration.ts';
import type { Exchange } from './exchange.ts';
import { startExchange, testConfiguration } from './exchange.testing.ts';
import { ScriptedPhone } from './phone.testing.ts';
import type { PhoneOptions } from './phone.testing.ts';

let configuration: Configuration;
let exchange: Exchange;
let lines: Awaited<ReturnType<typeof startExchange>>['lines'];
let phones: ScriptedPhone[];

beforeEach(async () => {
  phones = [];
  configuration = testConfiguration();
  ({ exchange, lines } = await startExchange(configuration));
});

afterEach(async () => {
  await Promise.all(phones.map((phone) => phone.stop()));
  await exchange.stop();
  expect(exchange.stats()).toEqual({ requests: 0, transactions: 0, flows: 0, bindings: 0, calls: 0, servers: 0 });
});

async function phone(options: PhoneOptions): Promise<ScriptedPhone> {
  const started = await ScriptedPhone.start(exchange, options);
  phones.push(started);
  return started;
}

async function registered(user: string, protocol: TransportProtocol = 'UDP'): Promise<ScriptedPhone> {
  const started = await phone({ user, protocol });
  expect((await started.register()).status).toBe(200);
  return started;
}

const outcomes = (): unknown[] =>
  lines.filter(([message]) => message === 'call').map(([, fields]) => fields?.['outcome']);

describe.each(['UDP', 'TCP', 'TLS', 'WS', 'WSS'] as const)('over %s', (protocol) => {
  test('two phones register with digest, call each other and hang up', async () => {
    const alice = await registered('alice', protocol);
    const bob = await registered('bob', protocol);
    const call = alice.invite('sip:bob@127.0.0.1');
    const ringing = await bob.next();
    bob.answer(ringing, 180);
    await call.saw(180);
    bob.answer(ringing, 200);
    const answered = await call.final;
    expect(answered.status).toBe(200);
    expect(call.provisional).toEqual([100, 180]);
    alice.inDialog('ACK', answered);
    const bye = alice.inDialog('BYE', answered);
    const hangingUp = await bob.next();
    expect(hangingUp.request.method).toBe('BYE');
    bob.answer(hangingUp, 200);
    expect((await bye).status).toBe(200);
    expect(bob.acks).toHaveLength(1);
    expect(outcomes()).toEqual(['completed']);
  });
});

test('a call crosses from one transport to another', async () => {
  const alice = await registered('alice', 'WS');
  const bob = await registered('bob', 'UDP');
  const call = alice.invite('sip:bob@localhost');
  bob.answer(await bob.next(), 200);
  const answered = await call.final;
  expect(answered.rawAll('Record-Route')).toHaveLength(2);
  alice.inDialog('ACK', answered);
  const bye = alice.inDialog('BYE', answered);
  bob.answer(await bob.next(), 200);
  expect((await bye).status).toBe(200);
});

describe('a call that is not answered', () => {
  test('because the other is busy', async () => {
    const alice = await registered('alice');
    const bob = await registered('bob');
    const call = alice.invite('sip:bob@127.0.0.1');
    bob.answer(await bob.next(), 486);
    expect((await call.final).status).toBe(486);
    expect(outcomes()).toEqual(['busy']);
  });

  test('because the caller gives up', async () => {
    const alice = await registered('alice');
    const bob = await registered('bob');
    const call = alice.invite('sip:bob@127.0.0.1');
    bob.answer(await bob.next(), 180);
    await call.saw(180);
    const cancelled = bob.cancelled();
    call.cancel();
    await cancelled;
    expect((await call.final).status).toBe(487);
    expect(outcomes()).toEqual(['cancelled']);
  });

  test.each([
    ['sip:carol@127.0.0.1', 480, 'unavailable'],
    ['sip:nobody@127.0.0.1', 404, 'unknown address'],
  ])('because there is nobody at %s', async (uri, status, outcome) => {
    const alice = await registered('alice');
    expect((await alice.invite(uri).final).status).toBe(status);
    expect(outcomes()).toEqual([outcome]);
  });
});

describe('who may do what', () => {
  test('unknown user and wrong password get the same answer', async () => {
    const wrong = await (await phone({ user: 'alice', password: 'guess' })).register();
    const unknown = await (await phone({ user: 'mallory' })).register();
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    const shape = (text: string): string => text.replace(/nonce="[^"]*"|Via:.*|From:.*|To:.*|Call-ID:.*/g, '');
    expect(shape(wrong.text)).toBe(shape(unknown.text));
    expect(exchange.stats().bindings).toBe(0);
  });

  test('a subscriber registers only his own address', async () => {
    const alice = await phone({ user: 'alice' });
    expect((await alice.register(60, { to: 'sip:bob@127.0.0.1' })).status).toBe(403);
  });

  test.each(['INVITE', 'MESSAGE', 'SUBSCRIBE', 'OPTIONS', 'BYE', 'REFER'])(
    'a %s that claims our domain is challenged',
    async (method) => {
      const alice = await phone({ user: 'alice' });
      const response = await alice.send(method, 'sip:bob@127.0.0.1', { unanswered: true });
      expect(response.status).toBe(407);
      expect(response.has('Proxy-Authenticate')).toBe(true);
    },
  );

  test('nobody calls in the name of another', async () => {
    const alice = await phone({ user: 'alice' });
    expect((await alice.send('MESSAGE', 'sip:bob@127.0.0.1', { from: 'sip:carol@127.0.0.1' })).status).toBe(403);
  });

  test('a stranger may call a subscriber, but not through us somebody else', async () => {
    const bob = await registered('bob');
    const stranger = await phone({ user: 'eve', domain: 'elsewhere.example' });
    const message = stranger.send('MESSAGE', 'sip:bob@127.0.0.1', {
      headers: [['P-Asserted-Identity', '<sip:alice@127.0.0.1>']],
    });
    const arrived = await bob.next();
    expect(arrived.request.has('P-Asserted-Identity')).toBe(false);
    bob.answer(arrived, 200);
    expect((await message).status).toBe(200);
    expect((await stranger.send('MESSAGE', 'sip:frank@192.0.2.77')).status).toBe(403);
    expect((await stranger.send('REGISTER', 'sip:127.0.0.1', { to: 'sip:eve@elsewhere.example' })).status).toBe(401);
  });

  test('credentials for our realm stay with us, and whom they prove is said (RFC 3325)', async () => {
    const bob = await registered('bob');
    const alice = await registered('alice');
    const message = alice.send('MESSAGE', 'sip:bob@127.0.0.1');
    const arrived = await bob.next();
    expect(arrived.request.has('Proxy-Authorization')).toBe(false);
    expect(arrived.request.rawAll('P-Asserted-Identity')).toEqual(['<sip:alice@127.0.0.1>']);
    bob.answer(arrived, 200);
    expect((await message).status).toBe(200);
  });

  test('the challenge offers what is configured, in that order', async () => {
    await exchange.stop();
    const authentication = { algorithms: ['SHA-256', 'MD5'] };
    ({ exchange, lines } = await startExchange(testConfiguration({ authentication })));
    const alice = await phone({ user: 'alice' });
    const challenged = await alice.register(60, { unanswered: true });
    expect(challenged.rawAll('WWW-Authenticate').map((text) => /algorithm="?([^",]+)/.exec(text)?.[1])).toEqual([
      'SHA-256',
      'MD5',
    ]);
    expect((await alice.register()).status).toBe(200);
  });

  test('a guesser is slowed down while the owner is not locked out', async () => {
    const guesser = await phone({ user: 'alice', password: 'guess' });
    const answers: number[] = [];
    let blocked: SipResponse | undefined;
    for (let guess = 0; guess < 8; guess++) {
      const response = await guesser.register();
      answers.push(response.status);
      if (response.status === 403) blocked = response;
    }
    expect(blocked?.raw('Retry-After')).toMatch(/^[1-9]\d*$/);
    expect(answers.slice(0, 3)).toEqual([401, 401, 401]);
    await registered('bob');
  });
});

describe('the exchange itself', () => {
  test('tells in OPTIONS what it can', async () => {
    const stranger = await phone({ user: 'eve', domain: 'elsewhere.example' });
    const response = await stranger.send('OPTIONS', 'sip:127.0.0.1');
    expect(response.status).toBe(200);
    expect(response.raw('Allow')).toBe('OPTIONS, REGISTER, SUBSCRIBE');
    expect(response.raw('Supported')).toContain('path');
    expect(['Accept', 'Accept-Encoding', 'Accept-Language'].filter((name) => !response.has(name))).toEqual([]);
    expect((await stranger.send('OPTIONS', 'sip:127.0.0.1', { headers: [['Require', 'magic']] })).status).toBe(420);
    expect((await stranger.send('OPTIONS', 'sip:127.0.0.1', { headers: [['Require', 'PATH']] })).status).toBe(200);
  });

  test.each([
    ['MESSAGE', 405],
    ['DANCE', 501],
  ])('answers %s with %i', async (method, status) => {
    const stranger = await phone({ user: 'eve', domain: 'elsewhere.example' });
    const response = await stranger.send(method, 'sip:127.0.0.1');
    expect(response.status).toBe(status);
    expect(response.raw('Allow')).toBe('OPTIONS, REGISTER, SUBSCRIBE');
  });

  test.each(['dialog', undefined])('says which events there are when asked for %s', async (event) => {
    const stranger = await phone({ user: 'eve', domain: 'elsewhere.example' });
    const headers = event === undefined ? [] : ([['Event', event]] as const);
    const response = await stranger.send('SUBSCRIBE', 'sip:127.0.0.1', { headers });
    expect([response.status, response.raw('Allow-Events')]).toEqual([489, 'reg']);
  });

  test('shows health, metrics, registrations and ladders', async () => {
    const alice = await registered('alice', 'TCP');
    await alice.send('MESSAGE', 'sip:nobody@127.0.0.1', { callId: 'ladder-1' });
    const get = async (path: string): Promise<string> => {
      const token = readAdminAccess(configuration.dataFolder)?.token ?? '';
      return (await fetch(`${exchange.adminUrl}${path}`, { headers: { Authorization: `Bearer ${token}` } })).text();
    };
    expect(await get('/healthz')).toBe('{"status":"ok"}');
    const metrics = await get('/metrics');
    expect(metrics).toContain('switchhook_registrations 1\n');
    expect(metrics).toContain('switchhook_messages_total{direction="in",kind="REGISTER"} 2\n');
    expect(metrics).toContain('switchhook_messages_total{direction="out",kind="404"} 1\n');
    expect(metrics).toContain('switchhook_flows{protocol="TCP"} 1\n');
    expect(JSON.parse(await get('/status'))).toMatchObject({
      registrations: [{ addressOfRecord: 'sip:alice@127.0.0.1', contact: 'sip:alice@127.0.0.1:9;transport=tcp' }],
    });
    const ladder = await get('/ladders/ladder-1');
    expect(ladder.match(/MESSAGE -|407|404/g)).toHaveLength(4);
  });
});

describe('registrations', () => {
  test('outlive the exchange', async () => {
    await registered('bob');
    await exchange.stop();
    ({ exchange, lines } = await startExchange(configuration));
    expect(exchange.stats().bindings).toBe(1);
  });

  test('end with the connection they need', async () => {
    const bob = await registered('bob', 'WS');
    await bob.stop();
    await expect.poll(() => exchange.stats().bindings).toBe(0);
  });
});

describe('an exchange that drains', () => {
  test('refuses new calls, and waits for those that are being set up', async () => {
    const alice = await registered('alice', 'TCP');
    const bob = await registered('bob', 'TCP');
    const call = alice.invite('sip:bob@127.0.0.1');
    const ringing = await bob.next();
    bob.answer(ringing, 180);
    await call.saw(180);
    let drained = false;
    const draining = exchange.drain().then(() => (drained = true));
    const refused = await alice.invite('sip:bob@127.0.0.1').final;
    expect(refused.status).toBe(503);
    expect(Number(refused.raw('Retry-After'))).toBeGreaterThan(0);
    expect(drained).toBe(false);
    const health = await fetch(`${exchange.adminUrl}/healthz`);
    expect([health.status, await health.json()]).toEqual([503, { status: 'draining' }]);
    expect(exchange.status().draining).toBe(true);
    // No gateway takes it here, and that is what the caller is told.
    expect((await alice.invite('sip:112@127.0.0.1').final).status).toBe(404);
    bob.answer(ringing, 486);
    expect((await call.final).status).toBe(486);
    await draining;
    expect(lines.map(([message]) => message)).toContain('draining');
  });

  test('drains no more once it is started again', async () => {
    await exchange.drain();
    await exchange.stop();
    await exchange.start();
    expect(exchange.status().draining).toBe(false);
    expect((await fetch(`${exchange.adminUrl}/healthz`)).status).toBe(200);
    const alice = await registered('alice');
    expect((await alice.invite('sip:nobody@127.0.0.1').final).status).toBe(404);
  });
});

describe('a reload', () => {
  test('takes up subscribers and groups, and says what needs a restart', async () => {
    const changed = testConfiguration({
      subscribers: [
        { user: 'bob', password: 'bob-secret' },
        { user: 'dave', password: 'dave-secret' },
      ],
      groups: [{ user: 'everybody', members: ['bob', 'dave'] }],
      limits: { transactions: 5 },
    });
    await registered('alice');
    const bob = await registered('bob');
    const restart = await exchange.reload({ ...changed, dataFolder: configuration.dataFolder });
    expect(restart).toEqual(['limits.transactions']);
    await expect.poll(() => exchange.stats().bindings).toBe(1);
    const dave = await registered('dave');
    const call = dave.invite('sip:everybody@127.0.0.1');
    bob.answer(await bob.next(), 486);
    expect((await call.final).status).toBe(486);
    expect((await (await phone({ user: 'alice' })).register()).status).toBe(401);
  });

  test('counts on', async () => {
    await registered('alice');
    await exchange.reload(configuration);
    await registered('bob');
    const metrics = await (await fetch(`${exchange.adminUrl}/metrics`)).text();
    expect(metrics).toContain('switchhook_registers_total{result="accepted"} 2\n');
  });
});
