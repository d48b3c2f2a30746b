import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ExchangeProcess } from '../../peers/support/exchange-process.ts';
import { TextPhone } from './call.testing.ts';
import { metric, startExchange } from './house.testing.ts';
import { DatagramPeer } from './peers.testing.ts';
import { headerOf, methodOf, requestText, responseText, statusOf, token } from './sip-text.testing.ts';
import type { RequestParts } from './sip-text.testing.ts';

let exchange: ExchangeProcess;
let end: () => Promise<void>;
/** Two telephones of bob. */
let desk: TextPhone;
let pocket: TextPhone;
let caller: DatagramPeer;

beforeAll(async () => {
  ({ exchange, end } = await startExchange());
  [desk, pocket] = await Promise.all([
    TextPhone.open(exchange.ports.udp, 'bob'),
    TextPhone.open(exchange.ports.udp, 'bob'),
  ]);
  for (const phone of [desk, pocket]) expect(statusOf(await phone.register())).toBe(200);
}, 40_000);

beforeEach(async () => {
  caller = await DatagramPeer.open(exchange.ports.udp);
  return () => caller.close();
});

afterAll(async () => {
  for (const phone of [desk, pocket]) phone.close();
  await end();
});

/** A stranger's call to bob: its INVITE, and what both telephones have got. */
async function begin(): Promise<{ parts: RequestParts; atDesk: string; atPocket: string }> {
  const parts = { ...ids(), method: 'INVITE', uri: 'sip:bob@127.0.0.1' };
  caller.send(requestText(parts));
  return { parts, ...(await ring(parts)) };
}

/** Both telephones ring, and the caller knows: from now on they can be cancelled (RFC 3261 9.1). */
async function ring(parts: RequestParts): Promise<{ atDesk: string; atPocket: string }> {
  const [atDesk, atPocket] = await Promise.all([arrives(desk, 'INVITE', parts), arrives(pocket, 'INVITE', parts)]);
  desk.peer.send(responseText(atDesk, 180, 'd'));
  pocket.peer.send(responseText(atPocket, 180, 'p'));
  for (const tag of ['d', 'p']) {
    await caller.inbox.find((text) => statusOf(text) === 180 && headerOf(text, 'To').endsWith(`tag=${tag}`), 'ringing');
  }
  return { atDesk, atPocket };
}

function ids(): { via: string; callId: string; fromTag: string; cseq: number } {
  const via = `SIP/2.0/UDP ${caller.address}:${String(caller.port)};branch=z9hG4bK${token()}`;
  return { via, callId: token(), fromTag: token(), cseq: 1 };
}

const arrives = (phone: TextPhone, method: string, { callId = '' }: RequestParts): Promise<string> =>
  phone.peer.inbox.find((text) => methodOf(text) === method && text.includes(callId), `${method} at a telephone`);

/** What the caller has heard of one of his requests, without what is provisional, when all that was sent is dealt with. */
async function heard(method = 'INVITE'): Promise<number[]> {
  const texts = await caller.settled();
  return texts
    .filter((text) => headerOf(text, 'CSeq').endsWith(method))
    .flatMap((text) => statusOf(text))
    .filter((status) => status >= 200);
}

const hears = (status: number, method = 'INVITE'): Promise<string> =>
  caller.inbox.find((text) => statusOf(text) === status && headerOf(text, 'CSeq').endsWith(method), String(status));

function acknowledge(parts: RequestParts, answer: string): void {
  caller.send(requestText({ ...parts, method: 'ACK', to: headerOf(answer, 'To') }));
}

/** Both telephones answer the CANCEL and then the INVITE with 487. */
async function giveUp(phone: TextPhone, invite: string, parts: RequestParts): Promise<void> {
  phone.peer.send(responseText(await arrives(phone, 'CANCEL', parts), 200, 'x'));
  phone.peer.send(responseText(invite, 487, 'x'));
}

