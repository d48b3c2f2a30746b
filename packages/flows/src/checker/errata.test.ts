import { expect, test } from 'vitest';
import { amend } from '../errata.testing.ts';
import { readOracle } from '../oracle/oracle.ts';
import { lintRfc } from '../lint/lint-rfc.ts';
import { printedConversation } from '../lint/rfc-conversation.ts';
import { checkFlow } from './check.ts';

const { flows, errata } = readOracle();

/** Errata of which a conversation shows nothing that is a failure. */
const tolerated: Readonly<Record<string, string>> = {
  'E-G09': 'automaton is an alias of automata (T15)',
  'E-G11': 'header fields that mean nothing in an ACK are ignored (T18)',
  'E-G13': 'Supported may be left out where the service does not need it',
  'E-G15': 'a 181 of a user agent beside the proxy is optional; its tag is looked at',
  'E-G16': 'a 181 without Contact is tolerated (T24)',
  'E2.12-01': 'a space in t= is read over (T10); that branches differ by it is found as E2.12-02',
  'E2.12-03': 'a 2xx without Allow is tolerated',
  'E2.13-01': 'an arrow of the ladder, not a message',
  'E2.15-04': 'an empty line that was lost in print is put back where the messages are read',
  'E2.18-03': 'whether an address forks cannot be seen in one message',
};

test('every erratum that breaks or violates something is found, or is tolerated for a reason', () => {
  const found = new Set(lintRfc().faults.map(({ erratum }) => erratum?.id));
  const missed = errata
    .filter(({ sev }) => sev === 'breaks' || sev === 'violates')
    .filter(({ id, where }) => {
      return typeof where !== 'string' && tolerated[id] === undefined && !found.has(id);
    });
  // What is said of all flows at once is about outdated practice, and about s= (T10).
  expect(missed.map(({ id }) => id)).toEqual([]);
});

test.each(flows.map((flow) => [flow.id, flow] as const))(
  'the messages of %s with the errata applied pass',
  (id, flow) => {
    const { failures } = checkFlow(flow, printedConversation(flow, amend(id)));
    expect(
      failures.map(({ message, rule, expected, found }) => `${message ?? '-'} ${rule}: ${expected}; ${found}`),
    ).toEqual([]);
  },
);
