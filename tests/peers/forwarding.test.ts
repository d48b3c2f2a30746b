import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Baresip } from './support/baresip.ts';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { Kamailio } from './support/kamailio.ts';
import { freePort } from './support/ports.ts';
import { describeWithPeers } from './support/presence.ts';
import { sessionDescription, SippScript } from './support/sipp-script.ts';
import { Sipp } from './support/sipp.ts';
import { melody, writeWav } from './support/sound.ts';
import { tshark } from './support/tshark.ts';

describeWithPeers('calls are forwarded, looked after and screened', ['baresip', 'sipp', 'kamailio', 'tshark'], () => {
  /** A caller who insists on hearing that his call is forwarded. */
  const forwardedCall = new SippScript('forwarded-call', 'caller')
    .request('INVITE', { body: sessionDescription(1) })
    .expect(100, { optional: true })
    .expect(181)
    .expect(180)
    .expect(200)
    .request('ACK')
    .pause(300)
    .request('BYE')
    .expect(200);
  /** A phone that its owner has told, on its own menu, to send calls to Carol. */
  const redirecting = new SippScript('redirecting', 'callee')
    .receive('INVITE')
    .respond(302, { tag: 'B', headers: ['Contact: <sip:carol@127.0.0.1>'] })
    .receive('ACK');
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-forwarding-'));
  const capture = join(directory, 'sip.pcapng');
  const sound = join(directory, 'sound.wav');
  let exchange: ExchangeProcess;
  let kamailio: Kamailio;

  beforeAll(async () => {
    writeWav(sound, melody(2, 5));
    kamailio = await Kamailio.start(join(directory, 'kamailio'));
    exchange = await ExchangeProcess.start({
      directory,
      arguments: ['--capture', capture],
      configuration: {
        gateways: [{ name: 'kamailio', uri: `sip:127.0.0.1:${kamailio.port}`, prefixes: ['+49'] }],
        groups: [
          { user: 'together', members: ['bob', 'carol'] },
          { user: 'one-by-one', members: ['bob', 'carol'], ring: 'in-turn', ringTime: 1 },
        ],
        servers: { announcement: {}, features: {} },
        media: { address: '127.0.0.1' },
      },
    });
  });

  afterAll(async () => {
    await exchange.stop();
    await kamailio.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function phone(user: string, transport: 'udp' | 'tls', answers: 'auto' | 'manual'): Promise<Baresip> {
    const name = `${user}-${transport}-${answers}`;
    const started = await Baresip.start(name, {
      directory: join(directory, name),
      account: `<sip:${user}@127.0.0.1:${exchange.ports[transport]};transport=${transport}>;auth_pass=${passwordOf(user)};regint=600`,
      plays: sound,
      answers,
      certificateAuthority: exchange.certificateAuthority,
    });
    // The event may have come before anybody listened for it.
    await started.process.waitFor(/\[\d+ bindings?\]/);
    return started;
  }

  async function settings(user: string, method: 'GET' | 'PUT', body?: unknown): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${exchange.ports.admin}/api/subscribers/${user}/settings`, {
      method,
      headers: {
        Authorization: `Basic ${Buffer.from(`${user}:${passwordOf(user)}`).toString('base64')}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    return JSON.parse(text);
  }

  /** What a subscriber wants, set by himself. */
  const set = (user: string, wanted: unknown): Promise<unknown> => settings(user, 'PUT', wanted);

  const dial = (caller: Baresip, user: string, transport: 'udp' | 'tls'): void =>
    caller.command('dial', `sip:${user}@127.0.0.1:${exchange.ports[transport]};transport=${transport}`);

  describe.each(['udp', 'tls'] as const)('over %s', (transport) => {
    let alice: Baresip;
    let bob: Baresip;
    let carol: Baresip;

    beforeAll(async () => {
      [alice, bob, carol] = await Promise.all([
        phone('alice', transport, 'manual'),
        phone('bob', transport, 'manual'),
        phone('carol', transport, 'auto'),
      ]);
    });

    afterAll(async () => {
      await Promise.all([alice, bob, carol].map((each) => each.stop()));
    });

    afterEach(async () => {
      for (const user of ['alice', 'bob']) await set(user, {});
    });

    /** Alice calls, Carol's phone answers, and Alice hangs up. */
    async function reachesCarol(user: string): Promise<void> {
      const [from, before] = [carol.process.output.length, alice.process.output.length];
      dial(alice, user, transport);
      await carol.event('CALL_ESTABLISHED', { from });
      await alice.event('CALL_ESTABLISHED', { from: before });
      alice.command('hangup');
      await carol.event('CALL_CLOSED', { from });
      await alice.event('CALL_CLOSED', { from: before });
    }

    /** Alice calls, and is turned away. */
    async function isRefused(user: string, status: number): Promise<void> {
      const from = alice.process.output.length;
      dial(alice, user, transport);
      await alice.process.waitFor(new RegExp(`"type":"CALL_CLOSED"[^\\n]*${String(status)}`), { from });
    }

    test.each([
      ['unconditionally', { forward: { always: 'carol' } }],
      ['when he is not to be disturbed', { doNotDisturb: true, forward: { busy: 'carol' } }],
      ['when nobody answers', { forward: { noAnswer: 'carol', ringTime: 1 } }],
      ['in search of him, in turn', { findMe: { places: [{ to: 'bob', ringTime: 1 }, 'carol'] } }],
      ['in search of him, at once', { findMe: { ring: 'together', places: ['bob', { to: 'carol', delay: 1 }] } }],
    ])('to a baresip, %s', async (_when, wanted) => {
      await set('bob', wanted);
      await reachesCarol('bob');
    });

    test.each(['together', 'one-by-one'])('to whoever answers first in a group that rings %s', async (group) => {
      await reachesCarol(group);
    });

    /** From an hour ago until in an hour, by the clock of UTC; or the rest of the day. */
    const hour = (offset: number): string =>
      `${String((new Date().getUTCHours() + offset + 24) % 24).padStart(2, '0')}:00`;
    const now = { from: hour(-1), to: hour(2) };
    const notNow = { from: hour(2), to: hour(-1) };
    const denied = (who: string, when?: object): unknown => ({ deny: [when === undefined ? who : { who, when }] });

    test.each([
      ['he does not want to be disturbed', 486, { bob: { doNotDisturb: true } }],
      ['he does not want her', 403, { bob: { screening: { incoming: denied('alice') } } }],
      ['he does not want her now', 403, { bob: { timeZone: 'UTC', screening: { incoming: denied('alice', now) } } }],
      ['she may not call him', 403, { alice: { screening: { outgoing: denied('bob') } } }],
    ])('a caller is turned away when %s', async (_when, status, wanted) => {
      for (const [user, each] of Object.entries(wanted)) await set(user, each);
      await isRefused('bob', status);
    });

    test('a list that does not count at this time keeps nobody away', async () => {
      await set('carol', { timeZone: 'UTC', screening: { incoming: denied('alice', notNow) } });
      await reachesCarol('carol');
      await set('carol', {});
    });

    test('what Bob dials is set, as the API sees it, and counts from the next call on', async () => {
      const dialled = async (code: string, listens = false): Promise<unknown> => {
        const from = bob.process.output.length;
        dial(bob, code, transport);
        await bob.event('CALL_ESTABLISHED', { from });
        if (!listens) bob.command('hangup');
        await bob.event('CALL_CLOSED', { from });
        return settings('bob', 'GET');
      };
      expect(await dialled('*72carol')).toEqual({ forward: { always: 'carol' } });
      await reachesCarol('bob');
      // The exchange speaks, and hangs up.
      const from = bob.process.output.length;
      expect(await dialled('*73', true)).toEqual({});
      await bob.process.waitFor(/"rx":\{"sent":\d{2,},"lost":0,/, { from });
      expect(await dialled('*78')).toEqual({ doNotDisturb: true });
      await isRefused('bob', 486);
      // Nobody is there, and nothing is changed.
      expect(await dialled('*72nobody')).toEqual({ doNotDisturb: true });
    });

    test('a phone that redirects its calls has them forwarded: a SIPp', async () => {
      const port = await freePort();
      const line = join(directory, `bill-${transport}.csv`);
      const credentials = `[authentication username=bill password=${passwordOf('bill')}]`;
      writeFileSync(line, `SEQUENTIAL\nbill;${credentials};${String(port)}\n`);
      const registration = await Sipp.start({
        directory,
        scenario: 'register-digest',
        remote: `127.0.0.1:${exchange.ports.udp}`,
        arguments: ['-inf', line, '-m', '1'],
      });
      expect(await registration.finished()).toMatchObject({ successful: 1 });
      const callee = await Sipp.start({
        directory,
        scenario: redirecting.write(directory),
        port,
        arguments: ['-m', '1'],
      });
      await reachesCarol('bill');
      expect(await callee.finished()).toMatchObject({ successful: 1, failed: 0 });
    });
  });

  test.each([
    ['a gateway', '+4930123', '+4930123'],
    ['a neighbouring domain', 'dora', undefined],
  ])('to %s, which is a Kamailio before a SIPp', async (_what, user, number) => {
    const answering = await freePort();
    const registration = await Sipp.start({
      directory,
      scenario: 'register',
      remote: `127.0.0.1:${kamailio.port}`,
      arguments: ['-s', user, '-key', 'contact_port', String(answering), '-m', '1'],
    });
    expect(await registration.finished()).toMatchObject({ successful: 1 });
    const callee = await Sipp.start({ directory, scenario: 'answer', port: answering, arguments: ['-m', '1'] });
    await set('bob', { forward: { always: number ?? `sip:${user}@127.0.0.1:${kamailio.port}` } });
    const caller = await Sipp.start({
      directory,
      scenario: forwardedCall.write(directory),
      remote: `127.0.0.1:${exchange.ports.udp}`,
      arguments: ['-s', 'bob', '-m', '1'],
    });
    expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
    expect(await callee.finished()).toMatchObject({ successful: 1, failed: 0 });
  });

  test('a loop through a neighbouring domain ends with 482, and rings nobody', async () => {
    const registration = await Sipp.start({
      directory,
      scenario: 'register',
      remote: `127.0.0.1:${kamailio.port}`,
      arguments: ['-s', 'bob', '-key', 'contact_port', String(exchange.ports.udp), '-m', '1'],
    });
    expect(await registration.finished()).toMatchObject({ successful: 1 });
    await set('bob', { forward: { always: `sip:bob@127.0.0.1:${kamailio.port}` } });
    const before = await exchange.metric('switchhook_services_total');
    const alice = await phone('alice', 'udp', 'manual');
    dial(alice, 'bob', 'udp');
    await alice.process.waitFor(/"type":"CALL_CLOSED"[^\n]*482/);
    await alice.stop();
    expect(await exchange.metric('switchhook_services_total')).toBe(before + 2);
  });

  test('Wireshark reads all of it without a malformed field', async () => {
    const forwarded = await tshark(capture, 'sip.Status-Code == 181', ['sip.Call-ID']);
    expect(forwarded.length).toBeGreaterThan(5);
    expect(await tshark(capture, '_ws.malformed || _ws.expert.severity == error', ['frame.number'])).toEqual([]);
  });
});
