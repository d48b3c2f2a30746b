import { printable } from '@switchhook/sip';
import { readOracle } from '../oracle/oracle.ts';
import type { Erratum } from '../oracle/flow-schema.ts';
import type { RfcFault, RfcLint } from './lint-rfc.ts';

/** The errors of RFC 5359 as people read them: by flow and erratum, what is sent instead, and where the checker finds it. */
export function printLint({ faults, missed, passed }: RfcLint): string {
  const parts: string[] = [];
  for (const { id, title } of readOracle().flows) {
    const ofFlow = faults.filter(({ finding }) => finding.flow === id);
    if (ofFlow.length === 0) continue;
    parts.push(`RFC 5359 ${id} ${title}`, ...byErratum(ofFlow).map(printErratum));
  }
  if (missed.length > 0)
    parts.push(['Known errata that were not found:', ...missed.map((each) => `  ${each}`)].join('\n'));
  const errata = new Set(faults.map(({ erratum }) => erratum?.id).filter((id) => id !== undefined));
  const { length } = readOracle().errata;
  parts.push(
    `${faults.length} places, ${errata.size} errata: ${passed ? 'exactly those that are known' : 'not those that are known'}.`,
    `${length - errata.size} more of the ${length} known errata break no rule: they are about the prose, a ladder, what has been done otherwise since 2008, or what is tolerated.`,
  );
  return `${parts.join('\n\n')}\n`;
}

interface Group {
  readonly erratum: Erratum | undefined;
  readonly faults: readonly RfcFault[];
}

function byErratum(faults: readonly RfcFault[]): readonly Group[] {
  const errata = [...new Set(faults.map(({ erratum }) => erratum))];
  return errata.map((erratum) => ({ erratum, faults: faults.filter((fault) => fault.erratum === erratum) }));
}

function printErratum({ erratum, faults }: Group): string {
  const head =
    erratum === undefined
      ? ['  unknown']
      : [`  ${erratum.id} (${erratum.sev}): ${erratum.shows}`, `    Instead: ${erratum.correct} [${erratum.ref}]`];
  const lines = faults.map(({ finding: { message, rule, expected, found } }) => {
    return `    ${(message ?? '-').padEnd(3)} ${rule}: expected ${printable(expected)}; printed ${printable(found)}`;
  });
  return [...head, ...lines].join('\n');
}
