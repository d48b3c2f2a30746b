import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passwordOf } from '../../peers/support/exchange-process.ts';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { TextPhone } from './call.testing.ts';
import { startExchange } from './house.testing.ts';
import { DatagramPeer } from './peers.testing.ts';
import { challengeOf, digestAnswer, requestText, statusOf, token } from './sip-text.testing.ts';

let exchange: ExchangeProcess;
let end: () => Promise<void>;

beforeAll(async () => {
  ({ exchange, end } = await startExchange({ limits: { authenticationFailures: { free: 3, longestDelay: 30 } } }));
}, 40_000);

afterAll(() => end());

/** A REGISTER with a guess, and how long its answer took in milliseconds. */
async function guess(peer: DatagramPeer, username: string, nonce?: string): Promise<{ text: string; time: number }> {
  const uri = 'sip:127.0.0.1';
  const address = `sip:${username}@127.0.0.1`;
  const parts = { method: 'REGISTER', uri, from: address, to: `<${address}>` };
  const challenge = { realm: '127.0.0.1', nonce: nonce ?? challengeOf(await peer.ask(requestText(parts))).nonce };
  const answer = digestAnswer({ username, password: 'wrong', method: 'REGISTER', uri, challenge });
  const request = requestText({ ...parts, cseq: 2, headers: [`Authorization: ${answer}`] });
  const began = performance.now();
  const text = await peer.ask(request);
  return { text, time: performance.now() - began };
}

/** What is random in every answer, or repeats what the request said. */
function comparable(text: string, username: string): string {
  return text
    .replace(/branch=\w+|rport=\d+/g, '')
    .replace(/nonce="\w+"/g, '')
    .replace(/tag=[\w-]+/g, '')
    .replace(/Call-ID: .*/, '')
    .replaceAll(username, 'USER');
}

describe('an unknown user and a wrong password', () => {
  test('get the same answer, byte for byte', async () => {
    const peer = await DatagramPeer.open(exchange.ports.udp, '127.0.0.5');
    const known = await guess(peer, 'alice');
    const unknown = await guess(peer, 'nobby');
    expect(statusOf(known.text)).toBe(401);
    expect(comparable(unknown.text, 'nobby')).toBe(comparable(known.text, 'alice'));
    for (let index = 0; index < 3; index++) {
      await guess(peer, 'alice');
      await guess(peer, 'nobby');
    }
    const [slowed, slowedToo] = [await guess(peer, 'alice'), await guess(peer, 'nobby')];
    expect([statusOf(slowed.text), statusOf(slowedToo.text)]).toEqual([403, 403]);
    expect(comparable(slowedToo.text, 'nobby')).toBe(comparable(slowed.text, 'alice'));
    peer.close();
  });

  /**
   * Which of two guesses, one after the other in an order drawn by lot, was answered sooner: were there nothing to tell them apart
   * by, it would be either as often, however fast the machine is and whatever else it does. Five standard deviations are met by
   * chance once in 1.7 million runs. That both cost the same hashing is a test of the verifier's.
   */
  test('are not told apart by which is answered sooner', async () => {
    const pairs = 600;
    let sooner = 0;
    let ties = 0;
    for (let source = 0; source < pairs / 3; source++) {
      // From address to address, so that nobody is slowed down yet.
      const peer = await DatagramPeer.open(exchange.ports.udp, `127.0.1.${String(source + 1)}`);
      for (let index = 0; index < 3; index++) {
        const time = { alice: 0, nobby: 0 };
        const order = randomInt(2) === 0 ? (['alice', 'nobby'] as const) : (['nobby', 'alice'] as const);
        for (const user of order) time[user] = (await guess(peer, user)).time;
        if (time.alice === time.nobby) ties += 1;
        else if (time.alice < time.nobby) sooner += 1;
      }
      peer.close();
    }
    const count = pairs - ties;
    const deviation = Math.sqrt(count) / 2;
    expect(Math.abs(sooner - count / 2) / deviation).toBeLessThan(5);
  }, 60_000);
});

describe('who keeps guessing', () => {
  test('is not heard any more, not even with the right password, while the owner registers from elsewhere', async () => {
    const guesser = await TextPhone.open(exchange.ports.udp, 'bob', '127.0.0.6');
    for (let index = 0; index < 4; index++) await guess(guesser.peer, 'bob');
    expect(statusOf(await guesser.register())).toBe(403);
    const owner = await TextPhone.open(exchange.ports.udp, 'bob', '127.0.0.7');
    expect(statusOf(await owner.register())).toBe(200);
    for (const each of [guesser, owner]) each.close();
  });

  test('is not let go by changing the name: after many failures the address waits, but not who is at home there', async () => {
    const neighbour = await TextPhone.open(exchange.ports.udp, 'carol', '127.0.0.8');
    expect(statusOf(await neighbour.register())).toBe(200);
    const guesser = await DatagramPeer.open(exchange.ports.udp, '127.0.0.8');
    let heard = 0;
    for (; heard < 200; heard++) if (statusOf((await guess(guesser, token())).text) === 403) break;
    expect(heard).toBeLessThan(100);
    expect(statusOf(await neighbour.register())).toBe(200);
    for (const each of [guesser, neighbour]) each.close();
  });

  test('gains nothing by a nonce that another address was given', async () => {
    const other = await DatagramPeer.open(exchange.ports.udp, '127.0.0.9');
    const guesser = await DatagramPeer.open(exchange.ports.udp, '127.0.0.10');
    const probe = requestText({ method: 'REGISTER', uri: 'sip:127.0.0.1', to: '<sip:alice@127.0.0.1>' });
    const statuses: number[] = [];
    for (let index = 0; index < 5; index++) {
      const { nonce } = challengeOf(await other.ask(probe.replace(/z9hG4bK\w+/, `z9hG4bK${token()}`)));
      statuses.push(statusOf((await guess(guesser, 'alice', nonce)).text));
    }
    expect(statuses.at(-1)).toBe(403);
    for (const each of [other, guesser]) each.close();
  });
});

test('neither passwords nor what is made of them are in the log', async () => {
  const phone = await TextPhone.open(exchange.ports.udp, 'alice', '127.0.0.11');
  phone.answerEverything();
  expect(statusOf(await phone.register())).toBe(200);
  expect(statusOf(await phone.ask({ method: 'INVITE', uri: 'sip:nobody@127.0.0.1' }))).toBe(404);
  await exchange.process.waitFor(/"msg":"call"/);
  const { output } = exchange.process;
  expect(output).not.toMatch(/authorization|nonce|response=|Digest/i);
  expect(output).not.toContain(passwordOf('alice'));
  phone.close();
});
