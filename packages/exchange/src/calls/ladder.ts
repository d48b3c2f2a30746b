import type { TransportProtocol } from '@switchhook/sip';

/** One message on its way in or out, as much of it as a ladder shows. */
export interface LadderMessage {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** True when the exchange received it. */
  readonly incoming: boolean;
  readonly protocol: TransportProtocol;
  /** `address:port` of the far end. */
  readonly remote: string;
  /** `INVITE`, or `180 Ringing`. */
  readonly summary: string;
  readonly cseqMethod: string;
  readonly callId: string;
  /** Who the far end is taken to be when this is its first message: a user part. */
  readonly party: string;
}

const columnWidth = 30;
/** What fits between two lifelines, with a space on either side and the head of the arrow. */
const labelWidth = columnWidth - 5;

/**
 * Draws messages as a text ladder: the exchange in the first column's right neighbour, every far end in a column of
 * its own, in the order of appearance (the caller to the left of the exchange, the called to its right).
 */
export function drawLadder(messages: readonly LadderMessage[]): string {
  const first = messages[0];
  if (first === undefined) return '';
  const parties = partiesOf(messages);
  const [caller, ...others] = [...parties.keys()];
  const columns = [caller ?? '', 'exchange', ...others];
  const exchange = 1;
  const lines = [
    titleLine(columns.map((key) => parties.get(key) ?? key)),
    titleLine(columns.map((key) => (key === 'exchange' ? '' : key))),
  ];
  for (const message of messages) {
    const column = columns.indexOf(partyKey(message));
    const [from, to] = message.incoming ? [column, exchange] : [exchange, column];
    const seconds = ((message.time - first.time) / 1_000).toFixed(3).padStart(8);
    lines.push(`${seconds} ${arrow(columns.length, from, to, label(message))}`.trimEnd());
  }
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function partyKey(message: LadderMessage): string {
  return `${message.protocol} ${message.remote}`;
}

function partiesOf(messages: readonly LadderMessage[]): Map<string, string> {
  const parties = new Map<string, string>();
  for (const message of messages) {
    const key = partyKey(message);
    if (!parties.has(key)) parties.set(key, message.party);
  }
  return parties;
}

/** A reason phrase that is too long for the arrow ends in an ellipsis: the method that follows tells more. */
function label({ summary, cseqMethod }: LadderMessage): string {
  if (!/^\d/.test(summary)) return summary;
  const method = `(${cseqMethod})`;
  const room = labelWidth - method.length - 1;
  return `${summary.length > room ? `${summary.slice(0, room - 1)}…` : summary} ${method}`;
}

function titleLine(titles: readonly string[]): string {
  return `         ${titles.map((title) => centred(title.slice(0, columnWidth - 1), columnWidth)).join('')}`;
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return ' '.repeat(left) + text + ' '.repeat(width - text.length - left);
}

/** One line: the lifelines of every column, and an arrow with its label between two of them. */
function arrow(columns: number, from: number, to: number, text: string): string {
  const lifeline = (column: number): number => column * columnWidth + Math.floor(columnWidth / 2);
  const line = Array.from({ length: columns * columnWidth }, () => ' ');
  for (let column = 0; column < columns; column++) line[lifeline(column)] = '|';
  const [left, right] = [lifeline(Math.min(from, to)), lifeline(Math.max(from, to))];
  for (let at = left + 1; at < right; at++) if (line[at] === ' ') line[at] = '-';
  if (to > from) line[right - 1] = '>';
  else line[left + 1] = '<';
  const shown = ` ${text.slice(0, labelWidth)} `;
  const gap = to > from ? right - columnWidth : left;
  const start = gap + Math.floor((columnWidth - shown.length) / 2) + 1;
  for (let index = 0; index < shown.length; index++) line[start + index] = shown[index] ?? ' ';
  return line.join('');
}
