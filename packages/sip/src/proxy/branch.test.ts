import { describe, expect, test } from 'vitest';
import type { Destination } from '../transport/contract.ts';
import type { RingPlan, Target } from './call-plan.ts';
import { FakeFlow, parsed, ProxyBench, requestText, sip } from './proxy.testing.ts';
import type { ProxyBenchOptions } from './proxy.testing.ts';

function target(text: string, more: Partial<Target> = {}): Target {
  return { uri: sip(text), ...more };
}

function benchTo(
  targets: readonly Target[],
  options: ProxyBenchOptions = {},
  more: Partial<RingPlan> = {},
): ProxyBench {
  return new ProxyBench({ plan: () => ({ kind: 'ring', stages: [{ targets }], ...more }), ...options });
}

const one: Destination = { protocol: 'UDP', address: '198.51.100.1', port: 5060 };
const two: Destination = { protocol: 'TCP', address: '198.51.100.2', port: 5060 };
const three: Destination = { protocol: 'UDP', address: '198.51.100.3', port: 5060 };
const resolve = (): readonly Destination[] => [one, two, three];
const bob = target('sip:bob@pbx.example.net');

describe('failover (RFC 3263 4.3)', () => {
  test.each<[string, (bench: ProxyBench, index: number) => void, number]>([
    ['a transport error', (bench, index) => bench.at(index).fail('refused'), 500],
    ['no answer in time', (bench, index) => bench.at(index).fail('timeout'), 408],
    ['a 503', (bench, index) => bench.at(index).answer(503), 500],
  ])('%s makes the next destination’s turn, with a new branch', (_name, fail, final) => {
    const bench = benchTo([bob], { resolve });
    const call = bench.receive(requestText());
    fail(bench, 0);
    fail(bench, 1);
    expect(bench.sent.map(({ to }) => to)).toEqual([
      'UDP 198.51.100.1:5060',
      'TCP 198.51.100.2:5060',
      'UDP 198.51.100.3:5060',
    ]);
    expect(new Set(bench.sent.map(({ branch }) => branch)).size).toBe(3);
    expect(call.finals).toHaveLength(0);
    fail(bench, 2);
    expect(call.finals.map(({ status }) => status)).toEqual([final]);
    expect(bench.end()).toBe(0);
  });

  test('the resolver hears which destinations failed, and until when', () => {
    const bench = benchTo([bob], { resolve });
    bench.receive(requestText());
    bench.at(0).fail('timeout');
    bench.at(1).answer(503, [['Retry-After', '120 (overloaded)']]);
    bench.at(2).answer(486);
    expect(bench.failedDestinations).toEqual([
      ['198.51.100.1', undefined],
      ['198.51.100.2', 120_000],
    ]);
  });

  test('any other answer is the answer', () => {
    const bench = benchTo([bob], { resolve });
    const call = bench.receive(requestText());
    bench.at(0).answer(500);
    expect(call.finals.map(({ status }) => status)).toEqual([500]);
    expect(bench.sent).toHaveLength(1);
  });

  test('what has no transport is passed over', () => {
    const bench = benchTo([bob], { resolve, unreachable: ['UDP 198.51.100.1:5060', 'TCP 198.51.100.2:5060'] });
    bench.receive(requestText());
    expect(bench.sent.map(({ to }) => to)).toEqual(['UDP 198.51.100.3:5060']);
  });

  test.each([
    ['no records', false, 480],
    ['a DNS server that is silent', true, 500],
  ])('%s', (_name, temporary, status) => {
    const bench = benchTo([bob], { resolve: () => ({ code: 'no-records', temporary, message: '' }) });
    expect(bench.receive(requestText()).finals.map((final) => final.status)).toEqual([status]);
  });

  test('where the caller’s own domain has no address, he hears that nobody knows it (RFC 3261 21.4.5)', () => {
    const nowhere: ProxyBenchOptions = { resolve: () => ({ code: 'no-records', temporary: false, message: '' }) };
    const [final] = benchTo([target('sip:bob@example.com')], nowhere).receive(requestText()).finals;
    expect(final).toMatchObject({ status: 404, reason: 'Domain Not Known' });
    const answered = benchTo([target('sip:bob@example.com')], { resolve });
    const call = answered.receive(requestText());
    answered.at(0).answer(404);
    expect(call.finals).toMatchObject([{ status: 404, reason: 'Not Found' }]);
  });

  test('waits for a lookup, and a CANCEL ends that', async () => {
    const lookup = Promise.withResolvers<readonly Destination[]>();
    const bench = benchTo([bob], { resolve: () => lookup.promise });
    const call = bench.receive(requestText());
    bench.proxy.cancel(call);
    expect(call.statuses).toEqual([100, 487]);
    lookup.resolve([one]);
    await lookup.promise;
    expect(bench.sent).toHaveLength(0);
  });
});

