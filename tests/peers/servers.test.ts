/** The servers of the exchange, as a person runs it, with telephones that others have made. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPhone } from '@switchhook/phone/node';
import { dialogEvent, SipUri } from '@switchhook/sip';
import type { InviteSession, ReferralOutcome, WatchedDialogs } from '@switchhook/sip';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Baresip } from './support/baresip.ts';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { Linphone } from './support/linphone.ts';
import { subscriberSettings } from './support/our-phone.ts';
import { describeWithPeers } from './support/presence.ts';
import { ServiceList } from './support/service-list.ts';
import { sessionDescription } from './support/sipp-script.ts';
import type { SippScript } from './support/sipp-script.ts';
import { SippSubscriber } from './support/sipp-subscriber.ts';
import { hears, melody, untilHeard, writeWav } from './support/sound.ts';
import type { Listener } from './support/sound.ts';
import { SubscriberPhone } from './support/subscriber-phone.ts';
import { SwitchhookPhone } from './support/switchhook-phone.ts';
import { tshark } from './support/tshark.ts';

const directory = mkdtempSync(join(tmpdir(), 'switchhook-servers-'));
const capture = join(directory, 'servers.pcapng');
const music = melody(5, 12);
const announcement = melody(6, 5);
const confirmation = melody(8, 5);
const own = join(directory, 'own.wav');
const carols = join(directory, 'carol.wav');
const carolsSound = melody(9, 60);
const transports = ['udp', 'tls'] as const;
const list = new ServiceList();
let exchange: ExchangeProcess;
let ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const announcements = join(directory, 'announcements');
  mkdirSync(announcements);
  writeWav(join(directory, 'music.wav'), music);
  writeWav(join(announcements, 'closed.wav'), announcement);
  // One of the operator's own takes the place of one that comes along.
  writeWav(join(announcements, 'do-not-disturb-on.wav'), confirmation);
  writeWav(own, melody(7, 120));
  writeWav(carols, carolsSound);
  exchange = await ExchangeProcess.start({
    directory,
    configuration: {
      servers: { music: { files: ['music.wav'] }, announcement: { folder: 'announcements' }, park: {}, features: {} },
      media: { address: '127.0.0.1' },
    },
    arguments: ['--capture', capture],
  });
});

const settingsOf = (user: string): string =>
  `http://127.0.0.1:${exchange.ports.admin}/api/subscribers/${user}/settings`;
const credentialsOf = (user: string): { Authorization: string } => ({
  Authorization: `Basic ${Buffer.from(`${user}:${passwordOf(user)}`).toString('base64')}`,
});

afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  ends = [];
  await fetch(settingsOf('alice'), { method: 'DELETE', headers: credentialsOf('alice') });
});

afterAll(async () => {
  await exchange.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Waits until the servers have so many calls. */
async function settled(calls: number): Promise<void> {
  while ((await exchange.metric('switchhook_server_calls')) !== calls) await new Promise(setImmediate);
}

/** Bob is called, held with music, and taken from hold; he hears who it is, the music, and who it is again. */
async function isHeld(bob: Listener, transport: 'udp' | 'tls', srtp: 'none' | 'required'): Promise<void> {
  const carol = await SwitchhookPhone.start('carol', {
    directory: join(directory, `carol-${transport}-${srtp}`),
    exchange,
    user: 'carol',
    transport,
    srtp,
    plays: carols,
  });
  ends.push(() => carol.stop());
  await carol.tells({ event: 'registration', state: 'registered' });
  await carol.command('call', { to: 'bob' });
  await hears(bob, carolsSound);
  await carol.command('music');
  await hears(bob, music);
  await carol.command('resume');
  await hears(bob, carolsSound);
  await carol.command('hangup');
  await settled(0);
}

