import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { TextPhone } from './call.testing.ts';
import { startExchange } from './house.testing.ts';
import { DatagramPeer } from './peers.testing.ts';
import { methodOf, requestText, statusOf } from './sip-text.testing.ts';
import type { RequestParts } from './sip-text.testing.ts';

let exchange: ExchangeProcess;
let end: () => Promise<void>;

beforeAll(async () => {
  const servers = { announcement: {} };
  ({ exchange, end } = await startExchange({ servers, media: { address: '127.0.0.1' } }));
}, 40_000);

afterAll(() => end());

const callers: [string, RequestParts][] = [
  ['a call that claims to be ours', { method: 'INVITE', uri: 'sip:bob@127.0.0.1', from: 'sip:alice@127.0.0.1' }],
  ['a call to nobody', { method: 'INVITE', uri: 'sip:nobody@127.0.0.1' }],
  ['a call to a phone that is off', { method: 'INVITE', uri: 'sip:bob@127.0.0.1' }],
  ['a call to strangers', { method: 'INVITE', uri: 'sip:x@elsewhere.invalid' }],
  ['a call by a scheme nobody knows', { method: 'INVITE', uri: 'gopher:x' }],
  ['a call with an option nobody knows', { method: 'INVITE', uri: 'sip:bob@127.0.0.1', headers: ['Proxy-Require: x'] }],
  ['a call with no hops left', { method: 'INVITE', uri: 'sip:bob@127.0.0.1', maxForwards: 0 }],
  [
    'a call with a flow token from nowhere',
    { method: 'INVITE', uri: 'sip:bob@127.0.0.1', headers: ['Route: <sip:c!x!1!2@127.0.0.1;lr>'] },
  ],
  [
    'a registration',
    { method: 'REGISTER', uri: 'sip:127.0.0.1', to: '<sip:bob@127.0.0.1>', headers: ['Contact: <sip:bob@192.0.2.1>'] },
  ],
  ['a question', { method: 'OPTIONS', uri: 'sip:127.0.0.1' }],
];

describe('whoever forges his address cannot make the exchange send to it at length (RFC 3261 26.3.2.4)', () => {
  test('one datagram brings one answer of a few times its size, and no repetition', async () => {
    const peers = await Promise.all(callers.map(() => DatagramPeer.open(exchange.ports.udp)));
    const sent = callers.map(([, parts]) => requestText(parts));
    const answers = await Promise.all(peers.map((peer, index) => peer.ask(sent[index] ?? '')));
    // Timer G would repeat the failures of INVITEs as often as timer A repeats an INVITE (RFC 3261 17.1.1.2, 17.2.1).
    const carol = await TextPhone.open(exchange.ports.udp, 'carol');
    await carol.register();
    const { inbox } = carol.peer;
    carol.peer.send(requestText({ method: 'INVITE', uri: carol.uri, from: 'sip:x@elsewhere.invalid' }));
    await inbox.find(() => inbox.texts.filter((text) => methodOf(text) === 'INVITE').length === 3, 'a third INVITE');
    for (const [index, peer] of peers.entries()) {
      const [what] = callers[index] ?? [];
      const all = peer.inbox.texts.join('');
      expect(all.length / (sent[index]?.length ?? 1), what).toBeLessThan(4);
      expect(
        peer.inbox.texts.filter((text) => statusOf(text) >= 200),
        what,
      ).toHaveLength(1);
      peer.close();
    }
    carol.peer.close();
    expect(answers.map(statusOf)).toEqual([407, 404, 480, 403, 416, 420, 483, 403, 401, 200]);
  });
});

test('a call to an announcement that nobody acknowledges has no sound sent anywhere', async () => {
  const [forged, victim] = await Promise.all([
    DatagramPeer.open(exchange.ports.udp),
    DatagramPeer.open(exchange.ports.udp, '127.0.0.77'),
  ]);
  const audio = `m=audio ${String(victim.port)} RTP/AVP 0`;
  const body = ['v=0', 'o=- 1 1 IN IP4 127.0.0.77', 's=-', 'c=IN IP4 127.0.0.77', 't=0 0', audio, ''].join('\r\n');
  const headers = ['Contact: <sip:x@127.0.0.1:9>', 'Content-Type: application/sdp'];
  forged.send(requestText({ method: 'INVITE', uri: 'sip:announcement@127.0.0.1;play=busy', headers, body }));
  const { inbox } = forged;
  // The third 200 comes a second and a half after the first one, in which there would be seventy packets.
  await inbox.find(() => inbox.texts.filter((text) => statusOf(text) === 200).length === 3, 'a third 200');
  expect(victim.inbox.texts).toEqual([]);
  for (const each of [forged, victim]) each.close();
});

describe('an answer goes to where its request came from', () => {
  test.each([
    ['sent-by', (port: number) => `SIP/2.0/UDP 127.0.0.4:${port};rport;branch=z9hG4bKx1`],
    ['received', (port: number) => `SIP/2.0/UDP 127.0.0.1;rport;received=127.0.0.4;x=${port};branch=z9hG4bKx2`],
    ['rport', (port: number) => `SIP/2.0/UDP 127.0.0.4;rport=${port};received=127.0.0.4;branch=z9hG4bKx3`],
    ['maddr', (port: number) => `SIP/2.0/UDP 127.0.0.4:${port};maddr=127.0.0.4;rport;branch=z9hG4bKx4`],
    ['an address in brackets as maddr', (port: number) => `SIP/2.0/UDP a:${port};maddr=[::1];rport;branch=z9hG4bKx5`],
    ['a transport that it did not come by', (port: number) => `SIP/2.0/TCP 127.0.0.4:${port};rport;branch=z9hG4bKx6`],
  ])('whatever the Via says in its %s', async (_what, via) => {
    const victim = await DatagramPeer.open(exchange.ports.udp, '127.0.0.4');
    const attacker = await DatagramPeer.open(exchange.ports.udp);
    for (const method of ['OPTIONS', 'INVITE']) {
      const text = requestText({ method, uri: 'sip:nobody@127.0.0.1', via: `${via(victim.port)}${method}` });
      expect(statusOf(await attacker.ask(text))).toBe(404);
      expect(
        statusOf(await attacker.ask(text.replace('Max-Forwards: 70', 'Max-Forwards: x').replace('bKx', 'bKy'))),
      ).toBe(400);
    }
    expect((await victim.settled()).map((text) => methodOf(text) || statusOf(text))).toEqual([]);
    victim.close();
    attacker.close();
  });

  test('responses nobody asked for go nowhere', async () => {
    const attacker = await DatagramPeer.open(exchange.ports.udp);
    const victim = await DatagramPeer.open(exchange.ports.udp, '127.0.0.4');
    for (const via of [
      `SIP/2.0/UDP 127.0.0.1:${exchange.ports.udp};branch=z9hG4bKguess`,
      `SIP/2.0/UDP 127.0.0.4:${victim.port};branch=z9hG4bKguess`,
    ]) {
      const under = `Via: SIP/2.0/UDP 127.0.0.4:${victim.port};branch=z9hG4bKunder`;
      const request = requestText({ method: 'INVITE', uri: 'sip:bob@127.0.0.1', via, headers: [] });
      attacker.send(request.replace(/^INVITE .*/, 'SIP/2.0 200 OK').replace('Max-Forwards: 70', under));
    }
    expect(await attacker.settled()).toEqual([]);
    expect(await victim.settled()).toEqual([]);
    attacker.close();
    victim.close();
  });
});
