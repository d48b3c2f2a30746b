import { ladderHead, ladderLine } from '@switchhook/node';
import type { LadderRow } from '@switchhook/node';
import type { Finding, Report } from '../checker/finding.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { ladderEntries } from './ladder-entries.ts';
import type { LadderEntry } from './ladder-entries.ts';

/** Draws what was said as the RFC draws it, with the numbers of its messages, and marks what is right and what is wrong. */
export function drawReport(report: Report): string {
  const begin = report.messages[0]?.time ?? 0;
  return (
    drawHead(report.flow) +
    ladderEntries(report)
      .map((entry) => drawEntry(report.flow, entry, begin))
      .join('')
  );
}

/** The names above the lifelines. */
export function drawHead({ elements }: FlowDescription): string {
  return ladderHead(elements.map(({ name }) => ({ title: name })));
}

/** One line of a flow's ladder; times are told from `begin` on. */
export function drawEntry({ elements }: FlowDescription, entry: LadderEntry, begin: number): string {
  const column = (element: string): number => elements.findIndex(({ id }) => id === element);
  const { kind, f, label, time, failures } = entry;
  const isSaid = kind === 'message' || kind === 'missing';
  const row: LadderRow = {
    ...(kind === 'message' && { margin: ((time - begin) / 1_000).toFixed(3) }),
    from: column(entry.from),
    to: column(entry.to),
    label: isSaid && f !== undefined ? `${label} ${f}` : label,
    kind: kind === 'silence' ? 'words' : kind,
    note: markOf(failures),
  };
  return ladderLine(elements.length, row);
}

/** A tick, or a cross and what is wrong. */
export function markOf(failures: readonly Finding[]): string {
  return failures.length === 0 ? '✓' : `✗ ${[...new Set(failures.map(({ rule }) => rule))].join(', ')}`;
}
