import { DIGIT } from '../characters.ts';
import type { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { Scanner } from './shapes/scanner.ts';
import { refused } from '../printing.ts';

/** Both in seconds, digit by digit as they came: a response has to say them back (RFC 3261 8.2.6.1). */
export interface Timestamp {
  readonly time: string;
  readonly delay?: string | undefined;
}

/** Timestamp (RFC 3261 20.38): when the client sent the request, and how long the server thought. */
export const Timestamp: HeaderType<Timestamp> = {
  name: 'Timestamp',
  list: false,
  parse,
  print,
};

function print({ time, delay }: Timestamp): string {
  const text = delay === undefined ? time : `${time} ${delay}`;
  if (!/^\d+(?:\.\d*)?(?: \d*(?:\.\d*)?)?$/.test(text)) throw refused('Timestamp', text);
  return text;
}

function parse(text: string): Timestamp | SyntaxFault {
  const scanner = new Scanner(text);
  const time = scanDecimal(scanner);
  if (!/^\d/.test(time)) return scanner.fault('the time is missing');
  const delay = scanner.skipSpace() ? scanDecimal(scanner) : '';
  return scanner.end({ time, delay: delay === '' ? undefined : delay });
}

function scanDecimal(scanner: Scanner): string {
  const start = scanner.position;
  scanner.take(DIGIT);
  if (scanner.text[scanner.position] === '.') {
    scanner.position++;
    scanner.take(DIGIT);
  }
  return scanner.text.slice(start, scanner.position);
}
