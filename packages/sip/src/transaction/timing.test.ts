import { describe, expect, test } from 'vitest';
import { Bench, ownRequest, requestText, responseText } from './transaction.testing.ts';

/** When a line was written, in milliseconds. */
function times(log: readonly string[], line: string): number[] {
  return log
    .map((entry) => (/^\d/.test(entry) ? entry : `0 ${entry}`))
    .filter((entry) => entry.slice(entry.indexOf(' ') + 1) === line)
    .map((entry) => Number(entry.slice(0, entry.indexOf(' '))));
}

describe('INVITE client', () => {
  test('CX-10 over UDP repeats after T1, doubling without end, and gives up at 64*T1', async () => {
    const bench = await Bench.started();
    bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
    bench.clock.advance(31_999);
    expect(times(bench.log, 'send INVITE')).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    expect(bench.log).not.toContain('failed timeout');
    bench.clock.advance(1);
    expect(bench.log.slice(-2)).toEqual(['32000 failed timeout', '32000 ended']);
    expect(bench.layer.stats()).toMatchObject({ clientTransactions: 0, timers: 0 });
  });

  test('over TCP repeats nothing, and gives up at 64*T1', async () => {
    const bench = await Bench.started('TCP');
    bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
    bench.clock.advance(40_000);
    expect(bench.log).toEqual(['send INVITE', '32000 failed timeout', '32000 ended']);
    expect(bench.layer.stats().watchedFlows).toBe(0);
  });

  test('takes T1 from its options', async () => {
    const bench = await Bench.started('UDP', { timers: { T1: 100, T2: 200, T4: 300 } });
    bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
    bench.clock.advance(6400);
    expect(times(bench.log, 'send INVITE')).toEqual([0, 100, 300, 700, 1500, 3100, 6300]);
    expect(times(bench.log, 'failed timeout')).toEqual([6400]);
  });

  test('a provisional response stops the repetitions, and waits for the final one without end', async () => {
    const bench = await Bench.started();
    const transaction = bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
    bench.clock.advance(600);
    bench.comes(responseText(transaction, 180));
    bench.clock.advance(600_000);
    expect(times(bench.log, 'send INVITE')).toEqual([0, 500]);
    expect(transaction.state).toBe('proceeding');
    expect(bench.layer.stats().timers).toBe(0);
  });

  test.each([
    ['UDP', 32_000],
    ['TCP', 0],
  ] as const)('over %s timer D runs %d ms', async (protocol, milliseconds) => {
    const bench = await Bench.started(protocol);
    const transaction = bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
    bench.comes(responseText(transaction, 486));
    bench.clock.advance(40_000);
    expect(times(bench.log, 'ended')).toEqual([milliseconds]);
  });

  test('timer D is at least 32 seconds, whatever T1 is here', async () => {
    const bench = await Bench.started('UDP', { timers: { T1: 100, T2: 4000, T4: 5000 } });
    const transaction = bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
    bench.comes(responseText(transaction, 486));
    bench.clock.advance(40_000);
    expect(times(bench.log, 'ended')).toEqual([32_000]);
  });

  test.each(['UDP', 'TCP'] as const)('CX-10 over %s timer M takes 2xx for 64*T1', async (protocol) => {
    const bench = await Bench.started(protocol);
    const transaction = bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
    const answer = responseText(transaction, 200);
    bench.comes(answer);
    bench.clock.advance(31_999);
    bench.comes(answer);
    bench.clock.advance(1);
    bench.comes(answer);
    expect(bench.log.slice(1)).toEqual(['user 200', '31999 user 200', '32000 ended', '32000 stray 200']);
  });
});

describe('non-INVITE client', () => {
  test('over UDP repeats after T1, doubling up to T2, and gives up at 64*T1', async () => {
    const bench = await Bench.started();
    bench.layer.request(ownRequest('OPTIONS'), bench.flow, bench);
    bench.clock.advance(40_000);
    const expected = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(times(bench.log, 'send OPTIONS')).toEqual(expected);
    expect(bench.log.slice(-2)).toEqual(['32000 failed timeout', '32000 ended']);
  });

  test('after a provisional response it repeats every T2', async () => {
    const bench = await Bench.started();
    const transaction = bench.layer.request(ownRequest('OPTIONS'), bench.flow, bench);
    bench.clock.advance(200);
    bench.comes(responseText(transaction, 100));
    bench.clock.advance(12_500);
    expect(times(bench.log, 'send OPTIONS')).toEqual([0, 500, 4500, 8500, 12_500]);
    bench.clock.advance(20_000);
    expect(times(bench.log, 'failed timeout')).toEqual([32_000]);
  });

  test.each([
    ['UDP', 5000],
    ['TCP', 0],
  ] as const)('over %s timer K runs %d ms', async (protocol, milliseconds) => {
    const bench = await Bench.started(protocol);
    const transaction = bench.layer.request(ownRequest('OPTIONS'), bench.flow, bench);
    bench.comes(responseText(transaction, 200));
    bench.clock.advance(40_000);
    expect(bench.log).toEqual(['send OPTIONS', 'user 200', milliseconds === 0 ? 'ended' : '5000 ended']);
  });
});

