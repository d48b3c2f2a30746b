import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallPlan } from './call-plan.ts';
import { FakeFlow, ProxyBench, requestText, ring } from './proxy.testing.ts';
import type { ProxyBenchOptions, ReceivedRequest, RequestParts } from './proxy.testing.ts';
import { settingsOf } from './environment.ts';
import { Shares } from './shares.ts';
import type { Share } from './shares.ts';

const bob = 'sip:bob@198.51.100.2';
const limits = { maximumContexts: 8, maximumContextsPerSource: 2, maximumTransactions: 20 };

/** A proxy that takes `X-Account` for who has proved himself. */
function bench(options: ProxyBenchOptions = {}): ProxyBench {
  const plan = (request: { raw(name: string): string | undefined }): CallPlan =>
    ring([[bob]], { account: request.raw('X-Account') });
  return new ProxyBench({ plan, ...limits, ...options });
}

let calls = 0;
function from(proxy: ProxyBench, address: string, account?: string, parts: RequestParts = {}): ReceivedRequest {
  const flow = new FakeFlow('UDP', { address, port: 5060 });
  calls += 1;
  const headers = [...(parts.headers ?? []), ...(account === undefined ? [] : [`X-Account: ${account}`])];
  return proxy.receive(requestText({ callId: `call-${String(calls)}`, ...parts, headers }), flow);
}

const statuses = (requests: readonly ReceivedRequest[]): number[] => requests.map(({ statuses: [first = 0] }) => first);

describe('the share of one source', () => {
  test('a stranger that has filled his own gets 503 with Retry-After, and others do not notice', () => {
    const proxy = bench();
    const flood = [1, 2, 3, 4].map(() => from(proxy, '203.0.113.7'));
    expect(statuses(flood)).toEqual([100, 100, 503, 503]);
    expect(flood[2]?.refused).toBe(true);
    expect(flood[2]?.finals[0]?.raw('Retry-After')).toBe('5');
    expect(statuses([from(proxy, '203.0.113.8'), from(proxy, '203.0.113.7', 'alice')])).toEqual([100, 100]);
    expect(proxy.proxy.stats()).toMatchObject({ requests: 4, sources: 3, counters: { refusedForShare: 2 } });
  });

  test('is one for a network of 64 bits of IPv6, whatever address of it is used', () => {
    const proxy = bench();
    const flood = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::3'].map((each) => from(proxy, each));
    expect(statuses(flood)).toEqual([100, 100, 503, 100]);
  });

  test('of a subscriber is his wherever he calls from, and whoever shares his address has his own', () => {
    const proxy = bench();
    const calling = (account: string, address: string): ReceivedRequest => from(proxy, address, account);
    const office = '192.0.2.50';
    const all = [calling('alice', office), calling('alice', '192.0.2.51'), calling('alice', office)];
    expect(statuses([...all, calling('bob', office), calling('carol', office)])).toEqual([100, 100, 503, 100, 100]);
  });

  test('is free again with the final response', () => {
    const proxy = bench();
    expect(statuses([1, 2, 3].map(() => from(proxy, '203.0.113.7')))).toEqual([100, 100, 503]);
    proxy.at(0).answer(486);
    expect(statuses([1, 2].map(() => from(proxy, '203.0.113.7')))).toEqual([100, 503]);
  });

  test('holds for transactions that are answered and not gone yet as well', () => {
    const proxy = bench({ maximumTransactions: 6 });
    const answered = [1, 2, 3].map((_, index) => {
      const call = from(proxy, '203.0.113.7');
      proxy.at(index).answer(486);
      return call;
    });
    expect(statuses([from(proxy, '203.0.113.7')])).toEqual([503]);
    answered[0]?.share?.ended();
    expect(statuses([from(proxy, '203.0.113.7')])).toEqual([100]);
  });

  test('counts what is answered here, too, for it is kept', () => {
    const plan = (): CallPlan => ({ kind: 'respond', status: 200 });
    const proxy = new ProxyBench({ plan, ...limits, maximumTransactions: 6 });
    const options = [1, 2, 3, 4].map(() => from(proxy, '203.0.113.7', undefined, { method: 'OPTIONS' }));
    expect(statuses(options)).toEqual([200, 200, 200, 503]);
    for (const each of options) each.share?.ended();
    expect(proxy.proxy.stats()).toMatchObject({ requests: 0, sources: 0 });
  });

  test('is not held against who stands for many', () => {
    const proxy = bench({ isSharedSource: (address) => address === '192.0.2.200' });
    const calling = Array.from({ length: 7 }, () => from(proxy, '192.0.2.200'));
    expect(new Set(statuses(calling))).toEqual(new Set([100]));
  });

  test('does not stop what goes on within dialogs, nor a call for help, which have their own', () => {
    const proxy = bench({ isEmergency: ({ requestUriText }) => requestUriText === 'sip:112@example.com' });
    const address = '203.0.113.7';
    const first = from(proxy, address, undefined, { callId: 'stands' });
    const [recordRoute = ''] = proxy.at(0).request.rawAll('Record-Route');
    proxy.at(0).answer(200);
    expect(statuses([first, from(proxy, address), from(proxy, address), from(proxy, address)])).toEqual([
      100, 100, 100, 503,
    ]);
    const within = { method: 'INFO', callId: 'stands', toTag: 'b', uri: bob, headers: [`Route: ${recordRoute}`] };
    const reached = proxy.sent.length;
    const inside = [1, 2, 3].map(() => from(proxy, address, undefined, within));
    expect(proxy.sent.length - reached).toBe(2);
    expect(inside[2]?.statuses).toEqual([503]);
    const help = { uri: 'sip:112@example.com' };
    expect(statuses([1, 2, 3].map(() => from(proxy, address, undefined, help)))).toEqual([100, 100, 503]);
  });
});

