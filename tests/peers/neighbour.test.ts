import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Baresip } from './support/baresip.ts';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { Kamailio } from './support/kamailio.ts';
import { freePort } from './support/ports.ts';
import { describeWithPeers } from './support/presence.ts';
import { Sipp } from './support/sipp.ts';
import { melody, writeWav } from './support/sound.ts';

describeWithPeers('a Kamailio is the next hop', ['kamailio', 'baresip', 'sipp'], () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-neighbour-'));
  const played = join(directory, 'played.wav');
  let exchange: ExchangeProcess;
  let kamailio: Kamailio;

  beforeAll(async () => {
    writeWav(played, melody(3, 10));
    exchange = await ExchangeProcess.start({ directory });
    kamailio = await Kamailio.start(join(directory, 'kamailio'));
  });

  afterAll(async () => {
    await kamailio.stop();
    await exchange.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function alice(transport: 'udp' | 'tcp' | 'tls', answers: 'auto' | 'manual'): Promise<Baresip> {
    const phone = await Baresip.start(`alice-${transport}`, {
      directory: join(directory, `alice-${transport}-${answers}`),
      account: `<sip:alice@127.0.0.1:${exchange.ports[transport]};transport=${transport}>;auth_user=alice;auth_pass=${passwordOf('alice')};regint=600;outbound="sip:127.0.0.1:${exchange.ports[transport]};transport=${transport}"`,
      plays: played,
      answers,
      certificateAuthority: exchange.certificateAuthority,
    });
    await phone.registered();
    return phone;
  }

  test.each(['udp', 'tls'] as const)('from Kamailio to a phone of ours over %s', async (transport) => {
    const phone = await alice(transport, 'auto');
    try {
      const caller = await Sipp.start({
        directory,
        scenario: 'call',
        remote: `127.0.0.1:${exchange.ports.udp}`,
        arguments: ['-s', 'alice', '-rsa', `127.0.0.1:${kamailio.port}`, '-m', '1', '-d', '500'],
      });
      expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
      await phone.event('CALL_CLOSED');
    } finally {
      await phone.stop();
    }
  });

  test.each(['udp', 'tls'] as const)('from a phone of ours over %s to Kamailio', async (transport) => {
    const answering = await freePort();
    const registration = await Sipp.start({
      directory,
      scenario: 'register',
      remote: `127.0.0.1:${kamailio.port}`,
      arguments: ['-s', 'dora', '-key', 'contact_port', String(answering), '-m', '1'],
    });
    expect(await registration.finished()).toMatchObject({ successful: 1 });
    const callee = await Sipp.start({ directory, scenario: 'answer', port: answering, arguments: ['-m', '1'] });
    const phone = await alice(transport, 'manual');
    try {
      phone.command('dial', `sip:dora@127.0.0.1:${kamailio.port};transport=udp`);
      await phone.event('CALL_ESTABLISHED');
      phone.command('hangup');
      expect(await callee.finished()).toMatchObject({ successful: 1, failed: 0 });
    } finally {
      await phone.stop();
      await callee.stop();
    }
  });
});
