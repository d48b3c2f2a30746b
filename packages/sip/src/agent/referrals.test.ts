import { describe, expect, test } from 'vitest';
import { AgentBench, TestCalls } from './agent.testing.ts';
import type { IncomingReferral } from './incoming-referral.ts';
import { Referrals } from './referrals.ts';

interface Secured {
  readonly bench: AgentBench;
  readonly calls: TestCalls;
  readonly referred: IncomingReferral[];
}

async function secured(): Promise<Secured> {
  const bench = await AgentBench.started();
  const calls = new TestCalls(bench.agent);
  const referred: IncomingReferral[] = [];
  bench.agent.install(new Referrals(bench.agent, { referred: (referral) => referred.push(referral) }));
  return { bench, calls, referred };
}

describe('whoever asks by sips is never referred to sip (RFC 5630 5.1.1.3)', () => {
  const whom = { uri: 'sips:alice@192.0.2.1', contact: '<sips:bob@192.0.2.9>', protocol: 'TLS' } as const;

  test.each<[string, string, number | undefined]>([
    ['an address by sip', '<sip:carol@192.0.2.3>', 403],
    ['a number', '<tel:+15551234>', 403],
    ['an address by sip over TLS', '<sip:carol@192.0.2.3;transport=tls>', 403],
    ['an address by sips', '<sips:carol@192.0.2.3>', undefined],
  ])('%s, outside of a call and within one', async (_, referTo, status) => {
    for (const isWithin of [false, true]) {
      const { bench, calls, referred } = await secured();
      const headers = [`Refer-To: ${referTo}`];
      if (isWithin) {
        bench.receive('INVITE', whom);
        const dialog = calls.accept(200);
        calls.usage.takes = false;
        // Its Request-URI alone says nothing here.
        const uri = 'sip:alice@192.0.2.1';
        bench.receive('REFER', { ...whom, uri, toTag: dialog.localTag, cseq: 2, headers });
        expect(dialog.state).toBe('confirmed');
      } else bench.receive('REFER', { ...whom, callId: 'reference', headers });
      expect(referred).toHaveLength(status === undefined ? 1 : 0);
      if (status === undefined) referred[0]?.reject();
      const answer = bench.responses.at(-1);
      expect(answer?.status).toBe(status ?? 603);
      expect(answer?.raw('Warning')?.startsWith('381 ')).toBe(status === undefined ? undefined : true);
      await bench.leftAfterStop();
    }
  });
});
