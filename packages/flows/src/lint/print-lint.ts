import { printable } from '@switchhook/sip';
import { readOracle } from '../oracle/oracle.ts';
import type { Erratum } from '../oracle/flow-schema.ts';
import type { RfcLint } from './lint-rfc.ts';
import type { RfcFault } from './rfc-fault.ts';
import { unseenErrata } from './unseen-errata.ts';

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
  parts.push(
    `${faults.length} places, ${errata.size} errata of ${readOracle().errata.length}: ${passed ? 'exactly those that are known' : 'not those that are known'}.`,
    [
      'No message shows the others:',
      ...Object.entries(unseenErrata).map(([id, why]) => `  ${id.padEnd(8)} ${why}`),
    ].join('\n'),
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
  const places = new Map<string, string[]>();
  for (const { finding } of faults) {
    const { message = '-', rule, expected, found } = finding;
    const words = `${rule}: expected ${printable(expected)}; printed ${printable(found)}`;
    places.set(words, [...(places.get(words) ?? []), message]);
  }
  const lines = [...places].map(([words, messages]) => `    ${messages.join(' ').padEnd(3)} ${words}`);
  return [...head, ...lines].join('\n');
}
