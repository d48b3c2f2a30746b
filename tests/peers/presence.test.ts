/** Somebody else's notifier of dialogs, and somebody else's phones, for pickup and redial (RFC 5359 2.16, 2.17). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Call, Phone, PhoneEvent } from '@switchhook/phone';
import { startPhone } from '@switchhook/phone/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Baresip } from './support/baresip.ts';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { Kamailio } from './support/kamailio.ts';
import { Linphone } from './support/linphone.ts';
import { subscriberSettings } from './support/our-phone.ts';
import { freePort } from './support/ports.ts';
import { describeWithPeers } from './support/presence.ts';
import { melody, writeWav } from './support/sound.ts';

describeWithPeers('a Kamailio tells of the dialogs', ['kamailio', 'baresip'], () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-presence-'));
  const played = join(directory, 'played.wav');
  let kamailio: Kamailio;
  const phones: Phone[] = [];
  const peers: Baresip[] = [];

  beforeAll(async () => {
    writeWav(played, melody(3, 30));
    kamailio = await Kamailio.start(join(directory, 'kamailio'), { watchesDialogs: true });
  });

  afterEach(async () => {
    await Promise.all(peers.splice(0).map((peer) => peer.stop()));
    await Promise.all(phones.splice(0).map((phone) => phone.stop()));
  });

  afterAll(async () => {
    await kamailio.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const uriOf = (user: string): string => `sip:${user}@127.0.0.1:${String(kamailio.port)}`;

  /** A phone of ours that everybody may pick up from: nobody else is in this network. */
  async function ours(user: string): Promise<Phone> {
    const phone = await startPhone({
      addressOfRecord: uriOf(user),
      outboundProxies: [uriOf('')].map((uri) => uri.replace('@', '')),
      transports: ['UDP'],
      address: '127.0.0.1',
      port: await freePort(),
      permissions: { identity: 'claimed', pickUp: { allow: 'everybody' }, replace: { allow: 'everybody' } },
    });
    phones.push(phone);
    await phone.register();
    return phone;
  }

  async function baresip(user: string, answers: 'auto' | 'manual'): Promise<Baresip> {
    const name = `${user}-${String(peers.length)}-${String(Math.trunc(performance.now()))}`;
    const peer = await Baresip.start(name, {
      directory: join(directory, name),
      account: `<${uriOf(user)};transport=udp>;auth_pass=x;regint=600;outbound="${uriOf('').replace('@', '')};transport=udp"`,
      plays: played,
      answers,
    });
    peers.push(peer);
    await peer.registered();
    return peer;
  }

  test('what rings at baresip is picked up by what Kamailio says of it', async () => {
    const [alice, bill, bob] = [await ours('alice'), await ours('bill'), await baresip('bob', 'manual')];
    const call = alice.dial(uriOf('bob'));
    await bob.event('CALL_INCOMING');
    const taken = await retried(() => bill.pickUp(uriOf('bob')));
    expect(taken.state).toBe('connected');
    expect(call.state).toBe('connected');
    expect(call.remote.uri).toBe(uriOf('bill'));
    await bob.event('CALL_CLOSED');
    await call.hangUp();
  });

  test('baresip is called again when Kamailio says that it is free', async () => {
    const [alice, carol, bob] = [await ours('alice'), await ours('carol'), await baresip('bob', 'auto')];
    const call = await carol.call(uriOf('bob'));
    const states: string[] = [];
    alice.onEvent((event: PhoneEvent) => {
      if (event.kind === 'redial') states.push(event.state);
    });
    const redial = alice.redial(uriOf('bob'));
    // Kamailio tells what it knows at once; that he is in a call is nothing to act on.
    await until(() => alice.stats().subscriptions === 1 && alice.stats().requests === 0);
    expect(redial.state).toBe('watching');
    expect(alice.calls).toEqual([]);
    await call.hangUp();
    const connected = await redial.connected();
    expect(connected.state).toBe('connected');
    expect(states.slice(0, 3)).toEqual(['watching', 'waiting', 'calling']);
    await bob.event('CALL_ESTABLISHED');
    await connected.hangUp();
  });
});

