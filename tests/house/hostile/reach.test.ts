import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { freePort } from '../../peers/support/ports.ts';
import { TextPhone } from './call.testing.ts';
import { metric, startExchange } from './house.testing.ts';
import { DatagramPeer } from './peers.testing.ts';
import { headersOf, requestText, statusOf, token } from './sip-text.testing.ts';
import type { RequestParts } from './sip-text.testing.ts';

let exchange: ExchangeProcess;
let end: () => Promise<void>;
let alice: TextPhone;
let bob: TextPhone;
let attacker: DatagramPeer;
/** Takes commands, a line each, from whoever connects, and is on loopback for that reason. */
let service: Server;
let servicePort: number;
const commands: string[] = [];

beforeAll(async () => {
  const port = await freePort();
  const listeners = ['udp', 'tcp'].map((protocol) => ({ protocol, address: '0.0.0.0', port }));
  ({ exchange, end } = await startExchange({ listeners }));
  [alice, bob, attacker] = await Promise.all([
    TextPhone.open(port, 'alice'),
    TextPhone.open(port, 'bob'),
    DatagramPeer.open(port),
  ]);
  bob.answerEverything();
  expect(statusOf(await bob.register())).toBe(200);
  service = createServer((socket) => socket.on('data', (data) => commands.push(data.toString())));
  servicePort = await freePort();
  await new Promise<void>((resolve) => service.listen(servicePort, '127.0.0.1', resolve));
}, 40_000);

afterAll(async () => {
  for (const each of [alice, bob, attacker]) each.close();
  service.close();
  await end();
});

/** Where the service is, as a URI says it. */
const ways = ['127.0.0.1', '[::ffff:127.0.0.1]', '0.0.0.0'];
const command = { body: 'FLUSHALL\r\n', headers: ['Content-Type: text/plain'] };
const at = (host: string): string => `sip:x@${host}:${servicePort};transport=tcp`;

describe('an exchange that others reach sends nothing to what listens on its own machine', () => {
  test('for a subscriber', async () => {
    for (const host of ways) {
      const answer = await alice.ask({ method: 'MESSAGE', uri: at(host), ...command });
      expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    }
    const said = await alice.ask({ method: 'MESSAGE', uri: at('127.0.0.1'), ...command });
    expect(said).toMatch(/^SIP\/2\.0 403 Address Out Of Reach\r\n/);
    expect(await metric(exchange, 'switchhook_services_total', 'event="out of reach"')).toBeGreaterThan(0);
    expect(commands).toEqual([]);
  });

  test('by a Route, or a contact that a subscriber has registered', async () => {
    const headers = [...command.headers, `Route: <${at('127.0.0.1')};lr>`];
    const routed = await alice.ask({ method: 'MESSAGE', uri: 'sip:x@192.0.2.77', body: command.body, headers });
    expect(statusOf(routed)).toBe(403);
    expect(statusOf(await alice.register([`Contact: <${at('127.0.0.1')}>`, 'Expires: 600']))).toBe(200);
    expect(statusOf(await alice.ask({ method: 'MESSAGE', uri: alice.uri, ...command }))).toBe(403);
    expect(commands).toEqual([]);
  });

  test('for a stranger, whose call has given him a mark', async () => {
    const [callId, fromTag] = [token(), token()];
    const call: RequestParts = { method: 'INVITE', uri: 'sip:bob@127.0.0.1', callId, fromTag };
    const headers = [`Contact: <sip:mallory@127.0.0.1:${attacker.port}>`];
    const answer = await attacker.ask(requestText({ ...call, headers }));
    expect(statusOf(answer)).toBe(200);
    const route = headersOf(answer, 'Record-Route').map((value) => `Route: ${value}`);
    for (const uri of [at('127.0.0.1'), 'sip:x@10.255.255.1:6379;transport=tcp']) {
      for (const [ours, theirs] of [
        [fromTag, token()],
        [token(), fromTag],
      ] as const) {
        const parts = { method: 'MESSAGE', uri, callId, fromTag: ours, to: `<sip:x@x.invalid>;tag=${theirs}`, cseq: 2 };
        const message = { ...parts, body: command.body, headers: [...command.headers, ...route] };
        expect(await attacker.ask(requestText(message))).toMatch(/^SIP\/2\.0 403 Address Out Of Reach\r\n/);
      }
    }
    expect(commands).toEqual([]);
  });

  test('and telephones on that machine, which have registered from there, have their calls', async () => {
    expect(await alice.call('sip:bob@127.0.0.1')).toEqual([200, 200, 200]);
  });
});
