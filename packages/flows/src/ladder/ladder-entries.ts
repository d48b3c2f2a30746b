import { printable, SipRequest } from '@switchhook/sip';
import type { Finding, Report } from '../checker/finding.ts';
import type { SaidMessage } from '../conversation/conversation.ts';
import type { FlowDescription, FlowMedia, FlowMessage } from '../oracle/flow-schema.ts';

interface Entry {
  /** The elements between which it goes. */
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** Where it stands, in milliseconds of the conversation. */
  readonly time: number;
  /** Every `must` that is broken here. */
  readonly failures: readonly Finding[];
}

/** A message that was said. */
export interface MessageEntry extends Entry {
  readonly kind: 'message';
  /** Its number in the flow; undefined for one that does not belong there. */
  readonly f: string | undefined;
  readonly said: SaidMessage;
}

/** A message of the flow that was not said, and had to be. */
export interface MissingEntry extends Entry {
  readonly kind: 'missing';
  readonly f: string;
}

/** What went, or was silent, after a message. */
export interface MediaEntry extends Entry {
  /** `media` goes one way, `both` to and fro; with `silence` nobody sent anything. */
  readonly kind: 'media' | 'both' | 'silence';
  /** The message that it stands after. */
  readonly f: string;
}

/** One line of a ladder, whether it is drawn with letters or with lines. */
export type LadderEntry = MessageEntry | MissingEntry | MediaEntry;

/** What a ladder shows, from top to bottom. What a tolerance allows, and the flow does not have, is not shown. */
export function ladderEntries(report: Report): readonly LadderEntry[] {
  const { flow, failures, matched, messages } = report;
  const columns = new Set(flow.elements.map(({ id }) => id));
  const numbers = new Map([...matched].map(([f, said]) => [said, f]));
  const entries: LadderEntry[] = [];
  const placed = new Set<Finding>();
  for (const said of messages) {
    if (!columns.has(said.from) || !columns.has(said.to)) continue;
    const f = numbers.get(said);
    const about = failures.filter((finding) => finding.said === said || (f !== undefined && finding.message === f));
    if (f === undefined && about.length === 0) continue;
    const isOfMedia = (finding: Finding): boolean => f !== undefined && mediaRules.has(finding.rule);
    for (const finding of about) placed.add(finding);
    entries.push({
      ...{ kind: 'message', f, said, label: labelOf(said), from: said.from, to: said.to, time: said.time },
      failures: about.filter((finding) => !isOfMedia(finding)),
    });
    if (f !== undefined) entries.push(...mediaEntries(report, f, said.time, about.filter(isOfMedia)));
  }
  for (const message of flow.messages) {
    const about = failures.filter((finding) => finding.message === message.f && !placed.has(finding));
    if (about.length > 0) insertMissing(entries, flow, message, about);
  }
  return entries;
}

/** Rules about what goes after a message, and not about the message. */
const mediaRules: ReadonlySet<string> = new Set(['media', 'mix']);

function labelOf({ message }: SaidMessage): string {
  if (message === undefined) return '(no message)';
  return message instanceof SipRequest ? message.method : printable(`${message.status} ${message.reason}`);
}

/** Double lines between those who sent, in their directions; a silence where nobody did. */
function mediaEntries(
  { flow, media }: Report,
  f: string,
  time: number,
  failures: readonly Finding[],
): readonly LadderEntry[] {
  const expected = flow.media[f];
  const sending = media.get(f);
  if (expected === undefined || sending === undefined) return [];
  const common = { f, time, failures };
  const [first, last] = [flow.elements[0]?.id ?? '', flow.elements.at(-1)?.id ?? ''];
  if (sending.length === 0) {
    // What is silent because its call is over goes without saying.
    if (expected.implied === true && failures.length === 0) return [];
    return [{ ...common, kind: 'silence', label: 'No RTP sent', from: first, to: last }];
  }
  const pairs = new Map<string, { from: string; to: string; kind: 'media' | 'both' }>();
  for (const { from, to } of sending) {
    const known = pairs.get(`${to} ${from}`);
    if (known === undefined) pairs.set(`${from} ${to}`, { from, to, kind: 'media' });
    else known.kind = 'both';
  }
  return [...pairs.values()].map((pair) => ({ ...common, ...pair, label: mediaLabel(expected) }));
}

function mediaLabel({ label, ladder }: FlowMedia): string {
  return ladder?.label ?? label;
}

/** Where the flow has it: behind the last one that is drawn and stands before it there. */
function insertMissing(
  entries: LadderEntry[],
  flow: FlowDescription,
  { f, n, from, to, ladderLabel }: FlowMessage,
  failures: readonly Finding[],
): void {
  const places = new Map(flow.messages.map((message) => [message.f, message.n]));
  const before = entries.findLastIndex((entry) => entry.f !== undefined && (places.get(entry.f) ?? n) < n);
  const time = entries[before]?.time ?? 0;
  entries.splice(before + 1, 0, { kind: 'missing', f, from, to, label: ladderLabel, time, failures });
}
