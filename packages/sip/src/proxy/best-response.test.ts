import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SipUri } from '../message/uri.ts';
import { chooseBest } from './best-response.ts';
import { outcomeOf } from './call-outcome.ts';
import { ProxyBench, requestText } from './proxy.testing.ts';

function contacts(count: number): SipUri[] {
  return Array.from({ length: count }, (_, index) => SipUri.of({ user: 'bob', host: `h${String(index)}.example.net` }));
}

function benchTo(count: number): ProxyBench {
  const targets = contacts(count).map((uri) => ({ uri }));
  return new ProxyBench({ plan: () => ({ kind: 'ring', stages: [{ targets }] }) });
}

describe('the best response (RFC 3261 16.7 step 6)', () => {
  test.each<[number[], number | undefined]>([
    [[], undefined],
    [[503, 407, 501, 404], 407],
    [[404, 302, 486], 302],
    [[486, 603, 302], 603],
    [[486, 600, 603], 600],
    [[404, 486, 484], 484],
    [[415, 401], 401],
    [[408, 486], 486],
    [[487, 408], 408],
    [[500, 480], 480],
    [[503, 500], 500],
    [[503, 503], 503],
  ])('CX-09 of %j the best is %s', (statuses, best) => {
    expect(chooseBest(statuses.map((status) => ({ status, answer: undefined })))?.status).toBe(best);
  });

  test.each([
    [[486, 487], 487],
    [[480, 486], 480],
    [[603, 487], 603],
  ])('whoever has given up hears that where a phone says so: of %j is %s', (statuses, best) => {
    const bench = benchTo(statuses.length);
    const call = bench.receive(requestText());
    for (const sent of bench.sent) sent.answer(180);
    bench.proxy.cancel(call);
    for (const [place, status] of statuses.entries()) bench.at(place).answer(status);
    expect(call.finals.map(({ status }) => status)).toEqual([best]);
  });

  test('a 503 alone becomes a 500', () => {
    const bench = benchTo(2);
    const call = bench.receive(requestText());
    for (const sent of bench.sent) sent.answer(503, [['Retry-After', '60']]);
    expect(call.finals.map(({ status }) => status)).toEqual([500]);
    expect(call.finals[0]?.has('Retry-After')).toBe(false);
  });

  test('a 401 or 407 carries the challenges of all (step 7)', () => {
    const bench = benchTo(4);
    const call = bench.receive(requestText());
    bench.at(0).answer(407, [['Proxy-Authenticate', 'Digest realm="a", nonce="1"']]);
    bench.at(1).answer(404, [['WWW-Authenticate', 'Digest realm="no", nonce="0"']]);
    bench.at(2).answer(401, [['WWW-Authenticate', 'Digest realm="b", nonce="2"']]);
    bench.at(3).answer(407, [['Proxy-Authenticate', 'Digest realm="c", nonce="3"']]);
    expect(call.finals.map(({ status }) => status)).toEqual([407]);
    expect(call.finals[0]?.rawAll('Proxy-Authenticate')).toEqual([
      'Digest realm="a", nonce="1"',
      'Digest realm="c", nonce="3"',
    ]);
    expect(call.finals[0]?.rawAll('WWW-Authenticate')).toEqual(['Digest realm="b", nonce="2"']);
  });
});

describe('how a call ended', () => {
  const branch = (status: number, rang = false, timedOut = false) => ({ status, rang, timedOut, answer: undefined });

  test.each([
    [[], 'unavailable'],
    [[branch(404), branch(480), branch(503)], 'unavailable'],
    [[branch(486), branch(480)], 'busy'],
    [[branch(480), branch(486)], 'busy'],
    [[branch(480, true)], 'no-answer'],
    [[branch(0, true, true), branch(486)], 'no-answer'],
    [[branch(486), branch(408, true)], 'no-answer'],
    [[branch(600)], undefined],
    [[branch(486), branch(603)], undefined],
    [[branch(486), branch(401)], undefined],
    [[branch(302)], undefined],
    [[branch(488)], undefined],
  ])('%j is %s', (branches, outcome) => {
    expect(outcomeOf(branches)).toBe(outcome);
  });
});

describe('whatever the branches do', () => {
  type Step = readonly [branch: number, status: number];
  const statuses = [100, 180, 183, 200, 302, 401, 404, 407, 408, 480, 484, 486, 487, 500, 503, 600, 603];

  /** What must go up, told without the machinery: every status after the 100 of the proxy itself. */
  function oracle(count: number, steps: readonly Step[]): number[] {
    const finals = new Map<number, number>();
    const up: number[] = [];
    let answered = false;
    for (const [branch, status] of steps) {
      const own = finals.get(branch);
      if (own !== undefined && !(own < 300 && status >= 200 && status < 300)) continue;
      if (status < 200) {
        if (status > 100 && !answered && up.every((each) => each < 200)) up.push(status);
        continue;
      }
      finals.set(branch, own ?? status);
      if (status < 300) {
        up.push(status);
        answered = true;
      } else if (!answered && finals.size === count) {
        const failures = [...finals.values()];
        const declined = failures.filter((each) => each >= 600);
        const lowest = Math.min(...failures.map((each) => Math.floor(each / 100)));
        const classOf = declined.length > 0 ? 6 : lowest;
        const candidates = failures.filter((each) => Math.floor(each / 100) === classOf);
        up.push(-1, ...new Set(candidates.map((each) => (each === 503 ? 500 : each))));
      }
    }
    return up;
  }

  test('one final response goes up, of the class that the RFC names, or every 2xx', () => {
    const step = (count: number): fc.Arbitrary<Step> =>
      fc.tuple(fc.integer({ min: 0, max: count - 1 }), fc.constantFrom(...statuses));
    const run = fc.integer({ min: 1, max: 5 }).chain((count) => fc.tuple(fc.constant(count), fc.array(step(count))));
    fc.assert(
      fc.property(run, ([count, steps]) => {
        const bench = benchTo(count);
        const call = bench.receive(requestText());
        for (const [branch, status] of steps) bench.at(branch).answer(status);
        // Those that are left end now, as phones do that were cancelled.
        const rest = bench.sent.map((_, branch): Step => [branch, 487]);
        for (const [branch, status] of rest) bench.at(branch).answer(status);

        const expected = oracle(count, [...steps, ...rest]);
        const mark = expected.indexOf(-1);
        const seen = call.statuses.slice(1);
        if (mark < 0) {
          expect(seen).toEqual(expected);
        } else {
          expect(seen.slice(0, -1)).toEqual(expected.slice(0, mark));
          expect(expected.slice(mark + 1)).toContain(seen.at(-1));
        }
        expect(bench.proxy.stats().requests).toBe(0);
        expect(bench.end()).toBe(0);
      }),
      { seed: 3261, numRuns: 500 },
    );
  });
});
