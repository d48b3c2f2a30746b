import { describe, expect, test } from 'vitest';
import { SipRequest } from '../message/message.ts';
import type { ClientTransaction } from './client-transaction.ts';
import { Bench, FakeFlow, ownRequest, parsed, requestText, responseText } from './transaction.testing.ts';

function sentRequest(bench: Bench, index: number): SipRequest {
  const message = parsed(bench.flow.texts.at(index) ?? '');
  if (message instanceof SipRequest) return message;
  throw new Error('a response was sent');
}

describe('client transactions', () => {
  test('put their Via on top, with the sent-by of the flow, a branch of their own and rport', async () => {
    const bench = await Bench.started();
    const request = ownRequest('INVITE', { more: ['X-Own: kept  as it is'] });
    const transaction = bench.layer.request(request, bench.flow, bench, { branch: 'given' });
    const [line] = request.text.split('\r\n');
    const rest = request.text.slice((line?.length ?? 0) + 2);
    expect(bench.flow.texts).toEqual([
      `${String(line)}\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKgiven;rport\r\n${rest}`,
    ]);
    expect(transaction.request.text).toBe(bench.flow.texts[0]);
    bench.layer.request(request, bench.flow, bench);
    bench.layer.request(request, bench.flow, bench);
    expect(sentRequest(bench, 1).topVia.branch).not.toBe(sentRequest(bench, 2).topVia.branch);
  });

  test('take the responses with their branch and method, and no others', async () => {
    const bench = await Bench.started();
    const one = bench.layer.request(ownRequest('OPTIONS'), bench.flow, bench);
    const other = bench.layer.request(ownRequest('OPTIONS'), bench.flow, bench);
    bench.take();
    bench.comes(responseText(other, 200).replace('1 OPTIONS', '1 MESSAGE'));
    bench.comes(responseText(other, 200));
    expect(bench.take()).toEqual(['stray 200', 'user 200']);
    expect([one.state, other.state]).toEqual(['trying', 'completed']);
    bench.comes(responseText(one, 200).replace(/branch=[^;\r]*/, 'branch=z9hG4bKforeign'));
    bench.comes(responseText(one, 200).replace(/;branch=[^;\r]*/, ''));
    expect(bench.take()).toEqual(['stray 200', 'stray 200']);
    expect(bench.layer.stats().counters.strayResponses).toBe(3);
  });

  test('acknowledge a refusal as RFC 3261 17.1.1.3 says', async () => {
    const bench = await Bench.started();
    const more = ['Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>', 'Route: <sip:p3.example.com;lr>'];
    const transaction = bench.layer.request(ownRequest('INVITE', { more, cseq: 77 }), bench.flow, bench);
    bench.comes(responseText(transaction, 486, 'bobs-tag'));
    const ack = sentRequest(bench, -1);
    expect(ack.method).toBe('ACK');
    expect(ack.requestUriText).toBe('sip:bob@example.com');
    expect(ack.rawAll('Via')).toEqual([transaction.request.topVia.toString()]);
    expect(ack.rawAll('Route')).toEqual([
      '<sip:p1.example.com;lr>',
      '<sip:p2.example.com;lr>',
      '<sip:p3.example.com;lr>',
    ]);
    expect(ack.raw('To')).toBe('<sip:bob@example.com>;tag=bobs-tag');
    expect(ack.raw('From')).toBe('<sip:alice@example.com>;tag=a');
    expect(ack.raw('CSeq')).toBe('77 ACK');
    expect(ack.callId).toBe('call');
    expect(ack.raw('Max-Forwards')).toBe('70');
    bench.comes(responseText(transaction, 486, 'bobs-tag'));
    expect(bench.flow.texts.at(-1)).toBe(ack.text);
    bench.comes(responseText(transaction, 486, 'other-tag'));
    expect(sentRequest(bench, -1).toTag).toBe('other-tag');
  });

  test('fail when sending fails, but not within the call that sends', async () => {
    const bench = await Bench.started();
    bench.flow.failure = 'too-large';
    bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
    expect(bench.take()).toEqual(['send INVITE']);
    bench.clock.advance(0);
    expect(bench.take()).toEqual(['failed too-large', 'ended']);
    expect(bench.layer.stats()).toMatchObject({ clientTransactions: 0, timers: 0, counters: { transportErrors: 1 } });
  });

  test('fail when their connection ends before anything came, each of them once', async () => {
    const bench = await Bench.started('TCP');
    bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
    const answered = bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
    bench.layer.request(ownRequest('OPTIONS'), bench.flow, bench);
    bench.comes(responseText(answered, 180));
    bench.take();
    expect(bench.flow.listeners).toBe(1);
    bench.flow.close('refused');
    bench.clock.advance(1);
    expect(bench.take()).toEqual(['failed refused', 'ended', 'failed refused', 'ended']);
    // RFC 6026 figure 5: an INVITE that is proceeding waits on; its response may come over another connection.
    bench.comes(responseText(answered, 200), new FakeFlow('TCP', 2, () => undefined));
    expect(bench.take()).toEqual(['1 user 200']);
  });

  test('ask no more for the end of their connection once they have a final answer, and listen to it once', async () => {
    const bench = await Bench.started('TCP');
    const invite = bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
    const options = bench.layer.request(ownRequest('OPTIONS'), bench.flow, bench);
    expect(bench.layer.stats().watchedFlows).toBe(1);
    bench.comes(responseText(options, 200));
    expect(bench.layer.stats().watchedFlows).toBe(1);
    bench.comes(responseText(invite, 200));
    expect(bench.layer.stats()).toMatchObject({ watchedFlows: 0, clientTransactions: 2 });
    bench.layer.request(ownRequest('OPTIONS'), bench.flow, bench);
    expect(bench.layer.stats().watchedFlows).toBe(1);
    expect(bench.flow.listeners).toBe(1);
    bench.take();
    bench.flow.close('closed');
    bench.clock.advance(1);
    expect(bench.take()).toEqual(['ended', 'failed closed', 'ended']);
  });

  test('fail once when two reasons come at the same time, and leave no timer', async () => {
    const bench = await Bench.started('TCP');
    const transaction = bench.layer.request(ownRequest('OPTIONS'), bench.flow, bench);
    bench.flow.close('closed');
    transaction.timer('timerF');
    expect(bench.take()).toEqual(['send OPTIONS', 'failed timeout', 'ended']);
    expect(bench.layer.stats().timers).toBe(0);
    bench.clock.advance(100_000);
    expect(bench.take()).toEqual([]);
  });

  test('over the limit fail later, and send nothing', async () => {
    const bench = await Bench.started('UDP', { limits: { clientTransactions: 1 } });
    bench.layer.request(ownRequest('OPTIONS'), bench.flow, bench);
    bench.layer.request(ownRequest('OPTIONS'), bench.flow, bench);
    expect(bench.take()).toEqual(['send OPTIONS']);
    bench.clock.advance(0);
    expect(bench.take()).toEqual(['failed overflow', 'ended']);
    expect(bench.layer.stats()).toMatchObject({ clientTransactions: 1, counters: { refused: 1 } });
  });

  test('an ACK to a 2xx goes out with a Via and leaves nothing behind', async () => {
    const bench = await Bench.started();
    bench.layer.send(ownRequest('ACK', { toTag: 'b' }), bench.flow);
    expect(sentRequest(bench, 0).topVia.sentBy).toBe('192.0.2.1:5060');
    expect(bench.layer.stats()).toMatchObject({ clientTransactions: 0, timers: 0 });
  });
});

