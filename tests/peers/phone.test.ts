import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fitSines } from '@switchhook/media';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Baresip } from './support/baresip.ts';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { Linphone } from './support/linphone.ts';
import { freePort } from './support/ports.ts';
import { describeWithPeers } from './support/presence.ts';
import { heardShare, melody, writeWav } from './support/sound.ts';
import { SwitchhookPhone } from './support/switchhook-phone.ts';
import { tshark } from './support/tshark.ts';

type Transport = 'udp' | 'tcp' | 'tls';

const directory = mkdtempSync(join(tmpdir(), 'switchhook-phone-'));
const capture = join(directory, 'sip.pcapng');
const ours = melody(1, 60);
const theirs = melody(2, 60);
const toneFrequency = 1_004;
const tone = Int16Array.from(
  { length: 60 * 8_000 },
  (_, index) => 10_000 * Math.sin((2 * Math.PI * toneFrequency * index) / 8_000),
);
const file = {
  ours: join(directory, 'ours.wav'),
  theirs: join(directory, 'theirs.wav'),
  tone: join(directory, 'tone.wav'),
};
/** Seconds of sound: enough to be recognised. */
const enough = 3;
let exchange: ExchangeProcess;

beforeAll(async () => {
  writeWav(file.ours, ours);
  writeWav(file.theirs, theirs);
  writeWav(file.tone, tone);
  exchange = await ExchangeProcess.start({ directory, arguments: ['--capture', capture] });
});

