import { expect, test } from 'vitest';
import { amend } from '../errata.testing.ts';
import { readOracle } from '../oracle/oracle.ts';
import { printedConversation } from '../lint/rfc-conversation.ts';
import { checkFlow } from './check.ts';

const { flows } = readOracle();

test.each(flows.map((flow) => [flow.id, flow] as const))(
  'the messages of %s with the errata applied pass',
  (id, flow) => {
    const { failures } = checkFlow(flow, printedConversation(flow, amend(id)));
    expect(
      failures.map(({ message, rule, expected, found }) => `${message ?? '-'} ${rule}: ${expected}; ${found}`),
    ).toEqual([]);
  },
);
