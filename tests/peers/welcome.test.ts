import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@switchhook/exchange';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { welcome } from '../../packages/cli/src/welcome.ts';
import { Baresip } from './support/baresip.ts';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { PeerProcess } from './support/peer-process.ts';
import { describeWithPeers } from './support/presence.ts';
import { melody, writeWav } from './support/sound.ts';

const users = ['alice', 'bob', 'carol', 'bill'];
const directory = mkdtempSync(join(tmpdir(), 'switchhook-welcome-'));
let exchange: ExchangeProcess;
let lines: string[];

/** The lines that begin so, as a person copies them. */
const pasted = (start: string): string[] =>
  lines.filter((line) => line.startsWith(`  ${start}`)).map((line) => line.trim());

beforeAll(async () => {
  exchange = await ExchangeProcess.start({ directory, subscribers: users });
  const { udp, tcp, tls } = exchange.ports;
  const listeners = [
    { protocol: 'UDP', address: '127.0.0.1', port: udp },
    { protocol: 'TCP', address: '127.0.0.1', port: tcp },
    { protocol: 'TLS', address: '127.0.0.1', port: tls },
  ] as const;
  const demonstrated = users.map((user) => ({ user, domain: '127.0.0.1', password: passwordOf(user) }));
  const welcomed = { listeners, adminUrl: '', developmentCaFile: exchange.certificateAuthority };
  lines = welcome(welcomed, loadConfiguration(join(directory, 'switchhook.yaml')), demonstrated).split('\n');
});

afterAll(async () => {
  await exchange.stop();
  rmSync(directory, { recursive: true, force: true });
});

describeWithPeers('the lines of the welcome, pasted into baresip', ['baresip'], () => {
  test('register each of the four', async () => {
    const plays = join(directory, 'sound.wav');
    writeWav(plays, melody(1, 1));
    const certificateAuthority = pasted('sip_cafile')[0]?.split(' ')[1] ?? '';
    const accounts = pasted('<sip:');
    expect(accounts).toHaveLength(users.length);
    for (const [index, account] of accounts.entries()) {
      const options = { directory: join(directory, `baresip-${index}`), account, plays, certificateAuthority };
      const phone = await Baresip.start(`pasted-${index}`, { ...options, answers: 'manual' });
      try {
        await phone.registered();
      } finally {
        await phone.stop();
      }
    }
  });
});

describeWithPeers('the lines of the welcome, pasted into linphonec', ['linphonec'], () => {
  /** A linphonec that was never started before. */
  async function fresh(name: string): Promise<PeerProcess> {
    const home = join(directory, name);
    mkdirSync(join(home, '.local/share/linphone'), { recursive: true });
    mkdirSync(join(home, '.config'));
    const phone = new PeerProcess(name, 'linphonec', [], { env: { HOME: home } });
    await phone.waitFor(/linphonec>/);
    return phone;
  }

  test('register two beside each other, and one calls the other', async () => {
    const [alice, bob] = [await fresh('linphone-alice'), await fresh('linphone-bob')];
    try {
      const ports = pasted('ports sip');
      const registers = pasted('register sip:');
      for (const [index, phone] of [alice, bob].entries()) {
        phone.write(ports[index] ?? '');
        phone.write(registers[index] ?? '');
        const registered = (): boolean => {
          phone.write('status register');
          return /registered, identity=sip:/.test(phone.output);
        };
        await expect.poll(registered, { timeout: 20_000, interval: 500 }).toBe(true);
      }
      alice.write('call sip:bob@127.0.0.1');
      await bob.waitFor(/Receiving new incoming call from .*sip:alice@127\.0\.0\.1/);
      bob.write('answer');
      await alice.waitFor(/Call 1 with .* connected/);
    } finally {
      await alice.stop();
      await bob.stop();
    }
  });
});
