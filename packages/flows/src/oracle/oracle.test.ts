import { expect, test } from 'vitest';
import { findFlow, messageOf, readOracle } from './oracle.ts';

test('the oracle has the eighteen flows of RFC 5359 and their 324 messages', () => {
  const { flows, rules, tolerances, coverage } = readOracle();
  expect(flows.map(({ id }) => id)).toEqual(Array.from({ length: 18 }, (_, index) => `2.${index + 1}`));
  expect(flows.flatMap(({ messages }) => messages)).toHaveLength(324);
  expect(rules).toHaveLength(12);
  expect(tolerances.map(({ id }) => id)).toEqual(Array.from({ length: 25 }, (_, index) => `T${index + 1}`));
  expect(coverage).toHaveLength(234);
});

test('what a flow names is there: elements, dialogs, messages, rules, tolerances, statements, errata', () => {
  const { flows, rules, tolerances, coverage, errata } = readOracle();
  const known = (of: readonly { readonly id: string }[]): Set<string> => new Set(of.map(({ id }) => id));
  const [ruleIds, toleranceIds, coverageIds, errataIds] = [
    known(rules),
    known(tolerances),
    known(coverage),
    known(errata),
  ];
  for (const flow of flows) {
    const elements = known(flow.elements);
    const dialogs = known(flow.dialogs);
    const numbers = new Set(flow.messages.map(({ f }) => f));
    const missing: string[] = [];
    const want = (set: ReadonlySet<string>, name: string | null | undefined): void => {
      if (name !== null && name !== undefined && !set.has(name)) missing.push(name);
    };
    for (const message of flow.messages) {
      want(elements, message.from);
      want(elements, message.to);
      want(dialogs, message.dialog);
      for (const f of [message.answers, message.forwards, message.acks, message.cancels, message.txn]) want(numbers, f);
      for (const f of message.after) want(numbers, f);
      for (const rule of message.rules) want(ruleIds, rule);
      for (const erratum of message.errata ?? []) want(errataIds, erratum);
    }
    for (const f of Object.keys(flow.media)) want(numbers, f);
    for (const id of flow.tolerances) want(toleranceIds, id);
    for (const id of [...flow.coverage, ...flow.alternatives]) want(coverageIds, id);
    for (const id of flow.errata) want(errataIds, id);
    expect(missing, flow.id).toEqual([]);
  }
});

test('a message that the flow does not have is refused', () => {
  const flow = findFlow('2.1');
  expect(flow && messageOf(flow, 'F10').ladderLabel).toBe('INVITE(hold)');
  expect(() => flow && messageOf(flow, 'F99')).toThrow('flow 2.1 has no message F99');
  expect(findFlow('3.1')).toBeUndefined();
});

test('the tags of a message belong to the two parties of its dialog', () => {
  const strangers = readOracle().flows.flatMap((flow) =>
    flow.messages.filter(({ dialog, expect: { tags } }) => {
      const parties = flow.dialogs.find(({ id }) => id === dialog)?.between;
      return parties !== undefined && [tags.from, tags.to].some((owner) => owner !== null && !parties.includes(owner));
    }),
  );
  expect(strangers).toEqual([]);
});
