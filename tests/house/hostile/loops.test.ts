import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { TextPhone } from './call.testing.ts';
import { metric, startExchange } from './house.testing.ts';
import { DatagramPeer } from './peers.testing.ts';
import { headersOf, methodOf, requestText, statusOf, token } from './sip-text.testing.ts';

let exchange: ExchangeProcess;
let end: () => Promise<void>;
let caller: DatagramPeer;

beforeAll(async () => {
  ({ exchange, end } = await startExchange({ servers: { announcement: {} } }));
  caller = await DatagramPeer.open(exchange.ports.udp);
}, 40_000);

afterAll(async () => {
  caller.close();
  await end();
});

/** Registers contacts for a user through another proxy, as it seems, so that they are called as they say. */
async function registered(user: string, contacts: readonly string[], at = exchange): Promise<number> {
  const phone = await TextPhone.open(at.ports.udp, user);
  const headers = ['Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKother', 'Contact: *', 'Expires: 0'];
  expect(statusOf(await phone.register(headers))).toBe(200);
  const status = statusOf(
    await phone.register([headers[0] ?? '', ...contacts.map((contact) => `Contact: <${contact}>`)]),
  );
  phone.close();
  return status;
}

const invitesSent = (by = exchange): Promise<number> =>
  metric(by, 'switchhook_messages_total', 'direction="out",kind="INVITE"');

describe('a contact that leads back to the exchange', () => {
  test.each([
    ['the address of record itself', () => 'sip:alice@127.0.0.1'],
    ['another address of record', () => `sip:bob@127.0.0.1:${exchange.ports.udp}`],
    ['another listener', () => `sips:bob@127.0.0.1:${exchange.ports.tls}`],
    ['a nested escape of it', () => `sip:%61lice@127.0.0.1:${exchange.ports.tcp};transport=tcp`],
  ])('%s is refused', async (_what, contact) => {
    expect(await registered('alice', [contact()])).toBe(403);
  });

  test('under a name that the exchange does not know goes round once, and ends', async () => {
    const back = `sip:carol@localhost:${exchange.ports.udp}`;
    expect(await registered('carol', [back])).toBe(200);
    const before = await invitesSent();
    const answer = await caller.ask(requestText({ method: 'INVITE', uri: 'sip:carol@127.0.0.1' }));
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    expect((await invitesSent()) - before).toBeLessThanOrEqual(1);
  });

  test('several times over does not multiply', async () => {
    const contacts = Array.from({ length: 7 }, (_, index) => `sip:carol@localhost:${exchange.ports.udp};n=${index}`);
    expect(await registered('carol', contacts)).toBe(200);
    const before = await invitesSent();
    const answer = await caller.ask(requestText({ method: 'INVITE', uri: 'sip:carol@127.0.0.1' }));
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    expect((await invitesSent()) - before).toBeLessThanOrEqual(7);
  });

  test('many times over does not multiply (RFC 5393)', async () => {
    const contacts = Array.from({ length: 10 }, (_, index) => `sip:carol@localhost:${exchange.ports.udp};n=${index}`);
    expect(await registered('carol', contacts)).toBe(200);
    expect(await registered('bill', contacts)).toBe(200);
    const before = await invitesSent();
    const answer = await caller.ask(requestText({ method: 'INVITE', uri: 'sip:carol@127.0.0.1' }));
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    expect((await invitesSent()) - before).toBeLessThanOrEqual(10);
  });
});

describe('contacts', () => {
  test('are so many at most', async () => {
    const contacts = Array.from({ length: 11 }, (_, index) => `sip:bob@192.0.2.1:${6_000 + index}`);
    expect(await registered('bob', contacts)).toBe(403);
  });

  test('more than the breadth that is left are answered 440 (RFC 5393 5.3)', async () => {
    const contacts = Array.from({ length: 3 }, (_, index) => `sip:bob@127.0.0.1:${6_000 + index}`);
    expect(await registered('bob', contacts)).toBe(200);
    const headers = ['Max-Breadth: 2'];
    expect(statusOf(await caller.ask(requestText({ method: 'INVITE', uri: 'sip:bob@127.0.0.1', headers })))).toBe(440);
  });

  test.each([
    'sip:bob@0.0.0.0',
    'sip:bob@255.255.255.255',
    'sip:bob@239.1.1.1',
    'sip:bob@[ff02::1]',
    'sip:bob@[::]',
    'sip:bob@192.0.2.1:0',
  ])('at %s are refused', async (contact) => {
    expect(await registered('bob', [contact])).toBe(403);
  });

  test('at the admin interface of the exchange gain nothing', async () => {
    expect(await registered('bob', [`sip:bob@127.0.0.1:${exchange.ports.admin};transport=tcp`])).toBe(200);
    const body = 'GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
    const answer = await caller.ask(requestText({ method: 'MESSAGE', uri: 'sip:bob@127.0.0.1', body }));
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    expect(answer).not.toContain('HTTP');
    expect((await fetch(`http://127.0.0.1:${exchange.ports.admin}/healthz`)).status).toBe(200);
  });
});

