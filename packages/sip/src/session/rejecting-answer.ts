import { SyntaxFault } from '../message/fault.ts';
import { parseSessionDescription } from './session-description-parser.ts';
import { printSessionDescription } from './session-description-writer.ts';
import { refusedDescription } from './stream-line.ts';

/** The answer that says no to every stream (RFC 3264 6): for offers that must be answered. None where the offer does not read. */
export function rejectingAnswer(offer: string): string | undefined {
  const description = parseSessionDescription(offer);
  if (description instanceof SyntaxFault) return undefined;
  return printSessionDescription({
    origin: { username: '-', sessionId: '1', version: 1, address: 'anonymous.invalid' },
    timing: description.timing,
    media: description.media.map(refusedDescription),
  });
}
