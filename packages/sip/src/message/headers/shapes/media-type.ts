import { SyntaxFault } from '../../fault.ts';
import type { Parameters } from '../../parameters.ts';
import { Scanner } from './scanner.ts';

/** A media type or media range, both words in lower case. */
export interface MediaType {
  readonly type: string;
  readonly subtype: string;
  readonly parameters?: Parameters;
}

/** Reads `type/subtype` with parameters: Content-Type, and what Accept lists (RFC 3261 25.1). */
export function parseMediaType(text: string): Required<MediaType> | SyntaxFault {
  const scanner = new Scanner(text);
  const type = scanner.token().toLowerCase();
  if (type === '' || !scanner.accept('/')) return scanner.fault('a media type of the form type/subtype is missing');
  const subtype = scanner.token().toLowerCase();
  if (subtype === '') return scanner.fault('the media subtype is missing');
  const parameters = scanner.parameters();
  return parameters instanceof SyntaxFault ? parameters : { type, subtype, parameters };
}