describe('a large request (RFC 3261 18.1.1)', () => {
  const body = 'x'.repeat(1200);

  test('goes over TCP, and over UDP when TCP is refused', () => {
    const bench = benchTo([bob], { resolve: () => [one] });
    bench.receive(requestText({ body }));
    expect(bench.at(0).to).toBe('TCP 198.51.100.1:5060');
    expect(bench.at(0).request.raw('Record-Route')).toContain('transport=tcp');
    bench.at(0).fail('refused');
    expect(bench.at(1).to).toBe('UDP 198.51.100.1:5060');
  });

  test('stays on the flow of a registration', () => {
    const flow = new FakeFlow('UDP', { address: '203.0.113.7', port: 4444 });
    const bench = benchTo([{ ...bob, flow }]);
    bench.receive(requestText({ body }));
    expect(bench.at(0).flow).toBe(flow);
  });
});

describe('the flows of one phone (RFC 5626 section 7)', () => {
  const flow = (): FakeFlow => new FakeFlow('TLS', { address: '203.0.113.7', port: 4444 });

  test('a 503 over a flow is no reason to go on with the destinations of another way', () => {
    const bench = benchTo([{ ...bob, alternatives: [{ ...bob, flow: flow() }] }], { resolve });
    const call = bench.receive(requestText());
    bench.at(0).answer(408);
    bench.at(1).answer(503);
    expect(bench.sent).toHaveLength(2);
    expect(call.finals.map(({ status }) => status)).toEqual([500]);
  });

  test.each<[string, (bench: ProxyBench, index: number) => void, number]>([
    ['430', (bench, index) => bench.at(index).answer(430), 2],
    ['408', (bench, index) => bench.at(index).answer(408), 2],
    ['a connection that ends', (bench, index) => bench.at(index).fail('closed'), 2],
    ['486', (bench, index) => bench.at(index).answer(486), 1],
  ])('after %s the other one is tried, or not', (_name, fail, sent) => {
    const bench = benchTo([{ ...bob, flow: flow(), alternatives: [{ ...bob, flow: flow() }] }]);
    const call = bench.receive(requestText());
    fail(bench, 0);
    expect(bench.sent).toHaveLength(sent);
    if (sent === 2) fail(bench, 1);
    expect(call.finals).toHaveLength(1);
  });

  test('a flow that is gone is passed over, and the last one gone is a 480', () => {
    const gone = flow();
    gone.close('closed');
    const bench = benchTo([{ ...bob, flow: gone, alternatives: [{ ...bob, flow: gone }] }]);
    const call = bench.receive(requestText());
    expect(call.finals.map(({ status }) => status)).toEqual([480]);
    expect(bench.sent).toHaveLength(0);
  });
});

