import { ladderFits, ladderHead, ladderLine, ladderRoom, ladderSpacing } from '@switchhook/node';
import type { LadderRow } from '@switchhook/node';
import type { Finding, Report } from '../checker/finding.ts';
import { sessionDescriptionOf } from '../conversation/session-description.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { ladderEntries } from './ladder-entries.ts';
import type { LadderEntry } from './ladder-entries.ts';

/**
 * Draws what was said as the RFC draws it, with the numbers of its messages, and marks what is right and what is wrong; into so many
 * columns of a terminal, where they are fewer than it would like.
 */
export function drawReport(report: Report, columns?: number): string {
  const begin = report.messages[0]?.time ?? 0;
  return (
    drawHead(report.flow, columns) +
    ladderEntries(report)
      .map((entry) => drawEntry(report.flow, entry, begin, columns))
      .join('')
  );
}

/** The names above the lifelines; none where a terminal has no room for these, and each line names who speaks to whom. */
export function drawHead({ elements }: FlowDescription, columns?: number): string {
  if (!ladderFits(elements.length, columns)) return '';
  return ladderHead(
    elements.map(({ name }) => ({ title: name })),
    ladderSpacing(elements.length, columns),
  );
}

/** One line of a flow's ladder; times are told from `begin` on. */
export function drawEntry({ elements }: FlowDescription, entry: LadderEntry, begin: number, columns?: number): string {
  const column = (element: string): number => elements.findIndex(({ id }) => id === element);
  const { kind, f, label, time, failures } = entry;
  const isSaid = kind === 'message' || kind === 'missing';
  if (!ladderFits(elements.length, columns)) return drawAsWords(elements, entry, begin);
  const spacing = ladderSpacing(elements.length, columns);
  // What does not fit is the end of a reason phrase, and never the number.
  const numbered = (number: string): string => `${label.slice(0, ladderRoom(spacing) - number.length - 1)} ${number}`;
  const row: LadderRow = {
    ...(kind === 'message' && { margin: ((time - begin) / 1_000).toFixed(3) }),
    from: column(entry.from),
    to: column(entry.to),
    label: isSaid && f !== undefined ? numbered(f) : label,
    kind: kind === 'silence' ? 'words' : kind,
    note: markOf(failures) + streamsOf(entry),
  };
  const line = ladderLine(elements.length, row, spacing);
  const hasRoom = columns === undefined || line.trimEnd().length <= columns;
  return hasRoom ? line : ladderLine(elements.length, { ...row, note: markOf(failures) }, spacing);
}

const arrows = { message: '->', missing: '..>', media: '=>', both: '<=>', silence: '-' } as const;

/** A line of a ladder whose lifelines have no room. */
function drawAsWords(elements: FlowDescription['elements'], entry: LadderEntry, begin: number): string {
  const nameOf = (element: string): string => elements.find(({ id }) => id === element)?.name ?? element;
  const { kind, f, from, to, label, time, failures } = entry;
  const when = kind === 'message' ? ((time - begin) / 1_000).toFixed(3) : '';
  const what = (kind === 'message' || kind === 'missing') && f !== undefined ? `${label} ${f}` : label;
  return `${when.padStart(8)} ${nameOf(from)} ${arrows[kind]} ${nameOf(to)}: ${what}  ${markOf(failures)}\n`;
}

/** What a description with more than one stream says of each; nothing where there is one. */
function streamsOf(entry: LadderEntry): string {
  const message = entry.kind === 'message' ? entry.said.message : undefined;
  const { media = [] } = (message && sessionDescriptionOf(message)) ?? {};
  if (media.length < 2) return '';
  return ` ${media.map(({ kind, port, direction }) => `${kind} ${port === 0 ? 'refused' : direction}`).join(', ')}`;
}

/** A tick, or a cross and what is wrong. */
export function markOf(failures: readonly Finding[]): string {
  return failures.length === 0 ? '✓' : `✗ ${[...new Set(failures.map(({ rule }) => rule))].join(', ')}`;
}
