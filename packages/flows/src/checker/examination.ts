import type { SipRequest, SipResponse } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';
import type { FlowDescription, FlowMessage, FlowNegative, Strength } from '../oracle/flow-schema.ts';
import type { Binding } from './binding.ts';
import { coverageOf } from './coverage.ts';
import type { Finding, Tolerated } from './finding.ts';
import type { Hops } from './hops.ts';
import { sentenceOf } from './sentences.ts';
import type { Sentence } from './sentences.ts';

/** What a rule says is wrong. */
export interface Complaint {
  /** The key of the expectation that is not met, in full: it tells the strength, and one key is complained of once. */
  readonly key: string;
  readonly expected: string;
  readonly found: string;
  /** Where it says more than the rule does. */
  readonly sentence?: Sentence;
  /** Where it depends on who has said it; else the key tells. */
  readonly strength?: Strength;
}

/** One message of the flow beside the recorded one, for the rules to look at. */
export interface Exhibit {
  readonly flow: FlowDescription;
  readonly expected: FlowMessage;
  readonly said: SaidMessage;
  readonly message: SipRequest | SipResponse;
  readonly binding: Binding;
  readonly hops: Hops;
  /** Tells a deviation that is allowed. */
  readonly tolerate: (tolerance: string) => void;
}

/** Holds one message against one rule. */
export type RuleCheck = (exhibit: Exhibit) => Iterable<Complaint>;

/** Gathers findings; what one rule has found of a key, no other finds again. */
export class Examination {
  readonly findings: Finding[] = [];
  readonly tolerated: Tolerated[] = [];
  readonly #flow: FlowDescription;
  readonly #seen = new Set<string>();

  constructor(flow: FlowDescription) {
    this.#flow = flow;
  }

  tolerate(tolerance: string, message?: FlowMessage, said?: SaidMessage): void {
    this.tolerated.push({ tolerance, message, said });
  }

  /** A message of the flow does not keep a rule. */
  complain(rule: string, message: FlowMessage, said: SaidMessage | undefined, complaint: Complaint): void {
    const { key, expected, found, sentence = sentenceOf(rule), strength = strengthOf(message, key) } = complaint;
    if (this.#seen.has(`${message.f} ${key}`)) return;
    this.#seen.add(`${message.f} ${key}`);
    this.findings.push({
      flow: this.#flow.id,
      message: message.f,
      rule,
      key,
      strength,
      expected,
      found,
      ...sentence,
      coverage: coverageOf(this.#flow.id, message.f, rule, key),
      said,
    });
  }

  /** The conversation does not keep a rule that is about no single message. */
  object(
    rule: string,
    parts: {
      readonly expected: string;
      readonly found: string;
      readonly said?: SaidMessage | undefined;
      readonly message?: string | undefined;
      readonly strength?: Strength | undefined;
    },
  ): void {
    this.findings.push({
      flow: this.#flow.id,
      message: parts.message,
      rule,
      key: rule,
      strength: parts.strength ?? 'must',
      expected: parts.expected,
      found: parts.found,
      ...sentenceOf(rule),
      coverage: coverageOf(this.#flow.id, parts.message, rule),
      said: parts.said,
    });
  }

  /** Something was said that the flow rules out. */
  forbid(
    { id, statement, ref }: FlowNegative,
    found: string,
    said: SaidMessage | undefined,
    strength: Strength = 'must',
  ): void {
    this.findings.push({
      flow: this.#flow.id,
      message: undefined,
      rule: id,
      key: id,
      strength,
      expected: statement,
      found,
      sentence: statement,
      reference: ref?.replaceAll('§', '') ?? `RFC 5359 ${this.#flow.id}`,
      coverage: coverageOf(this.#flow.id, undefined, id),
      said,
    });
  }
}

/**
 * How strongly a key of an expectation is meant: as the flow says of it or of what it is part of, else a `must`. Never one are a
 * GRUU, for any address that is routable will do (T17), the Record-Route of a proxy within a dialog, in whose route set
 * it stands already (RFC 3261 16.6 step 4), and Accept, which a SUBSCRIBE may have (RFC 6665 3.1.3, RFC 4235 3.5).
 */
export function strengthOf({ strength = {}, inDialog }: FlowMessage, key: string): Strength {
  for (let name = key; ; name = name.slice(0, name.lastIndexOf('.'))) {
    const found = strength[name];
    if (found !== undefined) return found;
    if (name.includes('.')) continue;
    const isAdvice = key.endsWith('.gruu') || (key === 'recordRoute' && inDialog) || key === 'accept';
    return isAdvice ? 'should' : 'must';
  }
}
