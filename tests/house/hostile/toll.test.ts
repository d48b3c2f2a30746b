import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { freePort } from '../../peers/support/ports.ts';
import { TextPhone } from './call.testing.ts';
import { metric, startExchange } from './house.testing.ts';
import { DatagramPeer } from './peers.testing.ts';
import {
  headerOf,
  headersOf,
  methodOf,
  requestText,
  responseText,
  statusOf,
  token,
  uriIn,
} from './sip-text.testing.ts';

/**
 * A gateway that takes whatever comes from the exchange for a call to make, To tag or not. It has a machine of its own, as have
 * bob, alice and the stranger.
 */
const gatewayAddress = '127.0.0.5';

let exchange: ExchangeProcess;
let end: () => Promise<void>;
let gateway: DatagramPeer;
let other: DatagramPeer;
let alice: TextPhone;
let bob: TextPhone;
let attacker: DatagramPeer;

/** Has a peer take every request, as at `contact`. */
function answerAt(peer: DatagramPeer, contact: string): void {
  const put = peer.inbox.put.bind(peer.inbox);
  peer.inbox.put = (text) => {
    put(text);
    const method = methodOf(text);
    if (method !== '' && method !== 'ACK') peer.send(responseText(text, 200, 'pbx', [`Contact: <${contact}>`]));
  };
}

beforeAll(async () => {
  const port = await freePort();
  [gateway, other, attacker] = await Promise.all([
    DatagramPeer.open(port, gatewayAddress),
    DatagramPeer.open(port, gatewayAddress),
    DatagramPeer.open(port),
  ]);
  const ways = [{ name: 'pbx', uri: `sip:${gatewayAddress}:${gateway.port}`, prefixes: ['+'] }];
  const listeners = [{ protocol: 'udp', address: '127.0.0.1', port }];
  ({ exchange, end } = await startExchange({ listeners, gateways: ways }));
  alice = await TextPhone.open(port, 'alice', '127.0.0.2');
  bob = await TextPhone.open(port, 'bob', '127.0.0.3');
  bob.answerEverything();
  expect(statusOf(await bob.register())).toBe(200);
  answerAt(gateway, `sip:${gatewayAddress}:${gateway.port}`);
  answerAt(other, `sip:x@${gatewayAddress}:${other.port}`);
}, 40_000);

afterAll(async () => {
  for (const each of [alice, bob, attacker, gateway, other]) each.close();
  await end();
});

const number = '+190055555';
/** What the gateway has got, but for what belongs to the calls it is to have. */
const got = (callId: string): string[] =>
  [...gateway.inbox.texts, ...other.inbox.texts].filter((text) => headerOf(text, 'Call-ID') === callId).map(methodOf);

describe('a gateway, from within a call that it takes no part in', () => {
  test('gets nothing that it could take for a new call, from either end of the call', async () => {
    const [callId, callerTag] = [token(), token()];
    const headers = [`Contact: <sip:mallory@127.0.0.1:${attacker.port}>`];
    const invite = requestText({ method: 'INVITE', uri: 'sip:bob@127.0.0.1', callId, fromTag: callerTag, headers });
    const answer = await attacker.ask(invite);
    expect(statusOf(answer)).toBe(200);
    const route = headersOf(answer, 'Record-Route').map((value) => `Route: ${value}`);
    const calleeTag = /tag=([^;]+)/.exec(headerOf(answer, 'To'))?.[1] ?? '';
    const places = [
      `sip:${number}@${gatewayAddress}:${gateway.port}`,
      `sip:${number}@${gatewayAddress}:${other.port}`,
      `sip:${number}@[::ffff:${gatewayAddress}]:${gateway.port}`,
      // The exchange's own translation of a number, for somebody who is in a call.
      `sip:${number}@127.0.0.1`,
    ];
    const sides = [
      [callerTag, calleeTag],
      [callerTag, token()],
      [calleeTag, callerTag],
    ] as const;
    let cseq = 10;
    for (const method of ['INVITE', 'MESSAGE', 'SUBSCRIBE', 'REFER']) {
      for (const uri of places) {
        for (const [fromTag, toTag] of sides) {
          cseq += 1;
          const parts = { method, uri, callId, fromTag, to: `<${uri}>;tag=${toTag}`, cseq };
          const text = requestText({ ...parts, headers: [...headers, ...route, 'Refer-To: <sip:x@x.invalid>'] });
          expect([method, uri, statusOf(await attacker.ask(text))]).toEqual([method, uri, 403]);
        }
      }
    }
    expect(got(callId)).toEqual([]);
    expect(await metric(exchange, 'switchhook_services_total', 'event="out of reach"')).toBeGreaterThan(0);
  });

  test('and from within one that it takes part in, all of it: as who is called', async () => {
    expect(await alice.call(`sip:${number}@127.0.0.1`)).toEqual([200, 200, 200]);
  });

  test('and as who calls: the other end reaches it, and it the other end', async () => {
    const [callId, fromTag] = [token(), token()];
    const contact = `Contact: <sip:${gatewayAddress}:${gateway.port}>`;
    const from = `sip:+4930@${gatewayAddress}`;
    const call = { uri: 'sip:bob@127.0.0.1', callId, fromTag, from };
    const answer = await gateway.ask(requestText({ ...call, method: 'INVITE', headers: [contact] }));
    expect(statusOf(answer)).toBe(200);
    const invite = await bob.peer.inbox.find((text) => headerOf(text, 'Call-ID') === callId);
    // Bob puts the call on hold: along the route that his side has been told, in its order (RFC 3261 12.1.1).
    const again = requestText({
      method: 'INVITE',
      uri: uriIn(headerOf(invite, 'Contact')),
      callId,
      from: 'sip:bob@127.0.0.1',
      fromTag: 'bob-tag',
      to: headerOf(invite, 'From'),
      headers: [...headersOf(invite, 'Record-Route').map((value) => `Route: ${value}`), `Contact: <${bob.contact}>`],
    });
    expect(statusOf(await bob.peer.ask(again))).toBe(200);
    const back = bob.inDialog(answer, 'INVITE', 2, [contact]);
    expect(statusOf(await gateway.ask(back))).toBe(200);
  });
});
