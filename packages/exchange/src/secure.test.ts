import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import type { TlsSettings } from '@switchhook/node';
import type { Clock } from '@switchhook/sip';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { issueInto, SteppedClock } from './certificates.testing.ts';
import type { Exchange } from './exchange.ts';
import { startExchange, testConfiguration } from './exchange.testing.ts';
import { ScriptedPhone } from './phone.testing.ts';
import type { PhoneOptions } from './phone.testing.ts';

const day = 24 * 3_600_000;
const names = { addresses: ['127.0.0.1'] };

let folder: string;
let exchange: Exchange;
let lines: Awaited<ReturnType<typeof startExchange>>['lines'];
let phones: ScriptedPhone[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchhook-secure-'));
  phones = [];
});

afterEach(async () => {
  await Promise.all(phones.map((phone) => phone.stop()));
  await exchange.stop();
  expect(exchange.stats()).toEqual({ requests: 0, transactions: 0, flows: 0, bindings: 0, calls: 0, servers: 0 });
  rmSync(folder, { recursive: true });
});

async function start(tls: Record<string, unknown> = {}, clock?: Clock): Promise<void> {
  ({ exchange, lines } = await startExchange(testConfiguration({ tls }, folder), clock));
}

async function phone(options: PhoneOptions): Promise<ScriptedPhone> {
  const started = await ScriptedPhone.start(exchange, options);
  phones.push(started);
  return started;
}

/** What a phone that trusts the authority of `folder` has; with a certificate of that name if it was issued one. */
function trusting(authority: { ca: string }, own?: { certificate: string; key: string }): TlsSettings {
  const credentials = own && [
    { certificate: readFileSync(own.certificate, 'utf8'), key: readFileSync(own.key, 'utf8') },
  ];
  return { authorities: [readFileSync(authority.ca, 'utf8')], credentials };
}

/** The serial number of what a listener shows, and the version that was agreed upon. */
async function shown(protocol: 'TLS' | 'WSS', options: ConnectionOptions = {}): Promise<[string, string | null]> {
  const port = exchange.listeners.find((listener) => listener.protocol === protocol)?.port ?? 0;
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  const answer = [socket.getPeerX509Certificate()?.serialNumber ?? '', socket.getProtocol()] as const;
  socket.destroy();
  return [...answer];
}

async function call(caller: ScriptedPhone, called: ScriptedPhone): Promise<void> {
  const call = caller.invite('sip:bob@127.0.0.1');
  called.answer(await called.next(), 200);
  expect((await call.final).status).toBe(200);
}

describe('a configured certificate', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('carries calls over %s', async (version) => {
    const files = await issueInto(folder, 'server', names);
    await start(files);
    const tls = trusting(files);
    const alice = await phone({ user: 'alice', protocol: 'TLS', tls });
    const bob = await phone({ user: 'bob', protocol: 'WSS', tls });
    expect((await alice.register()).status).toBe(200);
    expect((await bob.register()).status).toBe(200);
    await call(alice, bob);
    for (const protocol of ['TLS', 'WSS'] as const) {
      expect((await shown(protocol, { maxVersion: version }))[1]).toBe(version);
    }
    await expect(shown('TLS', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).rejects.toThrow();
    expect(exchange.developmentCaFile).toBeUndefined();
  });

  test('that cannot be used keeps the exchange from starting, and leaves nothing behind', async () => {
    const files = await issueInto(folder, 'server', names);
    await start(files);
    await exchange.stop();
    await expect(start({ ...files, key: join(folder, 'gone.key') })).rejects.toThrow('gone.key does not exist');
    await start(files);
  });

  test('is exchanged by a reload while connections and calls go on', async () => {
    const files = await issueInto(folder, 'server', names);
    await start(files);
    const tls = trusting(files);
    const alice = await phone({ user: 'alice', protocol: 'TLS', tls });
    const bob = await phone({ user: 'bob', protocol: 'WSS', tls });
    await alice.register();
    await bob.register();
    const invited = alice.invite('sip:bob@127.0.0.1');
    const ringing = await bob.next();
    const before = await shown('TLS');
    await issueInto(folder, 'server', names);
    await exchange.reload(testConfiguration({ tls: files }, folder));
    const after = await shown('TLS');
    expect(after[0]).not.toBe(before[0]);
    expect(await shown('WSS')).toEqual(after);
    bob.answer(ringing, 200);
    expect((await invited.final).status).toBe(200);
    expect(exchange.stats().flows).toBe(2);
    const carol = await phone({ user: 'carol', protocol: 'TLS', tls });
    expect((await carol.register()).status).toBe(200);
  });

  test('that cannot be used after a reload leaves the configuration whole as it was', async () => {
    const files = await issueInto(folder, 'server', names);
    await start(files);
    const before = await shown('TLS');
    const broken = testConfiguration({ tls: { ...files, ca: files.key }, subscribers: [] }, folder);
    await expect(exchange.reload(broken)).rejects.toThrow('holds no certificate in PEM form');
    expect(await shown('TLS')).toEqual(before);
    const alice = await phone({ user: 'alice' });
    expect((await alice.register()).status).toBe(200);
  });
});

