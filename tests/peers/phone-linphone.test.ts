import { join } from 'node:path';
import { fitSines } from '@switchhook/media';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConversationHouse, conversationsWith, directPort } from './support/conversation.ts';
import type { Peer, Ports, Transport } from './support/conversation.ts';
import { passwordOf } from './support/exchange-process.ts';
import { Linphone } from './support/linphone.ts';
import { describeWithPeers } from './support/presence.ts';
import { enoughSound, writeWav } from './support/sound.ts';

const toneFrequency = 1_004;
const tone = Int16Array.from(
  { length: 60 * 8_000 },
  (_, index) => 10_000 * Math.sin((2 * Math.PI * toneFrequency * index) / 8_000),
);
const house = new ConversationHouse();
const toneFile = join(house.directory, 'tone.wav');

beforeAll(async () => {
  await house.open();
  writeWav(toneFile, tone);
});
afterAll(() => house.close());

async function linphone(
  name: string,
  transport: Transport,
  srtp: boolean,
  ports?: Ports,
  { codec = 'PCMU', plays = house.file.theirs }: { codec?: 'PCMU' | 'opus'; plays?: string } = {},
): Promise<Peer> {
  const { exchange } = house;
  const at = (port: number): string => `127.0.0.1:${String(port)};transport=${transport}`;
  const started = await Linphone.start(name, {
    directory: join(house.directory, name),
    identity: 'sip:bob@127.0.0.1',
    ...(ports === undefined ? { registrar: `<sip:${at(exchange.ports[transport])}>` } : { port: ports.theirs }),
    username: 'bob',
    password: passwordOf('bob'),
    realm: '127.0.0.1',
    plays,
    certificateAuthority: exchange.certificateAuthority,
    ...(ports !== undefined && { certificate: house.pem }),
    answers: true,
    srtp,
    codec,
  });
  return {
    get uri() {
      if (ports === undefined) return 'bob';
      // Over TLS it takes no connections: it is called over the one that it has opened.
      return transport === 'tls' ? started.contact : `sip:bob@${at(ports.theirs)}`;
    },
    registered: () => (ports === undefined ? started.registered() : Promise.resolve()),
    call: (user) =>
      started.process.write(
        `call sip:${user}@${ports === undefined ? '127.0.0.1' : at(directPort(ports.ours, transport))}`,
      ),
    async hold() {
      started.process.write('pause');
      await started.process.waitFor(/is now paused/);
    },
    resume: () => started.process.write('resume'),
    hangUp: () => started.process.write('terminate'),
    heard: () => started.heard(),
    hears: (seconds) => started.hears(seconds),
    stop: () => started.stop(),
  };
}

conversationsWith('linphone', 'linphonec', house, linphone);

describeWithPeers('our phone with a linphone, in Opus', ['linphonec'], () => {
  // Opus does not keep the shape of a melody; a tone comes out a tone.
  test('over tls with SRTP: each hears the tone of the other', async () => {
    const peer = await linphone('linphone-opus', 'tls', true, undefined, { codec: 'opus', plays: toneFile });
    const alice = await house.phone('with-linphone-opus', 'tls', true, toneFile);
    try {
      await peer.registered();
      await alice.command('call', { to: 'bob' });
      await alice.tells({ event: 'call', change: 'sound', codec: 'opus', encrypted: true });
      await Promise.all([alice.hears(enoughSound), peer.hears(enoughSound)]);
      for (const listener of [alice, peer]) {
        const { signalToNoise } = fitSines(listener.heard().subarray(-4_000), 8_000, [toneFrequency]);
        expect(signalToNoise).toBeGreaterThan(10);
      }
    } finally {
      await alice.stop();
      await peer.stop();
    }
  });
});
