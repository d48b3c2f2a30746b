import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Baresip } from './support/baresip.ts';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { Linphone } from './support/linphone.ts';
import { describeWithPeers } from './support/presence.ts';
import { hears, melody, writeWav } from './support/sound.ts';

const directory = mkdtempSync(join(tmpdir(), 'switchhook-phones-'));
const sound = { alice: melody(1, 60), bob: melody(2, 60) };
const file = { alice: join(directory, 'alice.wav'), bob: join(directory, 'bob.wav') };
let exchange: ExchangeProcess;

beforeAll(async () => {
  writeWav(file.alice, sound.alice);
  writeWav(file.bob, sound.bob);
  exchange = await ExchangeProcess.start({ directory });
});

afterAll(async () => {
  await exchange.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function baresip(
  user: 'alice' | 'bob',
  transport: 'udp' | 'tcp' | 'tls',
  options: { answers?: 'auto' | 'manual'; name?: string; exchange?: ExchangeProcess } = {},
): Promise<Baresip> {
  const name = options.name ?? `${user}-${transport}`;
  const { ports, certificateAuthority } = options.exchange ?? exchange;
  return Baresip.start(name, {
    directory: join(directory, name),
    account: `<sip:${user}@127.0.0.1:${ports[transport]};transport=${transport}>;auth_user=${user};auth_pass=${passwordOf(user)};regint=600`,
    plays: file[user],
    answers: options.answers ?? 'manual',
    certificateAuthority,
  });
}

describeWithPeers(
  'two baresips register with digest, call each other and hear what the other plays',
  ['baresip'],
  () => {
    test.each(['udp', 'tcp', 'tls'] as const)('over %s', async (transport) => {
      const bob = await baresip('bob', transport, { answers: 'auto' });
      const alice = await baresip('alice', transport);
      try {
        await bob.registered();
        await alice.registered();
        alice.command('dial', `sip:bob@127.0.0.1:${exchange.ports[transport]};transport=${transport}`);
        await alice.event('CALL_ESTABLISHED');
        await bob.event('CALL_ESTABLISHED');
        await Promise.all([hears(alice, sound.bob), hears(bob, sound.alice)]);
        alice.command('hangup');
        await bob.event('CALL_CLOSED');
      } finally {
        await alice.stop();
        await bob.stop();
      }
    });
  },
);

describeWithPeers('a baresip that is killed and started again, each time on other ports', ['baresip'], () => {
  test.each(['tcp', 'tls'] as const)(
    'registers over %s as often as it likes, and is one contact',
    async (transport) => {
      // More often than there may be contacts: one more would be 403.
      const limited = await ExchangeProcess.start({
        directory: join(directory, `limited-${transport}`),
        configuration: { limits: { contactsPerSubscriber: 2 } },
      });
      try {
        for (let time = 1; time <= 4; time++) {
          const bob = await baresip('bob', transport, { name: `killed-${transport}`, exchange: limited });
          try {
            await bob.registered();
            expect(bob.process.output).toContain('[1 binding]');
          } finally {
            await bob.process.stop('SIGKILL');
            await bob.stop();
          }
        }
      } finally {
        await limited.stop();
      }
    },
  );
});

async function linphone(name: string, trusts: string): Promise<Linphone> {
  return Linphone.start(name, {
    directory: join(directory, name),
    identity: 'sip:alice@127.0.0.1',
    registrar: `<sip:127.0.0.1:${exchange.ports.tls};transport=tls>`,
    username: 'alice',
    password: passwordOf('alice'),
    realm: '127.0.0.1',
    plays: file.alice,
    certificateAuthority: trusts,
  });
}

describeWithPeers('a linphone registers over TLS', ['linphonec', 'baresip'], () => {
  test('and calls a baresip, and each hears what the other plays', async () => {
    const bob = await baresip('bob', 'udp', { answers: 'auto', name: 'bob-for-linphone' });
    const alice = await linphone('linphone', exchange.certificateAuthority);
    try {
      await bob.registered();
      await alice.registered();
      alice.process.write('call sip:bob@127.0.0.1');
      await bob.event('CALL_ESTABLISHED');
      await alice.process.waitFor(/Media streams established/);
      await Promise.all([hears(alice, sound.bob), hears(bob, sound.alice)]);
      alice.process.write('terminate');
      await bob.event('CALL_CLOSED');
    } finally {
      await alice.stop();
      await bob.stop();
    }
  });

  // Of the peers linphone is the one that checks certificates: baresip 1.0 loads its authorities and then accepts all.
  test('but not when it trusts other authorities', async () => {
    const distrustful = await linphone('distrustful', '/etc/ssl/certs/ca-certificates.crt');
    try {
      await distrustful.logs(/Certificate verification failed/);
      expect(distrustful.process.output).not.toMatch(/Registration on .* successful/);
    } finally {
      await distrustful.stop();
    }
  });
});
