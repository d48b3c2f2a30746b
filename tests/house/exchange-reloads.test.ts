/** An exchange that reads its configuration again while calls, sound and registrations stand: nothing of them is lost. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { passwordOf } from '../peers/support/exchange-process.ts';
import type { ExchangeProcess } from '../peers/support/exchange-process.ts';
import { openAliceAndBob } from './hostile/call.testing.ts';
import type { TextPhone } from './hostile/call.testing.ts';
import { metric, startExchange } from './hostile/house.testing.ts';
import { DatagramPeer, StreamPeer } from './hostile/peers.testing.ts';
import {
  challengeOf,
  digestAnswer,
  headerOf,
  headersOf,
  methodOf,
  requestText,
  responseText,
  statusOf,
  uriIn,
} from './hostile/sip-text.testing.ts';

const reloads = 4;
let exchange: ExchangeProcess;
let end: () => Promise<void>;
let alice: TextPhone;
let bob: TextPhone;
let connected: StreamPeer;
let sound: DatagramPeer;

beforeAll(async () => {
  ({ exchange, end } = await startExchange({ servers: { music: {} }, media: { address: '127.0.0.1' } }));
  ({ alice, bob } = await openAliceAndBob(exchange.ports.udp));
  alice.answerEverything();
  expect(statusOf(await alice.register())).toBe(200);
  connected = await registeredOverTcp('carol');
  sound = await DatagramPeer.open(exchange.ports.udp);
}, 40_000);

afterAll(async () => {
  for (const each of [alice, bob, connected, sound]) each.close();
  await end();
});

/** A phone whose binding lasts only as long as its connection. */
async function registeredOverTcp(user: string): Promise<StreamPeer> {
  const peer = await StreamPeer.open(exchange.ports.tcp);
  const [uri, from] = ['sip:127.0.0.1', `sip:${user}@127.0.0.1`];
  const register = (cseq: number, headers: readonly string[] = []): string => {
    const contact = `Contact: <sip:${user}@127.0.0.1:9;transport=tcp>`;
    const parts = { method: 'REGISTER', transport: 'TCP', uri, from, to: `<${from}>`, callId: user, cseq };
    return requestText({ ...parts, headers: [contact, ...headers] });
  };
  peer.write(register(1));
  const challenge = challengeOf(await peer.sees(/^SIP\/2\.0 401 [^]*\r\n\r\n/));
  const proof = digestAnswer({ username: user, password: passwordOf(user), method: 'REGISTER', uri, challenge });
  peer.write(register(2, [`Authorization: ${proof}`]));
  await peer.sees(/SIP\/2\.0 200 [^]*\r\n\r\n/);
  return peer;
}

/** HUP, with another subscriber each time, and what is done until the exchange says that it has read it. */
async function reload(number: number, meanwhile: () => Promise<void>): Promise<void> {
  const file = join(dirname(exchange.data), 'switchhook.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/user: bill\d*/, `user: bill${String(number)}`));
  exchange.process.child.kill('SIGHUP');
  const reading = { isOver: false };
  const read = exchange.process.waitFor(new RegExp(`(?:"msg":"configuration read again"[^]*){${String(number)}}`));
  const over = read.finally(() => (reading.isOver = true));
  while (!reading.isOver) await meanwhile();
  await over;
}

test('no request in a call, no sound and no registration is lost', async () => {
  const contact = [`Contact: <${alice.contact}>`];
  const call = await alice.ask({ method: 'INVITE', uri: bob.uri, headers: contact });
  expect(statusOf(call)).toBe(200);
  alice.peer.send(alice.inDialog(call, 'ACK', Number.parseInt(headerOf(call, 'CSeq'), 10)));
  const invite = bob.peer.inbox.texts.find((text) => methodOf(text) === 'INVITE') ?? '';

  const description = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'];
  const body = [...description, `m=audio ${String(sound.port)} RTP/AVP 0`, ''].join('\r\n');
  const music = await alice.ask({
    method: 'INVITE',
    uri: 'sip:music@127.0.0.1',
    headers: [...contact, 'Content-Type: application/sdp'],
    body,
  });
  expect(statusOf(music)).toBe(200);
  alice.peer.send(alice.inDialog(music, 'ACK', Number.parseInt(headerOf(music, 'CSeq'), 10)));
  await sound.inbox.find(() => true, 'music');

  let [asked, cseq] = [0, 0];
  const bothAsk = async (): Promise<void> => {
    asked += 1;
    expect(statusOf(await alice.within(call, 'INFO'))).toBe(200);
    cseq += 1;
    const info = requestText({
      method: 'INFO',
      uri: uriIn(headerOf(invite, 'Contact')),
      from: uriIn(headerOf(invite, 'To')),
      fromTag: 'bob-tag',
      to: headerOf(invite, 'From'),
      callId: headerOf(invite, 'Call-ID'),
      cseq,
      headers: headersOf(invite, 'Record-Route').map((value) => `Route: ${value}`),
    });
    expect(statusOf(await bob.peer.ask(info))).toBe(200);
  };
  const before = await metric(exchange, 'switchhook_registrations');
  for (let number = 1; number <= reloads; number++) await reload(number, bothAsk);
  await bothAsk();

  expect([before, await metric(exchange, 'switchhook_registrations')]).toEqual([3, 3]);
  expect(await metric(exchange, 'switchhook_flows', 'TCP')).toBe(1);
  const heard = sound.inbox.texts.map((text) => Buffer.from(text, 'latin1').readUInt16BE(2));
  const first = heard[0] ?? 0;
  expect(heard).toEqual(heard.map((_, index) => (first + index) % 65_536));
  for (const phone of [alice, bob]) {
    expect(phone.peer.inbox.texts.filter((text) => methodOf(text) === 'INFO')).toHaveLength(asked);
  }

  const toCarol = alice.ask({ method: 'MESSAGE', uri: 'sip:carol@127.0.0.1' });
  const arrived = /MESSAGE sip:carol@[^]*/.exec(await connected.sees(/MESSAGE sip:carol@[^]*\r\n\r\n/))?.[0] ?? '';
  connected.write(responseText(arrived, 200, 'carol'));
  expect(statusOf(await toCarol)).toBe(200);
  for (const each of [music, call]) expect(statusOf(await alice.within(each, 'BYE'))).toBe(200);
  await expect.poll(() => metric(exchange, 'switchhook_calls')).toBe(0);
}, 60_000);
