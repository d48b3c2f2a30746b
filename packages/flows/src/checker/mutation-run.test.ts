import { expect, test } from 'vitest';
import type { FlowDescription, FlowMessage } from '../oracle/flow-schema.ts';
import { readOracle } from '../oracle/oracle.ts';
import { conversationOf, writeConversation } from '../synthetic-conversation.testing.ts';
import type { DraftConversation } from '../synthetic-conversation.testing.ts';
import { checkFlow } from './check.ts';
import { strengthOf } from './examination.ts';
import { conversationMutations } from './mutation/conversation-mutators.testing.ts';
import { mutators } from './mutation/mutators.testing.ts';
import { originOf } from './mutation/mutator.testing.ts';
import type { Mutator } from './mutation/mutator.testing.ts';
import { negativeMutations } from './mutation/negative-mutators.testing.ts';

/** A conversation in which one fact is changed, and what has to be found in it. */
interface Mutant {
  readonly change: string;
  /** The one message that is changed, before which nothing is to be found. */
  readonly changed?: string | undefined;
  readonly conversation: DraftConversation;
  /** Messages, `-` for none, and the rule that has to be named at each. */
  readonly wanted: readonly { readonly at: string; readonly rule: string }[];
}

/** At how many messages each change was found, by the rule that it breaks. */
const made = new Map<string, Map<string, number>>();

test.each(readOracle().flows.map((flow) => [flow.id, flow] as const))(
  'in %s whatever breaks a rule is found, at its message and by the name of the rule',
  (_, flow) => {
    const survivors: string[] = [];
    for (const mutant of mutantsOf(flow)) {
      const { failures, advice } = checkFlow(flow, conversationOf(mutant.conversation));
      const found = [...failures, ...advice].map(({ message, rule }) => `${message ?? '-'} ${rule}`);
      for (const { at, rule } of mutant.wanted) {
        if (!found.includes(`${at} ${rule}`))
          survivors.push(`${at} ${rule}: ${mutant.change}; found: ${found.join(', ')}`);
      }
      const earlier = found.find((each) => isBefore(flow, each.split(' ')[0], mutant.changed));
      if (earlier !== undefined) survivors.push(`${mutant.changed ?? ''}: ${mutant.change}; blamed before: ${earlier}`);
      count(mutant);
    }
    expect(survivors).toEqual([]);
  },
  120_000,
);

test('every rule, every key of an expectation, every negative and every statement about media is broken', () => {
  const { flows, rules } = readOracle();
  const broken = [...made.keys()];
  const isBroken = (name: string): boolean => broken.some((rule) => rule === name || rule.startsWith(`${name}.`));
  const keys = new Set(flows.flatMap(({ messages }) => messages.flatMap(({ expect: each }) => Object.keys(each))));
  const wanted = [
    ...rules.map(({ id }) => id),
    ...[...keys].filter((key) => !(key in saidByRules)),
    ...flows.flatMap(({ negative }) => negative.map(({ id }) => id)),
    ...['message', 'status', 'order', 'media', 'mix', 'malformed', 'scheme', 'unexpected', 'repetition'],
  ];
  expect(wanted.filter((name) => !isBroken(name))).toEqual([]);
});

test('the table of what was broken is the one that stands in the documents', async () => {
  const rows = [...made].sort(([one], [other]) => (one < other ? -1 : 1));
  const lines = rows.map(([rule, changes]) => {
    return `| \`${rule}\` | ${[...changes].map(([change, times]) => `${change} (${times})`).join('; ')} |`;
  });
  await expect(`${heading}${lines.join('\n')}\n`).toMatchFileSnapshot('../../../../docs/flows-mutations.md');
});

/** Keys of which a rule speaks first, under its own name. */
const saidByRules: Readonly<Record<string, string>> = {
  maxForwards: 'R-REQ, R-FWD-REQ',
  branch: 'R-REQ, R-ACK2, R-ACKN, R-CANCEL',
  replaces: 'R-REPL',
  join: 'R-JOIN',
  statusAccept: 'status',
};

const heading = `# What the checker catches

Each line is a rule, with the changes by which it is broken: one fact of a conversation that is as it should be, wherever in the
eighteen flows that can be done. Behind each change stands at how many messages the rule had to be named, and was.
\`npx vitest run --project unit packages/flows/src/checker/mutation-run -u\` writes this page; a change that is not caught, and
a rule that is never broken, fail the run.

| rule | changes |
| --- | --- |
`;

function* mutantsOf(flow: FlowDescription): Iterable<Mutant> {
  for (const mutator of mutators) yield* mutantsBy(mutator, flow);
  for (const { rule, change, message, revise } of [...conversationMutations(flow), ...negativeMutations(flow)]) {
    const conversation = writeConversation(flow);
    revise(conversation);
    yield { change, conversation, wanted: [{ at: message ?? '-', rule }] };
  }
}

/** One for each place where the change can be made; a message that is handed on shows it at every hop. */
function* mutantsBy(mutator: Mutator, flow: FlowDescription): Iterable<Mutant> {
  const places = new Map<string, { at: string; rule: string }[]>();
  for (const message of flow.messages) {
    const rule = mutator.rule(message, flow);
    // What one may do is no advice, so that there is nothing to find.
    if (rule === undefined || strengthOf(message, rule) === 'may') continue;
    const place = placeOf(mutator, message, flow);
    places.set(place, [...(places.get(place) ?? []), { at: message.f, rule }]);
  }
  for (const [place, wanted] of places) {
    const revised: boolean[] = [];
    const conversation = writeConversation(flow, (message, draft, earlier) => {
      if (place !== everywhere && message.f !== place) return;
      revised.push(mutator.revise(draft, { flow, message, earlier }) !== false);
    });
    if (revised.includes(true)) yield { change: mutator.change, changed: place, conversation, wanted };
  }
}

const everywhere = '*';

function isBefore({ messages }: FlowDescription, one: string | undefined, other: string | undefined): boolean {
  const [first, second] = [one, other].map((name) => messages.findIndex(({ f }) => f === name));
  return first !== undefined && second !== undefined && first >= 0 && first < second;
}

function placeOf({ at }: Mutator, message: FlowMessage, flow: FlowDescription): string {
  if (at === 'all') return everywhere;
  return at === 'hop' ? message.f : originOf(message, flow).f;
}

function count({ change, wanted }: Mutant): void {
  for (const { rule } of wanted) {
    const changes = made.get(rule) ?? new Map<string, number>();
    made.set(rule, changes.set(change, (changes.get(change) ?? 0) + 1));
  }
}
