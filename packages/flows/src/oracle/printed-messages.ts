import { readFileSync } from 'node:fs';
import { z } from 'zod';

const file = new URL('../../rfc5359-messages.json', import.meta.url);
let read: Readonly<Record<string, string>> | undefined;

/**
 * An example message as RFC 5359 prints it, errors and all, unfolded where it says `<allOneLine>`; its lines end as those of
 * SIP do. Throws for a message that the flow does not have.
 */
export function printedText(flow: string, f: string): string {
  read ??= z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8')));
  const text = read[`${flow} ${f}`];
  if (text === undefined) throw new RangeError(`RFC 5359 prints no ${f} in ${flow}`);
  return text.replaceAll('\n', '\r\n');
}

/**
 * An example message with the empty line after its header fields, and none before them, wherever it is printed: else the
 * rest of it would not be read (RFC 3261 7). Throws for a message that the flow does not have.
 */
export function printedMessage(flow: string, f: string): string {
  const [start = '', ...lines] = printedText(flow, f).split('\r\n');
  const fields = lines.slice(lines.findIndex((line) => line !== ''));
  const end = fields.findIndex((line) => !/^[A-Za-z \t]/.test(line));
  const body = fields[end] === '' ? fields.slice(end + 1) : fields.slice(end);
  return end === -1 ? [start, ...fields].join('\r\n') : [start, ...fields.slice(0, end), '', ...body].join('\r\n');
}
