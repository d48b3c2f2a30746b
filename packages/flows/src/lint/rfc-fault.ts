import type { Finding } from '../checker/finding.ts';
import type { Erratum } from '../oracle/flow-schema.ts';

/** A rule that a printed message breaks, and the erratum that says so; undefined where none does. */
export interface RfcFault {
  readonly finding: Finding;
  readonly erratum: Erratum | undefined;
}