describe('a request that comes back', () => {
  test('with our own Via on it is not taken for a loop unless it is one', async () => {
    const via = `SIP/2.0/UDP 127.0.0.1:${exchange.ports.udp};branch=z9hG4bK${token()}.${token()}`;
    const forged = requestText({ method: 'INVITE', uri: 'sip:nobody@127.0.0.1', headers: [`Via: ${via}`] });
    expect(statusOf(await caller.ask(forged))).toBe(404);
  });

  test('by way of another proxy for somebody else is a spiral and goes on, for the same one it is a loop', async () => {
    const proxy = await DatagramPeer.open(exchange.ports.udp, '127.0.0.2');
    const bob = await TextPhone.open(exchange.ports.udp, 'bob');
    bob.answerEverything();
    expect(await registered('alice', [`sip:alice@127.0.0.2:${proxy.port}`])).toBe(200);
    expect(await registered('bob', [bob.contact])).toBe(200);
    const contact = [`Contact: <sip:mallory@127.0.0.1:${caller.port}>`];
    caller.send(requestText({ method: 'INVITE', uri: 'sip:alice@127.0.0.1', headers: contact }));
    const invite = await proxy.inbox.find((text) => methodOf(text) === 'INVITE');
    /** On from there, as a proxy sends it. */
    const onTo = (uri: string): Promise<string> => {
      const via = `Via: SIP/2.0/UDP 127.0.0.2:${proxy.port};branch=z9hG4bK${token()}`;
      return proxy.ask(invite.replace(/^INVITE \S+/, `INVITE ${uri}`).replace('\r\nVia:', `\r\n${via}\r\nVia:`));
    };
    const spiral = await onTo('sip:bob@127.0.0.1');
    expect([statusOf(spiral), headersOf(spiral, 'Record-Route').length]).toEqual([200, 2]);
    expect(statusOf(await onTo('sip:alice@127.0.0.1'))).toBe(482);
    for (const each of [proxy, bob]) each.close();
  });
});

test('a call that goes in a circle between two exchanges ends with 482, though two contacts lead to the other one each time', async () => {
  const { exchange: other, end: endOther } = await startExchange();
  const contactsAt = ({ ports }: ExchangeProcess): string[] =>
    [1, 2].map((index) => `sip:bill@127.0.0.1:${ports.udp};n=${index}`);
  expect(await registered('bill', contactsAt(other))).toBe(200);
  expect(await registered('bill', contactsAt(exchange), other)).toBe(200);
  const sent = async (): Promise<number> => (await invitesSent()) + (await invitesSent(other));
  const before = await sent();
  const answer = await caller.ask(requestText({ method: 'INVITE', uri: 'sip:bill@127.0.0.1' }));
  expect(statusOf(answer)).toBe(482);
  // Max-Breadth is halved each time, and begins at 60.
  expect((await sent()) - before).toBeLessThanOrEqual(2 + 4 + 8 + 16 + 32);
  await endOther();
}, 60_000);

test('a request that came by two ways to a server of the exchange is answered once, and 482 the second time (RFC 3261 8.2.2.2)', async () => {
  const headers = [`Contact: <sip:mallory@127.0.0.1:${caller.port}>`];
  const same = { callId: token(), fromTag: token(), headers };
  const invite = (): string => requestText({ method: 'INVITE', uri: 'sip:announcement@127.0.0.1', ...same });
  expect(statusOf(await caller.ask(invite()))).toBe(200);
  expect(statusOf(await caller.ask(invite()))).toBe(482);
});
