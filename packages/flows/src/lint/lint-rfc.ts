import { checkFlow } from '../checker/check.ts';
import type { Finding } from '../checker/finding.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { readOracle } from '../oracle/oracle.ts';
import { knownErrata } from './known-errata.ts';
import { printedConversation } from './rfc-conversation.ts';
import type { RfcFault } from './rfc-fault.ts';
import { strictFindings } from './strict-findings.ts';
import { unseenErrata } from './unseen-errata.ts';

/** What becomes of the messages that RFC 5359 prints when they are held against its own flows. */
export interface RfcLint {
  readonly faults: readonly RfcFault[];
  /** What should have been found and was not: a place (`2.1 F11 R-REQ`), or an erratum (`E2.15-04`). */
  readonly missed: readonly string[];
  /** True when exactly the known errata are found, all but `unseenErrata`. */
  readonly passed: boolean;
}

/** Holds the printed messages of all flows against the flows, and against what a document has to have right beside. */
export function lintRfc(): RfcLint {
  const { flows, errata } = readOracle();
  const faults = flows.flatMap((flow) => [...faultsOf(flow), ...strictFindings(flow)]);
  const found = new Set(faults.map(({ finding }) => `${finding.flow} ${placeOf(finding)}`));
  const known = Object.entries(knownErrata).flatMap(([flow, places]) =>
    Object.keys(places).map((place) => `${flow} ${place}`),
  );
  const told = new Set(faults.map(({ erratum }) => erratum?.id));
  const seen = errata.map(({ id }) => id).filter((id) => !(id in unseenErrata));
  const missed = [...known.filter((place) => !found.has(place)), ...seen.filter((id) => !told.has(id))];
  return { faults, missed, passed: missed.length === 0 && faults.every(({ erratum }) => erratum !== undefined) };
}

const judged = new Map<string, readonly RfcFault[]>();

/** Which rules the messages that RFC 5359 prints for a flow break, as those of anybody would. */
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
