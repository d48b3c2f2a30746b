import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { openAliceAndBob, TextPhone } from './call.testing.ts';
import { metric, startExchange } from './house.testing.ts';
import { DatagramPeer } from './peers.testing.ts';
import { branchOf, headerOf, methodOf, requestText, responseText, statusOf, token } from './sip-text.testing.ts';

let exchange: ExchangeProcess;
let end: () => Promise<void>;
let alice: TextPhone;
let bob: TextPhone;
/** Registered, and says nothing. */
let carol: TextPhone;
let attacker: DatagramPeer;

beforeAll(async () => {
  ({ exchange, end } = await startExchange());
  ({ alice, bob } = await openAliceAndBob(exchange.ports.udp));
  carol = await TextPhone.open(exchange.ports.udp, 'carol');
  attacker = await DatagramPeer.open(exchange.ports.udp, '127.0.0.9');
  expect(statusOf(await carol.register())).toBe(200);
}, 40_000);

afterAll(async () => {
  for (const each of [alice, bob, carol, attacker]) each.close();
  await end();
});

const memory = (): Promise<number> => metric(exchange, 'process_resident_memory_bytes');
const transactions = (): Promise<number> => metric(exchange, 'switchhook_transactions', 'kind="server"');

/** Sends so much in pieces, each followed by a whole call of alice to bob, and answers with the calls' statuses. */
async function amidst(count: number, text: (index: number) => string): Promise<number[]> {
  const statuses: number[] = [];
  for (let sent = 0; sent < count;) {
    for (let index = 0; index < 250; index++, sent++) attacker.send(text(sent));
    statuses.push(...(await alice.call('sip:bob@127.0.0.1')));
  }
  return [...new Set(statuses)];
}

describe('a flood of', () => {
  test.each([
    ['calls of strangers that nobody acknowledges', () => ({ method: 'INVITE', uri: 'sip:nobody@127.0.0.1' })],
    [
      'calls that claim to be ours',
      () => ({ method: 'INVITE', uri: 'sip:bob@127.0.0.1', from: 'sip:alice@127.0.0.1' }),
    ],
    [
      'registrations without credentials',
      () => ({ method: 'REGISTER', uri: 'sip:127.0.0.1', to: '<sip:bob@127.0.0.1>' }),
    ],
    ['CANCELs of nothing', () => ({ method: 'CANCEL', uri: 'sip:bob@127.0.0.1' })],
    ['relay attempts', () => ({ method: 'MESSAGE', uri: `sip:${token()}@elsewhere.invalid` })],
  ])('%s keeps nothing, and disturbs no call', async (_what, parts) => {
    const before = [await transactions(), await memory()] as const;
    expect(await amidst(3_000, () => requestText(parts()))).toEqual([200]);
    await attacker.settled();
    // What remains is of the calls in between: five transactions each, and the probe.
    expect((await transactions()) - before[0]).toBeLessThan(100);
    expect((await memory()) - before[1]).toBeLessThan(120e6);
  });

  test('calls that ring for ever leaves room for others', async () => {
    const ringing = (): string => requestText({ method: 'INVITE', uri: 'sip:carol@127.0.0.1' });
    const before = await memory();
    expect(await amidst(2_000, ringing)).toEqual([200]);
    expect((await memory()) - before).toBeLessThan(200e6);
  });

  test('responses to requests that were never sent goes nowhere, and disturbs no call', async () => {
    const via = (): string => `SIP/2.0/UDP 127.0.0.1:${exchange.ports.udp};branch=z9hG4bK${token()}${token()}`;
    const response = (): string =>
      responseText(requestText({ method: 'INVITE', uri: 'sip:bob@127.0.0.1', via: via() }), 200, token());
    const stray = (): Promise<number> => metric(exchange, 'switchhook_transaction_events_total', 'strayResponses');
    const before = await stray();
    expect(await amidst(2_000, response)).toEqual([200]);
    expect((await stray()) - before).toBeGreaterThan(1_000);
  });
});

describe('a call that rings', () => {
  test('cannot be ended or answered from another address, even by who knows its branch', async () => {
    const callId = token();
    const ringing = alice.ask({
      method: 'INVITE',
      uri: 'sip:carol@127.0.0.1',
      callId,
      headers: [`Contact: <${alice.contact}>`],
    });
    const invite = await carol.peer.inbox.find((text) => methodOf(text) === 'INVITE' && text.includes(callId));
    const [, alicesVia = ''] = invite.match(/^Via: .*$/gm) ?? [];
    const stolen = {
      method: 'CANCEL',
      uri: 'sip:carol@127.0.0.1',
      callId,
      from: alice.uri,
      fromTag: /tag=(\w+)/.exec(headerOf(invite, 'From'))?.[1] ?? '',
      cseq: Number.parseInt(headerOf(invite, 'CSeq'), 10),
      via: alicesVia.slice('Via: '.length),
    };
    attacker.send(requestText(stolen));
    const refusal = await attacker.inbox.find((text) => text.includes('CANCEL') && text.includes(callId));
    expect(statusOf(refusal)).toBe(481);
    // With a branch near the right one, a response is of nothing.
    const guess = branchOf(invite).replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
    attacker.send(responseText(invite, 603, 'x').replace(branchOf(invite), guess));
    await attacker.settled();
    carol.peer.send(responseText(invite, 486, 'carols'));
    expect(statusOf(await ringing)).toBe(486);
  });
});