describe('INVITE server', () => {
  test('says 100 for a user who says nothing for 200 ms', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('INVITE'));
    bench.clock.advance(100_000);
    expect(bench.log).toEqual(['user INVITE', '200 send 100']);
  });

  test('says nothing for a user who is quicker', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('INVITE'));
    bench.server().respond(bench.server().request.createResponse(180, { toTag: 'b' }));
    bench.clock.advance(100_000);
    expect(bench.log).toEqual(['user INVITE', 'send 180']);
  });

  test('repeats a refusal after T1, doubling up to T2, until 64*T1', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('INVITE'));
    bench.server().respond(bench.server().request.createResponse(486, { toTag: 'b' }));
    bench.clock.advance(40_000);
    const expected = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(times(bench.log, 'send 486')).toEqual(expected);
    expect(bench.log.at(-1)).toBe('32000 end no-ack');
  });

  test('over TCP repeats nothing, and waits for the ACK as long', async () => {
    const bench = await Bench.started('TCP');
    bench.comes(requestText('INVITE'));
    bench.server().respond(bench.server().request.createResponse(486, { toTag: 'b' }));
    bench.clock.advance(40_000);
    expect(bench.log).toEqual(['user INVITE', 'send 486', '32000 end no-ack']);
  });

  test.each([
    ['UDP', '6000 end done'],
    ['TCP', '1000 end done'],
  ] as const)('over %s absorbs ACKs until timer I', async (protocol, end) => {
    const bench = await Bench.started(protocol);
    bench.comes(requestText('INVITE'));
    bench.server().respond(bench.server().request.createResponse(486, { toTag: 'b' }));
    bench.clock.advance(1000);
    bench.comes(requestText('ACK', { toTag: 'b' }));
    bench.comes(requestText('ACK', { toTag: 'b' }));
    bench.clock.advance(60_000);
    expect(bench.log.filter((line) => !line.endsWith('send 486'))).toEqual(['user INVITE', end]);
  });

  test.each(['UDP', 'TCP'] as const)(
    'over %s keeps an answered INVITE for 64*T1 and never repeats a 2xx',
    async (protocol) => {
      const bench = await Bench.started(protocol);
      bench.comes(requestText('INVITE'));
      bench.server().respond(bench.server().request.createResponse(200, { toTag: 'b' }));
      bench.clock.advance(31_999);
      bench.comes(requestText('INVITE'));
      bench.clock.advance(8000);
      expect(bench.log).toEqual(['user INVITE', 'send 200', '32000 end done']);
    },
  );
});

describe('non-INVITE server (RFC 4320)', () => {
  test.each(['UDP', 'TCP'] as const)('over %s says 100 once the client repeats every T2 only', async (protocol) => {
    const bench = await Bench.started(protocol);
    bench.comes(requestText('OPTIONS'));
    bench.clock.advance(31_999);
    expect(bench.log).toEqual(['user OPTIONS', '3500 send 100']);
  });

  test('over UDP a 100 waits until then, over TCP it goes at once', async () => {
    const udp = await Bench.started();
    udp.comes(requestText('OPTIONS'));
    udp.server().respond(udp.server().request.createResponse(100));
    udp.clock.advance(3499);
    expect(udp.take()).toEqual(['user OPTIONS']);
    udp.clock.advance(1);
    udp.server().respond(udp.server().request.createResponse(100));
    expect(udp.take()).toEqual(['3500 send 100', '3500 send 100']);
    expect(udp.layer.stats().counters.suppressedResponses).toBe(1);
    const tcp = await Bench.started('TCP');
    tcp.comes(requestText('OPTIONS'));
    tcp.server().respond(tcp.server().request.createResponse(100));
    expect(tcp.take()).toEqual(['user OPTIONS', 'send 100']);
  });

  test('no other provisional response and no 408 is ever sent', async () => {
    const bench = await Bench.started('TCP');
    bench.comes(requestText('OPTIONS'));
    const { request } = bench.server();
    bench.server().respond(request.createResponse(180, { toTag: 'b' }));
    bench.server().respond(request.createResponse(408, { toTag: 'b' }));
    bench.clock.advance(40_000);
    expect(bench.log).toEqual(['user OPTIONS', 'end done']);
    expect(bench.layer.stats().counters.suppressedResponses).toBe(2);
  });

  test('after 64*T1 there is nobody to answer; a late answer is dropped', async () => {
    const bench = await Bench.started();
    bench.comes(requestText('OPTIONS'));
    bench.clock.advance(32_000);
    bench.server().respond(bench.server().request.createResponse(200, { toTag: 'b' }));
    expect(bench.log).toEqual(['user OPTIONS', '3500 send 100', '32000 end expired']);
    expect(bench.layer.stats()).toMatchObject({ serverTransactions: 0, timers: 0 });
  });

  test.each([
    ['UDP', '32000 end done'],
    ['TCP', 'end done'],
  ] as const)('over %s timer J', async (protocol, end) => {
    const bench = await Bench.started(protocol);
    bench.comes(requestText('OPTIONS'));
    bench.server().respond(bench.server().request.createResponse(200, { toTag: 'b' }));
    bench.clock.advance(40_000);
    expect(bench.log).toEqual(['user OPTIONS', 'send 200', end]);
  });
});

