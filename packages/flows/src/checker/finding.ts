import type { SaidMessage } from '../conversation/conversation.ts';
import type { FlowDescription, FlowMessage, Strength } from '../oracle/flow-schema.ts';

/** Something that is not as RFC 5359 has it. */
export interface Finding {
  /** The section of the flow, such as `2.1`. */
  readonly flow: string;
  /** The message of the flow, such as `F10`; undefined for what belongs to none. */
  readonly message: string | undefined;
  /** A rule (`R-SDP`), a key of the expectation (`sdp.direction`), a negative (`N2.1-1`), or a rule of this checker. */
  readonly rule: string;
  /** What of the message is meant, as expectations call it: `sdp.direction`, `via`, `forwarded.contact`. */
  readonly key: string;
  readonly strength: Strength;
  readonly expected: string;
  readonly found: string;
  /** What the rule says, in a sentence. */
  readonly sentence: string;
  /** Where it is written: RFCs and sections. */
  readonly reference: string;
  /** The statements of the coverage list that are broken with it. */
  readonly coverage: readonly string[];
  /** What was said instead, where the ladder is marked. */
  readonly said: SaidMessage | undefined;
}

/** A deviation from the ladder that a rule of tolerance allows. */
export interface Tolerated {
  /** `T1` to `T25`. */
  readonly tolerance: string;
  /** The message of the flow that it is about, when it is one. */
  readonly message?: FlowMessage | undefined;
  readonly said?: SaidMessage | undefined;
}

/** What became of a conversation that was held against a flow. */
export interface Report {
  readonly flow: FlowDescription;
  /** True when no `must` is broken. */
  readonly passed: boolean;
  /** Every `must` that is broken. */
  readonly failures: readonly Finding[];
  /** Every `should` and `may` that was not followed. */
  readonly advice: readonly Finding[];
  readonly tolerated: readonly Tolerated[];
  /** Which recorded message is which of the flow's, by its number. */
  readonly matched: ReadonlyMap<string, SaidMessage>;
  /** Who sent RTP to whom while a media state of the flow stood, by the message that it stands after. */
  readonly media: ReadonlyMap<string, readonly { readonly from: string; readonly to: string }[]>;
  /** What was recorded, repetitions taken out. */
  readonly messages: readonly SaidMessage[];
}
