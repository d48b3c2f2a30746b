import fc from 'fast-check';
import { expect, test } from 'vitest';
import { saidMessage } from '../conversation/conversation.ts';
import { readOracle } from '../oracle/oracle.ts';
import { conversationOf, writeConversation } from '../synthetic-conversation.testing.ts';
import { checkFlow } from './check.ts';
import { printReport } from './print-report.ts';

test.each(readOracle().flows.map((flow) => [flow.id, flow] as const))(
  'a conversation that does what the oracle says of %s passes',
  (_, flow) => {
    const report = checkFlow(flow, conversationOf(writeConversation(flow)));
    expect(
      report.failures.map(({ message, rule, expected, found }) => `${message ?? ''} ${rule}: ${expected}; ${found}`),
    ).toEqual([]);
    expect(
      report.advice.map(({ message, rule, expected, found }) => `${message ?? ''} ${rule}: ${expected}; ${found}`),
    ).toEqual([]);
    expect(report.matched.size).toBe(flow.messages.length);
  },
);

test('whatever stands in a recording, the checker says something and does not throw', () => {
  const flows = readOracle().flows.map((flow) => ({ flow, conversation: conversationOf(writeConversation(flow)) }));
  const damage = fc.record({ at: fc.nat(), length: fc.nat(40), text: fc.string({ maxLength: 12 }) });
  fc.assert(
    fc.property(
      fc.constantFrom(...flows),
      fc.nat(),
      fc.array(damage, { minLength: 1, maxLength: 6 }),
      (which, n, all) => {
        const { flow, conversation } = which;
        const messages = [...conversation.messages];
        const place = n % messages.length;
        const { text: whole = '', ...parts } = messages[place] ?? {};
        const text = all.reduce((now, { at, length, text: more }) => {
          const start = at % (now.length + 1);
          return now.slice(0, start) + more + now.slice(start + length);
        }, whole);
        messages[place] = saidMessage({ time: 0, from: 'alice', to: 'bob', protocol: 'UDP', ...parts, text });
        expect(printReport(checkFlow(flow, { ...conversation, messages }))).toContain(flow.title);
      },
    ),
    { numRuns: 300 },
  );
});

test('a recording of nothing is a flow that was not played', () => {
  for (const flow of readOracle().flows) {
    const report = checkFlow(flow, { participants: [], messages: [], rtp: undefined, heard: undefined, end: 0 });
    expect(report.passed).toBe(false);
    expect(report.matched.size).toBe(0);
  }
});
