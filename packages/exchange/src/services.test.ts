import type { TransportProtocol } from '@switchhook/sip';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Exchange } from './exchange.ts';
import { startExchange, testConfiguration } from './exchange.testing.ts';
import { ScriptedPhone } from './phone.testing.ts';
import type { Arrived, OutgoingCall } from './phone.testing.ts';

let exchange: Exchange;
let phones: ScriptedPhone[];
let folder: string;

beforeEach(async () => {
  phones = [];
  const settings: Record<string, unknown> = {
    bob: { forward: { busy: 'carol', noAnswer: 'carol', ringTime: 1 } },
    carol: { forward: { unavailable: 'bill' } },
    bill: { forward: { always: 'bob' } },
  };
  const subscribers = ['alice', 'bob', 'carol', 'bill'].map((user) => ({
    user,
    password: `${user}-secret`,
    ...(settings[user] === undefined ? {} : { settings: settings[user] }),
  }));
  const configuration = testConfiguration({ subscribers });
  folder = configuration.dataFolder;
  ({ exchange } = await startExchange(configuration));
});

afterEach(async () => {
  await Promise.all(phones.map((phone) => phone.stop()));
  await exchange.stop();
});

async function registered(user: string, protocol: TransportProtocol = 'UDP'): Promise<ScriptedPhone> {
  const phone = await ScriptedPhone.start(exchange, { user, protocol });
  phones.push(phone);
  expect((await phone.register()).status).toBe(200);
  return phone;
}

test.each(['UDP', 'TLS'] as const)(
  'over %s, a call that finds bob busy goes to carol, and alice is told',
  async (protocol) => {
    const alice = await registered('alice', protocol);
    const bob = await registered('bob', protocol);
    const carol = await registered('carol', protocol);
    const call = alice.invite('sip:bob@localhost');
    bob.answer(await bob.next(), 486);
    const forwarded = await carol.next();
    expect(forwarded.request.rawAll('Diversion')).toEqual(['<sip:bob@127.0.0.1>;reason=user-busy;counter=1']);
    expect(forwarded.request.rawAll('History-Info')).toHaveLength(4);
    carol.answer(forwarded, 180);
    carol.answer(forwarded, 200);
    expect((await call.final).status).toBe(200);
    expect(call.provisional).toEqual([100, 181, 180]);
  },
);

test.each([
  ['who keeps one', 200, [['Supported', 'histinfo'] as const], true],
  ['who keeps one and is declined', 603, [['Supported', 'HistInfo'] as const], true],
  ['who keeps none', 200, [], false],
])('the way of his call is told to a caller %s (RFC 7044 9.4)', async (_who, status, headers, isTold) => {
  const alice = await registered('alice');
  const bob = await registered('bob');
  const carol = await registered('carol');
  const call = alice.invite('sip:bob@localhost', { headers });
  bob.answer(await bob.next(), 486);
  carol.answer(await carol.next(), status);
  const expected = status === 200 ? carol.contact : carol.contact.replace('>', '?Reason=SIP%3Bcause%3D603>');
  expect((await call.final).rawAll('History-Info')).toEqual(
    isTold
      ? [
          '<sip:bob@localhost>;index=1',
          `${bob.contact.replace('>', '?Reason=SIP%3Bcause%3D486>')};index=1.1;rc=1`,
          '<sip:carol@127.0.0.1>;index=1.2;mp=1',
          `${expected};index=1.2.1;rc=1.2`,
        ]
      : [],
  );
});

test('C2.7-05 a phone that answers 302 forwards the call, and its other phones stop ringing', async () => {
  const alice = await registered('alice');
  const bob = await registered('bob');
  const desk = await registered('bob', 'TCP');
  const carol = await registered('carol');
  const call = alice.invite('sip:bob@localhost');
  const rings = await desk.next();
  desk.answer(rings, 180);
  await call.saw(180);
  const silent = desk.cancelled();
  bob.answer(await bob.next(), 302, '<sip:carol@127.0.0.1>');
  const forwarded = await carol.next();
  expect(forwarded.request.rawAll('Diversion')).toEqual(['<sip:bob@127.0.0.1>;reason=deflection;counter=1']);
  await silent;
  carol.answer(forwarded, 200);
  expect((await call.final).status).toBe(200);
  expect(call.provisional).toEqual([100, 180, 181]);
});

test('C2.7-08 a call that nobody answers is cancelled and goes on, and one that loops ends', async () => {
  const alice = await registered('alice');
  const bob = await registered('bob');
  const call = alice.invite('sip:bob@localhost');
  bob.answer(await bob.next(), 180);
  await bob.cancelled();
  // Carol has no phone and sends her calls on to bill, who sends all of his on to bob.
  expect((await call.final).status).toBe(482);
});

test('a second place of find-me hears that the first one was busy (RFC 7044 9.3)', async () => {
  const settings = { findMe: { places: ['carol', 'bill'] } };
  const subscribers = ['alice', 'bob', 'carol', 'bill'].map((user) => ({
    user,
    password: `${user}-secret`,
    ...(user === 'bob' && { settings }),
  }));
  await exchange.reload(testConfiguration({ subscribers }, folder));
  const alice = await registered('alice');
  const carol = await registered('carol');
  const bill = await registered('bill');
  const call = alice.invite('sip:bob@localhost');
  carol.answer(await carol.next(), 486);
  const rings = await bill.next();
  expect(rings.request.rawAll('History-Info')).toEqual([
    '<sip:bob@localhost>;index=1',
    '<sip:carol@127.0.0.1>;index=1.1;mp=1',
    `${carol.contact.replace('>', '?Reason=SIP%3Bcause%3D486>')};index=1.1.1;rc=1.1`,
    '<sip:bill@127.0.0.1>;index=1.2;mp=1',
    `${bill.contact};index=1.2.1;rc=1.2`,
  ]);
  bill.answer(rings, 200);
  expect((await call.final).status).toBe(200);
});