/** Ten transactions that begin a millisecond apart, and when each of them writes the line. */
async function besideEachOther(
  begin: (bench: Bench, index: number) => void,
  line: string,
  protocol: 'UDP' | 'TCP' = 'UDP',
): Promise<number[]> {
  const bench = await Bench.started(protocol);
  for (let index = 0; index < 10; index += 1) {
    begin(bench, index);
    bench.clock.advance(1);
  }
  bench.clock.advance(40_000);
  return times(bench.log, line);
}

/** The instants of ten transactions, the first of which has its at `instants`. */
function instants(...firsts: readonly number[]): number[] {
  return firsts.flatMap((first) => Array.from({ length: 10 }, (_, index) => first + index));
}

function asks(method: string): (bench: Bench) => void {
  return (bench) => void bench.layer.request(ownRequest(method), bench.flow, bench);
}

function isAsked(method: string, status?: number): (bench: Bench, index: number) => void {
  return (bench, index) => {
    bench.comes(requestText(method, { branch: `z9hG4bKx${String(index)}` }));
    const server = bench.server(index);
    if (status !== undefined) server.respond(server.request.createResponse(status, { toTag: 'b' }));
  };
}

describe('beside others of the same length, whatever is seen from outside happens at its very instant', () => {
  const doubling = [500, 1500, 3500, 7500];
  const slow = [11_500, 15_500, 19_500, 23_500, 27_500, 31_500];

  test('timer A repeats', async () => {
    const sent = await besideEachOther(asks('INVITE'), 'send INVITE');
    expect(sent).toEqual(instants(0, ...doubling, 15_500, 31_500));
  });

  test('timer E repeats', async () => {
    const sent = await besideEachOther(asks('OPTIONS'), 'send OPTIONS');
    expect(sent).toEqual(instants(0, ...doubling, ...slow));
  });

  test.each(['INVITE', 'OPTIONS'])('timers B and F give up on %s', async (method) => {
    expect(await besideEachOther(asks(method), 'failed timeout')).toEqual(instants(32_000));
  });

  test('timer G repeats, and timer H gives up on the ACK', async () => {
    const sent = await besideEachOther(isAsked('INVITE', 486), 'send 486');
    expect(sent).toEqual(instants(0, ...doubling, ...slow));
    expect(await besideEachOther(isAsked('INVITE', 486), 'end no-ack')).toEqual(instants(32_000));
  });

  test('100 goes out for who is silent, and the request expires', async () => {
    expect(await besideEachOther(isAsked('INVITE'), 'send 100')).toEqual(instants(200));
    expect(await besideEachOther(isAsked('OPTIONS'), 'send 100')).toEqual(instants(3500));
    expect(await besideEachOther(isAsked('OPTIONS'), 'end expired')).toEqual(instants(32_000));
  });

  test('a cancelled INVITE without an end is given up', async () => {
    const cancels = (bench: Bench): void => {
      const transaction = bench.layer.request(ownRequest('INVITE'), bench.flow, bench);
      bench.comes(responseText(transaction, 180));
      transaction.cancel();
    };
    expect(await besideEachOther(cancels, 'failed timeout')).toEqual(instants(32_000));
  });

  test('but what was answered is forgotten together with what comes close behind: 250 ms late, and never early', async () => {
    const forgotten = await besideEachOther(isAsked('OPTIONS', 200), 'end done');
    expect(forgotten).toEqual([32_000, ...Array.from({ length: 9 }, () => 32_250)]);
  });
});
