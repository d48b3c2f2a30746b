import { drawLadder } from '@switchhook/node';
import type { LadderRow } from '@switchhook/node';
import type { Finding, Report } from '../checker/finding.ts';
import { printable, SipRequest } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';
import type { FlowMedia } from '../oracle/flow-schema.ts';

/** Draws what was said as the RFC draws it, with the numbers of its messages, and marks what is wrong. */
export function drawReport({ flow, failures, matched, media: paths, messages }: Report): string {
  const columns = flow.elements.map(({ id }) => id);
  const numbers = new Map([...matched].map(([f, said]) => [said, f]));
  const begin = messages[0]?.time ?? 0;
  const rows: LadderRow[] = [];
  const shown = messages.filter(
    (said) =>
      columns.includes(said.from) && columns.includes(said.to) && (numbers.has(said) || isMarked(said, failures)),
  );
  for (const said of shown) {
    const f = numbers.get(said);
    rows.push({
      margin: ((said.time - begin) / 1_000).toFixed(3),
      from: columns.indexOf(said.from),
      to: columns.indexOf(said.to),
      label: `${labelOf(said)}${f === undefined ? '' : ` ${f}`}`,
      kind: 'message',
      note: marksOf(failures.filter((finding) => finding.said === said || (f !== undefined && finding.message === f))),
    });
    const media = f === undefined ? undefined : flow.media[f];
    const sending = f === undefined ? undefined : paths.get(f);
    if (media !== undefined && sending !== undefined) rows.push(...mediaRows(media, sending, columns));
  }
  return drawLadder(
    flow.elements.map(({ name }) => ({ title: name })),
    rows,
  );
}

function isMarked(said: SaidMessage, failures: readonly Finding[]): boolean {
  return failures.some((finding) => finding.said === said);
}

function labelOf({ message }: SaidMessage): string {
  if (message === undefined) return '(no message)';
  return message instanceof SipRequest ? message.method : printable(`${message.status} ${message.reason}`);
}

function marksOf(findings: readonly Finding[]): string | undefined {
  return findings.length === 0 ? undefined : `<<< ${findings.map(({ rule }) => rule).join(', ')}`;
}

type Paths = readonly { readonly from: string; readonly to: string }[];

/** Double lines between those who sent, in their directions; words where nobody did. */
function mediaRows(
  { label, ladder, implied = false }: FlowMedia,
  sending: Paths,
  columns: readonly string[],
): LadderRow[] {
  if (sending.length === 0) {
    return implied ? [] : [{ from: 0, to: columns.length - 1, label: 'No RTP sent', kind: 'words' }];
  }
  const pairs = new Map<string, { from: string; to: string; isBoth: boolean }>();
  for (const { from, to } of sending) {
    const known = pairs.get(`${to} ${from}`);
    if (known === undefined) pairs.set(`${from} ${to}`, { from, to, isBoth: false });
    else known.isBoth = true;
  }
  return [...pairs.values()].map(({ from, to, isBoth }) => ({
    from: columns.indexOf(from),
    to: columns.indexOf(to),
    label: ladder?.label ?? label,
    kind: isBoth ? 'both' : 'media',
  }));
}
