import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
        servers: { announcement: {} },
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

  /** What a subscriber wants, set by himself. */
  async function set(user: string, settings: unknown): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${exchange.ports.admin}/api/subscribers/${user}/settings`, {
      method: 'PUT',
      headers: {
        Authorization: `Basic ${Buffer.from(`${user}:${passwordOf(user)}`).toString('base64')}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(settings),
    });
    expect(response.status, await response.text()).toBe(200);
  }

  /** Runs something with phones, and stops them whatever comes of it. */
  async function withPhones<T>(phones: Promise<Baresip>[], run: (...phones: Baresip[]) => Promise<T>): Promise<T> {
    const started = await Promise.all(phones);
    try {
      return await run(...started);
    } finally {
      await Promise.all(started.map((each) => each.stop()));
    }
  }

  const dialBob = (caller: Baresip, transport: 'udp' | 'tls'): void =>
    caller.command('dial', `sip:bob@127.0.0.1:${exchange.ports[transport]};transport=${transport}`);

  describe.each(['udp', 'tls'] as const)('over %s', (transport) => {
    test.each([
      ['unconditionally', { forward: { always: 'carol' } }],
      ['when he is not to be disturbed', { doNotDisturb: true, forward: { busy: 'carol' } }],
      ['when nobody answers', { forward: { noAnswer: 'carol', ringTime: 1 } }],
      ['in search of him', { findMe: { places: [{ to: 'bob', ringTime: 1 }, 'carol'] } }],
    ])('to a baresip, %s', async (_when, settings) => {
      await set('bob', settings);
      const phones = [
        phone('alice', transport, 'manual'),
        phone('bob', transport, 'manual'),
        phone('carol', transport, 'auto'),
      ];
      await withPhones(phones, async (...[alice, , carol]) => {
        if (alice === undefined || carol === undefined) throw new Error('a phone is missing');
        dialBob(alice, transport);
        await carol.event('CALL_ESTABLISHED');
        await alice.event('CALL_ESTABLISHED');
        alice.command('hangup');
        await carol.event('CALL_CLOSED');
      });
    });

    test('a caller whom he does not want is turned away', async () => {
      await set('bob', { screening: { incoming: { deny: ['alice'] } } });
      const phones = [phone('alice', transport, 'manual'), phone('bob', transport, 'auto')];
      await withPhones(phones, async (...[alice]) => {
        if (alice === undefined) throw new Error('a phone is missing');
        dialBob(alice, transport);
        await alice.process.waitFor(/"type":"CALL_CLOSED"[^\n]*403/);
      });
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
    await withPhones([phone('alice', 'udp', 'manual')], async (...[alice]) => {
      if (alice === undefined) throw new Error('a phone is missing');
      dialBob(alice, 'udp');
      await alice.process.waitFor(/"type":"CALL_CLOSED"[^\n]*482/);
    });
    expect(await exchange.metric('switchhook_services_total')).toBe(before + 2);
  });

  test('Wireshark reads all of it without a malformed field', async () => {
    const forwarded = await tshark(capture, 'sip.Status-Code == 181', ['sip.Call-ID']);
    expect(forwarded.length).toBeGreaterThan(5);
    expect(await tshark(capture, '_ws.malformed || _ws.expert.severity == error', ['frame.number'])).toEqual([]);
  });
});
