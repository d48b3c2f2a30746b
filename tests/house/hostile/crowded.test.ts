import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { openAliceAndBob, TextPhone } from './call.testing.ts';
import { metric, startExchange } from './house.testing.ts';
import { DatagramPeer } from './peers.testing.ts';
import { headerOf, requestText, statusOf } from './sip-text.testing.ts';

let exchange: ExchangeProcess;
let end: () => Promise<void>;
let alice: TextPhone;
let bob: TextPhone;
/** Registered, and says nothing. */
let carol: TextPhone;

beforeAll(async () => {
  const limits = { transactions: 200, requests: 80, requestsPerSource: 20 };
  ({ exchange, end } = await startExchange({ limits }));
  ({ alice, bob } = await openAliceAndBob(exchange.ports.udp));
  carol = await TextPhone.open(exchange.ports.udp, 'carol');
  expect(statusOf(await carol.register())).toBe(200);
}, 40_000);

afterAll(async () => {
  for (const each of [alice, bob, carol]) each.close();
  await end();
});

const requests = (): Promise<number> => metric(exchange, 'switchhook_proxied_requests ');
const refused = (): Promise<number> => metric(exchange, 'switchhook_proxy_events_total', '"refusedForShare"');

/** So many calls to somebody who says nothing, and what the last of them got. */
async function flood(attacker: DatagramPeer, count: number): Promise<string> {
  const calls = Array.from({ length: count }, () => requestText({ method: 'INVITE', uri: 'sip:carol@127.0.0.1' }));
  for (const call of calls.slice(1)) attacker.send(call);
  return attacker.ask(calls[0] ?? '');
}

describe('when a stranger has filled his share with calls that nobody answers', () => {
  test('he gets 503 with Retry-After, is counted, and nobody else notices', async () => {
    const attacker = await DatagramPeer.open(exchange.ports.udp, '127.0.0.9');
    const other = await DatagramPeer.open(exchange.ports.udp, '127.0.0.10');
    const headers = [`Contact: <${alice.contact}>`];
    const answer = await alice.ask({ method: 'INVITE', uri: 'sip:bob@127.0.0.1', headers });
    alice.peer.send(alice.inDialog(answer, 'ACK', 2));
    const turnedAway = await flood(attacker, 500);
    expect(statusOf(turnedAway)).toBe(503);
    expect(Number(headerOf(turnedAway, 'Retry-After'))).toBeGreaterThan(0);
    expect(await requests()).toBe(20);
    expect(await refused()).toBe(480);
    // Another stranger, a subscriber at the very same address as the first one, and a call that stands.
    expect(statusOf(await other.ask(requestText({ method: 'MESSAGE', uri: 'sip:bob@127.0.0.1' })))).toBe(200);
    const neighbour = await TextPhone.open(exchange.ports.udp, 'alice', '127.0.0.9');
    expect(await neighbour.call('sip:bob@127.0.0.1')).toEqual([200, 200, 200]);
    const again = await alice.within(answer, 'INVITE', headers);
    alice.peer.send(alice.inDialog(again, 'ACK', 3));
    expect([statusOf(again), statusOf(await alice.within(answer, 'BYE'))]).toEqual([200, 200]);
    for (const each of [attacker, other, neighbour]) each.close();
  });

  test('and from many addresses strangers fill but half, so that subscribers call and register', async () => {
    const attackers = await Promise.all(
      [20, 21, 22, 23, 24].map((last) => DatagramPeer.open(exchange.ports.udp, `127.0.0.${String(last)}`)),
    );
    for (const each of attackers) await flood(each, 50);
    expect(await requests()).toBe(40);
    expect(await alice.call('sip:bob@127.0.0.1')).toEqual([200, 200, 200]);
    expect(statusOf(await alice.register())).toBe(200);
    for (const each of attackers) each.close();
  });
});