describe('CANCEL of a client transaction (RFC 3261 9.1)', () => {
  async function calling(): Promise<{ bench: Bench; transaction: ClientTransaction }> {
    const bench = await Bench.started();
    const more = ['Route: <sip:p1.example.com;lr>', 'Require: x', 'Proxy-Require: y'];
    const transaction = bench.layer.request(ownRequest('INVITE', { more, cseq: 5 }), bench.flow, bench);
    bench.take();
    return { bench, transaction };
  }

  test('waits for a provisional response, and goes once', async () => {
    const { bench, transaction } = await calling();
    transaction.cancel();
    transaction.cancel();
    expect(bench.take()).toEqual([]);
    bench.comes(responseText(transaction, 180));
    expect(bench.take()).toEqual(['user 180', 'send CANCEL']);
    transaction.cancel();
    bench.comes(responseText(transaction, 183));
    expect(bench.take()).toEqual(['user 183']);
  });

  test('has the same branch, Route and numbers, and the header fields it is given, but nothing required', async () => {
    const { bench, transaction } = await calling();
    bench.comes(responseText(transaction, 180));
    transaction.cancel([['Reason', 'SIP;cause=200;text="Call completed elsewhere"']]);
    const cancel = sentRequest(bench, -1);
    expect(cancel.text.split('\r\n')).toEqual([
      'CANCEL sip:bob@example.com SIP/2.0',
      `Via: ${transaction.request.topVia.toString()}`,
      'Route: <sip:p1.example.com;lr>',
      'Max-Forwards: 70',
      'From: <sip:alice@example.com>;tag=a',
      'To: <sip:bob@example.com>',
      'Call-ID: call',
      'CSeq: 5 CANCEL',
      'Reason: SIP;cause=200;text="Call completed elsewhere"',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  test('is a transaction of its own, whose response is no news to the user', async () => {
    const { bench, transaction } = await calling();
    bench.comes(responseText(transaction, 180));
    transaction.cancel();
    const cancel = sentRequest(bench, -1);
    bench.take();
    bench.clock.advance(500);
    expect(bench.take()).toEqual(['500 send CANCEL']);
    bench.comes(cancel.createResponse(200, { toTag: 'b' }).text);
    bench.comes(responseText(transaction, 487));
    expect(bench.take()).toEqual(['500 send ACK', '500 user 487']);
    bench.clock.advance(40_000);
    expect(bench.take()).toEqual(['32500 ended']);
    expect(bench.layer.stats()).toMatchObject({ clientTransactions: 0, timers: 0 });
  });

  test('makes the INVITE end 64*T1 later when no final response comes', async () => {
    const { bench, transaction } = await calling();
    bench.comes(responseText(transaction, 180));
    bench.clock.advance(100_000);
    transaction.cancel();
    bench.take();
    bench.clock.advance(32_000);
    expect(bench.take().filter((line) => !line.endsWith('CANCEL'))).toEqual(['132000 failed timeout', '132000 ended']);
    expect(bench.layer.stats()).toMatchObject({ clientTransactions: 0, timers: 0 });
  });

  test('that crosses a 2xx changes nothing', async () => {
    const { bench, transaction } = await calling();
    transaction.cancel();
    bench.comes(responseText(transaction, 200));
    transaction.cancel();
    expect(bench.take()).toEqual(['user 200']);
  });
});

test('stop ends everything, tells the users, and leaves nothing', async () => {
  const bench = await Bench.started('TCP');
  bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
  const answered = bench.layer.request(ownRequest('OPTIONS'), bench.flow, bench);
  bench.comes(responseText(answered, 200));
  bench.comes(requestText('INVITE'));
  bench.take();
  await bench.layer.stop();
  expect(bench.take()).toEqual(['failed stopped', 'ended', 'ended', 'end stopped']);
  expect(bench.layer.stats()).toMatchObject({
    clientTransactions: 0,
    serverTransactions: 0,
    timers: 0,
    watchedFlows: 0,
  });
  bench.clock.advance(100_000);
  expect(bench.clock.pending).toBe(0);
  expect(bench.take()).toEqual([]);
});
