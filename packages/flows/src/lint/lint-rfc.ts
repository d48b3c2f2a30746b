import { checkFlow } from '../checker/check.ts';
import type { Finding } from '../checker/finding.ts';
import type { Erratum, FlowDescription } from '../oracle/flow-schema.ts';
import { readOracle } from '../oracle/oracle.ts';
import { knownErrata } from './known-errata.ts';
import { printedConversation } from './rfc-conversation.ts';

/** A rule that a printed message breaks, and the erratum that says so; undefined where none does. */
export interface RfcFault {
  readonly finding: Finding;
  readonly erratum: Erratum | undefined;
}

/** What becomes of the messages that RFC 5359 prints when they are held against its own flows. */
export interface RfcLint {
  readonly faults: readonly RfcFault[];
  /** Known errata that should have been found and were not: `2.1 F11 R-REQ`. */
  readonly missed: readonly string[];
  /** True when exactly the known errata are found. */
  readonly passed: boolean;
}

/** Holds the printed messages of all flows against the flows. */
export function lintRfc(): RfcLint {
  const { flows } = readOracle();
  const faults = flows.flatMap(faultsOf);
  const found = new Set(faults.map(({ finding }) => `${finding.flow} ${placeOf(finding)}`));
  const known = Object.entries(knownErrata).flatMap(([flow, places]) =>
    Object.keys(places).map((place) => `${flow} ${place}`),
  );
  const missed = known.filter((place) => !found.has(place));
  return { faults, missed, passed: missed.length === 0 && faults.every(({ erratum }) => erratum !== undefined) };
}

const judged = new Map<string, readonly RfcFault[]>();

/** What is wrong with the messages that RFC 5359 prints for a flow. */
export function faultsOf(flow: FlowDescription): readonly RfcFault[] {
  const known = judged.get(flow.id);
  if (known !== undefined) return known;
  const { failures, advice } = checkFlow(flow, printedConversation(flow));
  const faults = [...failures, ...advice].sort(byMessage).map((finding): RfcFault => {
    const id = knownErrata[flow.id]?.[placeOf(finding)];
    return { finding, erratum: readOracle().errata.find((each) => each.id === id) };
  });
  judged.set(flow.id, faults);
  return faults;
}

function placeOf({ message, rule }: Finding): string {
  return `${message ?? '-'} ${rule}`;
}

/** In the order of the flow; what is about no message comes last. */
function byMessage(one: Finding, other: Finding): number {
  return numberOf(one) - numberOf(other);
}

function numberOf({ message }: Finding): number {
  return message === undefined ? Infinity : Number(message.slice(1));
}
