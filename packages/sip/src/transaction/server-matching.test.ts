import { describe, expect, test } from 'vitest';
import { parseMessage, SipResponse } from '../message/message.ts';
import { Bench, FakeFlow, requestText } from './transaction.testing.ts';
import type { RequestDetails } from './transaction.testing.ts';

function lastResponse(bench: Bench): SipResponse {
  const message = parseMessage(bench.flow.texts.at(-1) ?? '');
  if (message instanceof SipResponse) return message;
  throw new Error('no response was sent');
}

function answer(bench: Bench, status: number, index = 0): void {
  const transaction = bench.server(index);
  transaction.respond(transaction.request.createResponse(status, { toTag: 'b' }));
}

describe('a request belongs to a transaction (RFC 3261 17.2.3)', () => {
  const same: readonly [string, RequestDetails, RequestDetails][] = [
    ['with the same branch and sent-by', {}, {}],
    ['whatever else is different', {}, { toTag: 'x', cseq: 9, more: ['X: y'] }],
    ['whose sent-by has blanks in it', { sentBy: '192.0.2.2:5060' }, { sentBy: '192.0.2.2 : 5060' }],
    ['whose port has a zero in front', { sentBy: '192.0.2.2:5060' }, { sentBy: '192.0.2.2:05060' }],
    ['whose sent-by is spelt in capitals', { sentBy: 'ua.example.com' }, { sentBy: 'UA.Example.COM' }],
    ['of RFC 2543 that is the same', { branch: '' }, { branch: '' }],
    ['of RFC 2543 with a branch', { branch: 'old' }, { branch: 'old' }],
    ['whose branch is the cookie alone', { branch: 'z9hG4bK' }, { branch: 'z9hG4bK' }],
  ];
  test.each(same)('%s', async (_name, first, second) => {
    const bench = await Bench.started();
    bench.comes(requestText('OPTIONS', first));
    answer(bench, 200);
    bench.comes(requestText('OPTIONS', second));
    expect(bench.take()).toEqual(['user OPTIONS', 'send 200', 'send 200']);
  });

  const others: readonly [string, RequestDetails, RequestDetails][] = [
    ['with another branch', {}, { branch: 'z9hG4bK2' }],
    ['with another host in sent-by', {}, { sentBy: '192.0.2.3' }],
    ['with another port in sent-by', {}, { sentBy: '192.0.2.2:5062' }],
    ['of RFC 2543 with another number', { branch: '' }, { branch: '', cseq: 2 }],
    ['of RFC 2543 with another To tag', { branch: '' }, { branch: '', toTag: 'x' }],
    ['of RFC 2543 with another Via', { branch: 'old' }, { branch: 'older' }],
  ];
  test.each(others)('not one %s', async (_name, first, second) => {
    const bench = await Bench.started();
    bench.comes(requestText('OPTIONS', first));
    bench.comes(requestText('OPTIONS', second));
    expect(bench.take()).toEqual(['user OPTIONS', 'user OPTIONS']);
  });

  test('not one of another method', async () => {
    const bench = await Bench.started();
    for (const method of ['OPTIONS', 'MESSAGE', 'INVITE', 'OPTIONS', 'MESSAGE', 'INVITE'])
      bench.comes(requestText(method));
    expect(bench.take()).toEqual(['user OPTIONS', 'user MESSAGE', 'user INVITE']);
    answer(bench, 200, 1);
    bench.clock.advance(100_000);
    bench.comes(requestText('MESSAGE'));
    expect(bench.take().at(-1)).toBe('100000 user MESSAGE');
  });
});

describe('an ACK', () => {
  test.each([{}, { branch: '' }] as const)('belongs to the refused INVITE %o', async (details) => {
    const bench = await Bench.started();
    bench.comes(requestText('INVITE', details));
    answer(bench, 486);
    bench.comes(requestText('ACK', { ...details, toTag: 'b' }));
    expect(bench.server().state).toBe('confirmed');
    expect(bench.take()).toEqual(['user INVITE', 'send 486']);
  });

  test('of RFC 2543 with the To tag of another response does not', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('INVITE', { branch: '' }));
    answer(bench, 486);
    bench.comes(requestText('ACK', { branch: '', toTag: 'other' }));
    expect(bench.server().state).toBe('completed');
    expect(bench.take().at(-1)).toBe('user ACK');
  });

  test('for a 2xx has a branch of its own and goes to the user', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('INVITE'));
    answer(bench, 200);
    bench.comes(requestText('ACK', { branch: 'z9hG4bK2', toTag: 'b' }));
    expect(bench.take()).toEqual(['user INVITE', 'send 200', 'user ACK']);
  });

  test('never belongs to another method', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('OPTIONS'));
    bench.comes(requestText('ACK', { toTag: 'b' }));
    expect(bench.take()).toEqual(['user OPTIONS', 'user ACK']);
  });
});

