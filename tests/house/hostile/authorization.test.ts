import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passwordOf } from '../../peers/support/exchange-process.ts';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { openAliceAndBob } from './call.testing.ts';
import type { TextPhone } from './call.testing.ts';
import { startExchange } from './house.testing.ts';
import { DatagramPeer } from './peers.testing.ts';
import { challengeOf, digestAnswer, headerOf, methodOf, requestText, statusOf, token } from './sip-text.testing.ts';
import type { RequestParts } from './sip-text.testing.ts';

let exchange: ExchangeProcess;
let end: () => Promise<void>;
let alice: TextPhone;
let bob: TextPhone;
let attacker: DatagramPeer;

beforeAll(async () => {
  ({ exchange, end } = await startExchange());
  ({ alice, bob } = await openAliceAndBob(exchange.ports.udp));
  attacker = await DatagramPeer.open(exchange.ports.udp);
}, 40_000);

afterAll(async () => {
  for (const each of [alice, bob, attacker]) each.close();
  await end();
});

const registrar = 'sip:127.0.0.1';
const register = (to: string, ...headers: string[]) => ({ method: 'REGISTER', uri: registrar, to, headers });

describe('a subscriber registers only his own address of record', () => {
  test.each([
    ['a contact', ['Contact: <sip:alice@127.0.0.1:5099>']],
    ['the removal of all contacts', ['Contact: *', 'Expires: 0']],
    ['a mere query', []],
  ])('%s of another is refused', async (_what, headers) => {
    expect(statusOf(await alice.ask(register('<sip:bob@127.0.0.1>', ...headers)))).toBe(403);
    expect(headerOf(await bob.register([]), 'Contact')).toContain(bob.contact);
  });

  test('nor by an escape, another case of the host, or another scheme of the address', async () => {
    const statuses: number[] = [];
    for (const to of ['<sip:%62ob@127.0.0.1>', '<sips:bob@127.0.0.1>', '<sip:bob;x=y@127.0.0.1>', '<tel:+15551234>']) {
      statuses.push(statusOf(await alice.ask(register(to, 'Contact: <sip:alice@127.0.0.1:5099>'))));
    }
    expect(statuses).toEqual([403, 403, 403, 400]);
  });
});

describe('what claims an address of ours', () => {
  const methods = ['INVITE', 'MESSAGE', 'SUBSCRIBE', 'OPTIONS', 'BYE', 'REFER', 'PUBLISH', 'NOTIFY', 'UPDATE', 'X'];

  test.each(methods)('%s has to prove it', async (method) => {
    const answer = await attacker.ask(requestText({ method, uri: 'sip:bob@127.0.0.1', from: 'sip:alice@127.0.0.1' }));
    expect(statusOf(answer)).toBe(407);
  });

  test.each([
    'sip:%61lice@127.0.0.1',
    'sips:alice@127.0.0.1',
    'sip:alice@127.0.0.1;transport=tcp',
    'sip:nobody@127.0.0.1',
    'sip:127.0.0.1',
    'tel:1;phone-context=127.0.0.1',
  ])('as %s, too', async (from) => {
    const answer = await attacker.ask(requestText({ method: 'MESSAGE', uri: 'sip:bob@127.0.0.1', from }));
    expect(statusOf(answer)).toBe(407);
  });

  test('is bound to the account that proves it', async () => {
    const first = await attacker.ask(
      requestText({ method: 'MESSAGE', uri: 'sip:bob@127.0.0.1', from: 'sip:carol@127.0.0.1' }),
    );
    const answer = digestAnswer({
      username: 'alice',
      password: passwordOf('alice'),
      method: 'MESSAGE',
      uri: 'sip:bob@127.0.0.1',
      challenge: challengeOf(first),
    });
    const headers = [`Proxy-Authorization: ${answer}`];
    const request = { method: 'MESSAGE', uri: 'sip:bob@127.0.0.1', from: 'sip:carol@127.0.0.1', cseq: 2, headers };
    expect(statusOf(await attacker.ask(requestText(request)))).toBe(403);
  });

  test('needs no proof for what nobody can be asked about: the ACK goes nowhere and is not answered', async () => {
    const stranger = await DatagramPeer.open(exchange.ports.udp);
    const callId = token();
    stranger.send(requestText({ method: 'ACK', uri: 'sip:carol@127.0.0.1', from: 'sip:alice@127.0.0.1', callId }));
    expect(await stranger.settled()).toEqual([]);
    stranger.close();
  });
});

