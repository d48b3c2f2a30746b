import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPhone } from '@switchhook/phone/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Baresip } from './support/baresip.ts';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { Kamailio } from './support/kamailio.ts';
import { freePort } from './support/ports.ts';
import { describeWithPeers } from './support/presence.ts';
import { subscriberSettings } from './support/our-phone.ts';
import { ServiceList } from './support/service-list.ts';
import type { Device, Role, Service } from './support/service-list.ts';
import { sessionDescription, SippScript } from './support/sipp-script.ts';
import { answering, SippSubscriber } from './support/sipp-subscriber.ts';
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
  const list = new ServiceList();
  let exchange: ExchangeProcess;
  let kamailio: Kamailio;

  beforeAll(async () => {
    writeWav(sound, melody(2, 5));
    mkdirSync(join(directory, 'announcements'));
    writeWav(join(directory, 'announcements', 'unavailable.wav'), melody(3, 1));
    kamailio = await Kamailio.start(join(directory, 'kamailio'));
    exchange = await ExchangeProcess.start({
      directory,
      arguments: ['--capture', capture],
      configuration: {
        gateways: [{ name: 'kamailio', uri: `sip:127.0.0.1:${kamailio.port}`, prefixes: ['+49', '112'] }],
        subscribers: ['alice', 'bob', 'carol', 'bill', 'dan'].map((user) => ({ user, password: passwordOf(user) })),
        groups: ['carol', 'bill'].flatMap((user) => [
          { user: `together-${user}`, members: ['bob', user] },
          { user: `in-turn-${user}`, members: ['bob', user], ring: 'in-turn', ringTime: 1 },
          { user: `longest-idle-${user}`, members: [user], ring: 'longest-idle' },
        ]),
        servers: { announcement: { folder: 'announcements' }, features: {} },
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

  /** A SIPp that has registered with Kamailio, and plays a scenario in so many calls. */
  async function atKamailio(user: string, scenario: string, calls: number): Promise<Sipp> {
    const port = await freePort();
    const registration = await Sipp.start({
      directory,
      scenario: 'register',
      remote: `127.0.0.1:${kamailio.port}`,
      arguments: ['-s', user, '-key', 'contact_port', String(port), '-m', '1'],
    });
    expect(await registration.finished()).toMatchObject({ successful: 1 });
    return Sipp.start({ directory, scenario, port, arguments: ['-m', String(calls)] });
  }

  describe.each(['udp', 'tls'] as const)('over %s', (transport) => {
    let alice: Baresip;
    let bob: Baresip;
    let carol: Baresip;
    let bill: SippSubscriber;

    beforeAll(async () => {
      [alice, bob, carol, bill] = await Promise.all([
        phone('alice', transport, 'manual'),
        phone('bob', transport, 'manual'),
        phone('carol', transport, 'auto'),
        SippSubscriber.start('bill', transport, directory, exchange),
      ]);
    });

    afterAll(async () => {
      await Promise.all([alice, bob, carol, bill].map((each) => each.stop()));
    });

    afterEach(async () => {
      for (const user of ['alice', 'bob', 'carol', 'bill', 'dan']) await set(user, {});
    });

    const played = (service: Service, device: Device, role: Role): void =>
      list.played(service, device, role, transport);

    /** Alice's baresip calls, Carol's answers, and Alice hangs up. */
    async function reachesCarol(user: string): Promise<void> {
      const from = carol.process.output.length;
      await calls(user, () => carol.event('CALL_ESTABLISHED', { from }));
      await carol.event('CALL_CLOSED', { from });
    }

    /** Alice's baresip calls, Bill's SIPp answers, and Alice hangs up. */
    async function reachesBill(user: string): Promise<void> {
      const callee = await bill.isCalled(answering);
      await calls(user, () => Promise.resolve());
      expect(await callee.finished()).toMatchObject({ successful: 1, failed: 0 });
    }

    async function calls(user: string, answered: () => Promise<void>): Promise<void> {
      const from = alice.process.output.length;
      dial(alice, user, transport);
      await answered();
      await alice.event('CALL_ESTABLISHED', { from });
      alice.command('hangup');
      await alice.event('CALL_CLOSED', { from });
    }

    /** Bill's SIPp calls, Carol's baresip answers, and Bill hangs up. */
    async function billReachesCarol(user: string, isForwarded: boolean): Promise<void> {
      const from = carol.process.output.length;
      const caller = await bill.calls(user, (script) =>
        (isForwarded ? script.expect(180, { optional: true }).expect(181) : script)
          .expect(180, { optional: true })
          .expect(200)
          .request('ACK')
          .pause(100)
          .request('BYE')
          .expect(200),
      );
      expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
      await carol.event('CALL_CLOSED', { from });
    }

    /** Alice calls, and is turned away. */
    async function isRefused(user: string, status: number): Promise<void> {
      const from = alice.process.output.length;
      dial(alice, user, transport);
      await alice.process.waitFor(new RegExp(`"type":"CALL_CLOSED"[^\\n]*${String(status)}`), { from });
    }

    /** Bill's SIPp calls, and is turned away. */
    async function billIsRefused(user: string, status: number): Promise<void> {
      const caller = await bill.calls(user, (script) => script.expect(status).acknowledgeFailure());
      expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
    }

    interface Story {
      readonly service: Service;
      readonly when: string;
      readonly dials: string;
      readonly wanted?: Readonly<Record<string, unknown>>;
    }

    /** How calls come to somebody. */
    const stories = (to: string, caller: string): readonly Story[] => {
      const ofBob = (service: Service, when: string, wanted: unknown): Story => ({
        service,
        when,
        dials: 'bob',
        wanted: { bob: wanted },
      });
      return [
        ofBob('forwarding', 'always', { forward: { always: to } }),
        ofBob('forwarding', 'busy', { doNotDisturb: true, forward: { busy: to } }),
        ofBob('forwarding', 'no answer', { forward: { noAnswer: to, ringTime: 1 } }),
        { service: 'forwarding', when: 'no phone', dials: 'dan', wanted: { dan: { forward: { unavailable: to } } } },
        ofBob('find-me', 'in turn', { findMe: { places: [{ to: 'bob', ringTime: 1 }, to] } }),
        ofBob('find-me', 'at once', { findMe: { ring: 'together', places: ['bob', { to, delay: 1 }] } }),
        ofBob('find-me', 'by preference', {
          findMe: {
            ring: 'by-preference',
            places: [
              { to, q: 0.5 },
              { to: 'bob', ringTime: 1 },
            ],
          },
        }),
        { service: 'groups', when: 'at once', dials: `together-${to}` },
        { service: 'groups', when: 'in turn', dials: `in-turn-${to}` },
        { service: 'groups', when: 'longest idle', dials: `longest-idle-${to}` },
        {
          service: 'screening',
          when: 'wanted and allowed',
          dials: to,
          wanted: {
            [to]: { screening: { incoming: { allow: [caller] } } },
            [caller]: { screening: { outgoing: { allow: [to] } } },
          },
        },
      ];
    };

    async function wish({ wanted = {} }: Story): Promise<void> {
      for (const [user, each] of Object.entries(wanted)) await set(user, each);
    }

    test.each(stories('carol', 'bill'))('a SIPp reaches a baresip: $service, $when', async (story) => {
      await wish(story);
      await billReachesCarol(story.dials, story.service === 'forwarding');
      played(story.service, 'SIPp', 'caller');
      played(story.service, 'baresip', 'callee');
    });

    test.each(stories('bill', 'alice'))('a baresip reaches a SIPp: $service, $when', async (story) => {
      await wish(story);
      await reachesBill(story.dials);
      played(story.service, 'baresip', 'caller');
      played(story.service, 'SIPp', 'callee');
    });

    /** From an hour ago until in an hour, by the clock of UTC; or the rest of the day. */
    const hour = (offset: number): string =>
      `${String((new Date().getUTCHours() + offset + 24) % 24).padStart(2, '0')}:00`;
    const now = { from: hour(-1), to: hour(2) };
    const notNow = { from: hour(2), to: hour(-1) };
    const denied = (who: string, when?: object): unknown => ({ deny: [when === undefined ? who : { who, when }] });

    test.each([
      ['do not disturb', 'he does not want to be disturbed', 486, { bob: { doNotDisturb: true } }],
      ['screening', 'he does not want him', 403, { bob: { screening: { incoming: denied('CALLER') } } }],
      [
        'screening',
        'he does not want him now',
        403,
        { bob: { timeZone: 'UTC', screening: { incoming: denied('CALLER', now) } } },
      ],
      ['screening', 'he does not want his domain', 403, { bob: { screening: { incoming: denied('@127.0.0.1') } } }],
      ['screening', 'he is among unwanted ones', 403, { bob: { screening: { incoming: denied('CALLER*@127.*') } } }],
      ['screening', 'he is not among those wanted', 403, { bob: { screening: { incoming: { allow: ['carol'] } } } }],
      ['screening', 'he may not call him', 403, { CALLER: { screening: { outgoing: denied('bob') } } }],
    ] as const)('%s: a caller is turned away when %s', async (service, _when, status, wanted) => {
      for (const [caller, isTurnedAway, device] of [
        ['alice', isRefused, 'baresip'],
        ['bill', billIsRefused, 'SIPp'],
      ] as const) {
        const meant: unknown = JSON.parse(JSON.stringify(wanted).replaceAll('CALLER', caller));
        for (const [user, each] of Object.entries(meant as typeof wanted)) await set(user, each);
        await isTurnedAway('bob', status);
        played(service, device, 'caller');
      }
      played(service, 'baresip', 'callee');
    });

    test('a list that does not count at this time keeps nobody away', async () => {
      await set('carol', { timeZone: 'UTC', screening: { incoming: denied('alice', notNow) } });
      await reachesCarol('carol');
      await set('carol', {});
    });

    test('numbers that he may not call are not called, but help always is', async () => {
      const help = new SippScript(`help-${transport}`, 'callee')
        .receive('INVITE')
        .respond(200, { tag: 'A', body: sessionDescription(1) })
        .receive('ACK')
        .request('BYE')
        .expect(200);
      const callee = await atKamailio('112', help.write(directory), 2);
      for (const user of ['alice', 'bill']) await set(user, { screening: { outgoing: denied('+4900*') } });
      await isRefused('+49001', 403);
      await billIsRefused('+49001', 403);
      for (const user of ['alice', 'bill']) await set(user, { screening: { outgoing: { allow: ['bob'] } } });
      const from = alice.process.output.length;
      dial(alice, '112', transport);
      await alice.event('CALL_ESTABLISHED', { from });
      await alice.event('CALL_CLOSED', { from });
      const caller = await bill.calls('112', (script) => script.expect(200).request('ACK').receive('BYE').respond(200));
      expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
      expect(await callee.finished()).toMatchObject({ successful: 2, failed: 0 });
    });

    test('who wants it so has callers told to call elsewhere themselves', async () => {
      // A caller goes there by himself, so that the port has to be said.
      const carols = `sip:carol@127.0.0.1:${exchange.ports[transport]};transport=${transport}`;
      await set('bob', { forward: { always: carols, by: 'redirect' } });
      const caller = await bill.calls('bob', (script) =>
        script.expect(302, { headers: { Contact: 'sip:carol@127.0.0.1.*>;mp=1' } }).acknowledgeFailure(),
      );
      expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
      await reachesCarol('bob');
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
      await bob.event('CALL_RTPESTAB', { from });
      expect(await dialled('*78')).toEqual({ doNotDisturb: true });
      await isRefused('bob', 486);
      // Nobody is there, and nothing is changed.
      expect(await dialled('*72nobody')).toEqual({ doNotDisturb: true });
      played('feature codes', 'baresip', 'caller');
    });

    test('what a SIPp dials is set', async () => {
      await billHears('*78');
      expect(await settings('bill', 'GET')).toEqual({ doNotDisturb: true });
      await isRefused('bill', 486);
      played('feature codes', 'SIPp', 'caller');
      played('do not disturb', 'SIPp', 'callee');
    });

    /** Bill's SIPp is answered by a server, and hangs up. */
    async function billHears(user: string): Promise<void> {
      const caller = await bill.calls(user, (script) =>
        script.expect(200).request('ACK').pause(50).request('BYE').expect(200),
      );
      expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
    }

    test('an announcement plays and hangs up: to a SIPp, and to a baresip', async () => {
      const caller = await bill.calls('announcement', (script) =>
        script.expect(200).request('ACK').receive('BYE').respond(200),
      );
      const from = alice.process.output.length;
      dial(alice, 'announcement', transport);
      await alice.event('CALL_RTPESTAB', { from });
      await alice.event('CALL_CLOSED', { from });
      expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
      played('announcements', 'SIPp', 'caller');
      played('announcements', 'baresip', 'caller');
    });

    test('a phone that redirects its calls has them forwarded: a SIPp', async () => {
      const callee = await bill.isCalled((script) =>
        script
          .receive('INVITE')
          .respond(302, { tag: 'B', headers: ['Contact: <sip:carol@127.0.0.1>'] })
          .receive('ACK'),
      );
      await reachesCarol('bill');
      expect(await callee.finished()).toMatchObject({ successful: 1, failed: 0 });
    });
  });

  test.each([
    ['a gateway', '+4930123', '+4930123'],
    ['a neighbouring domain', 'dora', undefined],
  ])('to %s, which is a Kamailio before a SIPp', async (_what, user, number) => {
    const callee = await atKamailio(user, 'answer', 1);
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

  test('who does not want calls of nobody in particular gets none: of a SIPp and a baresip that prove nothing', async () => {
    await set('bob', { screening: { incoming: { deny: ['anonymous'] } } });
    const refused = new SippScript('stranger', 'caller')
      .request('INVITE', { body: sessionDescription(1) })
      .expect(100, { optional: true })
      .expect(403, { headers: { 'Error-Info': 'announcement@127.0.0.1;play=anonymous-refused' } })
      .acknowledgeFailure();
    const caller = await Sipp.start({
      directory,
      scenario: refused.write(directory),
      remote: `127.0.0.1:${exchange.ports.udp}`,
      arguments: ['-s', 'bob', '-m', '1'],
    });
    expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
    const stranger = await Baresip.start('stranger', {
      directory: join(directory, 'stranger'),
      account: '<sip:eve@elsewhere.example>;regint=0',
      plays: sound,
      answers: 'manual',
    });
    dial(stranger, 'bob', 'udp');
    await stranger.process.waitFor(/"type":"CALL_CLOSED"[^\n]*403/);
    await stranger.stop();
  });

  test('who calls a phone of ours past its exchange is sent there (305): a SIPp and a baresip', async () => {
    const port = await freePort();
    const phone = await startPhone({
      ...subscriberSettings(exchange, 'dan'),
      port,
      screeningProxy: `sip:127.0.0.1:${String(exchange.ports.udp)}`,
    });
    await phone.register();
    const redirected = new SippScript('past-the-exchange', 'caller')
      .request('INVITE', { body: sessionDescription(1) })
      .expect(100, { optional: true })
      .expect(305, { headers: { Contact: `sip:127.0.0.1:${String(exchange.ports.udp)}` } })
      .acknowledgeFailure();
    const caller = await Sipp.start({
      directory,
      scenario: redirected.write(directory),
      remote: `127.0.0.1:${String(port)}`,
      arguments: ['-s', 'dan', '-m', '1'],
    });
    expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
    const stranger = await Baresip.start('past', {
      directory: join(directory, 'past'),
      account: '<sip:eve@elsewhere.example>;regint=0',
      plays: sound,
      answers: 'manual',
    });
    stranger.command('dial', `sip:dan@127.0.0.1:${String(port)}`);
    await stranger.event('CALL_CLOSED');
    expect(phone.calls).toEqual([]);
    await stranger.stop();
    await phone.stop();
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

  test('docs/services.md says with whom all of that was played', () => {
    expect(list.written).toEqual(list.rows);
  });

  test('Wireshark reads all of it without a malformed field', async () => {
    const forwarded = await tshark(capture, 'sip.Status-Code == 181', ['sip.Call-ID']);
    expect(forwarded.length).toBeGreaterThan(5);
    const told = await tshark(
      capture,
      'sip.Method == "INVITE" && frame contains "mp=1" && frame contains "Diversion"',
      ['sip.Call-ID'],
    );
    expect(told.length).toBeGreaterThan(5);
    expect(await tshark(capture, '_ws.malformed || _ws.expert.severity == error', ['frame.number'])).toEqual([]);
  });
});
