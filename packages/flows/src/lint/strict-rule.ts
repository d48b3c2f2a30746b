import type { SipMessage } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';
import type { FlowDescription, FlowMessage } from '../oracle/flow-schema.ts';

/** A printed message beside what was printed before it in the flow. */
export interface Printed {
  readonly flow: FlowDescription;
  readonly expected: FlowMessage;
  readonly said: SaidMessage;
  readonly message: SipMessage;
  readonly earlier: readonly SaidMessage[];
}

/**
 * What a document should have right that everybody learns from, though the checker of conversations forgives it in those who do
 * it as the document has it.
 */
export interface StrictRule {
  readonly sentence: string;
  readonly reference: string;
  /** The errata that say so, where they are about a flow in which the rule is broken. */
  readonly errata: readonly string[];
  readonly check: (printed: Printed) => Iterable<{ readonly expected: string; readonly found: string }>;
}