describe('credentials', () => {
  const base = { method: 'MESSAGE', uri: 'sip:bob@127.0.0.1', from: 'sip:alice@127.0.0.1' };
  const challenged = async (): Promise<ReturnType<typeof challengeOf>> =>
    challengeOf(await attacker.ask(requestText(base)));
  const withAnswer = (answer: string, over: Partial<RequestParts> = {}): string =>
    requestText({ ...base, cseq: 2, ...over, headers: [`Proxy-Authorization: ${answer}`] });
  const alices = { username: 'alice', password: passwordOf('alice'), method: 'MESSAGE', uri: base.uri };

  test('are good once', async () => {
    const answer = digestAnswer({ ...alices, challenge: await challenged() });
    expect(statusOf(await attacker.ask(withAnswer(answer)))).toBe(200);
    const replayed = await attacker.ask(withAnswer(answer));
    expect([statusOf(replayed), challengeOf(replayed).stale]).toEqual([407, true]);
    const elsewhere = await DatagramPeer.open(exchange.ports.udp, '127.0.0.2');
    expect(statusOf(await elsewhere.ask(withAnswer(answer)))).toBe(407);
    elsewhere.close();
  });

  test('are good for their method and their Request-URI only', async () => {
    const answer = digestAnswer({ ...alices, challenge: await challenged() });
    expect(statusOf(await attacker.ask(withAnswer(answer, { method: 'INVITE' })))).toBe(407);
    expect(statusOf(await attacker.ask(withAnswer(answer, { uri: 'sip:carol@127.0.0.1' })))).toBe(400);
  });

  test('with a nonce that is not ours, or touched, are asked for again', async () => {
    const challenge = await challenged();
    const [first = '0'] = challenge.nonce;
    for (const nonce of ['', 'x', token(), (first === '0' ? '1' : '0') + challenge.nonce.slice(1)]) {
      const answer = digestAnswer({ ...alices, challenge: { ...challenge, nonce } });
      expect(statusOf(await attacker.ask(withAnswer(answer)))).toBe(407);
    }
  });

  test('that claim another algorithm, or none of ours, do not get in', async () => {
    const challenge = await challenged();
    for (const algorithm of ['SHA-256', 'SHA-512-256', 'MD5-sess', 'none', 'AKAv1-MD5']) {
      const answer = digestAnswer({ ...alices, challenge, algorithm });
      expect(statusOf(await attacker.ask(withAnswer(answer)))).toBe(407);
    }
    const withoutCount = digestAnswer({ ...alices, challenge }).replace(/, qop=auth, nc=\w+, cnonce="\w+"/, '');
    expect(statusOf(await attacker.ask(withAnswer(withoutCount)))).toBe(400);
  });

  test('go no further than to us: not with the INVITE, nor with its ACK, nor within the dialog', async () => {
    const taken = bob.peer.inbox.texts.length;
    const answer = digestAnswer({ ...alices, method: 'INVITE', challenge: await challenged() });
    const theirs = 'Digest username="alice", realm="elsewhere.invalid", nonce="n", uri="sip:x", response="r"';
    const headers = [`Contact: <sip:alice@127.0.0.1:${attacker.port}>`, `Proxy-Authorization: ${answer}`];
    const invite = { ...base, method: 'INVITE', cseq: 2, headers: [...headers, `Proxy-Authorization: ${theirs}`] };
    const accepted = await attacker.ask(requestText(invite));
    expect(statusOf(accepted)).toBe(200);
    attacker.send(alice.inDialog(accepted, 'ACK', 2, [`Proxy-Authorization: ${answer}`]));
    const bye = alice.inDialog(accepted, 'BYE', 3, [`Proxy-Authorization: ${answer}`]);
    expect(statusOf(await attacker.ask(bye))).toBe(200);
    const got = bob.peer.inbox.texts.slice(taken).filter((text) => methodOf(text) !== '');
    expect(got.map(methodOf)).toEqual(['INVITE', 'ACK', 'BYE']);
    expect(got.filter((text) => text.includes('realm="127.0.0.1"'))).toEqual([]);
    expect(got[0]).toContain('realm="elsewhere.invalid"');
  });
});

describe('what strangers claim about themselves', () => {
  test('P-Asserted-Identity is taken out, within dialogs too (RFC 3325 5)', async () => {
    const taken = bob.peer.inbox.texts.length;
    const headers = [`Contact: <sip:m@127.0.0.1:${attacker.port}>`, 'P-Asserted-Identity: <sip:alice@127.0.0.1>'];
    const accepted = await attacker.ask(requestText({ method: 'INVITE', uri: 'sip:bob@127.0.0.1', headers }));
    attacker.send(alice.inDialog(accepted, 'ACK', 1, headers));
    expect(statusOf(await attacker.ask(alice.inDialog(accepted, 'INVITE', 2, headers)))).toBe(200);
    attacker.send(alice.inDialog(accepted, 'ACK', 2, headers));
    expect(statusOf(await attacker.ask(alice.inDialog(accepted, 'BYE', 3, headers)))).toBe(200);
    const got = bob.peer.inbox.texts.slice(taken).filter((text) => methodOf(text) !== '');
    expect(got.map(methodOf)).toEqual(['INVITE', 'ACK', 'INVITE', 'ACK', 'BYE']);
    expect(got.filter((text) => text.includes('P-Asserted-Identity'))).toEqual([]);
  });
});

test('credentials of before a restart are stale after it, used or not, and good for nothing else', async () => {
  const base = { method: 'MESSAGE', uri: 'sip:bob@127.0.0.1', from: 'sip:alice@127.0.0.1' };
  const alices = { username: 'alice', password: passwordOf('alice'), method: 'MESSAGE', uri: base.uri };
  const challenge = challengeOf(await attacker.ask(requestText(base)));
  const proved = (nonceCount: number): string => {
    const answer = digestAnswer({ ...alices, challenge, nonceCount });
    return requestText({ ...base, cseq: nonceCount + 1, headers: [`Proxy-Authorization: ${answer}`] });
  };
  const used = proved(1);
  expect(statusOf(await attacker.ask(used))).toBe(200);
  await exchange.process.stop('SIGKILL');
  await exchange.restart();
  for (const text of [used, proved(2)]) {
    // The attacker has an answer to the first branch already.
    const again = await attacker.ask(text.replace(/z9hG4bK\w+/, `z9hG4bK${token()}`));
    expect([statusOf(again), challengeOf(again).stale]).toEqual([407, true]);
  }
  expect(statusOf(await alice.ask({ method: 'MESSAGE', uri: 'sip:bob@127.0.0.1' }))).toBe(200);
}, 40_000);
