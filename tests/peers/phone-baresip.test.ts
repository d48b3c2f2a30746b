import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Baresip } from './support/baresip.ts';
import { ConversationHouse, conversationsWith, directPort } from './support/conversation.ts';
import type { Peer, Ports, Transport } from './support/conversation.ts';
import { passwordOf } from './support/exchange-process.ts';
import { describeWithPeers } from './support/presence.ts';
import { tshark } from './support/tshark.ts';

const house = new ConversationHouse();
beforeAll(() => house.open());
afterAll(() => house.close());

async function baresip(name: string, transport: Transport, srtp: boolean, ports?: Ports): Promise<Peer> {
  const { exchange, file } = house;
  const at = (port: number): string => `127.0.0.1:${String(port)};transport=${transport}`;
  const portOf = (direct: number | undefined): number =>
    direct === undefined ? exchange.ports[transport] : directPort(direct, transport);
  const domain = at(portOf(ports?.theirs));
  const registers = `;auth_user=bob;auth_pass=${passwordOf('bob')};regint=600`;
  const started = await Baresip.start(name, {
    directory: join(house.directory, name),
    account: `<sip:bob@${domain}>${ports === undefined ? registers : ';regint=0'}${srtp ? ';mediaenc=srtp-mand' : ''}`,
    plays: file.theirs,
    answers: 'auto',
    certificateAuthority: exchange.certificateAuthority,
    ...(ports !== undefined && { port: ports.theirs, certificateAndKey: house.pem.both }),
  });
  return {
    uri: ports === undefined ? 'bob' : `sip:bob@${domain}`,
    registered: () => (ports === undefined ? started.registered() : Promise.resolve()),
    call: (user) => started.command('dial', `sip:${user}@${at(portOf(ports?.ours))}`),
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

conversationsWith('baresip', 'baresip', house, baresip);

describeWithPeers('our phone and a baresip send each other digits', ['baresip'], () => {
  // Beside Opus, of 48,000 Hz, a baresip has telephone-event of 8,000 Hz alone.
  test.each(['PCMU', 'opus'] as const)('beside %s', async (codec) => {
    const name = `baresip-digits-${codec}`;
    const peer = await Baresip.start(name, {
      directory: join(house.directory, name),
      account: `<sip:bob@127.0.0.1:${String(house.exchange.ports.udp)};transport=udp>;auth_user=bob;auth_pass=${passwordOf('bob')}`,
      plays: codec === 'opus' ? 440 : house.file.theirs,
      codec: codec === 'opus' ? codec : undefined,
      answers: 'auto',
    });
    const alice = await house.phone(`digits-with-${name}`, 'udp', false);
    try {
      await peer.registered();
      await alice.command('call', { to: 'bob' });
      await alice.tells({ event: 'call', change: 'sound', codec });
      await alice.command('digits', { digits: '5#' });
      for (const digit of '5#')
        await peer.process.waitFor(new RegExp(`"type":"CALL_DTMF_START"[^}]*"param":"${digit}"`));
      for (const digit of '4*') {
        peer.command('sndcode', digit);
        await alice.tells({ event: 'digit', digit });
      }
    } finally {
      await alice.stop();
      await peer.stop();
    }
  });
});

describeWithPeers('Wireshark reads what the phone says', ['tshark', 'baresip'], () => {
  test('without a malformed field', async () => {
    await house.exchange.stop();
    expect(await tshark(house.capture, 'sip.Method == "INVITE"', ['frame.number'])).not.toHaveLength(0);
    expect(await tshark(house.capture, '_ws.malformed || !sip', ['frame.number'])).toEqual([]);
  });
});
