import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { TextPhone } from './call.testing.ts';
import { startExchange } from './house.testing.ts';
import { DatagramPeer } from './peers.testing.ts';
import { headerOf, methodOf, requestText, statusOf, token, uriIn } from './sip-text.testing.ts';
import type { RequestParts } from './sip-text.testing.ts';

let exchange: ExchangeProcess;
let end: () => Promise<void>;
let bob: TextPhone;
let attacker: DatagramPeer;
let victim: DatagramPeer;

beforeAll(async () => {
  ({ exchange, end } = await startExchange());
  bob = await TextPhone.open(exchange.ports.udp, 'bob', '127.0.0.3');
  attacker = await DatagramPeer.open(exchange.ports.udp);
  victim = await DatagramPeer.open(exchange.ports.udp);
  bob.answerEverything();
  // A contact that is not where the phone is, as behind a NAT: so its flow gets a token.
  expect(statusOf(await bob.register(['Contact: <sip:bob@192.0.2.77:5060>', 'Expires: 600']))).toBe(200);
}, 40_000);

afterAll(async () => {
  for (const each of [bob, attacker, victim]) each.close();
  await end();
});

const victimsUri = (): string => `sip:victim@127.0.0.1:${victim.port}`;
const us = (): string => `127.0.0.1:${exchange.ports.udp}`;

/** Sends it and answers with its status; nothing may have come to the victim. */
async function tried(parts: RequestParts): Promise<number> {
  const status = statusOf(await attacker.ask(requestText(parts)));
  expect(await victim.settled()).toEqual([]);
  return status;
}

/** A call of the attacker to bob that bob takes: the exchange trusts its dialog from now on. */
async function dialogWithBob(): Promise<{ answer: string; callId: string; callerTag: string }> {
  const [callId, callerTag] = [token(), token()];
  const headers = [`Contact: <sip:mallory@127.0.0.1:${attacker.port}>`];
  const request = { method: 'INVITE', uri: 'sip:bob@127.0.0.1', callId, fromTag: callerTag, headers };
  const answer = await attacker.ask(requestText(request));
  expect(statusOf(answer)).toBe(200);
  return { answer, callId, callerTag };
}

const recordRouteOf = (answer: string): string[] => headerOf(answer, 'Record-Route').split(/,\s*/);

describe('strangers are not relayed to strangers', () => {
  const methods = ['INVITE', 'MESSAGE', 'OPTIONS', 'BYE', 'REGISTER', 'NOTIFY'];

  test.each(methods)('%s by the Request-URI', async (method) => {
    expect(await tried({ method, uri: victimsUri() })).toBe(403);
  });

  test.each(methods)('%s by Route, alone or behind our own', async (method) => {
    const direct = [`Route: <${victimsUri()};lr>`];
    const behind = [`Route: <sip:${us()};lr>, <${victimsUri()};lr>`];
    for (const headers of [direct, behind]) {
      for (const uri of ['sip:127.0.0.1', 'sip:bob@127.0.0.1', 'sip:x@elsewhere.invalid']) {
        expect(await tried({ method, uri, headers })).toBe(403);
      }
    }
  });

  test('by a strict Route, whose last value is the true Request-URI', async () => {
    const headers = [`Route: <${victimsUri()}>`];
    expect(await tried({ method: 'MESSAGE', uri: `sip:${us()};lr`, headers })).toBe(403);
    const dialog = await dialogWithBob();
    const [ours = ''] = recordRouteOf(dialog.answer);
    expect(await tried({ method: 'MESSAGE', uri: uriIn(ours), headers })).toBe(403);
  });

  test('by maddr in the Request-URI or in Route', async () => {
    const { port } = victim;
    const statuses = [
      await tried({ method: 'MESSAGE', uri: `sip:x@elsewhere.invalid:${port};maddr=127.0.0.1` }),
      await tried({
        method: 'MESSAGE',
        uri: 'sip:x@127.0.0.1',
        headers: [`Route: <sip:x@elsewhere.invalid:${port};maddr=127.0.0.1;lr>`],
      }),
    ];
    expect(statuses).toEqual([403, 403]);
  });

  test('by a To tag, or a mark, or a flow token that they thought up', async () => {
    const to = `<${victimsUri()}>;tag=${token()}`;
    const users = [
      '',
      `${token()}@`,
      `AAAAAAAAAAA@`,
      `AAAAAAAAAAA*u!127.0.0.1!${victim.port}@`,
      `u!127.0.0.1!${victim.port}!${'0'.repeat(24)}@`,
    ];
    for (const user of users) {
      const headers = [`Route: <sip:${user}${us()};lr>`];
      expect(await tried({ method: 'BYE', uri: victimsUri(), to, headers })).toBe(403);
    }
  });

  test('by an embedded Route in the Request-URI', async () => {
    const uri = `sip:carol@127.0.0.1?Route=%3C${victimsUri()}%3Blr%3E`;
    expect(await tried({ method: 'MESSAGE', uri })).not.toBe(200);
  });
});