describe('timer C (RFC 3261 16.8)', () => {
  test('CX-09 gives an INVITE up that goes on without end, and counts it as a 408', () => {
    const bench = benchTo([bob]);
    const call = bench.receive(requestText());
    bench.at(0).answer(180);
    bench.clock.advance(184_999);
    expect(bench.at(0).cancelled).toBeUndefined();
    bench.clock.advance(1);
    expect(bench.at(0).cancelled).toEqual([['Reason', 'SIP;cause=408;text="Not answered"']]);
    bench.at(0).answer(487);
    expect(call.finals.map(({ status }) => status)).toEqual([408]);
    expect(bench.end()).toBe(0);
  });

  test('starts anew with each provisional response but 100', () => {
    const bench = benchTo([bob]);
    bench.receive(requestText());
    bench.at(0).answer(180);
    bench.clock.advance(100_000);
    bench.at(0).answer(183);
    bench.clock.advance(100_000);
    bench.at(0).answer(100);
    bench.clock.advance(84_999);
    expect(bench.at(0).cancelled).toBeUndefined();
    bench.clock.advance(1);
    expect(bench.at(0).cancelled).toBeDefined();
  });

  test('is a 408 at once when nothing came at all', () => {
    const bench = benchTo([bob]);
    const call = bench.receive(requestText());
    bench.clock.advance(185_000);
    expect(call.finals.map(({ status }) => status)).toEqual([408]);
    expect(bench.at(0).cancelled).toBeUndefined();
  });

  test('begins when its branch does', () => {
    const bench = benchTo([{ ...bob, delay: 5_000 }]);
    bench.receive(requestText());
    bench.clock.advance(5_000);
    bench.at(0).answer(180);
    bench.clock.advance(184_999);
    expect(bench.at(0).cancelled).toBeUndefined();
    bench.clock.advance(1);
    expect(bench.at(0).cancelled).toBeDefined();
  });

  test('stands still once the branch is cancelled, whatever comes then', () => {
    const bench = benchTo([bob]);
    const call = bench.receive(requestText());
    bench.at(0).answer(180);
    bench.proxy.cancel(call);
    bench.at(0).answer(183);
    expect(bench.proxy.stats().timers).toBe(0);
  });

  test('is not for other methods', () => {
    const bench = benchTo([bob]);
    bench.receive(requestText({ method: 'MESSAGE' }));
    expect(bench.end()).toBe(0);
  });
});

describe('CANCEL (RFC 3261 16.10)', () => {
  test('goes to every branch with the caller’s Reason, and the 487 comes from there', () => {
    const bench = benchTo([bob, target('sip:bob@198.51.100.9')]);
    const call = bench.receive(requestText());
    bench.at(0).answer(180);
    bench.proxy.cancel(call, parsed(requestText({ method: 'CANCEL', headers: ['Reason: SIP;cause=600'] })));
    expect(bench.at(0).cancelled).toEqual([['Reason', 'SIP;cause=600']]);
    expect(bench.at(1).cancelled).toEqual([['Reason', 'SIP;cause=600']]);
    bench.at(0).answer(487);
    bench.at(1).answer(487);
    expect(call.statuses).toEqual([100, 180, 487]);
  });

  test('lets no further stage begin', () => {
    const bench = new ProxyBench({
      plan: () => ({ kind: 'ring', stages: [{ targets: [bob] }, { targets: [target('sip:x@198.51.100.9')] }] }),
    });
    const call = bench.receive(requestText());
    bench.proxy.cancel(call);
    bench.at(0).answer(487);
    expect(bench.sent).toHaveLength(1);
    expect(call.statuses).toEqual([100, 487]);
  });

  test('ends after 64 T1 when the far end says nothing any more', () => {
    const bench = benchTo([bob]);
    const call = bench.receive(requestText());
    bench.at(0).answer(180);
    bench.proxy.cancel(call);
    bench.clock.advance(32_000);
    expect(call.statuses).toEqual([100, 180, 487]);
    // The phone answered after all: whoever hears a 2xx after a final response must get it (16.7 step 5).
    bench.at(0).answer(200);
    expect(bench.stateless.map(({ status }) => status)).toEqual([200]);
    expect(bench.proxy.stats().requests).toBe(0);
  });

  test('an answer that crosses it is the answer', () => {
    const bench = benchTo([bob]);
    const call = bench.receive(requestText());
    bench.proxy.cancel(call);
    bench.at(0).answer(200);
    expect(call.statuses).toEqual([100, 200]);
    expect(bench.end()).toBe(0);
  });
});