describeWithPeers('baresip', ['baresip'], () => {
  async function baresip(
    user: string,
    transport: 'udp' | 'tls',
    media: string,
    answers: 'auto' | 'manual',
  ): Promise<Baresip> {
    const phone = await Baresip.start(user, {
      directory: join(directory, `${user}-${transport}-${answers}`),
      account: `<sip:${user}@${placeOf(transport)}>;auth_user=${user};auth_pass=${passwordOf(user)};regint=600${media}`,
      plays: own,
      answers,
      certificateAuthority: exchange.certificateAuthority,
    });
    ends.push(() => phone.stop());
    await phone.registered();
    return phone;
  }

  const placeOf = (transport: 'udp' | 'tls'): string =>
    `127.0.0.1:${String(exchange.ports[transport])};transport=${transport}`;

  test.each([
    ['UDP', 'udp', ''],
    ['TLS and SRTP', 'tls', ';mediaenc=srtp-mand'],
  ] as const)('calls, and hears music over %s', async (_, transport, media) => {
    const phone = await baresip('alice', transport, media, 'manual');
    phone.command('dial', `sip:music@${placeOf(transport)}`);
    await hears(phone, music);
    phone.command('hangup');
    await phone.event('CALL_CLOSED');
    expect(phone.process.output).toMatch(/"rx":\{"sent":\d{2,},"lost":0,/);
    await settled(0);
    list.played('music', 'baresip', 'caller', transport);
  });

  // In the clear: baresip 1.0 keeps the first keys of a call, and takes no others from whoever plays to it.
  test.each([
    ['UDP, in PCMU', 'udp', 'PCMU'],
    ['TLS, in PCMA', 'tls', 'PCMA'],
  ] as const)('is held with music, and hears it over %s', async (_, transport, codec) => {
    const held = await baresip('bob', transport, `;audio_codecs=${codec}`, 'auto');
    await isHeld(held, transport, 'none');
    await held.event('CALL_CLOSED');
  });
});

describeWithPeers('linphone', ['linphonec'], () => {
  async function linphone(srtp: boolean, user = 'alice'): Promise<Linphone> {
    const phone = await Linphone.start(user, {
      directory: join(directory, `linphone-${user}-${String(srtp)}`),
      identity: `sip:${user}@127.0.0.1`,
      registrar: `<sip:127.0.0.1:${String(exchange.ports.tls)};transport=tls>`,
      username: user,
      password: passwordOf(user),
      realm: '127.0.0.1',
      plays: own,
      certificateAuthority: exchange.certificateAuthority,
      answers: user === 'bob',
      codec: 'PCMU',
      srtp,
    });
    ends.push(() => phone.stop());
    await phone.registered();
    return phone;
  }

  test.each([
    ['PCMU', false],
    ['PCMU by SRTP', true],
  ] as const)('hears music in %s', async (_, srtp) => {
    const phone = await linphone(srtp);
    phone.process.write('call sip:music@127.0.0.1');
    await hears(phone, music);
    phone.process.write('terminate');
    // Its process ends without a goodbye when it is told to quit too soon.
    await settled(0);
  });

  // It knows Replaces, so the music server takes the place of who holds it (RFC 5359 2.3).
  test('is held with music, and hears it, by SRTP', async () => {
    await isHeld(await linphone(true, 'bob'), 'tls', 'required');
  });

  /** Calls, is hung up on, and calls again until it has heard what was played. */
  async function callsAndHears(phone: Linphone, address: string, played: Int16Array): Promise<void> {
    let [said, recorded] = [0, 0];
    await untilHeard(played, async () => {
      phone.process.write(`call ${address}`);
      await phone.process.waitFor(/[Cc]all.* (?:ended|terminated)/, { from: said });
      said = phone.process.output.length;
      const heard = phone.heard().subarray(recorded);
      recorded += heard.length;
      return heard;
    });
  }

  test('hears an announcement, and is hung up on', async () => {
    await callsAndHears(await linphone(false), 'sip:announcement@127.0.0.1;play=closed', announcement);
  });

  test('dials a feature code, and hears that it is done', async () => {
    await callsAndHears(await linphone(false), 'sip:*78@127.0.0.1', confirmation);
    const response = await fetch(settingsOf('alice'), { headers: credentialsOf('alice') });
    expect(await response.json()).toEqual({ doNotDisturb: true });
  });
});

describeWithPeers('SIPp is an Alice who takes Replaces', ['sipp'], () => {
  async function sipp(user: string, transport: 'udp' | 'tls'): Promise<SippSubscriber> {
    const started = await SippSubscriber.start(user, transport, directory, exchange);
    ends.push(() => started.stop());
    return started;
  }

  /** She answers Bob, and whoever takes his place, stays for a while, and hangs up: so she does to whoever was replaced. */
  async function alice(transport: 'udp' | 'tls'): Promise<void> {
    const answers = (script: SippScript): SippScript =>
      script
        .receive('INVITE')
        .respond(200, { tag: 'A', body: sessionDescription(1) })
        .receive('ACK')
        .pause(3_000)
        .request('BYE')
        .expect(200);
    const her = await (await sipp('alice', transport)).isCalled(answers, 3);
    ends.push(() => her.stop());
  }

  async function phone(user: string): Promise<SubscriberPhone> {
    const started = await SubscriberPhone.start(user, exchange);
    ends.push(() => started.stop());
    return started;
  }

  async function ended(session: InviteSession): Promise<void> {
    if (session.end !== undefined) return;
    await new Promise<void>((resolve) => {
      session.listen(({ kind }) => {
        if (kind === 'ended') resolve();
      });
    });
  }

  async function referred(
    server: string,
    transport: 'udp' | 'tls',
  ): Promise<{ session: InviteSession; outcome: ReferralOutcome }> {
    await alice(transport);
    const bob = await phone('bob');
    const session = await bob.call('sip:alice@127.0.0.1');
    const outcome = await bob.refer(`sip:${server}@127.0.0.1`, session).outcome;
    expect(outcome).toMatchObject({ kind: 'succeeded', status: 200 });
    return { session, outcome };
  }

  test.each(transports)('of the music server, whom she says goodbye to, over %s', async (transport) => {
    const { session } = await referred('music', transport);
    await settled(1);
    await ended(session);
    await settled(0);
    list.played('music', 'SIPp', 'callee', transport);
    // Who asks for it by INVITE has it, too (RFC 7088).
    const bill = await sipp('bill', transport);
    const listening = await bill.calls('music', (script) =>
      script.expect(200).request('ACK').request('BYE').expect(200),
    );
    expect(await listening.finished()).toMatchObject({ successful: 1, failed: 0 });
    list.played('music', 'SIPp', 'caller', transport);
  });

  test.each(transports)(
    'of the park server: who dials her slot is asked to take her, and somebody retrieves her, over %s',
    async (transport) => {
      const [bill, carol] = [await sipp('bill', transport), await phone('carol')];
      const { session, outcome } = await referred('park', transport);
      const slot = outcome.kind === 'succeeded' ? outcome.dialog?.from.uri : undefined;
      expect(slot?.toString()).toMatch(/^sip:7\d\d@127\.0\.0\.1$/);
      // He does not take her.
      const dialling = await bill.calls(slot instanceof SipUri ? (slot.user ?? '') : '', (script) =>
        script
          .expect(200)
          .request('ACK')
          .receive('REFER', { headers: { 'Refer-To': 'sip:alice@.*Replaces=' } })
          .respond(202)
          .request('BYE')
          .expect(200),
      );
      expect(await dialling.finished()).toMatchObject({ successful: 1, failed: 0 });
      const subscription = carol.subscriber.subscribe({
        package: dialogEvent,
        target: slot?.toString() ?? '',
        expires: 0,
      });
      const states: WatchedDialogs[] = [];
      for await (const state of subscription) states.push(state);
      const [dialog] = states[0]?.dialogs ?? [];
      expect(dialog).toMatchObject({ state: 'confirmed', direction: 'initiator' });
      const { callId = '', localTag = '', remoteTag = '', remote } = dialog ?? {};
      const carols = await carol.call(remote?.target?.uri ?? '', [
        ['Replaces', `${callId};to-tag=${remoteTag};from-tag=${localTag}`],
        ['Require', 'replaces'],
      ]);
      await Promise.all([ended(session), ended(carols)]);
      await settled(0);
      list.played('park', 'SIPp', 'callee', transport);
      list.played('park', 'SIPp', 'caller', transport);
    },
  );
});

describeWithPeers('docs/services.md', ['baresip', 'sipp'], () => {
  test('says with whom all of that was played', () => {
    expect(list.written).toEqual(list.rows);
  });
});

test('a conference of a phone of ours is called and watched at its own address, in this capture as well', async () => {
  const phones = await Promise.all(
    ['bob', 'carol', 'alice'].map(async (user) => {
      const phone = await startPhone({
        ...subscriberSettings(exchange, user),
        permissions: { group: ['*@127.0.0.1'] },
      });
      ends.push(() => phone.stop());
      phone.onIncomingCall((call) => void call.answer());
      await phone.register();
      return phone;
    }),
  );
  const [bob, carol, alice] = phones;
  if (alice === undefined || bob === undefined || carol === undefined) return;
  const conference = await bob.conference([await bob.call('sip:carol@127.0.0.1')]);
  const call = await alice.call(conference.uri ?? '');
  expect([call.focus, carol.calls[0]?.focus]).toEqual([conference.uri, conference.uri]);
  const watched = carol.watchConference(conference.uri ?? '');
  for await (const { users } of watched) if (users.length === 2) break;
  await conference.end();
});

describeWithPeers('Wireshark', ['tshark'], () => {
  test('reads every message of all that, and finds nothing malformed', async () => {
    expect(readFileSync(capture).length).toBeGreaterThan(10_000);
    expect(await tshark(capture, '_ws.malformed', ['frame.number'])).toEqual([]);
    const methods = new Set((await tshark(capture, 'sip.Method', ['sip.Method'])).map(([method]) => method));
    for (const method of ['INVITE', 'REFER', 'NOTIFY', 'SUBSCRIBE', 'BYE']) expect(methods).toContain(method);
    const bodies = await tshark(capture, 'sip.Method == "NOTIFY"', ['sip.Content-Type']);
    const types = new Set(bodies.map(([type = '']) => type.split(';')[0]));
    for (const type of ['application/conference-info+xml', 'application/dialog-info+xml'])
      expect(types).toContain(type);
    expect(await tshark(capture, 'xml && sip.Content-Type contains "conference-info"', ['frame.number'])).not.toEqual(
      [],
    );
    // Who is parked, or hears music, is never hung up on by the server.
    const byes = await tshark(capture, 'sip.Method == "BYE"', ['sip.from.user']);
    expect(byes.map(([user]) => user).filter((user) => user === 'music' || user === '701')).toEqual([]);
  });
});
