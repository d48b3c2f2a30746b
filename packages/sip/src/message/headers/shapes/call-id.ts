import { WORD } from '../../characters.ts';
import { SyntaxFault } from '../../fault.ts';
import type { Parameters } from '../../parameters.ts';
import { Scanner } from './scanner.ts';

/** Reads a callid, `word [ "@" word ]` (RFC 3261 25.1); empty when none starts here. */
export function scanCallId(scanner: Scanner): string {
  const word = scanner.take(WORD);
  if (word === '' || scanner.text[scanner.position] !== '@') return word;
  scanner.position++;
  const host = scanner.take(WORD);
  return host === '' ? '' : `${word}@${host}`;
}

/** A call identifier and parameters: how Replaces, Join and Target-Dialog name a dialog. */
export function parseCallIdParameters(text: string): { callId: string; parameters: Parameters } | SyntaxFault {
  const scanner = new Scanner(text);
  const callId = scanCallId(scanner);
  if (callId === '') return scanner.fault('the call identifier is missing');
  const parameters = scanner.parameters();
  return parameters instanceof SyntaxFault ? parameters : { callId, parameters };
}
