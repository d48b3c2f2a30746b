import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevelopmentCertificateAuthority, systemContext } from '@switchhook/node';
import { describe, expect, test } from 'vitest';
import { silent } from '../../../packages/exchange/src/phone.testing.ts';
import { ExchangeProcess } from './exchange-process.ts';
import { freePort } from './ports.ts';
import { describeWithPeers } from './presence.ts';
import { hears, melody, writeWav } from './sound.ts';
import { SwitchhookPhone } from './switchhook-phone.ts';

export type Transport = 'udp' | 'tcp' | 'tls';

/** Who is called directly, with nobody between: the ports of both. */
export interface Ports {
  readonly ours: number;
  readonly theirs: number;
}

/** What a peer does beside being heard; each has words of its own for it. */
export interface Peer {
  /** Whom our phone calls, once it has been called. */
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

/** Starts the peer as bob: at the exchange of the house, or at a port of its own where nobody is between. */
export type StartPeer = (name: string, transport: Transport, srtp: boolean, ports?: Ports) => Promise<Peer>;

const transports = ['udp', 'tcp', 'tls'] as const;
const withoutAndWithSrtp = [
  { srtp: false, sound: 'without SRTP' },
  { srtp: true, sound: 'with SRTP' },
];

/** Each transport without and with SRTP. */
const ways = transports.flatMap((transport) =>
  withoutAndWithSrtp.map(({ srtp }) => ({ transport, srtp, name: `${transport}${srtp ? ' with SRTP' : ''}` })),
);

/** TLS has the port above that of UDP and TCP. */
export const directPort = (port: number, transport: Transport): number => (transport === 'tls' ? port + 1 : port);

/** An exchange, and what the two who talk through it play. */
export class ConversationHouse {
  readonly directory = mkdtempSync(join(tmpdir(), 'switchhook-conversation-'));
  /** Everything that the exchange hears and says. */
  readonly capture = join(this.directory, 'sip.pcapng');
  readonly ours = melody(1, 60);
  readonly theirs = melody(2, 60);
  /** Files with a certificate of this machine, for everybody who is called directly over TLS. */
  readonly pem = {
    certificate: join(this.directory, 'certificate.pem'),
    key: join(this.directory, 'key.pem'),
    both: join(this.directory, 'both.pem'),
  };
  readonly file = { ours: join(this.directory, 'ours.wav'), theirs: join(this.directory, 'theirs.wav') };
  #exchange: ExchangeProcess | undefined;

  async open(): Promise<void> {
    writeWav(this.file.ours, this.ours);
    writeWav(this.file.theirs, this.theirs);
    this.#exchange = await ExchangeProcess.start({
      directory: this.directory,
      arguments: ['--capture', this.capture],
    });
    const folder = join(this.#exchange.data, 'ca');
    const authority = await DevelopmentCertificateAuthority.open(folder, systemContext(silent));
    const { certificatePem, privateKeyPem } = await authority.issue({ addresses: ['127.0.0.1'] });
    writeFileSync(this.pem.certificate, certificatePem);
    writeFileSync(this.pem.key, privateKeyPem);
    writeFileSync(this.pem.both, certificatePem + privateKeyPem);
  }

  async close(): Promise<void> {
    await this.#exchange?.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  get exchange(): ExchangeProcess {
    if (this.#exchange === undefined) throw new Error('the house is not open');
    return this.#exchange;
  }

  /** Our phone, as alice, registered. */
  async phone(
    name: string,
    transport: Transport,
    srtp: boolean,
    plays: string = this.file.ours,
  ): Promise<SwitchhookPhone> {
    const started = await SwitchhookPhone.start(name, {
      directory: join(this.directory, name),
      exchange: this.exchange,
      user: 'alice',
      transport,
      srtp: srtp ? 'required' : 'none',
      plays,
    });
    await started.tells({ event: 'registration', state: 'registered' });
    return started;
  }

  /** Is called, calls, holds and is held, and hears the peer whenever it should. */
  async converse(alice: SwitchhookPhone, peer: Peer, srtp: boolean): Promise<void> {
    await peer.registered();
    await this.#isCalledBy(peer, alice);
    const from = alice.told.length;
    await alice.command('call', { to: peer.uri });
    await this.#hearEachOther(alice, peer);
    const sound = await alice.tells({ event: 'call', change: 'sound' }, { from });
    expect(sound).toMatchObject({ encrypted: srtp });

    await alice.command('hold');
    await alice.command('resume');
    await this.#hearEachOther(alice, peer);
    const before = alice.told.length;
    await peer.hold();
    await alice.tells({ event: 'call', remoteHold: true }, { from: before });
    const held = alice.told.length;
    peer.resume();
    await alice.tells({ event: 'call', remoteHold: false }, { from: held });
    await this.#hearEachOther(alice, peer);
    await alice.command('hangup');
  }

  async #isCalledBy(peer: Peer, alice: SwitchhookPhone): Promise<void> {
    peer.call('alice');
    await alice.tells({ event: 'call', change: 'new', direction: 'incoming' });
    await alice.command('answer');
    await this.#hearEachOther(alice, peer);
    peer.hangUp();
    const ended = await alice.tells({ event: 'call', change: 'ended' });
    expect(ended).toMatchObject({ end: { kind: 'hung-up', by: 'remote' } });
  }

  #hearEachOther(alice: SwitchhookPhone, peer: Peer): Promise<unknown> {
    return Promise.all([hears(alice, this.theirs), hears(peer, this.ours)]);
  }
}

/** Our phone and the peer converse in every way in which they can reach each other. */
export function conversationsWith(who: string, program: string, house: ConversationHouse, start: StartPeer): void {
  describeWithPeers(`our phone with a ${who}`, [program], () => {
    test.each(ways)('over $name', async ({ transport, srtp }) => {
      const name = `${who}-${transport}${srtp ? '-srtp' : ''}`;
      const peer = await start(name, transport, srtp);
      const alice = await house.phone(`with-${name}`, transport, srtp);
      try {
        await house.converse(alice, peer, srtp);
      } finally {
        await alice.stop();
        await peer.stop();
      }
    });

    // The two of one transport side by side: they know nothing of each other.
    describe.each(transports)('and nobody between them, over %s', (transport) => {
      test.concurrent.each(withoutAndWithSrtp)('$sound', async ({ srtp }) => {
        const ports = { ours: await freePort(), theirs: await freePort() };
        const name = `direct-${who}-${transport}${srtp ? '-srtp' : ''}`;
        const peer = await start(name, transport, srtp, ports);
        const alice = await SwitchhookPhone.start(`with-${name}`, {
          directory: join(house.directory, `with-${name}`),
          exchange: house.exchange,
          user: 'alice',
          transport,
          srtp: srtp ? 'required' : 'none',
          plays: house.file.ours,
          port: ports.ours,
          registers: false,
          ...(transport === 'tls' && { certificate: house.pem }),
        });
        await alice.tells({ event: 'started' });
        try {
          await house.converse(alice, peer, srtp);
        } finally {
          await alice.stop();
          await peer.stop();
        }
      });
    });
  });
}
