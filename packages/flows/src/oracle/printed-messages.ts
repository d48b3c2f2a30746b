import { readFileSync } from 'node:fs';
import { z } from 'zod';

const file = new URL('../../rfc5359-messages.json', import.meta.url);
let read: Readonly<Record<string, string>> | undefined;

/**
 * An example message as RFC 5359 prints it, errors and all, unfolded where it says `<allOneLine>`; its lines end as those of
 * SIP do. Throws for a message that the flow does not have.
 */
export function printedMessage(flow: string, f: string): string {
  read ??= z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8')));
  const text = read[`${flow} ${f}`];
  if (text === undefined) throw new RangeError(`RFC 5359 prints no ${f} in ${flow}`);
  return text.replaceAll('\n', '\r\n');
}