describe('a CANCEL', () => {
  test('that comes twice ends the call once, at each telephone', async () => {
    const { parts, atDesk, atPocket } = await begin();
    const cancel = requestText({ ...parts, method: 'CANCEL' });
    caller.send(cancel);
    caller.send(cancel);
    await giveUp(desk, atDesk, parts);
    await giveUp(pocket, atPocket, parts);
    acknowledge(parts, await hears(487));
    expect([await heard('CANCEL'), await heard()]).toEqual([[200, 200], [487]]);
  });

  test('with another branch is one of nothing, and the call rings on', async () => {
    const { parts, atDesk, atPocket } = await begin();
    const other = { ...parts, via: ids().via };
    caller.send(requestText({ ...other, method: 'CANCEL' }));
    await hears(481, 'CANCEL');
    expect(await heard()).toEqual([]);
    desk.peer.send(responseText(atDesk, 603, 'd'));
    await giveUp(pocket, atPocket, parts);
    acknowledge(parts, await hears(603));
  });

  test('that overtakes its INVITE is answered 481, and the call rings', async () => {
    const parts = { ...ids(), method: 'INVITE', uri: 'sip:bob@127.0.0.1' };
    caller.send(requestText({ ...parts, method: 'CANCEL' }));
    caller.send(requestText(parts));
    await hears(481, 'CANCEL');
    const { atDesk, atPocket } = await ring(parts);
    desk.peer.send(responseText(atDesk, 603, 'd'));
    await giveUp(pocket, atPocket, parts);
    acknowledge(parts, await hears(603));
  });

  test('after the answer is answered, and changes nothing', async () => {
    const { parts, atDesk, atPocket } = await begin();
    desk.peer.send(responseText(atDesk, 200, 'd', [`Contact: <${desk.contact}>`]));
    await hears(200);
    await giveUp(pocket, atPocket, parts);
    caller.send(requestText({ ...parts, method: 'CANCEL' }));
    await hears(200, 'CANCEL');
    expect(await heard()).toEqual([200]);
    expect(
      desk.peer.inbox.texts.filter((text) => methodOf(text) === 'CANCEL' && text.includes(parts.callId ?? '')),
    ).toEqual([]);
  });
});

describe('where telephones do not agree', () => {
  test('a 200 that crosses the CANCEL after a 603 goes up in its place', async () => {
    const { parts, atDesk, atPocket } = await begin();
    desk.peer.send(responseText(atDesk, 603, 'd'));
    const cancel = await arrives(pocket, 'CANCEL', parts);
    pocket.peer.send(responseText(atPocket, 200, 'p', [`Contact: <${pocket.contact}>`]));
    pocket.peer.send(responseText(cancel, 200, 'p'));
    await hears(200);
    expect(await heard()).toEqual([200]);
  });

  test('every 200 goes up, also of the one telephone with two tags, and nothing that comes after it', async () => {
    const { parts, atDesk, atPocket } = await begin();
    const contact = (phone: TextPhone): string[] => [`Contact: <${phone.contact}>`];
    desk.peer.send(responseText(atDesk, 200, 'd1', contact(desk)));
    desk.peer.send(responseText(atDesk, 200, 'd2', contact(desk)));
    desk.peer.send(responseText(atDesk, 486, 'd1'));
    desk.peer.send(responseText(atDesk, 180, 'd1'));
    await arrives(pocket, 'CANCEL', parts);
    pocket.peer.send(responseText(atPocket, 200, 'p', contact(pocket)));
    await caller.inbox.find((text) => statusOf(text) === 200 && headerOf(text, 'To').includes('tag=p'));
    pocket.peer.send(responseText(atPocket, 603, 'p'));
    // What bob's telephones send comes by other sockets: a question by each shows that it was dealt with.
    await Promise.all([desk.peer.settled(), pocket.peer.settled()]);
    expect(await heard()).toEqual([200, 200, 200]);
  });

  test('answers with the CSeq or the branch of something else are of nothing', async () => {
    const { parts, atDesk, atPocket } = await begin();
    const strays = await metric(exchange, 'switchhook_transaction_events_total', '"strayResponses"');
    desk.peer.send(responseText(atDesk, 200, 'd').replace(/^CSeq: .*$/m, 'CSeq: 1 BYE'));
    desk.peer.send(responseText(atDesk, 603, 'd').replace(/branch=z9hG4bK\w+/, 'branch=z9hG4bKnothing'));
    await desk.peer.settled();
    expect(await metric(exchange, 'switchhook_transaction_events_total', '"strayResponses"')).toBe(strays + 2);
    expect(await heard()).toEqual([]);
    desk.peer.send(responseText(atDesk, 486, 'd'));
    pocket.peer.send(responseText(atPocket, 600, 'p'));
    acknowledge(parts, await hears(600));
    await Promise.all([desk.peer.settled(), pocket.peer.settled()]);
    expect(await heard()).toEqual([600]);
  });
});