describeWithPeers('behind our exchange', ['linphonec', 'baresip'], () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-pickup-'));
  const played = join(directory, 'played.wav');
  let exchange: ExchangeProcess;
  const phones: Phone[] = [];

  beforeAll(async () => {
    writeWav(played, melody(3, 30));
    exchange = await ExchangeProcess.start({ directory });
  });

  afterEach(async () => {
    await Promise.all(phones.splice(0).map((phone) => phone.stop()));
  });

  afterAll(async () => {
    await exchange.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A phone of ours that knows who is in its group because the exchange says who calls. */
  async function ours(user: string, group: readonly string[] = []): Promise<Phone> {
    const phone = await startPhone({
      ...subscriberSettings(exchange, user),
      port: await freePort(),
      permissions: { group },
    });
    phones.push(phone);
    await phone.register();
    return phone;
  }

  /** Calls Bob and plays the melody. */
  async function linphone(): Promise<Linphone> {
    const caller = await Linphone.start('alice', {
      directory: join(directory, 'linphone'),
      identity: 'sip:alice@127.0.0.1',
      registrar: `<sip:127.0.0.1:${String(exchange.ports.udp)};transport=udp>`,
      username: 'alice',
      password: passwordOf('alice'),
      realm: '127.0.0.1',
      plays: played,
      codec: 'PCMU',
    });
    await caller.registered();
    return caller;
  }

  test('only the group sees what rings, and linphone goes on with who picks it up', async () => {
    const [bob, bill, carol] = [await ours('bob', ['bill@127.0.0.1']), await ours('bill'), await ours('carol')];
    const caller = await linphone();
    try {
      const ringing = new Promise<Call>((resolve) => bob.onIncomingCall(resolve));
      caller.process.write('call sip:bob@127.0.0.1');
      const call = await ringing;
      await expect(carol.pickUp('bob')).rejects.toMatchObject({ failure: { kind: 'forbidden' } });
      // While its own call rings somewhere, linphone rings for who wants to take that over, and is busy (486) when nobody
      // answers it: Bob's phone rings on.
      await expect(bill.pickUp('bob')).rejects.toMatchObject({ failure: { kind: 'taken', status: 486 } });
      expect(call.state).toBe('ringing');
      await call.answer();
      const taken = await bill.pickUp('bob', { evenAnswered: true });
      expect(taken.state).toBe('connected');
      await until(() => call.state === 'ended');
      await taken.hangUp();
    } finally {
      await caller.stop();
    }
  });

  test('a baresip, which knows no Replaces, rings on where it called', async () => {
    const [bob, bill] = [await ours('bob', ['bill@127.0.0.1']), await ours('bill')];
    const at = `127.0.0.1:${String(exchange.ports.udp)};transport=udp`;
    const caller = await Baresip.start('alice', {
      directory: join(directory, 'baresip'),
      account: `<sip:alice@${at}>;auth_user=alice;auth_pass=${passwordOf('alice')};regint=600`,
      plays: played,
      answers: 'manual',
    });
    try {
      await caller.registered();
      const ringing = new Promise<Call>((resolve) => bob.onIncomingCall(resolve));
      caller.command('dial', `sip:bob@${at}`);
      const call = await ringing;
      await expect(bill.pickUp('bob')).rejects.toMatchObject({ failure: { status: 420 } });
      expect(bill.calls).toEqual([]);
      await call.answer();
      await caller.event('CALL_ESTABLISHED');
      await call.hangUp();
    } finally {
      await caller.stop();
    }
  });
});

/** Kamailio learns of a call a little later than the phones do. */
async function retried<T>(wish: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await wish();
    } catch (error) {
      if (tries === 20) throw error;
      await pause(100);
    }
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(50);
}