describe('the share of all strangers', () => {
  test('is half of the requests, from however many addresses, so that subscribers are let in', () => {
    const proxy = bench();
    const flood = Array.from({ length: 9 }, (_, index) => from(proxy, `203.0.113.${String(index)}`));
    expect(statuses(flood)).toEqual([100, 100, 100, 100, 503, 503, 503, 503, 503]);
    expect(statuses(['alice', 'bob', 'carol'].map((each) => from(proxy, '203.0.113.1', each)))).toEqual([
      100, 100, 100,
    ]);
  });

  test('is three quarters of the transactions', () => {
    const proxy = bench({ maximumTransactions: 4 });
    const flood = [1, 2, 3, 4].map((index) => {
      const call = from(proxy, `203.0.113.${String(index)}`);
      proxy.sent.at(-1)?.answer(486);
      return call;
    });
    expect(statuses(flood)).toEqual([100, 100, 100, 503]);
    expect(statuses([from(proxy, '203.0.113.9', 'alice')])).toEqual([100]);
  });
});

describe('with the limits as they are by default', () => {
  const [request] = [bench()].map((proxy) => from(proxy, '192.0.2.1').request);
  if (request === undefined) throw new Error('no request');
  const settings = settingsOf({});
  const flow = (address: string): FakeFlow => new FakeFlow('UDP', { address, port: 5060 });

  test('one address has 1,500 calls a second for as long as it likes, each answered after three seconds and ended at once', () => {
    const shares = new Shares(settings, {});
    const tester = flow('192.0.2.1');
    const take = (isWithin: boolean): Share => {
      const share = shares.take({ request, flow: tester, isWithin, account: undefined });
      if (share === undefined) throw new Error('refused');
      return share;
    };
    const waiting: Share[][] = [];
    const answered: Share[][] = [];
    for (let second = 0; second < 80; second++) {
      const hungUp = waiting.length === 3 ? (waiting.shift() ?? []) : [];
      const done = [...hungUp, ...hungUp.map(() => take(true))];
      for (const share of done) share.answered();
      answered.push(done);
      waiting.push(Array.from({ length: 1_500 }, () => take(false)));
      for (const share of answered.length > 32 ? (answered.shift() ?? []) : []) share.ended();
      const kept = [...waiting, ...answered].reduce((sum, { length }) => sum + length, 0);
      expect(kept).toBeLessThan(settings.maximumTransactions);
    }
  });

  test('strangers whom nobody answers have 5,000 an address and 25,000 in all', () => {
    const shares = new Shares(settings, {});
    const taken = Array.from({ length: 8 }, (_, address) => {
      const stranger = flow(`203.0.113.${String(address)}`);
      let count = 0;
      while (shares.take({ request, flow: stranger, isWithin: false, account: undefined }) !== undefined) count += 1;
      return count;
    });
    expect(taken).toEqual([5_000, 5_000, 5_000, 5_000, 5_000, 0, 0, 0]);
  });
});

test('whatever comes in whatever order, no share is exceeded, and nothing is left when all has ended', () => {
  const source = fc.record({
    address: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2'),
    account: fc.constantFrom('alice', undefined),
    isWithin: fc.boolean(),
  });
  const event = fc.oneof(source, fc.record({ end: fc.nat() }));
  const [request] = [bench()].map((proxy) => from(proxy, '192.0.2.1').request);
  if (request === undefined) throw new Error('no request');
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const shares = new Shares(limits, {});
      const open: { share: NonNullable<ReturnType<Shares['take']>>; isAnswered: boolean }[] = [];
      for (const each of events) {
        if ('end' in each) {
          const [one] = open.splice(each.end % Math.max(open.length, 1), 1);
          if (one === undefined) continue;
          one.share.answered();
          one.share.ended();
        } else {
          const flow = new FakeFlow('UDP', { address: each.address, port: 5060 });
          const share = shares.take({ ...each, flow, request });
          if (share === undefined) continue;
          open.push({ share, isAnswered: false });
          expect(share.requests).toBeLessThanOrEqual(limits.maximumContextsPerSource);
        }
      }
      for (const { share } of open) {
        share.answered();
        share.ended();
      }
      expect(shares.size).toBe(0);
    }),
  );
});
