import { coveredStatements } from './coverage.ts';
import type { Report } from './finding.ts';

/** What of a flow was looked at in a conversation. */
export interface Examined {
  /** Messages of the flow that were said. */
  readonly messages: number;
  /** Rules and expectations that these were held against. */
  readonly rules: number;
  /** States in which it was looked at who sends to whom. */
  readonly media: number;
  /** What must not be. */
  readonly negatives: number;
  /** The statements of the coverage list that this shows to hold, or to be broken. */
  readonly statements: readonly string[];
}

/** Counts what a report is about. */
export function examined({ flow, matched, media }: Report): Examined {
  const said = flow.messages.filter(({ f }) => matched.has(f));
  return {
    messages: said.length,
    rules: said.reduce((sum, { expect, rules }) => sum + Object.keys(expect).length + rules.length, 0),
    media: media.size,
    negatives: flow.negative.length,
    statements: coveredStatements(flow.id, said, media.size > 0),
  };
}
