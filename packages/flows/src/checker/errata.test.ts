import { expect, test } from 'vitest';
import { amend } from '../errata.testing.ts';
import { readOracle } from '../oracle/oracle.ts';
import { printedConversation } from '../rfc-conversation.testing.ts';
import { checkFlow } from './check.ts';
import type { Report } from './finding.ts';

const { flows, errata } = readOracle();

/** What follows from an erratum at another place than its own. */
const consequences: Readonly<Record<string, string>> = {
  '2.6 - N2.6-1': 'E2.6-01: tags the wrong way round name no dialog',
  '2.10 - repetition': 'E2.10-01: F9 is printed as F10 is',
  '2.10 F10 sdp': 'E2.10-01: F9 is printed as F10 is, and F10 is taken for its repetition',
  '2.16 - N2.16-1': 'E2.16-01: a tag with a digit lost names no dialog',
};

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
};

function findings({ failures, advice }: Report): string[] {
  return [...failures, ...advice].map(({ message, rule }) => `${message ?? '-'} ${rule}`);
}

test.each(flows.map((flow) => [flow.id, flow] as const))(
  'in the messages of %s as printed, all that the checker finds is a known erratum',
  (id, flow) => {
    const unknown = findings(checkFlow(flow, printedConversation(flow))).filter((finding) => {
      const [f = ''] = finding.split(' ');
      const isKnown = errata.some(({ where }) => typeof where !== 'string' && where[id]?.includes(f) === true);
      return !isKnown && consequences[`${id} ${finding}`] === undefined;
    });
    expect(unknown).toEqual([]);
  },
);

test('every erratum that breaks or violates something is found, or is tolerated for a reason', () => {
  const found = new Set(
    flows.flatMap((flow) =>
      findings(checkFlow(flow, printedConversation(flow))).map(
        (finding) => `${flow.id} ${finding.split(' ')[0] ?? ''}`,
      ),
    ),
  );
  const missed = errata
    .filter(({ sev }) => sev === 'breaks' || sev === 'violates')
    .filter(({ id, where }) => {
      if (typeof where === 'string' || tolerated[id] !== undefined) return false;
      const places = Object.entries(where).flatMap(([flow, fs]) => fs.map((f) => `${flow} ${f}`));
      const isElsewhere = Object.values(consequences).some((text) => text.startsWith(`${id}:`));
      return !isElsewhere && !places.some((place) => found.has(place));
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