afterAll(async () => {
  await exchange.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Each transport without and with SRTP. */
const ways = (['udp', 'tcp', 'tls'] as const).flatMap((transport) =>
  [false, true].map((srtp) => ({ transport, srtp, name: `${transport}${srtp ? ' with SRTP' : ''}` })),
);

/** Who is called directly, with nobody between: the ports of both. */
interface Ports {
  readonly ours: number;
  readonly theirs: number;
}

async function phone(name: string, transport: Transport, srtp: boolean, plays = file.ours): Promise<SwitchhookPhone> {
  const started = await SwitchhookPhone.start(name, {
    directory: join(directory, name),
    exchange,
    user: 'alice',
    transport,
    srtp: srtp ? 'required' : 'none',
    plays,
  });
  await started.tells({ event: 'registration', state: 'registered' });
  return started;
}

/** What a peer does beside being heard; each has words of its own for it. */
interface Peer {
  /** baresip 1.0 stops recording what it hears at the first re-INVITE, also one from another baresip. */
  readonly recordsAfterHold: boolean;
  /** Whom our phone calls. */
  readonly uri: string;
  registered(): Promise<void>;
  call(uri: string): void;
  /** Resolves when it may be resumed. */
  hold(): Promise<void>;
  resume(): void;
  hangUp(): void;
  heard(): Int16Array;
  hears(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

async function baresip(name: string, transport: Transport, srtp: boolean, ports?: Ports): Promise<Peer> {
  const at = (port: number): string => `127.0.0.1:${String(port)};transport=${transport}`;
  const domain = at(ports?.theirs ?? exchange.ports[transport]);
  const registers = `;auth_user=bob;auth_pass=${passwordOf('bob')};regint=600`;
  const started = await Baresip.start(name, {
    directory: join(directory, name),
    account: `<sip:bob@${domain}>${ports === undefined ? registers : ';regint=0'}${srtp ? ';mediaenc=srtp-mand' : ''}`,
    plays: file.theirs,
    answers: 'auto',
    certificateAuthority: exchange.certificateAuthority,
    ...(ports !== undefined && { port: ports.theirs }),
  });
  return {
    recordsAfterHold: false,
    uri: ports === undefined ? 'bob' : `sip:bob@${domain}`,
    registered: () => (ports === undefined ? started.event('REGISTER_OK') : Promise.resolve()),
    call: (user) => started.command('dial', `sip:${user}@${at(ports?.ours ?? exchange.ports[transport])}`),
    hold() {
      started.command('hold');
      return Promise.resolve();
    },
    resume: () => started.command('resume'),
    hangUp: () => started.command('hangup'),
    heard: () => started.heard(),
    hears: (seconds) => started.hears(seconds),
    stop: () => started.stop(),
  };
}

async function linphone(
  name: string,
  transport: Transport,
  srtp: boolean,
  ports?: Ports,
  { codec = 'PCMU', plays = file.theirs }: { codec?: 'PCMU' | 'opus'; plays?: string } = {},
): Promise<Peer> {
  const at = (port: number): string => `127.0.0.1:${String(port)};transport=${transport}`;
  const started = await Linphone.start(name, {
    directory: join(directory, name),
    identity: 'sip:bob@127.0.0.1',
    ...(ports === undefined ? { registrar: `<sip:${at(exchange.ports[transport])}>` } : { port: ports.theirs }),
    username: 'bob',
    password: passwordOf('bob'),
    realm: '127.0.0.1',
    plays,
    certificateAuthority: exchange.certificateAuthority,
    answers: true,
    srtp,
    codec,
  });
  return {
    recordsAfterHold: true,
    uri: ports === undefined ? 'bob' : `sip:bob@${at(ports.theirs)}`,
    registered: () => (ports === undefined ? started.registered() : Promise.resolve()),
    call: (user) => started.process.write(`call sip:${user}@${ports === undefined ? '127.0.0.1' : at(ports.ours)}`),
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

/** Listens for a while from now on, and hears what the other plays; `share` is how much of it at least. */
async function hears(listener: Pick<Peer, 'heard' | 'hears'>, played: Int16Array, share: number): Promise<void> {
  const from = listener.heard().length;
  await listener.hears(from / 8_000 + enough);
  expect(heardShare(played, listener.heard().subarray(from))).toBeGreaterThan(share);
}

function hearEachOther(alice: SwitchhookPhone, peer: Peer, share: number): Promise<unknown> {
  return Promise.all([hears(alice, theirs, share), hears(peer, ours, share)]);
}

/** Calls, is called, holds and is held, and hears the peer whenever it should. */
async function converse(alice: SwitchhookPhone, peer: Peer, srtp: boolean, share: number): Promise<void> {
  await peer.registered();
  await alice.command('call', { to: peer.uri });
  await hearEachOther(alice, peer, share);
  const sound = await alice.tells({ event: 'call', change: 'sound' });
  expect(sound).toMatchObject({ encrypted: srtp });

  const hearAgain = (): Promise<unknown> =>
    peer.recordsAfterHold ? hearEachOther(alice, peer, share) : hears(alice, theirs, share);
  await alice.command('hold');
  await alice.command('resume');
  await hearAgain();
  const before = alice.told.length;
  await peer.hold();
  await alice.tells({ event: 'call', remoteHold: true }, { from: before });
  const held = alice.told.length;
  peer.resume();
  await alice.tells({ event: 'call', remoteHold: false }, { from: held });
  await hearAgain();
  await alice.command('hangup');

  const second = alice.told.length;
  peer.call('alice');
  await alice.tells({ event: 'call', change: 'new', direction: 'incoming' }, { from: second });
  await alice.command('answer');
  await hearEachOther(alice, peer, share);
  peer.hangUp();
  const ended = await alice.tells({ event: 'call', change: 'ended' }, { from: second });
  expect(ended).toMatchObject({ end: { kind: 'hung-up', by: 'remote' } });
}

describe.each([
  { who: 'baresip', program: 'baresip', start: baresip },
  // Its jitter buffer drops and stretches at its start; another melody would score below 0.1.
  { who: 'linphone', program: 'linphonec', start: linphone },
])('our phone with', ({ who, program, start }) => {
  describeWithPeers(`a ${who}`, [program], () => {
    test.each(ways)('over $name', async ({ transport, srtp }) => {
      const name = `${who}-${transport}${srtp ? '-srtp' : ''}`;
      const peer = await start(name, transport, srtp);
      const alice = await phone(`with-${name}`, transport, srtp);
      try {
        await converse(alice, peer, srtp, 0.5);
      } finally {
        await alice.stop();
        await peer.stop();
      }
    });

    test.each(['udp', 'tcp'] as const)('over %s, and nobody between them', async (transport) => {
      const ports = { ours: await freePort(), theirs: await freePort() };
      const name = `direct-${who}-${transport}`;
      const peer = await start(name, transport, false, ports);
      const alice = await SwitchhookPhone.start(`with-${name}`, {
        directory: join(directory, `with-${name}`),
        exchange,
        user: 'alice',
        transport,
        srtp: 'none',
        plays: file.ours,
        port: ports.ours,
        proxy: `127.0.0.1:${String(ports.theirs)}`,
      });
      try {
        await converse(alice, peer, false, 0.5);
      } finally {
        await alice.stop();
        await peer.stop();
      }
    });
  });
});

describeWithPeers('our phone with a linphone', ['linphonec'], () => {
  // Opus does not keep the shape of a melody; a tone comes out a tone.
  test('in Opus, over tls with SRTP: each hears the tone of the other', async () => {
    const peer = await linphone('linphone-opus', 'tls', true, undefined, { codec: 'opus', plays: file.tone });
    const alice = await phone('with-linphone-opus', 'tls', true, file.tone);
    try {
      await peer.registered();
      await alice.command('call', { to: 'bob' });
      await alice.tells({ event: 'call', change: 'sound', codec: 'opus', encrypted: true });
      await Promise.all([alice.hears(enough), peer.hears(enough)]);
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

describeWithPeers('Wireshark reads what the phone says', ['tshark', 'baresip'], () => {
  test('without a malformed field', async () => {
    await exchange.stop();
    expect(await tshark(capture, 'sip.Method == "INVITE"', ['frame.number'])).not.toHaveLength(0);
    expect(await tshark(capture, '_ws.malformed || !sip', ['frame.number'])).toEqual([]);
  });
});