describe('what a dialog with one of ours proves', () => {
  test('is worth nothing for another call', async () => {
    const { answer } = await dialogWithBob();
    const headers = [`Route: ${headerOf(answer, 'Record-Route')}`];
    expect(await tried({ method: 'MESSAGE', uri: victimsUri(), headers })).toBe(403);
    const to = `<${victimsUri()}>;tag=x`;
    expect(await tried({ method: 'BYE', uri: victimsUri(), headers, to })).toBe(403);
  });

  test('is worth nothing for what begins a dialog, in the same call either', async () => {
    const { answer, callId, callerTag } = await dialogWithBob();
    const headers = [`Route: ${headerOf(answer, 'Record-Route')}`];
    const same = { uri: victimsUri(), callId, fromTag: callerTag, cseq: 2, headers };
    expect(await tried({ ...same, method: 'INVITE' })).toBe(403);
    expect(await tried({ ...same, method: 'MESSAGE' })).toBe(403);
  });

  test('is worth nothing to somebody with other tags', async () => {
    const { answer, callId } = await dialogWithBob();
    const headers = [`Route: ${headerOf(answer, 'Record-Route')}`];
    const to = `<${victimsUri()}>;tag=${token()}`;
    expect(await tried({ method: 'MESSAGE', uri: victimsUri(), callId, fromTag: token(), to, cseq: 2, headers })).toBe(
      403,
    );
  });

  test('lets nobody pass himself off as one of ours over the flow of a phone', async () => {
    const { answer, callId, callerTag } = await dialogWithBob();
    const before = bob.peer.inbox.texts.filter((text) => methodOf(text) === 'MESSAGE').length;
    const whole = recordRouteOf(answer).map(uriIn);
    const bare = whole.map((uri) => uri.replace(/^sip:[^@]*\*/, 'sip:'));
    expect(whole.some((uri) => uri.includes('*'))).toBe(true);
    for (const uri of [...whole, ...bare]) {
      for (const call of [{}, { callId, fromTag: callerTag }]) {
        const claim = { method: 'MESSAGE', uri: 'sip:bob@127.0.0.1', from: 'sip:alice@127.0.0.1' };
        const status = await tried({ ...claim, ...call, cseq: 5, headers: [`Route: <${uri}>`] });
        expect([407, 403]).toContain(status);
      }
    }
    expect(bob.peer.inbox.texts.filter((text) => methodOf(text) === 'MESSAGE')).toHaveLength(before);
  });

  test('still carries the dialog itself, in both directions', async () => {
    const { answer } = await dialogWithBob();
    attacker.send(bob.inDialog(answer, 'ACK', 1));
    expect(statusOf(await attacker.ask(bob.inDialog(answer, 'INFO', 2)))).toBe(200);
    expect(statusOf(await attacker.ask(bob.inDialog(answer, 'BYE', 3)))).toBe(200);
  });
});
