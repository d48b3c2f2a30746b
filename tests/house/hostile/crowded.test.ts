import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { TextPhone } from './call.testing.ts';
import { metric, startExchange } from './house.testing.ts';
import { DatagramPeer } from './peers.testing.ts';
import { headerOf, requestText, statusOf } from './sip-text.testing.ts';

let exchange: ExchangeProcess;
let end: () => Promise<void>;

beforeAll(async () => {
  ({ exchange, end } = await startExchange({ limits: { transactions: 200 } }));
}, 40_000);

afterAll(() => end());

describe('when strangers have taken every transaction', () => {
  test('new calls are answered 503, those in progress go on, and the refusals are counted', async () => {
    const [alice, bob, carol] = await Promise.all(
      ['alice', 'bob', 'carol'].map((user) => TextPhone.open(exchange.ports.udp, user)),
    );
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error('no phones');
    const attacker = await DatagramPeer.open(exchange.ports.udp, '127.0.0.9');
    bob.answerEverything();
    expect(statusOf(await bob.register())).toBe(200);
    expect(statusOf(await carol.register())).toBe(200);
    const headers = [`Contact: <${alice.contact}>`];
    const answer = await alice.ask({ method: 'INVITE', uri: 'sip:bob@127.0.0.1', headers });
    alice.peer.send(alice.inDialog(answer, 'ACK', 2));
    for (let index = 0; index < 1_000; index++) {
      attacker.send(requestText({ method: 'INVITE', uri: 'sip:carol@127.0.0.1', callId: `flood-${index}` }));
    }
    const turnedAway = await attacker.inbox.find((text) => statusOf(text) === 503);
    expect(Number(headerOf(turnedAway, 'Retry-After'))).toBeGreaterThan(0);
    const again = await alice.within(answer, 'INVITE', headers);
    alice.peer.send(alice.inDialog(again, 'ACK', 3));
    expect(statusOf(again)).toBe(200);
    expect(statusOf(await alice.within(answer, 'BYE'))).toBe(200);
    expect(await metric(exchange, 'switchhook_transaction_events_total', '"refused"')).toBeGreaterThan(700);
    expect(await metric(exchange, 'switchhook_transactions', 'kind="server"')).toBeLessThanOrEqual(250);
    for (const each of [alice, bob, carol, attacker]) each.close();
  });
});