describe('a CANCEL (RFC 3261 9.2)', () => {
  test.each([{}, { branch: '' }] as const)(
    'of a pending INVITE is answered 200 and told to the user %o',
    async (details) => {
      const bench = await Bench.started();
      bench.comes(requestText('INVITE', details));
      answer(bench, 180);
      bench.comes(requestText('CANCEL', details));
      expect(bench.take()).toEqual(['user INVITE', 'send 180', 'send 200', 'user cancel INVITE']);
      expect(lastResponse(bench).toTag).toBe('b');
      expect(lastResponse(bench).cseqMethod).toBe('CANCEL');
      answer(bench, 487);
      bench.comes(requestText('CANCEL', details));
      expect(bench.take()).toEqual(['send 487', 'send 200']);
    },
  );

  test('brings its Reason along (RFC 3326)', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('INVITE'));
    bench.comes(requestText('CANCEL', { more: ['Reason: SIP;cause=200'] }));
    expect(bench.take().at(-1)).toBe('user cancel INVITE for SIP;cause=200');
  });

  test('of an answered INVITE is answered 200, and that is all', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('INVITE'));
    answer(bench, 200);
    bench.comes(requestText('CANCEL'));
    expect(bench.take().slice(2)).toEqual(['send 200']);
    expect(bench.server().finalSent).toBe(true);
  });

  test('of another method is answered 200, and that is all', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('OPTIONS'));
    bench.comes(requestText('CANCEL'));
    expect(bench.take()).toEqual(['user OPTIONS', 'send 200']);
  });

  test('from another hop is one of nothing, though the branch is right (RFC 3261 22.1)', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('INVITE'));
    const answers: string[] = [];
    const elsewhere = Object.assign(new FakeFlow('UDP', 9, (line) => answers.push(line)), {
      remote: { address: '192.0.2.66', port: 5060 },
    });
    bench.comes(requestText('CANCEL'), elsewhere);
    expect(bench.take()).toEqual(['user INVITE']);
    expect(answers).toEqual(['send 481']);
  });

  test('of nothing is answered 481, with a tag', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('CANCEL'));
    expect(bench.take()).toEqual(['send 481']);
    expect(lastResponse(bench).toTag).toBeDefined();
  });
});

test('a refusal keeps nothing: the request that comes again is a new one, and its ACK is dropped', async () => {
  const bench = await Bench.started();
  bench.comes(requestText('INVITE'));
  bench.server().refuse(403, { reason: 'Relaying Denied' });
  expect(lastResponse(bench).reason).toBe('Relaying Denied');
  expect(bench.layer.stats()).toMatchObject({ serverTransactions: 0, timers: 0 });
  bench.comes(requestText('ACK', { toTag: lastResponse(bench).toTag ?? '' }));
  bench.comes(requestText('INVITE'));
  expect(bench.take()).toEqual(['user INVITE', 'send 403', 'end done', 'user INVITE']);
});

test('a refusal is kept and repeated once a 100 went out, for the client no longer repeats its INVITE', async () => {
  const bench = await Bench.started();
  bench.comes(requestText('INVITE'));
  bench.server().respond(bench.server().request.createResponse(100));
  bench.server().refuse(407);
  bench.clock.advance(500);
  bench.comes(requestText('ACK', { toTag: lastResponse(bench).toTag ?? '' }));
  expect(bench.take()).toEqual(['user INVITE', 'send 100', 'send 407', '500 send 407']);
  expect(bench.server().state).toBe('confirmed');
});