test("the development CA's certificate is renewed while the exchange runs", async () => {
  const clock = new SteppedClock();
  await start({}, clock);
  const before = await shown('TLS');
  const alice = await phone({ user: 'alice', protocol: 'TLS' });
  await clock.step(day);
  expect(await shown('TLS')).toEqual(before);
  await clock.step(800 * day);
  expect((await shown('TLS'))[0]).not.toBe(before[0]);
  expect((await shown('WSS'))[0]).toBe((await shown('TLS'))[0]);
  expect((await alice.register(60, { unanswered: true })).status).toBe(401);
});

describe('certificates of clients', () => {
  async function prepared(clientCertificates: 'none' | 'ask' | 'require'): Promise<(name?: string) => TlsSettings> {
    const server = await issueInto(folder, 'server', names);
    const own = {
      alice: await issueInto(folder, 'alice', { sipDomains: ['alice@127.0.0.1'] }),
      neighbour: await issueInto(folder, 'neighbour', { sipDomains: ['neighbour.example'] }),
      wrong: await issueInto(join(folder, 'strangers'), 'alice', { sipDomains: ['alice@127.0.0.1'] }),
    };
    await start({ ...server, clientCertificates });
    return (name) => trusting(server, name === undefined ? undefined : own[name as keyof typeof own]);
  }

  test.each([
    ['none', undefined, 407],
    ['none', 'alice', 407],
    ['ask', undefined, 407],
    ['ask', 'wrong', 407],
    ['ask', 'neighbour', 407],
    ['ask', 'alice', 404],
    ['require', 'neighbour', 407],
    ['require', 'alice', 404],
  ] as const)('%s, and the phone shows %s: %i', async (mode, name, status) => {
    const tls = await prepared(mode);
    for (const protocol of ['TLS', 'WSS'] as const) {
      const alice = await phone({ user: 'alice', protocol, tls: tls(name) });
      expect((await alice.send('MESSAGE', 'sip:nobody@127.0.0.1', { unanswered: true })).status).toBe(status);
      expect((await alice.register(60, { unanswered: true })).status).toBe(status === 404 ? 200 : 401);
    }
  });

  test.each([undefined, 'wrong'])('required, and the phone shows %s: no connection stands', async (name) => {
    const tls = await prepared('require');
    for (const protocol of ['TLS', 'WSS'] as const) {
      const alice = await phone({ user: 'alice', protocol, tls: tls(name) });
      expect(await alice.disconnected()).toMatch(/certificate|closed|unreachable/);
    }
    expect(exchange.stats().flows).toBe(0);
  });

  test("a person's certificate proves that person alone", async () => {
    const tls = await prepared('ask');
    const alice = await phone({ user: 'alice', protocol: 'TLS', tls: tls('alice') });
    const asBob = { from: 'sip:bob@127.0.0.1', unanswered: true };
    expect((await alice.send('MESSAGE', 'sip:nobody@127.0.0.1', asBob)).status).toBe(407);
    const forBob = { to: 'sip:bob@127.0.0.1', unanswered: true };
    expect((await alice.register(60, forBob)).status).toBe(401);
    await exchange.reload(testConfiguration({ tls: exchangeTls(), subscribers: [] }, folder));
    expect((await alice.send('MESSAGE', 'sip:nobody@127.0.0.1', { unanswered: true })).status).toBe(407);
  });

  test('who hides his name in From is known by his certificate, and phones are not told', async () => {
    const tls = await prepared('ask');
    const alice = await phone({ user: 'alice', protocol: 'TLS', tls: tls('alice') });
    const carol = await phone({ user: 'carol', protocol: 'TLS', tls: tls() });
    expect((await carol.register()).status).toBe(200);
    const hidden = { from: 'sip:anonymous@anonymous.invalid', unanswered: true };
    const answer = alice.send('MESSAGE', 'sip:carol@127.0.0.1', hidden);
    const arrived = await carol.next();
    expect(arrived.request.has('P-Asserted-Identity')).toBe(false);
    carol.answer(arrived, 200);
    expect((await answer).status).toBe(200);
    // Nobody but a subscriber gets as far as to hear that a number has no way out.
    expect((await alice.send('MESSAGE', 'tel:+15551234', hidden)).status).toBe(404);
    const neighbour = await phone({ user: 'n', protocol: 'TLS', tls: tls('neighbour') });
    expect((await neighbour.send('MESSAGE', 'tel:+15551234', hidden)).status).toBe(403);
  });

  test("a neighbour's certificate is shown with his calls", async () => {
    const tls = await prepared('ask');
    const bob = await phone({ user: 'bob' });
    await bob.register();
    const stranger = await phone({
      user: 'eve',
      domain: 'neighbour.example',
      protocol: 'TLS',
      tls: tls('neighbour'),
    });
    const invited = stranger.invite('sip:bob@127.0.0.1');
    const ringing = await bob.next();
    expect(exchange.status().calls).toMatchObject([{ transport: 'TLS', peer: 'neighbour.example' }]);
    bob.answer(ringing, 486);
    expect((await invited.final).status).toBe(486);
    expect(lines.find(([message]) => message === 'call')?.[1]).toMatchObject({ peer: 'neighbour.example' });
  });

  function exchangeTls(): Record<string, string> {
    const file = (name: string): string => join(folder, name);
    return {
      certificate: file('server.pem'),
      key: file('server.key'),
      ca: file('authority/ca.pem'),
      clientCertificates: 'ask',
    };
  }
});
