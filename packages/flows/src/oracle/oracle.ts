import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { coverageSchema, erratumSchema, flowSchema, ruleSchema, toleranceSchema } from './flow-schema.ts';
import type { CoverageStatement, Erratum, FlowDescription, FlowMessage, Rule, Tolerance } from './flow-schema.ts';

/** RFC 5359 as data: the flows and what has to hold of every message, what is tolerated, what the RFC says in prose. */
export interface Oracle {
  /** The eighteen, in the order of the RFC. */
  readonly flows: readonly FlowDescription[];
  readonly rules: readonly Rule[];
  readonly tolerances: readonly Tolerance[];
  readonly coverage: readonly CoverageStatement[];
  readonly errata: readonly Erratum[];
}

const folder = new URL('../../oracle/', import.meta.url);
let read: Oracle | undefined;

/** Reads the oracle, once. Throws when a file of it is not what it should be. */
export function readOracle(): Oracle {
  read ??= {
    flows: list('rfc5359.json', flowSchema),
    rules: list('rules.json', ruleSchema),
    tolerances: list('tolerances.json', toleranceSchema),
    coverage: list('coverage.json', coverageSchema),
    errata: list('errata.json', erratumSchema),
  };
  return read;
}

function list<T extends z.ZodType>(file: string, schema: T): z.infer<T>[] {
  return z.array(schema).parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
}

/** The flow of a section, such as `2.1`, or undefined when RFC 5359 has none there. */
export function findFlow(id: string): FlowDescription | undefined {
  return readOracle().flows.find((flow) => flow.id === id);
}

/** Somebody's name as the ladder has it; of whom it does not show, such as who is forwarded, as others call him. */
export function nameOfElement(flow: Pick<FlowDescription, 'elements'> | undefined, element: string): string {
  const shown = flow?.elements.find(({ id }) => id === element)?.name;
  return shown ?? element.charAt(0).toUpperCase() + element.slice(1);
}

/** A message of a flow by its number, such as `F10`. */
export function messageOf(flow: FlowDescription, f: string): FlowMessage {
  const message = flow.messages.find((each) => each.f === f);
  if (message === undefined) throw new RangeError(`flow ${flow.id} has no message ${f}`);
  return message;
}
