import { expect, test } from 'vitest';
import { readOracle } from '../oracle/oracle.ts';
import { conversationOf, writeConversation } from '../synthetic-conversation.testing.ts';
import { checkFlow } from './check.ts';

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
