import type { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { scanCallId } from './shapes/call-id.ts';
import { Scanner } from './shapes/scanner.ts';
import { printCallId } from '../printing.ts';

/** Call-ID (RFC 3261 20.8): names the call; compared byte by byte. */
export const CallId: HeaderType<string> = {
  name: 'Call-ID',
  compact: 'i',
  list: false,
  parse,
  print: printCallId,
};

function parse(text: string): string | SyntaxFault {
  const scanner = new Scanner(text);
  const callId = scanCallId(scanner);
  return callId === '' ? scanner.fault('the call identifier is missing') : scanner.end(callId);
}