describe('over the limit', () => {
  test('a request is answered 503 with Retry-After, keeps nothing, and its ACK is dropped', async () => {
    const bench = await Bench.started('UDP', { limits: { serverTransactions: 1 } });
    bench.comes(requestText('INVITE'));
    bench.take();
    bench.comes(requestText('INVITE', { branch: 'z9hG4bK2' }));
    const refusal = lastResponse(bench);
    expect(refusal.status).toBe(503);
    expect(Number(refusal.raw('Retry-After'))).toBeGreaterThan(0);
    bench.comes(requestText('ACK', { branch: 'z9hG4bK2', toTag: refusal.toTag ?? '' }));
    expect(bench.take()).toEqual(['send 503']);
    expect(bench.layer.stats()).toMatchObject({ serverTransactions: 1, counters: { refused: 1 } });
  });

  test('what is under way goes on: repetitions, ACK and CANCEL', async () => {
    const bench = await Bench.started('UDP', { limits: { serverTransactions: 1 } });
    bench.comes(requestText('INVITE'));
    bench.comes(requestText('CANCEL'));
    answer(bench, 487);
    bench.comes(requestText('INVITE'));
    bench.comes(requestText('ACK', { toTag: 'b' }));
    expect(bench.take()).toEqual(['user INVITE', 'send 200', 'user cancel INVITE', 'send 487', 'send 487']);
    bench.comes(requestText('CANCEL', { branch: 'z9hG4bK2' }));
    expect(bench.take()).toEqual(['send 503']);
  });

  test('requests within dialogs have a quarter more', async () => {
    const bench = await Bench.started('UDP', { limits: { serverTransactions: 4 } });
    for (let index = 0; index < 6; index += 1)
      bench.comes(requestText('INVITE', { branch: `z9hG4bK${String(index)}` }));
    expect(bench.layer.stats()).toMatchObject({ serverTransactions: 4, counters: { refused: 2 } });
    bench.comes(requestText('BYE', { branch: 'z9hG4bKbye', toTag: 'b' }));
    bench.comes(requestText('BYE', { branch: 'z9hG4bKone-too-many', toTag: 'b' }));
    expect(bench.layer.stats()).toMatchObject({ serverTransactions: 5, counters: { refused: 3 } });
  });

  test('what goes first has a quarter more, and is asked for only then', async () => {
    const bench = await Bench.started('UDP', { limits: { serverTransactions: 4 } });
    const asked: string[] = [];
    bench.goesFirst = ({ topVia, requestUriText }) => {
      asked.push(topVia.branch ?? '');
      return requestUriText === 'sip:bob@biloxi.example.com';
    };
    const other = (branch: string): string =>
      requestText('INVITE', { branch }).replace(/ sip:\S+ /, ' sip:x@y.example ');
    for (const each of ['1', '2', '3', '4', '5']) bench.comes(other(`z9hG4bK${each}`));
    expect(asked).toEqual(['z9hG4bK5']);
    expect(bench.layer.stats()).toMatchObject({ serverTransactions: 4, counters: { refused: 1 } });
    const help = (branch: string): string =>
      requestText('INVITE', { branch }).replace(/ sip:\S+ /, ' sip:bob@biloxi.example.com ');
    bench.comes(help('z9hG4bKa'));
    bench.comes(help('z9hG4bKb'));
    expect(bench.layer.stats()).toMatchObject({ serverTransactions: 5, counters: { refused: 2 } });
  });

  test('one branch cannot be given to method after method', async () => {
    const bench = await Bench.started();
    for (let index = 0; index < 100; index += 1) bench.comes(requestText(`METHOD${String(index)}`));
    expect(bench.layer.stats()).toMatchObject({ serverTransactions: 8, counters: { refused: 92 } });
  });
});

test('an answer that cannot be sent is told to the user after he has given it', async () => {
  const bench = await Bench.started();
  bench.comes(requestText('OPTIONS'));
  bench.flow.failure = 'unreachable';
  answer(bench, 200);
  expect(bench.take()).toEqual(['user OPTIONS', 'send 200']);
  bench.clock.advance(0);
  expect(bench.take()).toEqual(['user unreachable', 'end transport']);
});

test('a request can be answered from within the call that brings it', async () => {
  const bench = await Bench.started('TCP');
  bench.onRequest = (transaction) => {
    transaction.respond(transaction.request.createResponse(404, { toTag: 'b' }));
  };
  bench.comes(requestText('INVITE'));
  bench.comes(requestText('OPTIONS', { branch: 'z9hG4bK2' }));
  expect(bench.take()).toEqual(['user INVITE', 'send 404', 'user OPTIONS', 'send 404']);
  bench.comes(requestText('ACK', { toTag: 'b' }));
  bench.clock.advance(0);
  expect(bench.take()).toEqual(['end done', 'end done']);
  expect(bench.layer.stats()).toMatchObject({ serverTransactions: 0, timers: 0 });
});

describe('a transaction whose user asks no more', () => {
  test('lets go of its request after the final response, and not before', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('INVITE'));
    bench.server().release();
    expect(bench.server().request.method).toBe('INVITE');
    answer(bench, 200);
    bench.server().release();
    expect(() => bench.server().request).toThrow(expect.objectContaining({ code: 'released' }));
    expect(bench.server().lastResponse).toBeUndefined();
  });

  test.each([{}, { branch: '' }] as const)('still knows what belongs to it %o', async (details) => {
    const bench = await Bench.started();
    bench.comes(requestText('INVITE', details));
    const another = bench.server().request.createResponse(200, { toTag: 'c' });
    answer(bench, 200);
    bench.server().release();
    bench.take();
    bench.comes(requestText('INVITE', details));
    expect(bench.take()).toEqual([]);
    bench.comes(requestText('CANCEL', details));
    expect(bench.take()).toEqual(['send 200']);
    expect(lastResponse(bench).toTag).toBe('b');
    bench.comes(requestText('ACK', { ...details, toTag: 'b' }));
    bench.server().respond(another);
    expect(bench.take()).toEqual(['user ACK', 'send 200']);
  });

  test('still repeats what it has answered', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('BYE'));
    answer(bench, 200);
    bench.server().release();
    bench.comes(requestText('BYE'));
    expect(bench.take()).toEqual(['user BYE', 'send 200', 'send 200']);
  });
});
