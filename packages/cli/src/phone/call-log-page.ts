import { endSentenceOf, isMissed } from '@switchhook/phone';
import type { CallLogEntry } from '@switchhook/phone';
import { printable } from '@switchhook/sip';
import { cellsOf, duration } from './cells.ts';
import { clockTime } from './sentences.ts';
import { shortNameOf } from './situation.ts';
import type { PageLine } from './view.ts';

/** Columns that a name may take before the others give way. */
const widestName = 24;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/**
 * The call log in columns, the call that began last first: when, which way, who, how long, how it ended. `domain` is the
 * phone's own, whose addresses are short; `now` says which day needs no date.
 */
export function callLogPage(entries: readonly CallLogEntry[], domain: string, now: number): readonly PageLine[] {
  if (entries.length === 0) return [{ head: '', text: 'No calls yet.' }];
  const rows = entries
    .toSorted((one, other) => other.startedAt - one.startedAt)
    .map((entry) => ({
      when: momentOf(entry.startedAt, now),
      way: isMissed(entry) ? 'missed' : entry.direction === 'outgoing' ? 'to' : 'from',
      who: printable(whoOf(entry, domain)),
      length: entry.answeredAt === undefined ? '' : duration((entry.endedAt - entry.answeredAt) / 1_000),
      end: printable(endSentenceOf(entry.end, entry.remote.name)),
    }));
  const widest = (texts: readonly string[]): number => Math.max(...texts.map(cellsOf));
  const whenColumns = widest(rows.map(({ when }) => when));
  const whoColumns = Math.min(widest(rows.map(({ who }) => who)), widestName);
  const lengthColumns = widest(rows.map(({ length }) => length));
  return rows.map(({ when, way, who, length, end }) => ({
    head: `${when.padEnd(whenColumns)} ${way.padEnd('missed'.length)}`,
    text: [who + ' '.repeat(Math.max(whoColumns - cellsOf(who), 0)), length.padStart(lengthColumns), end]
      .filter((cell) => cell !== '')
      .join('  '),
  }));
}

/** The name, and the address where it says more. */
function whoOf({ remote: { name, uri } }: CallLogEntry, domain: string): string {
  const address = shortNameOf(uri, domain).replace(/^sips?:/, '');
  return name === address ? name : `${name} (${address})`;
}

/** The time of a call of today, the day and the time of others. */
function momentOf(milliseconds: number, now: number): string {
  const time = new Date(milliseconds);
  const clock = clockTime(milliseconds);
  if (time.toDateString() === new Date(now).toDateString()) return clock;
  return `${months[time.getMonth()] ?? ''} ${String(time.getDate())} ${clock.slice(0, 'hh:mm'.length)}`;
}
