import type { HeaderInit, SipRequest, TransportProtocol } from '@switchhook/sip';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAdminAccess } from './admin/token.ts';
import type { Configuration } from './config/configuration.ts';
import { DialogSide } from './dialog.testing.ts';
import type { Exchange } from './exchange.ts';
import { startExchange, testConfiguration } from './exchange.testing.ts';
import { ScriptedPhone } from './phone.testing.ts';
import type { Arrived, PhoneOptions } from './phone.testing.ts';

const addresses = ['127.0.0.1', '::1'] as const;
const protocols = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;

let configuration: Configuration;
let exchange: Exchange;
let phones: ScriptedPhone[];

beforeEach(async () => {
  phones = [];
  configuration = testConfiguration({
    domains: [{ name: '127.0.0.1', aliases: ['localhost', '::1'] }],
    listeners: addresses.flatMap((address) => protocols.map((protocol) => ({ protocol, address }))),
    subscribers: ['alice', 'bob', 'carol', '1001'].map((user) => ({ user, password: `${user}-secret` })),
    groups: [
      { user: 'everybody', members: ['alice', 'bob', 'carol'] },
      { user: 'one-by-one', members: ['bob', 'carol'], ring: 'in-turn', ringTime: 1 },
    ],
  });
  ({ exchange } = await startExchange(configuration));
});

afterEach(async () => {
  await Promise.all(phones.map((phone) => phone.stop()));
  await exchange.stop();
  expect(exchange.stats()).toEqual({ requests: 0, transactions: 0, flows: 0, bindings: 0, calls: 0, servers: 0 });
});

async function registered(
  user: string,
  protocol: TransportProtocol = 'UDP',
  address: PhoneOptions['address'] = '127.0.0.1',
): Promise<ScriptedPhone> {
  const phone = await ScriptedPhone.start(exchange, { user, protocol, address });
  phones.push(phone);
  expect((await phone.register()).status).toBe(200);
  return phone;
}

/** The next request that comes to a phone, which has to be of that method. */
async function arriving(phone: ScriptedPhone, method: string): Promise<Arrived> {
  const arrived = await phone.next();
  expect(arrived.request.method).toBe(method);
  return arrived;
}

/** A request in a dialog arrives at the other side, by way of the exchange, and its answer comes back. */
async function carries(
  from: ScriptedPhone,
  side: DialogSide,
  to: ScriptedPhone,
  method: string,
  headers: readonly HeaderInit[] = [],
): Promise<SipRequest> {
  const answer = from.inDialog(method, side, headers);
  const arrived = await arriving(to, method);
  expect(arrived.request.has('Route')).toBe(false);
  to.answer(arrived, 200);
  expect((await answer).status).toBe(200);
  return arrived.request;
}