test.each([
  ['each other', '<sip:bob@127.0.0.1>'],
  ['somebody who forwards it back', '<sip:bill@127.0.0.1>'],
])('phones that redirect a call to %s end it with 482, and nobody rings again', async (_, back) => {
  const alice = await registered('alice');
  const bob = await registered('bob');
  const carol = await registered('carol');
  const call = alice.invite('sip:bob@localhost');
  bob.answer(await bob.next(), 302, '<sip:carol@127.0.0.1>');
  carol.answer(await carol.next(), 302, back);
  expect((await call.final).status).toBe(482);
  expect(call.provisional).toEqual([100, 181]);
});

test('a call that another domain sends back ends with 482 before anybody is asked for a password', async () => {
  const alice = await registered('alice');
  const headers = [['Diversion', '<sip:bob@127.0.0.1>;reason=unconditional']] as const;
  expect((await alice.send('INVITE', 'sip:bob@127.0.0.1', { unanswered: true, headers })).status).toBe(482);
  expect((await alice.send('INVITE', 'sip:carol@127.0.0.1', { unanswered: true, headers })).status).toBe(407);
});

test.each([
  ['Diversion', ['Diversion']],
  ['History-Info', ['History-Info']],
  ['both', ['Diversion', 'History-Info']],
])(
  'a call that a gateway brings back, and of its way tells %s, ends with 482, and bob rings once at most',
  async (_, kept) => {
    const alice = await registered('alice');
    const gateway = await ScriptedPhone.start(exchange, { user: 'gateway' });
    phones.push(gateway);
    const [, port = ''] = /:(\d+)>/.exec(gateway.contact) ?? [];
    const subscribers = [
      { user: 'alice', password: 'alice-secret' },
      { user: 'bob', password: 'bob-secret', settings: { forward: { always: '+15550100' } } },
    ];
    const gateways = [{ name: 'city', uri: `sip:127.0.0.1:${port}`, prefixes: ['+'] }];
    await exchange.reload(testConfiguration({ subscribers, gateways }, folder));
    const call = alice.invite('sip:bob@localhost');
    const outward = await gateway.next();
    expect(outward.request.requestUriText).toBe(`sip:+15550100@127.0.0.1:${port};user=phone`);
    // The number is one of bob's: the gateway makes a new call of it.
    const headers = kept.flatMap((name) => outward.request.rawAll(name).map((value) => [name, value] as const));
    const from = 'sip:+15550199@city.example';
    expect((await gateway.invite('sip:bob@127.0.0.1', { from, headers }).final).status).toBe(482);
    gateway.answer(outward, 482);
    expect((await call.final).status).toBe(482);
  },
);

test('a circle through a gateway that tells nothing of it ends when the gateway has had its share', async () => {
  await exchange.stop();
  const share = 5;
  ({ exchange } = await startExchange(testConfiguration({ limits: { requestsPerSource: share } }, folder)));
  const alice = await registered('alice');
  const gateway = await ScriptedPhone.start(exchange, { user: 'gateway' });
  phones.push(gateway);
  const [, port = ''] = /:(\d+)>/.exec(gateway.contact) ?? [];
  const subscribers = ['alice', 'bob'].map((user) => ({
    user,
    password: `${user}-secret`,
    ...(user === 'bob' && { settings: { forward: { always: '+15550100' } } }),
  }));
  const gateways = [{ name: 'city', uri: `sip:127.0.0.1:${port}`, prefixes: ['+'] }];
  await exchange.reload(testConfiguration({ subscribers, gateways, limits: { requestsPerSource: share } }, folder));
  const call = alice.invite('sip:bob@localhost');
  const rounds: { readonly outward: Arrived; readonly inward: OutgoingCall }[] = [];
  for (let round = 0; round <= share; round += 1) {
    const outward = await gateway.next();
    const inward = gateway.invite('sip:bob@127.0.0.1', { from: 'sip:+15550199@city.example' });
    rounds.push({ outward, inward });
  }
  // The one that is too many is refused, and the others are in turn.
  const statuses: number[] = [];
  for (const { outward, inward } of rounds.toReversed()) {
    statuses.push((await inward.final).status);
    gateway.answer(outward, 486);
  }
  expect(statuses).toEqual([503, ...Array.from({ length: share }, () => 486)]);
  expect((await call.final).status).toBe(486);
  expect(exchange.stats().requests).toBe(0);
});

test('a stranger whom a telephone has sent to its exchange (305) calls its owner, and what he has set counts', async () => {
  const bob = await registered('bob');
  const carol = await registered('carol');
  const stranger = await ScriptedPhone.start(exchange, { user: 'stranger' });
  phones.push(stranger);
  const call = stranger.invite(bob.contact.slice(1, -1).replace('bob@', 'whoever@'), {
    from: 'sip:eve@elsewhere.example',
  });
  bob.answer(await bob.next(), 486);
  const forwarded = await carol.next();
  expect(forwarded.request.rawAll('Diversion')).toEqual(['<sip:bob@127.0.0.1>;reason=user-busy;counter=1']);
  carol.answer(forwarded, 200);
  expect((await call.final).status).toBe(200);
});