describe('sips (RFC 5630)', () => {
  const secure = new FakeFlow('TLS', { address: '203.0.113.7', port: 4444 });

  test.each<[string, string, Target, number | undefined, string | undefined]>([
    ['sips to sips', 'sips:bob@example.com', target('sips:bob@198.51.100.9'), undefined, 'TLS 198.51.100.9:5061'],
    ['sips to a sip binding', 'sips:bob@example.com', target('sip:bob@198.51.100.9'), 480, undefined],
    ['sips over UDP', 'sips:bob@example.com', target('sips:bob@198.51.100.9', { destination: one }), 480, undefined],
    [
      'sips over a TCP flow',
      'sips:bob@example.com',
      target('sips:b@x', { flow: new FakeFlow('TCP', one) }),
      480,
      undefined,
    ],
    [
      'sips over a TLS flow',
      'sips:bob@example.com',
      target('sips:b@x', { flow: secure }),
      undefined,
      'TLS 203.0.113.7:4444',
    ],
  ])('%s', (_name, uri, to, status, sentTo) => {
    const bench = benchTo([to]);
    const call = bench.receive(requestText({ uri }));
    expect(call.finals[0]?.status).toBe(status);
    expect(bench.sent[0]?.to).toBe(sentTo);
    if (status === 480) expect(call.finals[0]?.raw('Warning')).toBe('380 192.0.2.1:5060 "SIPS Not Allowed"');
    else expect(bench.at(0).request.raw('Record-Route')).toMatch(/^<sips:[^;]*;lr>, <sips:[^;]*;lr>$/);
  });

  test('a sips binding called as sip gets a sip Request-URI, over TLS', () => {
    const bench = benchTo([target('sips:bob@198.51.100.9')]);
    bench.receive(requestText());
    expect(bench.at(0).request.requestUriText).toBe('sip:bob@198.51.100.9');
    expect(bench.at(0).to).toBe('TLS 198.51.100.9:5061');
  });
});

describe('recursion (RFC 3261 16.7 step 4)', () => {
  const contacts = (...values: string[]): readonly (readonly [string, string])[] =>
    values.map((value) => ['Contact', value] as const);
  const recurse = { recurse: true };

  test('tries the contacts by q, each once', () => {
    const bench = benchTo([bob], {}, recurse);
    const call = bench.receive(requestText());
    bench
      .at(0)
      .answer(
        302,
        contacts(
          '<sip:a@198.51.100.11>;q=0.5',
          '<sip:b@198.51.100.12>',
          '<sip:a@198.51.100.11>;q=0.9',
          bob.uri.toString(),
        ),
      );
    expect(bench.sent.map(({ request }) => request.requestUriText).slice(1)).toEqual(['sip:b@198.51.100.12']);
    bench.at(1).answer(404);
    expect(bench.at(2).request.requestUriText).toBe('sip:a@198.51.100.11');
    bench.at(2).answer(302, contacts('<sip:b@198.51.100.12>'));
    expect(call.finals.map(({ status }) => status)).toEqual([302]);
  });

  test.each([
    ['what the plan does not allow', {}, 302, ['<sip:a@198.51.100.11>'], 302],
    ['a 305', recurse, 305, ['<sip:a@198.51.100.11>'], 305],
    ['other schemes', recurse, 302, ['<sips:a@198.51.100.11>', '<tel:+1>', '<mailto:a@b>'], 302],
    ['no contacts', recurse, 301, [], 301],
  ])('leaves the caller %s', (_name, more, status, values, final) => {
    const bench = benchTo([bob], {}, more);
    const call = bench.receive(requestText());
    bench.at(0).answer(status, contacts(...values));
    expect(bench.sent).toHaveLength(1);
    expect(call.finals.map((response) => response.status)).toEqual([final]);
    expect(call.finals[0]?.rawAll('Contact')).toEqual(values);
  });

  test('leaves him those contacts that it does not try', () => {
    const bench = benchTo([bob], {}, recurse);
    const call = bench.receive(requestText());
    bench.at(0).answer(302, contacts('<sip:a@198.51.100.11>', '<mailto:bob@example.com>'));
    bench.at(1).answer(404);
    expect(call.finals.map(({ status }) => status)).toEqual([302]);
    expect(call.finals[0]?.rawAll('Contact')).toEqual(['<mailto:bob@example.com>']);
  });

  test('ends with the limit of targets', () => {
    const bench = benchTo([bob], { maximumTargets: 10 }, recurse);
    const call = bench.receive(requestText());
    for (let index = 0; index < bench.sent.length; index += 1) {
      bench.at(index).answer(302, contacts(`<sip:${String(index)}@198.51.100.11>`));
    }
    expect(bench.sent).toHaveLength(10);
    expect(call.finals.map(({ status }) => status)).toEqual([302]);
  });
});
