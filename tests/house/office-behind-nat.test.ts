/** The office behind a NAT of docs/operations.md, with loopback in place of its addresses. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ExchangeProcess } from '../peers/support/exchange-process.ts';
import { TextPhone } from './hostile/call.testing.ts';
import { StreamPeer } from './hostile/peers.testing.ts';
import { headerOf, headersOf, methodOf, requestText, statusOf } from './hostile/sip-text.testing.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
const [, example = ''] = /^## An office behind NAT$[^]*?^```yaml\n([^]*?)^```/m.exec(page) ?? [];
/** All but its addresses, its ports, its certificate and its folder, which are those of the test. */
const { domains, limits, servers, media } = parse(example) as Record<string, unknown>;

let exchange: ExchangeProcess;
let directory: string;
let alice: TextPhone;
let bob: TextPhone;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'switchhook-office-'));
  exchange = await ExchangeProcess.start({
    directory,
    publicName: 'sip.example.com',
    configuration: { domains, limits, servers, media },
  });
  alice = await TextPhone.open(exchange.ports.udp, 'alice');
  // As one behind a NAT sees itself.
  bob = await TextPhone.open(exchange.ports.udp, 'bob', '127.0.0.3', 'sip:bob@10.0.0.2:5060');
  bob.answerEverything();
}, 40_000);

afterAll(async () => {
  for (const phone of [alice, bob]) phone.close();
  await exchange.process.stop('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

test('the example names the listeners by what the world calls them', () => {
  expect(example).toContain('address: 192.168.1.10, publicName: sip.example.com');
});

test('a phone behind a NAT is registered for ten minutes, is called, and all of the call finds it by the public name', async () => {
  const answer = await bob.register([`Contact: <${bob.contact}>`, 'Expires: 3600']);
  expect([statusOf(answer), headerOf(answer, 'Contact')]).toEqual([200, expect.stringContaining('expires=600')]);
  expect(await alice.call('sip:bob@203.0.113.5')).toEqual([200, 200, 200]);
  const methods = bob.peer.inbox.texts.map(methodOf).filter((method) => method !== '');
  expect(new Set(methods)).toEqual(new Set(['INVITE', 'ACK', 'BYE']));
  const invite = bob.peer.inbox.texts.find((text) => methodOf(text) === 'INVITE') ?? '';
  const ours = `sip.example.com:${exchange.ports.udp}`;
  expect(headersOf(invite, 'Via')[0]).toContain(ours);
  expect(headersOf(invite, 'Record-Route')).toEqual([expect.stringContaining(ours)]);
});

test('a server tells where its sound is reached from outside', async () => {
  const headers = [`Contact: <${alice.contact}>`];
  const answer = await alice.ask({ method: 'INVITE', uri: 'sip:announcement@127.0.0.1', headers });
  expect(statusOf(answer)).toBe(200);
  expect(answer).toContain('c=IN IP4 203.0.113.5');
  const port = Number(/^m=audio (\d+) /m.exec(answer)?.[1]);
  expect(port).toBeGreaterThanOrEqual(16_384);
  expect(port).toBeLessThanOrEqual(16_583);
});

test('keep-alives of connections are answered', async () => {
  const connection = await StreamPeer.open(exchange.ports.tcp);
  connection.write(requestText({ method: 'OPTIONS', uri: 'sip:example.com', transport: 'TCP' }));
  await connection.sees(/^SIP\/2\.0 200 [^]*\r\n\r\n$/);
  const { length } = connection.received;
  connection.write('\r\n\r\n');
  await connection.sees(new RegExp(`^[^]{${length}}\r\n$`));
  connection.close();
});