describe.each([
  ['UDP', '127.0.0.1', 'TCP', '127.0.0.1'],
  ['TLS', '127.0.0.1', 'WS', '127.0.0.1'],
  ['WSS', '127.0.0.1', 'UDP', '127.0.0.1'],
  ['UDP', '::1', 'UDP', '::1'],
  ['TCP', '::1', 'TLS', '::1'],
  ['WS', '::1', 'WSS', '::1'],
  ['UDP', '127.0.0.1', 'UDP', '::1'],
  ['TLS', '::1', 'UDP', '127.0.0.1'],
] as const)('from %s %s to %s %s', (protocol, address, otherProtocol, otherAddress) => {
  const isSame = protocol === otherProtocol && address === otherAddress;

  test('everything within a call passes in both directions', async () => {
    const alice = await registered('alice', protocol, address);
    const bob = await registered('bob', otherProtocol, otherAddress);
    const call = alice.invite('sip:bob@localhost');
    const ringing = await arriving(bob, 'INVITE');
    bob.answer(ringing, 180);
    await call.saw(180);
    bob.answer(ringing, 200);
    const answered = await call.final;
    expect(answered.rawAll('Record-Route')).toHaveLength(isSame ? 1 : 2);
    const caller = DialogSide.ofCaller(answered);
    const called = bob.called(ringing);
    alice.inDialog('ACK', caller);
    await expect.poll(() => bob.acks.length).toBe(1);

    for (const method of ['UPDATE', 'INFO', 'REFER', 'NOTIFY', 'MESSAGE', 'OPTIONS']) {
      await carries(alice, caller, bob, method, [['X-From', 'alice']]);
      expect((await carries(bob, called, alice, method, [['X-From', 'bob']])).raw('X-From')).toBe('bob');
    }
    await carries(alice, caller, bob, 'INVITE');
    alice.inDialog('ACK', caller);
    await expect.poll(() => bob.acks.length).toBe(2);
    await carries(bob, called, alice, 'INVITE');
    bob.inDialog('ACK', called);
    await expect.poll(() => alice.acks.length).toBe(1);
    await carries(bob, called, alice, 'BYE');
    await expect.poll(() => exchange.stats().calls).toBe(0);
  });

  test('a subscription, its notifications and its refresh', async () => {
    const alice = await registered('alice', protocol, address);
    const bob = await registered('bob', otherProtocol, otherAddress);
    const event: HeaderInit = ['Event', 'dialog'];
    const subscribed = alice.send('SUBSCRIBE', 'sip:bob@127.0.0.1', {
      headers: [['Contact', alice.contact], event, ['Expires', '60']],
    });
    const subscribing = await arriving(bob, 'SUBSCRIBE');
    // A notification may overtake the answer (RFC 6665 4.1.2.4).
    const notifier = bob.called(subscribing);
    await carries(bob, notifier, alice, 'NOTIFY', [event, ['Subscription-State', 'active']]);
    bob.answer(subscribing, 200);
    const subscriber = DialogSide.ofCaller(await subscribed);
    await carries(alice, subscriber, bob, 'SUBSCRIBE', [event, ['Expires', '0']]);
    await carries(bob, notifier, alice, 'NOTIFY', [event, ['Subscription-State', 'terminated;reason=timeout']]);
  });

  test('an instant message and a question for capabilities', async () => {
    const alice = await registered('alice', protocol, address);
    const bob = await registered('bob', otherProtocol, otherAddress);
    for (const method of ['MESSAGE', 'OPTIONS']) {
      const answer = alice.send(method, 'sip:bob@127.0.0.1');
      bob.answer(await arriving(bob, method), 200);
      expect((await answer).status).toBe(200);
    }
  });
});

