import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentBench, Listener, TestCalls } from '../agent/agent.testing.ts';
import { NameAddr } from '../message/name-addr.ts';
import { SipUri } from '../message/uri.ts';
import { addressLines } from './route-set.ts';

const host = fc.integer({ min: 1, max: 250 }).map((number) => `192.0.2.${String(number)}`);
const scheme = fc.constantFrom('sip', 'sips');

function addressOf(text: string): NameAddr {
  const address = NameAddr.parse(text);
  if (address instanceof NameAddr) return address;
  throw new Error(text);
}

describe('CSeq numbers in a dialog (RFC 3261 12.2)', () => {
  it('are refused exactly when they are lower than the highest before, and gaps are in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 12 }), async (numbers) => {
        const bench = await AgentBench.started();
        const calls = new TestCalls(bench.agent);
        bench.receive('INVITE', { cseq: 10 });
        const dialog = calls.accept(200);
        let highest = 10;
        for (const cseq of numbers) {
          const before = calls.usage.requests.length;
          const responses = bench.responses.length;
          bench.receive('INFO', { cseq, toTag: dialog.localTag });
          const isTaken = calls.usage.requests.length > before;
          expect(isTaken).toBe(cseq >= highest);
          const taken = calls.usage.requests.at(-1);
          if (isTaken && taken !== undefined) {
            highest = cseq;
            dialog.respond(taken, 200);
          } else {
            expect(bench.responses.slice(responses).map(({ status }) => status)).toEqual([500]);
          }
        }
        expect(dialog.state).toBe('confirmed');
        dialog.removeUsage(calls.usage);
        expect(await bench.leftOvers()).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('of own requests go up by one each, challenges included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), async (challenged) => {
        const bench = await AgentBench.started();
        const calls = new TestCalls(bench.agent);
        bench.receive('INVITE');
        const dialog = calls.accept(200);
        for (const [index, asks] of challenged.entries()) {
          dialog.send('INFO', new Listener());
          const header = `Digest realm="r${String(index)}", nonce="n", algorithm=MD5, qop="auth"`;
          if (asks) bench.answer(bench.last, 401, { headers: [['WWW-Authenticate', header]] });
          bench.answer(bench.last, 200);
        }
        const numbers = bench.requests.map(({ cseqNumber }) => cseqNumber);
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        dialog.removeUsage(calls.usage);
        expect(await bench.leftOvers()).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('address lines (RFC 3261 12.2.1.1)', () => {
  const route = fc
    .record({ scheme, host, loose: fc.boolean() })
    .map((parts) => addressOf(`<${parts.scheme}:${parts.host}${parts.loose ? ';lr' : ''}>`));
  const target = fc.record({ scheme, host }).map((parts) =>
    SipUri.of({ scheme: 'sip', host: parts.host, user: 'bob' }).with({
      scheme: parts.scheme === 'sips' ? 'sips' : 'sip',
    }),
  );

  it('lose neither the target nor a route, whoever comes first', () => {
    fc.assert(
      fc.property(target, fc.array(route, { maxLength: 5 }), (to, routes) => {
        const lines = addressLines(to, routes);
        const [first, ...rest] = routes.map((each) => String(each).replace('<sip:', `<${to.scheme}:`));
        if (first === undefined) {
          expect([lines.requestUri, ...lines.route]).toEqual([String(to)]);
        } else if (first.includes(';lr')) {
          expect(lines.requestUri).toBe(String(to));
          expect(lines.route).toEqual([first, ...rest]);
        } else {
          expect(`<${lines.requestUri}>`).toBe(first);
          expect(lines.route).toEqual([...rest, `<${String(to)}>`]);
        }
        const hop = lines.firstHop;
        expect(hop instanceof SipUri && hop.host).toBe(routes[0]?.uri instanceof SipUri ? routes[0].uri.host : to.host);
        if (to.scheme === 'sips') expect(lines.secure).toBe(true);
        if (lines.secure) expect(hop instanceof SipUri && hop.scheme).toBe('sips');
      }),
    );
  });
});
