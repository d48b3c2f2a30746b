import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { KnownParameters, printParameters } from './shapes/known-parameters.ts';
import { parseTokenParameters } from './shapes/token-parameters.ts';
import { printToken } from '../printing.ts';

export interface AcceptLanguage {
  /** A language tag, or `*` for all others. */
  readonly range: string;
  readonly q?: number | undefined;
  readonly parameters?: Parameters;
}

/** Accept-Language (RFC 3261 20.3): the languages that the sender understands. */
export const AcceptLanguage: HeaderType<AcceptLanguage> = {
  name: 'Accept-Language',
  list: true,
  parse,
  print: ({ range, q, parameters }) => printToken(range, 'a language range') + printParameters({ q }, parameters),
};

function parse(text: string): AcceptLanguage | SyntaxFault {
  const value = parseTokenParameters(text, 'the language range');
  if (value instanceof SyntaxFault) return value;
  const known = new KnownParameters(value.parameters);
  const q = known.quality();
  return known.fault ?? { range: value.token, q, parameters: known.rest };
}