describe('IPv6', () => {
  test('the source of a request is told in its Via (RFC 3581), and in what people read', async () => {
    const alice = await registered('alice', 'UDP', '::1');
    const bob = await registered('bob', 'UDP', '::1');
    const refused = await alice.send('MESSAGE', 'sip:nobody@[::1]', { callId: 'ladder' });
    const [, port] = /^<sip:alice@\[::1\]:(\d+)>$/.exec(alice.contact) ?? [];
    expect(refused.topVia).toMatchObject({ host: '::1', received: '::1', rport: Number(port) });
    const call = alice.invite('sip:bob@[::1]');
    bob.answer(await bob.next(), 486);
    expect((await call.final).status).toBe(486);
    const status = exchange.status();
    expect(status.registrations.map(({ via }) => via)).toContain(`UDP [::1]:${String(port)}`);
    expect(status.listeners).toContainEqual(expect.stringMatching(/^UDP \[::1\]:\d+$/));
    const token = readAdminAccess(configuration.dataFolder)?.token ?? '';
    const answer = await fetch(`${exchange.adminUrl}/ladders/ladder`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(await answer.text()).toContain(`UDP [::1]:${String(port)}`);
  });

  test('a port of ours with any spelling of our address is ours', async () => {
    const alice = await registered('alice', 'TCP', '::1');
    const bob = await registered('bob', 'TCP', '::1');
    const port = exchange.listeners.find((each) => each.protocol === 'TCP' && each.address === '::1')?.port ?? 0;
    const answer = alice.send('MESSAGE', `sip:bob@[0:0:0:0:0:0:0:1]:${String(port)}`);
    bob.answer(await arriving(bob, 'MESSAGE'), 200);
    expect((await answer).status).toBe(200);
  });
});

describe('groups', () => {
  test('ring together; the first who answers has the call, and the others stop', async () => {
    const caller = await registered('1001', 'TCP');
    const members = await Promise.all([registered('alice', 'TLS'), registered('bob'), registered('carol', 'WS')]);
    const call = caller.invite('sip:everybody@127.0.0.1');
    const [alice, bob, carol] = await Promise.all(
      members.map(async (phone) => ({ phone, arrived: await phone.next() })),
    );
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error('not everybody rings');
    const cancelled = Promise.all([alice.phone.cancelled(), carol.phone.cancelled()]);
    for (const { phone, arrived } of [alice, bob, carol]) phone.answer(arrived, 180);
    await call.saw(180);
    bob.phone.answer(bob.arrived, 200);
    expect((await call.final).status).toBe(200);
    await cancelled;
  });

  test('ring in turn until somebody answers', async () => {
    const caller = await registered('1001', 'TCP');
    const bob = await registered('bob', 'TLS');
    const carol = await registered('carol');
    const call = caller.invite('sip:one-by-one@127.0.0.1');
    bob.answer(await bob.next(), 180);
    await bob.cancelled();
    carol.answer(await carol.next(), 200);
    expect((await call.final).status).toBe(200);
  });
});

describe('addresses', () => {
  test.each(['tel:1001;phone-context=localhost', 'sip:1001@127.0.0.1;user=phone', 'sip:%31001@localhost'])(
    '%s is the subscriber 1001',
    async (uri) => {
      const alice = await registered('alice', 'TCP');
      const phone = await registered('1001');
      const call = alice.invite(uri);
      phone.answer(await arriving(phone, 'INVITE'), 200);
      expect((await call.final).status).toBe(200);
    },
  );

  test('a telephone number of the world has no way out', async () => {
    const alice = await registered('alice', 'TCP');
    expect((await alice.invite('tel:+15551234').final).status).toBe(404);
  });

  test('who claims an alias of a domain has to prove it, and may then call so', async () => {
    const alice = await registered('alice', 'TCP');
    const from = 'sip:alice@localhost';
    expect((await alice.send('MESSAGE', 'sip:nobody@localhost', { from, unanswered: true })).status).toBe(407);
    expect((await alice.send('MESSAGE', 'sip:nobody@localhost', { from })).status).toBe(404);
  });
});

describe('sips', () => {
  test.each(['UDP', 'TCP', 'WS'] as const)('is refused when the called phone is on %s', async (protocol) => {
    const alice = await registered('alice', 'TLS');
    await registered('bob', protocol);
    const refused = await alice.invite('sips:bob@127.0.0.1').final;
    expect(refused.status).toBe(480);
    expect(refused.raw('Warning')).toContain('380');
  });
});

test.each(['UDP', 'TCP', 'TLS', 'WSS'] as const)(
  'a subscriber reaches just the telephone whose contact he has, over its %s, and a stranger does not',
  async (protocol) => {
    const alice = await registered('alice', protocol);
    const bob = await registered('bob');
    const contact = alice.contact.slice(1, -1);
    const answer = bob.send('MESSAGE', contact);
    const arrived = await arriving(alice, 'MESSAGE');
    expect(arrived.request.requestUriText).toBe(contact);
    alice.answer(arrived, 200);
    expect((await answer).status).toBe(200);
    const stranger = await bob.send('MESSAGE', contact, { from: 'sip:mallory@elsewhere.example' });
    expect(stranger.status).toBe(403);
  },
);
